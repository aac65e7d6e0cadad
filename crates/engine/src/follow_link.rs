//! From a contact link to a conversation: reads the card, verifies that it is the account which the link names, and
//! founds a group with its devices.

use prost::Message as _;
use undertone_mls::{CardKind, Change, Group, LeafInfo, Rules, VerifiedKeyPackage, seal_welcome};
use undertone_store::{
    adds::AddRow,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    contacts::ContactRow,
    messages::MessageState,
};
use undertone_wire::{
    identity::DeviceList,
    ids::{Alias, Handle, ReaderNonce},
    limits,
    link::ContactLink,
    proto::{self, ErrorKind, send_request::Body as Request},
    reach::ReachSecret,
    time::Timestamp,
};

use crate::{
    accept_request::accept,
    cards::{open_sealed, read_head},
    commits::{NewCommit, keep_commit},
    conversation::{new_group_row, random_group_id, tell_profile, want_group_alias},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    step::Step,
    tasks::{Hold, SendTask},
};

/// A contact that was added, or had been before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The first half of the account id, which the link names.
    pub contact: Vec<u8>,
    /// The chat with them.
    pub chat: ChatId,
}

impl Engine {
    /// Follows a contact link. Messages can be written to the chat at once; they wait until the way is found.
    ///
    /// # Errors
    /// [`CommandError`] if the link cannot be used.
    pub fn add_contact(&mut self, link: &str, now: Timestamp) -> Result<Added, CommandError> {
        let Some(me) = &self.me else {
            return Err(CommandError::NoAccount);
        };
        let link = ContactLink::parse(link)?;
        if link.server != me.server {
            return Err(CommandError::OtherServer(link.server.as_str().to_owned()));
        }
        if link.names(&me.account) {
            return Err(CommandError::OwnLink);
        }
        let chat = self
            .step(now, |step| {
                match step.tx.chat_with(&link.account)? {
                    // A stranger who asks already: following their link is the answer.
                    Some(chat) if chat.state == ChatState::Request => {
                        accept(step, &chat)?;
                        Ok(chat.chat)
                    }
                    Some(chat) => Ok(chat.chat),
                    None => begin(step, &link),
                }
            })
            .map_err(CommandError::Engine)?;
        self.work(now)?;
        Ok(Added {
            contact: link.account.to_vec(),
            chat,
        })
    }

    /// Reads cards; tells whether there are links to follow.
    pub(crate) fn follow_links(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.adds {
            return Ok(false);
        }
        let adds = self.store.read(|tx| tx.adds())?;
        let mut busy = false;
        for mut add in adds {
            if self.is_held(&Hold::Add(add.chat), now) {
                continue;
            }
            busy = true;
            let task = SendTask::ReadCard(add.chat);
            if !self.send.is_ready() || self.send.unanswered().any(|other| *other == task) {
                continue;
            }
            if add.token.is_empty() {
                let first_day = self.first_token_day(now);
                let taken = self.store.write(|tx| {
                    let Some(tokens) = tx.take_tokens(limits::PRICE_CARD_READ, first_day)? else {
                        return Ok(false);
                    };
                    add.token = tokens.concat();
                    tx.put_add(&add)?;
                    Ok::<_, EngineError>(true)
                })?;
                if !taken {
                    continue;
                }
            }
            let link = ContactLink::parse(&add.link).map_err(|_| EngineError::Damaged("a link"))?;
            let body = proto::CardRead {
                card: link.secret.card_id().to_vec(),
                reader: add.reader.to_vec(),
                token: add.token,
            };
            self.ask_sending(Request::CardRead(body), task, now);
        }
        Ok(busy)
    }

    /// The card is there: founds the conversation, or says why it cannot.
    pub(crate) fn card_read(
        &mut self,
        chat: &ChatId,
        card: &proto::Card,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Add(*chat));
        self.step(now, |step| {
            let (Some(add), Some(row)) = (step.tx.add(chat)?, step.tx.chat(chat)?) else {
                return Ok(());
            };
            let link = ContactLink::parse(&add.link).map_err(|_| EngineError::Damaged("a link"))?;
            match verify(&link, card) {
                Ok((devices, key_packages)) => {
                    found(step, row, &link.secret, &devices, key_packages)
                }
                Err(reason) => fail(step, row, reason),
            }
        })
    }

    /// The card is not to be had, now or ever.
    pub(crate) fn card_unreadable(
        &mut self,
        chat: &ChatId,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        match error.kind() {
            ErrorKind::NotFound => self.step(now, |step| match step.tx.chat(chat)? {
                Some(row) => fail(
                    step,
                    row,
                    "this link has been used, has expired, or was reset; ask its owner for another",
                ),
                None => Ok(()),
            }),
            kind => {
                self.hold(Hold::Add(*chat), error, now);
                if matches!(kind, ErrorKind::TokenInvalid | ErrorKind::TokenSpent) {
                    self.store.write(|tx| {
                        if let Some(mut add) = tx.add(chat)? {
                            add.token.clear();
                            tx.put_add(&add)?;
                        }
                        Ok::<_, EngineError>(())
                    })?;
                }
                Ok(())
            }
        }
    }
}

/// Keeps the link and makes the chat that it becomes.
fn begin(step: &mut Step<'_>, link: &ContactLink) -> Result<ChatId, EngineError> {
    let chat = ChatId::random(step.rng);
    step.tx.put_chat(&ChatRow {
        chat,
        kind: ChatKind::Direct,
        account: link.account.to_vec(),
        state: ChatState::Adding,
        reason: String::new(),
        group_id: Vec::new(),
        came_by: None,
        devices: Vec::new(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: 0,
        title: String::new(),
        thread: Vec::new(),
    })?;
    let reader = ReaderNonce::random(step.rng);
    step.tx.put_add(&AddRow {
        chat,
        link: link.to_string(),
        reader,
        token: Vec::new(),
    })?;
    tell_profile(step, &chat)?;
    Ok(chat)
}

/// Verifies that a card is of the account that the link names, and its KeyPackages of that account's devices.
fn verify(
    link: &ContactLink,
    card: &proto::Card,
) -> Result<(DeviceList, Vec<VerifiedKeyPackage>), &'static str> {
    const FORGED: &str =
        "what lies behind this link is not from its owner; do not use it, and ask them for another";
    let key = link.secret.card_key();
    let devices = read_head(&key, &card.head).ok_or(FORGED)?;
    if !link.names(&devices.account()) {
        return Err(FORGED);
    }
    let mut key_packages = Vec::new();
    for item in card.items.iter().take(limits::CARD_SLOTS as usize) {
        let bytes = open_sealed(&key, &item.sealed).ok_or(FORGED)?;
        let key_package = VerifiedKeyPackage::verify(&bytes).map_err(|_| FORGED)?;
        // A device that was revoked since is left out; one of another account is a forgery.
        if key_package.device().account != devices.account() {
            return Err(FORGED);
        }
        if key_package.device().leaf.card == CardKind::OwnDevice {
            return Err(FORGED);
        }
        let device = key_package.device().certificate.device_key;
        let twice = key_packages
            .iter()
            .any(|other: &VerifiedKeyPackage| other.device().certificate.device_key == device);
        if devices.device(&device).is_some() && !twice {
            key_packages.push(key_package);
        }
    }
    if key_packages.is_empty() {
        return Err(
            "this link leads to no device that can be written to; ask its owner for another",
        );
    }
    Ok((devices, key_packages))
}

fn found(
    step: &mut Step<'_>,
    mut chat: ChatRow,
    secret: &ReachSecret,
    devices: &DeviceList,
    key_packages: Vec<VerifiedKeyPackage>,
) -> Result<(), EngineError> {
    let (group_id, handle) = (random_group_id(step.rng), Handle::random(step.rng));
    let alias = Alias::random(step.rng);
    let keys = step.mls();
    let provider = keys.provider();
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: CardKind::OwnDevice,
        name: String::new(),
    };
    let mut group = Group::found(
        &provider,
        &step.me.identity,
        group_id,
        Rules::direct(handle),
        &leaf,
    )
    .map_err(|_| EngineError::Mls("founding a group"))?;
    let welcomed: Vec<_> = key_packages
        .iter()
        .map(|key_package| key_package.device().leaf.alias.to_vec())
        .collect();
    let change = Change {
        add: key_packages,
        ..Change::default()
    };
    let pending = group
        .commit(&provider, &step.me.identity, change, step.rng)
        .map_err(|_| EngineError::Mls("adding the first members"))?;
    let welcome = pending
        .welcome
        .clone()
        .ok_or(EngineError::Mls("adding the first members"))?;
    let knock_key = secret.knock_key();
    let welcomes = welcomed
        .into_iter()
        .map(|alias| {
            let payload = seal_welcome(&knock_key, welcome.clone(), step.rng)
                .map_err(|_| EngineError::Mls("sealing a Welcome"))?;
            Ok(proto::WelcomeDelivery {
                alias,
                payload: payload.into(),
            })
        })
        .collect::<Result<_, EngineError>>()?;
    want_group_alias(step, alias, &group_id, handle)?;
    step.tx
        .put_group(&new_group_row(step, &group_id, chat.chat, handle, alias))?;
    let aliases = vec![alias.to_vec()];
    keep_commit(
        step,
        &group,
        handle,
        NewCommit {
            pending,
            aliases,
            welcomes,
            new_alias: None,
            outside: Vec::new(),
        },
    )?;
    let account = devices.account();
    if step.tx.contact(&account)?.is_none() {
        step.tx.put_contact(&ContactRow {
            account,
            root_key: devices.root_key(),
            devices: devices.to_proto().encode_to_vec(),
            name: String::new(),
            verified: false,
            blocked: false,
            contacts_secret: None,
            added_at: step.now,
        })?;
    }
    chat.account = account.to_vec();
    chat.state = ChatState::Active;
    chat.group_id = group_id.as_bytes().to_vec();
    chat.last_at = step.now;
    step.tx.put_chat(&chat)?;
    step.tx.delete_add(&chat.chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

/// The link leads nowhere: what was written stays in the chat, marked as failed.
fn fail(step: &mut Step<'_>, mut chat: ChatRow, reason: &str) -> Result<(), EngineError> {
    for item in step.tx.outbox_of(&chat.chat)? {
        step.tx.delete_from_outbox(item.seq)?;
        let failed =
            step.tx
                .advance_message(&step.me.account, &item.content_id, MessageState::Failed)?;
        if let Some(seq) = failed {
            note(
                step.tx,
                Event::MessageState {
                    chat: chat.chat,
                    seq,
                    state: MessageState::Failed,
                },
            )?;
        }
    }
    step.tx.delete_add(&chat.chat)?;
    chat.state = ChatState::Failed;
    chat.reason = reason.to_owned();
    step.tx.put_chat(&chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

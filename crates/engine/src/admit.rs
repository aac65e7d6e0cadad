//! The way to somebody who is to be added to a group: their card for contacts, or else an invitation.

use prost::Message as _;
use undertone_content::{
    change::{Change as Line, GivenUp},
    content::{Body, GroupInvitation},
    proto::InvitationAnswer,
};
use undertone_mls::{CardKind, VerifiedKeyPackage};
use undertone_store::{
    chats::{ChatKind, ChatState},
    contacts::ContactRow,
    invitations::InvitationRow,
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    ids::{AccountId, ContentId},
    limits,
    proto::{self, ErrorKind, send_request::Body as Request},
    reach::{ReachSecret, SymmetricKey},
    time::Timestamp,
};

use crate::{
    cards::{open_sealed, read_head},
    compose_commit::give_up,
    conversation::put_into_outbox,
    engine::Engine,
    error::EngineError,
    receive_welcome::remember,
    step::Step,
    system_line::say_once,
    tasks::{Hold, SendTask},
};

impl Engine {
    /// Reads the cards of those who are to be added; tells whether there are any.
    pub(crate) fn read_contact_cards(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.survey.wish_at == Timestamp(0) {
            return Ok(false);
        }
        let mut busy = false;
        for mut wish in self.store.read(|tx| tx.wishes())? {
            if wish.kind != WishKind::Add
                || !wish.admission.is_empty()
                || wish.due_at > now
                || self.is_held(&Hold::Wish(wish.seq), now)
            {
                continue;
            }
            busy = true;
            let task = SendTask::ReadContactCard(wish.seq);
            if !self.send.is_ready() || self.send.unanswered().any(|other| *other == task) {
                continue;
            }
            let first_day = self.first_token_day(now);
            let body = self.step(now, |step| {
                let Some(secret) =
                    contact(step, &wish)?.and_then(|contact| contact.contacts_secret)
                else {
                    ask_them(step, &wish)?;
                    return Ok(None);
                };
                if wish.token.is_empty() {
                    let tokens = step.tx.take_tokens(limits::PRICE_CARD_READ, first_day)?;
                    let Some(tokens) = tokens else {
                        return Ok(None);
                    };
                    wish.token = tokens.concat();
                    step.tx.put_wish(&wish)?;
                }
                Ok::<_, EngineError>(Some(proto::CardRead {
                    card: secret.card_id().to_vec(),
                    reader: wish.reader.to_vec(),
                    token: wish.token.clone(),
                }))
            })?;
            if let Some(body) = body {
                self.ask_sending(Request::CardRead(body), task, now);
            }
        }
        Ok(busy)
    }

    /// The card of somebody who is to be added is there.
    pub(crate) fn contact_card_read(
        &mut self,
        seq: u64,
        card: &proto::Card,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Wish(seq));
        self.step(now, |step| {
            let Some(mut wish) = wish(step, seq)? else {
                return Ok(());
            };
            let Some(contact) = contact(step, &wish)? else {
                return give_up(step, &wish, GivenUp::Unreachable);
            };
            let Some(secret) = contact.contacts_secret.clone() else {
                return ask_them(step, &wish);
            };
            match take_items(step, &contact, &secret, card)? {
                Some(key_packages) => {
                    wish.admission = InvitationAnswer {
                        id: Vec::new(),
                        secret: secret.as_bytes().to_vec(),
                        key_packages,
                    }
                    .encode_to_vec();
                    wish.token.clear();
                    step.tx.put_wish(&wish)?;
                    Ok(())
                }
                None => give_up(step, &wish, GivenUp::Unreachable),
            }
        })
    }

    /// The card is not to be had, now or ever: then they are asked.
    pub(crate) fn contact_card_unreadable(
        &mut self,
        seq: u64,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if error.kind() == ErrorKind::NotFound {
            return self.step(now, |step| match wish(step, seq)? {
                Some(wish) => ask_them(step, &wish),
                None => Ok(()),
            });
        }
        self.hold(Hold::Wish(seq), error, now);
        if matches!(
            error.kind(),
            ErrorKind::TokenInvalid | ErrorKind::TokenSpent
        ) {
            self.step(now, |step| {
                if let Some(mut wish) = wish(step, seq)? {
                    wish.token.clear();
                    step.tx.put_wish(&wish)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
        Ok(())
    }
}

/// By what they can be added: the key that seals their Welcomes, and verified KeyPackages of that account.
pub(crate) fn read_admission(
    account: &AccountId,
    admission: &[u8],
) -> Option<(SymmetricKey, Vec<VerifiedKeyPackage>)> {
    let admission = InvitationAnswer::decode(admission).ok()?;
    let secret = ReachSecret::new(admission.secret.try_into().ok()?);
    let mut key_packages: Vec<VerifiedKeyPackage> = Vec::new();
    for bytes in &admission.key_packages {
        let key_package = VerifiedKeyPackage::verify(bytes).ok()?;
        let device = key_package.device();
        if device.account != *account || device.leaf.card != CardKind::Contacts {
            return None;
        }
        let key = device.certificate.device_key;
        let twice = key_packages
            .iter()
            .any(|other| other.device().certificate.device_key == key);
        if !twice {
            key_packages.push(key_package);
        }
    }
    (!key_packages.is_empty()).then(|| (secret.knock_key(), key_packages))
}

/// The KeyPackages on a contact's card that are theirs and of devices that count; none if it is no card of theirs.
fn take_items(
    step: &Step<'_>,
    contact: &ContactRow,
    secret: &ReachSecret,
    card: &proto::Card,
) -> Result<Option<Vec<Vec<u8>>>, EngineError> {
    let key = secret.card_key();
    let Some(devices) = read_head(&key, &card.head) else {
        return Ok(None);
    };
    if devices.account() != contact.account {
        return Ok(None);
    }
    remember(step, &devices)?;
    let mut key_packages = Vec::new();
    for item in card.items.iter().take(limits::CARD_SLOTS as usize) {
        let Some(bytes) = open_sealed(&key, &item.sealed) else {
            return Ok(None);
        };
        let Ok(key_package) = VerifiedKeyPackage::verify(&bytes) else {
            return Ok(None);
        };
        let device = key_package.device();
        if device.account != contact.account || device.leaf.card != CardKind::Contacts {
            return Ok(None);
        }
        if devices.device(&device.certificate.device_key).is_some() {
            key_packages.push(bytes);
        }
    }
    Ok((!key_packages.is_empty()).then_some(key_packages))
}

fn wish(step: &Step<'_>, seq: u64) -> Result<Option<WishRow>, EngineError> {
    let wishes = step.tx.wishes()?;
    Ok(wishes.into_iter().find(|wish| wish.seq == seq))
}

fn contact(step: &Step<'_>, wish: &WishRow) -> Result<Option<ContactRow>, EngineError> {
    let account = AccountId::try_from(wish.account.as_slice())?;
    let contact = step.tx.contact(&account)?;
    Ok(contact.filter(|contact| !contact.blocked))
}

/// They want to be asked first: an invitation goes to the conversation with them, and takes the place of the wish.
fn ask_them(step: &mut Step<'_>, wish: &WishRow) -> Result<(), EngineError> {
    let account = AccountId::try_from(wish.account.as_slice())?;
    let direct = step
        .tx
        .chat_with(account.as_bytes())?
        .filter(|chat| chat.kind == ChatKind::Direct && chat.state == ChatState::Active);
    let Some(direct) = direct else {
        return give_up(step, wish, GivenUp::Unreachable);
    };
    step.tx.delete_wish(wish.seq)?;
    let asked = step.tx.invitations()?.into_iter().any(|invitation| {
        invitation.account == account && invitation.group_chat == Some(wish.chat)
    });
    if asked {
        return Ok(());
    }
    // Those who are about to be added count too: the size is that of the group they would come into.
    let wished = step.tx.wishes_for(&wish.chat)?;
    let adds = wished.iter().filter(|wish| wish.kind == WishKind::Add);
    let adds = u32::try_from(adds.count()).unwrap_or(u32::MAX);
    let people = step.tx.people(&wish.chat)?.saturating_add(adds);
    let id = ContentId::random(step.rng);
    step.tx.put_invitation(&InvitationRow {
        id,
        account,
        group_chat: Some(wish.chat),
        people,
        received_at: step.now,
    })?;
    let invitation = GroupInvitation { id, people };
    put_into_outbox(step, &direct.chat, Body::GroupInvitation(invitation))?;
    let me = step.me.account;
    say_once(step, &wish.chat, &me, &Line::Invited(account))
}

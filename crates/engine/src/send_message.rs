//! Writing: a message is durable in the outbox before anything is sent, and leaves it when the server has it durably.

use undertone_content::content::{
    Body, Content, InvitationAnswer, SignedContent, Text, with_epoch_mark,
};
use undertone_mls::Group;
use undertone_store::{
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    messages::{MessageKind, MessageRow, MessageState},
    outbox::OutboxRow,
};
use undertone_wire::{
    digest::alias_list_hash,
    ids::{Alias, ContentId},
    limits,
    proto::{self, ErrorKind, send_request::Body as Request},
    time::Timestamp,
};

use crate::{
    check_forks::mark_to_tell,
    compose_commit::is_alone,
    conversation::{addresses_of, guard, writable_group},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    loaded_groups::{keep_group, load_group, view_group},
    mentions::{find_mentions, kept_mentions},
    receive_commit::note_behind,
    step::Step,
    tasks::{Hold, SendTask},
};

/// A message that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Its number in the history of this device.
    pub seq: u64,
    /// Its id, the same on all devices.
    pub id: ContentId,
    /// How far it is.
    pub state: MessageState,
}

impl Engine {
    /// Writes a text to a chat. It is durable when this returns, and sent as soon as that is possible.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such chat, one cannot write to it, or the text is empty or too long.
    pub fn send_text(
        &mut self,
        chat: &ChatId,
        text: &str,
        now: Timestamp,
    ) -> Result<Written, CommandError> {
        let id = ContentId::random(&mut *self.rng);
        self.send_text_with_id(chat, id, text, now)
    }

    /// Like [`Engine::send_text`], with an id that the caller drew at random: with the same one again, the message is
    /// the one that was written already.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such chat, one cannot write to it, or the text is empty or too long.
    pub fn send_text_with_id(
        &mut self,
        chat: &ChatId,
        id: ContentId,
        text: &str,
        now: Timestamp,
    ) -> Result<Written, CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let written = self.step(now, |step| {
            let chat = step.tx.chat(chat)?.ok_or(CommandError::Unknown("chat"))?;
            match step.tx.message_by_id(&step.me.account, &id)? {
                Some(message) if message.chat == chat.chat => Ok(Written {
                    seq: message.seq,
                    id,
                    state: message.state,
                }),
                Some(_) => Err(CommandError::NotNow(
                    "another chat has a message of this id",
                )),
                None => {
                    check_writable(step, &chat)?;
                    write(step, &chat, id, text)
                }
            }
        })?;
        self.work(now)?;
        Ok(written)
    }

    /// Tries a failed message again, at the end of its chat.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such message, or one cannot write to its chat.
    pub fn retry_message(&mut self, seq: u64, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let message = step
                .tx
                .message(seq)?
                .ok_or(CommandError::Unknown("message"))?;
            if message.state != MessageState::Failed {
                return Err(CommandError::NotNow("this message has not failed"));
            }
            let chat = step
                .tx
                .chat(&message.chat)?
                .ok_or(CommandError::Unknown("chat"))?;
            check_writable(step, &chat)?;
            let content = Content {
                id: message.content_id,
                sent_at: message.sent_at,
                body: Body::Text(with_mentions(step, &chat, &message.text)?),
            };
            step.tx
                .add_to_outbox(&chat.chat, &content.id, &content.encode()?)?;
            step.tx
                .advance_message(&step.me.account, &content.id, MessageState::Queued)?;
            Ok::<_, CommandError>(())
        })?;
        self.work(now)?;
        Ok(())
    }

    /// Sends the first item of each chat; tells whether anything waits that can be sent.
    pub(crate) fn deliver_outbox(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.outbox {
            return Ok(false);
        }
        let heads = self.store.read(|tx| tx.outbox_heads())?;
        let mut busy = false;
        for item in heads {
            busy = true;
            let under_way = self
                .send
                .unanswered()
                .any(|task| matches!(task, SendTask::Deliver { chat, .. } if *chat == item.chat));
            if under_way || !self.send.is_ready() || self.is_held(&Hold::Chat(item.chat), now) {
                continue;
            }
            let ready = self.step(now, |step| prepare(step, item.seq))?;
            if let Some((mut body, task)) = ready {
                if let SendTask::Deliver {
                    list: Some(list), ..
                } = &task
                    && self.lists.contains(list)
                {
                    body.aliases.clear();
                    body.list = list.to_vec();
                }
                self.ask_sending(Request::Deliver(body), task, now);
            }
        }
        Ok(busy)
    }

    /// The server has the item durably.
    pub(crate) fn item_delivered(&mut self, chat: &ChatId, seq: u64) -> Result<(), EngineError> {
        self.release(&Hold::Chat(*chat));
        let Some(me) = &self.me else { return Ok(()) };
        let account = me.account;
        self.store.write(|tx| {
            let Some(item) = tx.outbox_item(seq)? else {
                return Ok(());
            };
            tx.delete_from_outbox(seq)?;
            if let Some(seq) = tx.advance_message(&account, &item.content_id, MessageState::Sent)? {
                note(
                    tx,
                    Event::MessageState {
                        chat: *chat,
                        seq,
                        state: MessageState::Sent,
                    },
                )?;
            }
            Ok(())
        })
    }

    /// The epoch is over: the item stored nothing and is encrypted anew after the commit that ended it.
    pub(crate) fn item_stale(
        &mut self,
        chat: &ChatId,
        seq: u64,
        group_id: &[u8],
        stands_at: u64,
    ) -> Result<(), EngineError> {
        self.store.write(|tx| match tx.outbox_item(seq)? {
            Some(item) if item.group_id == group_id => tx.set_envelope(seq, &[], 0, &[]),
            _ => Ok(()),
        })?;
        self.chat_stale(chat, stands_at)
    }

    /// The sequencer of a chat's group was seen at another epoch.
    pub(crate) fn chat_stale(&mut self, chat: &ChatId, stands_at: u64) -> Result<(), EngineError> {
        self.arrivals.want_barrier();
        self.step(Timestamp(0), |step| match step.tx.chat(chat)? {
            Some(chat) if !chat.group_id.is_empty() => note_behind(step, &chat.group_id, stands_at),
            _ => Ok(()),
        })
    }

    /// The server refused the item: for good if it never fits, else it is tried again later.
    pub(crate) fn item_refused(
        &mut self,
        chat: &ChatId,
        seq: u64,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if !matches!(error.kind(), ErrorKind::TooLarge | ErrorKind::Malformed) {
            self.hold(Hold::Chat(*chat), error, now);
            return Ok(());
        }
        self.step(now, |step| {
            let Some(item) = step.tx.outbox_item(seq)? else {
                return Ok(());
            };
            step.tx.delete_from_outbox(seq)?;
            let failed = step.tx.advance_message(
                &step.me.account,
                &item.content_id,
                MessageState::Failed,
            )?;
            if let Some(seq) = failed {
                note(
                    step.tx,
                    Event::MessageState {
                        chat: *chat,
                        seq,
                        state: MessageState::Failed,
                    },
                )?;
            }
            Ok(())
        })
    }
}

fn check_writable(step: &Step<'_>, chat: &ChatRow) -> Result<(), CommandError> {
    match chat.state {
        // The rules are not known before this device is in the group: what is written is looked at again when it goes out.
        ChatState::Active if chat.kind == ChatKind::Group && is_inside(step, chat)? => {
            let group = view_group(step, &chat.group_id)?;
            let rules = group.rules();
            let may = rules.allows(rules.permissions.send, &step.me.account);
            may.then_some(())
                .ok_or(CommandError::NotNow("only admins write in this group"))
        }
        ChatState::Active | ChatState::Adding => Ok(()),
        ChatState::Request => Err(CommandError::NotNow(
            "accept this request before you write to them",
        )),
        ChatState::Left | ChatState::Removed => {
            Err(CommandError::NotNow("you are not in this group any more"))
        }
        ChatState::Dissolved => Err(CommandError::NotNow("this group has been ended")),
        ChatState::Failed if chat.kind == ChatKind::Group => Err(CommandError::NotNow(
            "this group cannot go on; an admin has to found it anew",
        )),
        ChatState::Failed => Err(CommandError::NotNow(
            "their link did not work; ask them for another and add it",
        )),
        ChatState::Blocked => Err(CommandError::NotNow("you have blocked this person")),
    }
}

fn write(
    step: &mut Step<'_>,
    chat: &ChatRow,
    id: ContentId,
    text: &str,
) -> Result<Written, CommandError> {
    let named = with_mentions(step, chat, text)?;
    let mentions = kept_mentions(&named.mentions);
    let content = Content {
        id,
        sent_at: step.now,
        body: Body::Text(named),
    };
    let body = content.encode()?;
    // With no other device of one's own there is nobody to send a note to: it is where it should be.
    let alone = step
        .tx
        .account()?
        .is_none_or(|account| account.devices.is_empty());
    let state = if chat.kind == ChatKind::Notes && alone {
        MessageState::Sent
    } else {
        MessageState::Queued
    };
    let seq = step.tx.add_message(&MessageRow {
        seq: 0,
        chat: chat.chat,
        sender: step.me.account,
        content_id: content.id,
        kind: MessageKind::Text,
        text: text.to_owned(),
        sent_at: content.sent_at,
        stored_at: step.now,
        state,
        signed: Vec::new(),
        group_id: Vec::new(),
        mentions,
    })?;
    if state == MessageState::Queued {
        step.tx.add_to_outbox(&chat.chat, &content.id, &body)?;
    }
    step.tx.put_chat(&ChatRow {
        last_at: step.now,
        ..chat.clone()
    })?;
    let seq = seq.ok_or(EngineError::Damaged("a new message that is there already"))?;
    Ok(Written {
        seq,
        id: content.id,
        state,
    })
}

/// Whether what an item tells of is there: by an answer to an invitation one is added through an alias.
fn can_go(step: &Step<'_>, item: &OutboxRow) -> Result<bool, EngineError> {
    let content = Content::decode(&item.body).map_err(|_| EngineError::Damaged("an item"))?;
    match content.body {
        Body::InvitationAnswer(InvitationAnswer {
            accepted: Some(admission),
            ..
        }) => Ok(step.tx.card_aliases_settled(&admission.secret)?),
        _ => Ok(true),
    }
}

/// An item leaves the outbox without having been sent.
fn conclude(step: &Step<'_>, item: &OutboxRow, state: MessageState) -> Result<(), EngineError> {
    step.tx.delete_from_outbox(item.seq)?;
    let seq = step
        .tx
        .advance_message(&step.me.account, &item.content_id, state)?;
    if let Some(seq) = seq {
        let chat = item.chat;
        note(step.tx, Event::MessageState { chat, seq, state })?;
    }
    Ok(())
}

/// Whether this device has a place in a chat's group.
fn is_inside(step: &Step<'_>, chat: &ChatRow) -> Result<bool, EngineError> {
    Ok(step.tx.group(&chat.group_id)?.is_some())
}

/// The text with those whom it names, which only in a group it can.
fn with_mentions(step: &Step<'_>, chat: &ChatRow, text: &str) -> Result<Text, EngineError> {
    if chat.kind != ChatKind::Group || !text.contains('@') || !is_inside(step, chat)? {
        return Ok(text.into());
    }
    let group = view_group(step, &chat.group_id)?;
    let rules = group.rules();
    let everybody = rules.allows(rules.permissions.mention_all, &step.me.account);
    let mut names = Vec::new();
    for member in step.tx.members(&chat.chat)? {
        if !member.is_present() {
            continue;
        }
        let contact = step.tx.contact(&member.account)?;
        names.extend(contact.map(|contact| (member.account, contact.name)));
        names.push((member.account, member.name));
    }
    Ok(find_mentions(text, &names, everybody))
}

/// To whom a message goes. In a large group it goes to oneself too, who lets it go: so all members have the same list, and
/// it does not show who of them sends.
fn recipients(group: &Group) -> Result<Vec<Alias>, EngineError> {
    let members = addresses_of(group)?;
    let small = members.len() < limits::NAMED_LIST_ALIASES;
    let own = group.own_index();
    let members = members
        .into_iter()
        .filter(|(index, _)| !small || *index != own);
    Ok(members.map(|(_, alias)| alias).collect())
}

/// How the server can be told of these recipients again, if it keeps so large a list.
fn list_of(recipients: &[Alias]) -> Option<[u8; 32]> {
    let kept = recipients.len() >= limits::NAMED_LIST_ALIASES;
    kept.then(|| alias_list_hash(recipients.iter().map(Alias::as_bytes)))
}

/// The delivery of an item, encrypted for the epoch that the group is in now: what was encrypted for it before is sent
/// again to the byte, so that no key serves for two messages.
fn prepare(
    step: &mut Step<'_>,
    seq: u64,
) -> Result<Option<(proto::Deliver, SendTask)>, EngineError> {
    let Some(item) = step.tx.outbox_item(seq)? else {
        return Ok(None);
    };
    let Some(chat) = step.tx.chat(&item.chat)? else {
        return Ok(None);
    };
    let Some(row) = writable_group(step.tx, &chat)? else {
        return Ok(None);
    };
    let mut group = view_group(step, &row.group_id)?;
    if chat.kind == ChatKind::Group && chat.state == ChatState::Active {
        let rules = group.rules();
        if !rules.allows(rules.permissions.send, &step.me.account) {
            // It was written while that was allowed.
            conclude(step, &item, MessageState::Failed)?;
            return Ok(None);
        }
        if is_alone(&group) && step.tx.wishes_for(&chat.chat)?.is_empty() {
            // There is nobody to send it to, and whoever comes later reads nothing from before.
            conclude(step, &item, MessageState::Sent)?;
            return Ok(None);
        }
    }
    if chat.kind == ChatKind::Notes && is_alone(&group) {
        conclude(step, &item, MessageState::Sent)?;
        return Ok(None);
    }
    let aliases = recipients(&group)?;
    if chat.state != ChatState::Active || aliases.is_empty() || !can_go(step, &item)? {
        return Ok(None);
    }
    let epoch = group.epoch();
    let envelope =
        if !item.envelope.is_empty() && item.group_id == row.group_id && item.epoch == epoch {
            item.envelope
        } else {
            let body = match mark_to_tell(step, &chat)? {
                Some(mark) => with_epoch_mark(&item.body, mark),
                None => Ok(item.body),
            };
            let body = body.map_err(|_| EngineError::Damaged("an item of the outbox"))?;
            let signed = SignedContent::sign(body, &row.group_id, &step.me.identity.key)
                .map_err(|_| EngineError::Damaged("an item of the outbox"))?
                .encode();
            // Nobody else looks at it, so that it need not be loaded anew.
            drop(group);
            let mut own = load_group(step, &row.group_id)?;
            let keys = step.mls();
            let envelope = own
                .encrypt(&keys.provider(), &step.me.identity, &signed, step.rng)
                .map_err(|_| EngineError::Mls("encrypting a message"))?;
            group = keep_group(step, own)?;
            step.tx.set_envelope(seq, &row.group_id, epoch, &envelope)?;
            step.tx
                .set_signed(&step.me.account, &item.content_id, &signed, &row.group_id)?;
            envelope
        };
    let guard = guard(step, &group, &row)?;
    let list = list_of(&aliases);
    let body = proto::Deliver {
        aliases: aliases.iter().map(|alias| alias.to_vec()).collect(),
        payload: envelope.into(),
        guard: Some(guard),
        live: false,
        list: Vec::new(),
    };
    let task = SendTask::Deliver {
        chat: chat.chat,
        seq,
        group_id: row.group_id,
        epoch,
        list,
    };
    Ok(Some((body, task)))
}

//! The answers to a stranger who asks: accept, delete, block. Until one of them nothing at all goes out to them.

use prost::Message as _;
use undertone_store::{
    chats::{ChatId, ChatRow, ChatState},
    contacts::ContactRow,
    messages::MessageState,
    outbox::ReceiptKind,
};
use undertone_wire::{identity::DeviceList, proto, time::Timestamp};

use crate::{
    block_contact::block,
    check_forks::keep_mark,
    conversation::{other_account, tell_profile},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    loaded_groups::load_group,
    receive_content::{apply_profile, decode_profile, receipt_due, withheld_name},
    receive_welcome::remember,
    step::Step,
};

impl Engine {
    /// Accepts a request: they become a contact, see one's name, and what they wrote is shown.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such request.
    pub fn accept_request(&mut self, request: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        self.answer_request(request, now, accept)
    }

    /// Deletes a request with all that came with it. They are told nothing.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such request.
    pub fn delete_request(&mut self, request: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        self.answer_request(request, now, forget)
    }

    /// Deletes a request, and lets nothing more of theirs in. They are told nothing.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such request.
    pub fn block_request(&mut self, request: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        self.answer_request(request, now, |step, chat| {
            remember(step, &devices(chat)?)?;
            forget(step, chat)?;
            let account = other_account(chat).ok_or(EngineError::Damaged("a request"))?;
            block(step, &account)
        })
    }

    fn answer_request(
        &mut self,
        request: &ChatId,
        now: Timestamp,
        answer: impl FnOnce(&mut Step<'_>, &ChatRow) -> Result<(), EngineError>,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| match step.tx.chat(request)? {
            Some(chat) if chat.state == ChatState::Request => {
                Ok::<_, CommandError>(answer(step, &chat)?)
            }
            _ => Err(CommandError::Unknown("request")),
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// Accepts: a commit with a new leaf follows, and after it one's profile and receipts.
pub(crate) fn accept(step: &mut Step<'_>, chat: &ChatRow) -> Result<(), EngineError> {
    remember(step, &devices(chat)?)?;
    let mut chat = chat.clone();
    chat.state = ChatState::Active;
    step.tx.put_chat(&chat)?;
    if let Some(mut group) = step.tx.group(&chat.group_id)? {
        group.wants_leaf = true;
        group.leaf_due = step.now;
        step.tx.put_group(&group)?;
    }
    let withheld = step
        .tx
        .setting_get(&withheld_name(&chat))?
        .and_then(|bytes| decode_profile(&bytes));
    let contact = other_account(&chat)
        .map(|account| step.tx.contact(&account))
        .transpose()?
        .flatten();
    if let (Some(profile), Some(mut contact)) = (withheld, contact) {
        apply_profile(&mut contact, &profile);
        step.tx.put_contact(&ContactRow {
            blocked: false,
            ..contact
        })?;
    }
    step.tx.setting_delete(&withheld_name(&chat))?;
    greet(step, &chat)
}

/// Begins an accepted conversation: one's profile goes first, then receipts for what came already.
pub(crate) fn greet(step: &mut Step<'_>, chat: &ChatRow) -> Result<(), EngineError> {
    tell_profile(step, &chat.chat)?;
    for message in step.tx.history(&chat.chat, u64::MAX, u64::MAX)? {
        if message.state == MessageState::Received {
            let due_at = receipt_due(step.rng, step.now);
            step.tx.add_receipt(
                &chat.chat,
                &message.sender,
                &message.content_id,
                ReceiptKind::Delivered,
                due_at,
            )?;
            note(
                step.tx,
                Event::Message {
                    chat: chat.chat,
                    seq: message.seq,
                },
            )?;
        }
    }
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

fn forget(step: &mut Step<'_>, chat: &ChatRow) -> Result<(), EngineError> {
    for row in step.tx.groups_of(&chat.chat)? {
        let group = load_group(step, &row.group_id)?;
        keep_mark(step, &group)?;
        group
            .delete(&step.mls().provider())
            .map_err(|_| EngineError::Mls("deleting a group"))?;
        step.tx.delete_group(&row.group_id)?;
    }
    step.tx.setting_delete(&withheld_name(chat))?;
    step.tx.delete_chat(&chat.chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

fn devices(chat: &ChatRow) -> Result<DeviceList, EngineError> {
    let list = proto::DeviceList::decode(chat.devices.as_slice())
        .map_err(|_| EngineError::Damaged("a device list"))?;
    Ok(DeviceList::verify(list)?)
}

//! Receipts and typing: told to those whom one has accepted, batched, and lost without harm.

use std::collections::BTreeMap;

use undertone_content::{limits::RECEIPTS, signal::Signal};
use undertone_mls::Group;
use undertone_store::{
    chats::{ChatId, ChatKind, ChatState},
    outbox::ReceiptKind,
};
use undertone_wire::{
    ids::{AccountId, ContentId},
    proto::{self, send_request::Body as Request},
    time::Timestamp,
};

use crate::{
    conversation::{guard, members_of, others, writable_group},
    engine::Engine,
    error::{CommandError, EngineError},
    loaded_groups::view_group,
    receive_content::receipt_due,
    step::Step,
    tasks::{Hold, SendTask},
};

/// In groups of more people nobody is told who has read what, or who writes.
const MOST_PEOPLE: u32 = 64;

impl Engine {
    /// The user has seen a chat up to message number `up_to`.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such chat.
    pub fn mark_read(
        &mut self,
        chat: &ChatId,
        up_to: u64,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let row = self.store.read(|tx| tx.chat(chat))?;
        let mut row = row.ok_or(CommandError::Unknown("chat"))?;
        // Said again and again while a chat is on the screen: nothing is written for that.
        if row.state != ChatState::Active || up_to <= row.read_up_to {
            return Ok(());
        }
        self.step(now, |step| {
            let seen = step
                .tx
                .received_between(chat, &step.me.account, row.read_up_to, up_to)?;
            for (sender, id) in seen {
                let due_at = receipt_due(step.rng, step.now);
                step.tx
                    .add_receipt(chat, &sender, &id, ReceiptKind::Read, due_at)?;
            }
            row.read_up_to = up_to;
            Ok::<_, CommandError>(step.tx.put_chat(&row)?)
        })?;
        self.work(now)?;
        Ok(())
    }

    /// The user writes in a chat, or has stopped. Told only while it is true, and never kept.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn set_typing(
        &mut self,
        chat: &ChatId,
        active: bool,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.typing.insert(*chat, active);
        self.work(now)
    }

    /// Tells receipts that are due; tells whether there are any.
    pub(crate) fn tell_receipts(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.survey.receipt_at == Timestamp(0) || self.survey.receipt_at > now {
            return Ok(false);
        }
        let mut busy = false;
        for chat in self.store.read(|tx| tx.chats_with_due_receipts(now))? {
            if self.is_held(&Hold::Chat(chat), now) {
                continue;
            }
            busy = true;
            let under_way = self.send.unanswered().any(
                |task| matches!(task, SendTask::TellReceipts { chat: other, .. } if *other == chat),
            );
            if under_way || !self.send.is_ready() {
                continue;
            }
            let (to, receipts) = self.store.read(|tx| {
                let Some(to) = tx.first_receipt_of(&chat)? else {
                    return Ok((None, Vec::new()));
                };
                Ok::<_, EngineError>((Some(to), tx.receipts(&chat, &to, RECEIPTS)?))
            })?;
            let Some(to) = to else { continue };
            let ids = |kind| {
                receipts
                    .iter()
                    .filter(|receipt| receipt.0 == kind)
                    .map(|receipt| receipt.1)
                    .collect()
            };
            let signal = Signal::Receipts {
                delivered: ids(ReceiptKind::Delivered),
                read: ids(ReceiptKind::Read),
            };
            let to = Recipients::Person(to);
            if let Some(body) = self.step(now, |step| seal(step, &chat, &signal, to))? {
                self.ask_sending(
                    Request::Deliver(body),
                    SendTask::TellReceipts { chat, receipts },
                    now,
                );
            }
        }
        Ok(busy)
    }

    pub(crate) fn receipts_told(
        &mut self,
        chat: &ChatId,
        receipts: &[(ReceiptKind, ContentId)],
    ) -> Result<(), EngineError> {
        Ok(self.store.write(|tx| {
            receipts
                .iter()
                .try_for_each(|(kind, id)| tx.delete_receipt(chat, id, *kind))
        })?)
    }

    /// Tells who writes; only over a connection that stands anyway.
    pub(crate) fn tell_typing(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.send.is_ready() {
            for (chat, active) in std::mem::take(&mut self.typing) {
                let sealed = self.step(now, |step| {
                    seal(
                        step,
                        &chat,
                        &Signal::Typing { active },
                        Recipients::Attached,
                    )
                })?;
                if let Some(body) = sealed {
                    self.ask_sending(Request::Deliver(body), SendTask::Type(chat), now);
                }
            }
        }
        self.typing = BTreeMap::new();
        Ok(false)
    }
}

/// Who is told.
#[derive(Clone, Copy)]
enum Recipients {
    /// All devices of one person, whenever they come.
    Person(AccountId),
    /// All who are there at this moment.
    Attached,
}

/// Seals a signal, if it is one that is told: in a conversation that is accepted, and in no large group.
fn seal(
    step: &mut Step<'_>,
    chat: &ChatId,
    signal: &Signal,
    to: Recipients,
) -> Result<Option<proto::Deliver>, EngineError> {
    let Some(chat) = step.tx.chat(chat)? else {
        return Ok(None);
    };
    let Some(row) = writable_group(step.tx, &chat)? else {
        return Ok(None);
    };
    if chat.state != ChatState::Active || chat.kind == ChatKind::Notes {
        return Ok(None);
    }
    let large = chat.kind == ChatKind::Group && step.tx.people(&chat.chat)? > MOST_PEOPLE;
    let group = view_group(step, &row.group_id)?;
    let aliases = match to {
        _ if large => Vec::new(),
        Recipients::Attached => others(&group)?,
        Recipients::Person(account) => devices_of(&group, &account)?,
    };
    if aliases.is_empty() {
        // Who has left a group is not told any more. Between two, the other may only not be in it yet.
        if let Recipients::Person(account) = to
            && chat.kind == ChatKind::Group
        {
            step.tx.delete_receipts_for(&chat.chat, &account)?;
        }
        return Ok(None);
    }
    let keys = step.mls();
    let payload = group
        .seal_signal(
            &keys.provider(),
            &step.me.identity,
            signal.encode(),
            step.rng,
        )
        .map_err(|_| EngineError::Mls("sealing a signal"))?;
    let guard = guard(step, &group, &row)?;
    Ok(Some(proto::Deliver {
        aliases,
        payload: payload.into(),
        guard: Some(guard),
        live: matches!(to, Recipients::Attached),
        list: Vec::new(),
    }))
}

fn devices_of(group: &Group, account: &AccountId) -> Result<Vec<Vec<u8>>, EngineError> {
    let members = members_of(group)?;
    let (own, theirs) = (group.own_index(), members.iter());
    let theirs = theirs.filter(|member| member.account == *account && member.index != own);
    Ok(theirs.map(|member| member.leaf.alias.to_vec()).collect())
}

//! Leaving a group: quiet, and at once for whoever leaves. The others' clients are told by a signal, which an admin's
//! client answers with the removal; only admins are shown it.

use undertone_content::{change::Change as Line, signal::Signal};
use undertone_mls::Rules;
use undertone_store::{
    ReadTx,
    chats::{ChatId, ChatKind, ChatState},
    members::{MemberRow, Presence},
    wishes::WishKind,
};
use undertone_wire::{
    ids::AccountId,
    proto::{self, send_request::Body as Request},
    time::Timestamp,
};

use crate::{
    compose_commit::is_alone,
    conversation::{guard, others},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    loaded_groups::view_group,
    note_changes::end,
    settle_wishes::wish_out,
    step::Step,
    system_line::say_once,
    tasks::{Hold, SendTask},
    wish::{Wish, add_wish},
};

impl Engine {
    /// Leaves a group. If the user is its only admin, the member who is in it longest becomes one first.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such group, or one is not in it.
    pub fn leave_group(&mut self, chat: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let failed = self.step(now, |step| leave_failed(step, chat))?;
        if failed {
            return Ok(());
        }
        self.in_group(chat, now, |step, place| {
            let mut chat = place.chat;
            step.tx.delete_wishes(&chat.chat)?;
            let me = step.me.account;
            let admins = &place.group.rules().admins;
            if admins.len() == 1
                && admins.contains(&me)
                && let Some(heir) = heir(step, &chat.chat)?
            {
                let wish = Wish::about(WishKind::Role, &heir).number(1);
                add_wish(step, &chat.chat, wish)?;
            }
            add_wish(step, &chat.chat, Wish::new(WishKind::Leave))?;
            say_once(step, &chat.chat, &me, &Line::LeftMyself)?;
            chat.state = ChatState::Left;
            chat.last_at = step.now;
            Ok(step.tx.put_chat(&chat)?)
        })
    }

    /// Tells groups that the user leaves them; tells whether there are any.
    pub(crate) fn tell_leaving(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.survey.wish_at == Timestamp(0) {
            return Ok(false);
        }
        let mut busy = false;
        let wishes = self.store.read(|tx| tx.wishes())?;
        for wish in wishes.iter().filter(|wish| wish.kind == WishKind::Leave) {
            if self.store.read(|tx| has_lost_place(tx, &wish.chat))? {
                continue;
            }
            busy = true;
            let task = SendTask::Leave(wish.chat);
            if !self.send.is_ready()
                || self.is_held(&Hold::Chat(wish.chat), now)
                || self.send.unanswered().any(|other| *other == task)
            {
                continue;
            }
            if let Some(body) = self.step(now, |step| farewell(step, &wish.chat))? {
                self.ask_sending(Request::Deliver(body), task, now);
            }
        }
        Ok(busy)
    }

    /// All others' queues have it: nothing of the group is needed any more.
    pub(crate) fn left(&mut self, chat: &ChatId, now: Timestamp) -> Result<(), EngineError> {
        self.release(&Hold::Chat(*chat));
        self.step(now, |step| forget(step, chat))
    }
}

/// Whether this device fell behind: before it is back it tells nobody anything.
fn has_lost_place(tx: &ReadTx<'_>, chat: &ChatId) -> Result<bool, EngineError> {
    let Some(chat) = tx.chat(chat)? else {
        return Ok(false);
    };
    Ok(tx.place(&chat.group_id)?.is_some())
}

/// The signal, once it can be sent; nothing more to tell means that the group is forgotten at once.
fn farewell(step: &mut Step<'_>, chat: &ChatId) -> Result<Option<proto::Deliver>, EngineError> {
    let Some(row) = step.tx.chat(chat)? else {
        return Ok(None);
    };
    let Some(group_row) = step.tx.group(&row.group_id)? else {
        forget(step, chat)?;
        return Ok(None);
    };
    let group = view_group(step, &row.group_id)?;
    if is_alone(&group) {
        forget(step, chat)?;
        return Ok(None);
    }
    let admins = &group.rules().admins;
    let another_admin = admins.iter().any(|admin| *admin != step.me.account);
    let wishes = step.tx.wishes_for(chat)?;
    if !another_admin && !wishes.iter().any(|wish| wish.kind == WishKind::Role) {
        // Who was to take over could not, or has gone.
        match heir(step, chat)? {
            Some(heir) => {
                let wish = Wish::about(WishKind::Role, &heir).number(1);
                add_wish(step, chat, wish)?;
            }
            None => forget(step, chat)?,
        }
        return Ok(None);
    }
    if !another_admin || !group_row.handle_made || group_row.behind > 0 {
        return Ok(None);
    }
    let keys = step.mls();
    let payload = group
        .seal_signal(
            &keys.provider(),
            &step.me.identity,
            Signal::Leave.encode(),
            step.rng,
        )
        .map_err(|_| EngineError::Mls("sealing a signal"))?;
    Ok(Some(proto::Deliver {
        aliases: others(&group)?,
        payload: payload.into(),
        guard: Some(guard(step, &group, &group_row)?),
        live: false,
        list: Vec::new(),
    }))
}

/// A group that cannot go on is left without a word; tells whether it was one.
fn leave_failed(step: &mut Step<'_>, chat: &ChatId) -> Result<bool, EngineError> {
    let row = step.tx.chat(chat)?;
    let failed =
        row.is_some_and(|row| row.kind == ChatKind::Group && row.state == ChatState::Failed);
    if failed {
        let me = step.me.account;
        say_once(step, chat, &me, &Line::LeftMyself)?;
        forget(step, chat)?;
    }
    Ok(failed)
}

pub(crate) fn forget(step: &mut Step<'_>, chat: &ChatId) -> Result<(), EngineError> {
    let Some(row) = step.tx.chat(chat)? else {
        return Ok(());
    };
    if step.tx.group(&row.group_id)?.is_none() {
        return Ok(step.tx.delete_wishes(chat)?);
    }
    end(step, row, ChatState::Left)
}

/// Who takes over: the member other than the user who is in the group longest.
fn heir(step: &Step<'_>, chat: &ChatId) -> Result<Option<AccountId>, EngineError> {
    let members = step.tx.members(chat)?;
    let others = members
        .into_iter()
        .filter(|member| member.presence == Presence::Present && member.account != step.me.account);
    let first = others.min_by_key(|member| (member.since, member.account));
    Ok(first.map(|member| member.account))
}

/// Somebody leaves: noted by everybody, and carried out by admins.
pub(crate) fn note_leaver(
    step: &mut Step<'_>,
    chat: &ChatId,
    account: &AccountId,
    rules: &Rules,
) -> Result<(), EngineError> {
    let Some(member) = step.tx.member(chat, account)? else {
        return Ok(());
    };
    if member.presence != Presence::Present {
        return Ok(());
    }
    let leaving = MemberRow {
        presence: Presence::Leaving,
        ..member
    };
    step.tx.put_member(chat, &leaving)?;
    wish_out(step, chat, rules, account)?;
    note(step.tx, Event::Chat { chat: *chat })?;
    Ok(())
}

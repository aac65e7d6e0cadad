//! Leaving a group: quiet, and at once for whoever leaves. The others' clients are told by a signal, which an admin's
//! client answers with the removal; only admins are shown it.

use undertone_content::{change::Change as Line, signal::Signal};
use undertone_store::{
    chats::{ChatId, ChatState},
    members::{MemberRow, Presence},
    wishes::WishKind,
};
use undertone_wire::{
    ids::AccountId,
    proto::{self, send_request::Body as Request},
    time::{SECOND_MS, Timestamp},
};

use crate::{
    compose_commit::is_alone,
    conversation::{guard, load_group, others},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    note_changes::end,
    step::Step,
    system_line::say_once,
    tasks::{Hold, SendTask},
    wish::{QUIET, Wish, add_wish},
};

/// Admins' devices wait up to so long before they remove somebody who leaves, so that not all of them do it at once.
const REMOVAL_MS: u64 = 4 * SECOND_MS;

impl Engine {
    /// Leaves a group. If the user is its only admin, the member who is in it longest becomes one first.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such group, or one is not in it.
    pub fn leave_group(&mut self, chat: &ChatId, now: Timestamp) -> Result<(), CommandError> {
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

/// The signal, once it can be sent; nothing more to tell means that the group is forgotten at once.
fn farewell(step: &mut Step<'_>, chat: &ChatId) -> Result<Option<proto::Deliver>, EngineError> {
    let Some(row) = step.tx.chat(chat)? else {
        return Ok(None);
    };
    let Some(group_row) = step.tx.group(&row.group_id)? else {
        forget(step, chat)?;
        return Ok(None);
    };
    let group = load_group(step, &row.group_id)?;
    if is_alone(&group) {
        forget(step, chat)?;
        return Ok(None);
    }
    let admins = &group.rules().admins;
    let another_admin = admins.iter().any(|admin| *admin != step.me.account);
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
    }))
}

fn forget(step: &mut Step<'_>, chat: &ChatId) -> Result<(), EngineError> {
    let Some(row) = step.tx.chat(chat)? else {
        return Ok(());
    };
    if step.tx.group(&row.group_id)?.is_none() {
        return Ok(step.tx.delete_wishes(chat)?);
    }
    let group = load_group(step, &row.group_id)?;
    end(step, row, group, ChatState::Left)
}

/// Who takes over: the member other than the user who is in the group longest.
fn heir(step: &Step<'_>, chat: &ChatId) -> Result<Option<AccountId>, EngineError> {
    let members = step.tx.members(chat)?;
    let others = members
        .into_iter()
        .filter(|member| member.is_present() && member.account != step.me.account);
    let first = others.min_by_key(|member| (member.since, member.account));
    Ok(first.map(|member| member.account))
}

/// Somebody leaves: noted by everybody, and carried out by admins.
pub(crate) fn note_leaver(
    step: &mut Step<'_>,
    chat: &ChatId,
    account: &AccountId,
    i_am_admin: bool,
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
    if i_am_admin {
        let due_at = step.now.plus(step.rng.next_u64() % REMOVAL_MS);
        let wish = Wish::about(WishKind::Remove, account)
            .number(QUIET)
            .due(due_at);
        add_wish(step, chat, wish)?;
    }
    note(step.tx, Event::Chat { chat: *chat })?;
    Ok(())
}

//! What a merged commit means for the conversation: who is in it, what it is called, and the lines that tell of it.

use std::collections::{BTreeMap, BTreeSet};

use undertone_content::change::{Change as Line, Permitted};
use undertone_mls::{Changes, Group, Member, Rules, Who};
use undertone_store::{
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    members::{MemberRow, Presence},
    messages::MessageState,
};
use undertone_wire::ids::AccountId;

use crate::{
    check_forks::keep_mark,
    compose_commit::permission,
    conversation::members_of,
    error::EngineError,
    event::{Event, note},
    expel_devices::expel,
    fall_behind::forget_place,
    give_history::begin_histories,
    group_members::keep_members,
    join_group::leave_behind,
    loaded_groups::load_group,
    settle_wishes::settle_wishes,
    share_own_state::tell_everything,
    sign_out::sign_out,
    step::Step,
    system_line::say,
};

/// Notes what a commit changed, after it was merged. `before` are the rules that it found.
pub(crate) fn note_changes(
    step: &mut Step<'_>,
    row: &GroupRow,
    group: &Group,
    before: &Rules,
    changes: &Changes,
) -> Result<(), EngineError> {
    let Some(mut chat) = step.tx.chat(&row.chat)? else {
        return Ok(());
    };
    if chat.group_id != row.group_id {
        return Ok(());
    }
    for member in &changes.removed {
        step.tx
            .device_went(&chat.chat, &member.certificate.device_key)?;
    }
    for member in &changes.added {
        let device = member.certificate.device_key;
        step.tx.device_came(&chat.chat, &device, step.now)?;
    }
    let by = changes.sender.account;
    if !changes.removes_me {
        expel(step, &chat, group)?;
    }
    match chat.kind {
        // Only another device of one's own can have done that.
        ChatKind::Notes if changes.removes_me => sign_out(step),
        ChatKind::Notes => {
            settle_wishes(step, &chat.chat, group)?;
            let mine = changes.sender.index == group.own_index();
            if mine && !changes.added.is_empty() {
                tell_everything(step)?;
                begin_histories(step, &changes.added)?;
            }
            Ok(())
        }
        // A device that was put out by mistake asks for its place again.
        ChatKind::Direct if changes.removes_me => leave_behind(step, &chat.group_id),
        ChatKind::Direct => {
            settle_wishes(step, &chat.chat, group)?;
            let mut lines = devices_of_others(step, changes);
            lines.extend(readded(changes));
            say(step, row, group, &by, &lines)
        }
        // Whoever is leaving is removed because they asked for it.
        ChatKind::Group if changes.removes_me && chat.state == ChatState::Left => {
            end(step, chat, ChatState::Left)
        }
        ChatKind::Group if changes.removes_me => {
            say(step, row, group, &by, &[Line::RemovedMyself])?;
            end(step, chat, ChatState::Removed)
        }
        ChatKind::Group => {
            let known = keep_members(step, &chat.chat, group)?;
            let rules = changes.rules.as_ref().unwrap_or(before);
            let shows_leavers = group.rules().is_admin(&step.me.account);
            let lines = lines(before, rules, changes, &known, shows_leavers, group)?;
            // Where one has left oneself, nothing more is told.
            if chat.state == ChatState::Active {
                say(step, row, group, &by, &lines)?;
            }
            if rules.dissolved {
                let state = match chat.state {
                    ChatState::Left => ChatState::Left,
                    _ => ChatState::Dissolved,
                };
                return end(step, chat, state);
            }
            settle_wishes(step, &chat.chat, group)?;
            if chat.title != rules.title || !lines.is_empty() {
                chat.title.clone_from(&rules.title);
                if lines.iter().any(|line| !matches!(line, Line::Left(_))) {
                    chat.last_at = step.now;
                }
                step.tx.put_chat(&chat)?;
                note(step.tx, Event::Chat { chat: chat.chat })?;
            }
            Ok(())
        }
    }
}

/// One is in a group no more: what was said stays, and what waits to be sent is shown as not sent.
pub(crate) fn end(
    step: &mut Step<'_>,
    mut chat: ChatRow,
    state: ChatState,
) -> Result<(), EngineError> {
    let id = chat.group_id.clone();
    let group = load_group(step, &id)?;
    keep_mark(step, &group)?;
    group
        .delete(&step.mls().provider())
        .map_err(|_| EngineError::Mls("deleting a group"))?;
    step.tx.drop_group_aliases(&id)?;
    forget_place(step, &id)?;
    if let Some(row) = step.tx.group(&id)?
        && let Some(mut alias) = step.tx.alias(&row.own_alias)?
        && alias.card.is_none()
    {
        alias.state = undertone_store::aliases::AliasState::Dropping;
        step.tx.put_alias(&alias)?;
    }
    step.tx.delete_group(&id)?;
    step.tx.delete_wishes(&chat.chat)?;
    step.tx.delete_receipts(&chat.chat)?;
    step.tx.delete_invitations_to(&chat.chat)?;
    for item in step.tx.outbox_of(&chat.chat)? {
        step.tx.delete_from_outbox(item.seq)?;
        let failed =
            step.tx
                .advance_message(&step.me.account, &item.content_id, MessageState::Failed)?;
        if let Some(seq) = failed {
            let state = MessageState::Failed;
            let chat = chat.chat;
            note(step.tx, Event::MessageState { chat, seq, state })?;
        }
    }
    for member in step.tx.members(&chat.chat)? {
        if state != ChatState::Dissolved && member.account == step.me.account {
            let gone = MemberRow {
                presence: Presence::Gone,
                admin: false,
                ..member
            };
            step.tx.put_member(&chat.chat, &gone)?;
        }
    }
    chat.state = state;
    chat.last_at = step.now;
    step.tx.put_chat(&chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

fn accounts(members: &[Member]) -> BTreeSet<AccountId> {
    members.iter().map(|member| member.account).collect()
}

/// Whose devices had fallen behind, and were added anew.
fn readded(changes: &Changes) -> Vec<Line> {
    let is_back = |member: &&Member| {
        let key = member.certificate.device_key;
        let mut removed = changes.removed.iter();
        removed.any(|other| other.certificate.device_key == key)
    };
    let back = changes.added.iter().filter(is_back);
    let accounts: BTreeSet<AccountId> = back.map(|member| member.account).collect();
    accounts.into_iter().map(Line::Readded).collect()
}

/// That the other's devices are others now, which they should know of.
fn devices_of_others(step: &Step<'_>, changes: &Changes) -> Vec<Line> {
    let (added, removed) = (accounts(&changes.added), accounts(&changes.removed));
    let theirs = |account: &&AccountId| **account != step.me.account;
    let more = added.difference(&removed).filter(theirs);
    let less = removed.difference(&added).filter(theirs);
    // The founder's first commit adds the other: that is no change of devices.
    if changes.sender.account == step.me.account {
        return Vec::new();
    }
    let more = more
        .filter(|account| **account == changes.sender.account)
        .map(|account| Line::DeviceAdded(*account));
    more.chain(less.map(|account| Line::DeviceRemoved(*account)))
        .collect()
}

fn lines(
    before: &Rules,
    rules: &Rules,
    changes: &Changes,
    known: &BTreeMap<AccountId, MemberRow>,
    shows_leavers: bool,
    group: &Group,
) -> Result<Vec<Line>, EngineError> {
    let after = accounts(members_of(group)?);
    let was_present = |account: &AccountId| known.get(account).is_some_and(MemberRow::is_present);
    let mut lines = readded(changes);
    for account in accounts(&changes.added) {
        if !was_present(&account) {
            lines.push(Line::Added(account));
        }
    }
    for account in accounts(&changes.removed) {
        if after.contains(&account) {
            continue;
        }
        let left = known
            .get(&account)
            .is_some_and(|member| member.presence == Presence::Leaving);
        match (left, shows_leavers) {
            (false, _) => lines.push(Line::Removed(account)),
            (true, true) => lines.push(Line::Left(account)),
            (true, false) => {}
        }
    }
    if rules.title != before.title {
        lines.push(Line::Title(rules.title.clone()));
    }
    if rules.description != before.description {
        lines.push(Line::Description(rules.description.clone()));
    }
    let still = |account: &&AccountId| after.contains(*account);
    let admins = rules.admins.difference(&before.admins);
    lines.extend(admins.map(|account| Line::Admin(*account)));
    let no_admins = before.admins.difference(&rules.admins).filter(still);
    lines.extend(no_admins.map(|account| Line::NoAdmin(*account)));
    let (mut old, mut new) = (before.permissions, rules.permissions);
    for what in Permitted::ALL {
        let who = *permission(&mut new, what);
        if *permission(&mut old, what) != who {
            lines.push(Line::Permission(what, who == Who::Everyone));
        }
    }
    if rules.dissolved && !before.dissolved {
        lines.push(Line::Dissolved);
    }
    Ok(lines)
}

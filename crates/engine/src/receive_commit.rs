//! A commit at its place in the queue: merged, so that all members pass through the same epochs.

use undertone_mls::{Group, Member, ReceivedCommit};
use undertone_store::{
    aliases::AliasState,
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
};
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    check_forks::keep_mark,
    error::EngineError,
    event::{Event, note},
    fall_behind::{follow, forget_place, lose_place},
    leave_group::forget,
    loaded_groups::{keep_group, view_group},
    note_changes::note_changes,
    renew_group::wish_renewal,
    step::Step,
};

/// Merges another device's commit. One's own that waits has lost.
pub(crate) fn merge(
    step: &mut Step<'_>,
    row: GroupRow,
    mut group: Group,
    commit: ReceivedCommit,
) -> Result<(), EngineError> {
    let (before, changes) = (group.rules().clone(), commit.changes.clone());
    let me = step.me.identity.certificate.device_key;
    let adds_me = |member: &Member| member.certificate.device_key == me;
    if changes.removes_me && changes.added.iter().any(adds_me) {
        // Put out to be added anew: the Welcome brings it back, if it asked for that. If somebody kept a KeyPackage that it
        // has no use for any more, it has to ask now.
        return lose_place(step, row);
    }
    // Whoever can follow needs no help.
    forget_place(step, &row.group_id)?;
    keep_mark(step, &group)?;
    group
        .merge(&step.mls().provider(), commit)
        .map_err(|_| EngineError::Mls("merging a commit"))?;
    let group = keep_group(step, group)?;
    forget_pending(step, &row.group_id)?;
    let row = caught_up(step, row, &group)?;
    note_changes(step, &row, &group, &before, &changes)
}

/// Merges one's own commit.
pub(crate) fn merge_own(
    step: &mut Step<'_>,
    mut row: GroupRow,
    mut group: Group,
) -> Result<(), EngineError> {
    let keys = step.mls();
    let before = group.rules().clone();
    let changes = group
        .pending_changes(&keys.provider())
        .map_err(|_| EngineError::Mls("reading the own commit"))?
        .ok_or(EngineError::Mls("an own commit that is not pending"))?;
    keep_mark(step, &group)?;
    group
        .merge_own_pending(&keys.provider())
        .map_err(|_| EngineError::Mls("merging the own commit"))?;
    let group = keep_group(step, group)?;
    let commit = step.tx.pending_commit(&row.group_id)?;
    if let Some(alias) = commit.and_then(|commit| commit.new_alias) {
        // The alias of a week's card stays for others; one that was for this group alone has done its service.
        if alias != row.own_alias
            && let Some(mut old) = step.tx.alias(&row.own_alias)?
            && (old.card.is_none() || old.retire_at == Timestamp(0))
        {
            old.state = AliasState::Dropping;
            step.tx.put_alias(&old)?;
        }
        row.own_alias = alias;
        row.leaf_at = step.now;
        row.wants_leaf = false;
        row.predecessor.clear();
    }
    step.tx.delete_pending_commit(&row.group_id)?;
    let row = caught_up(step, row, &group)?;
    note_changes(step, &row, &group, &before, &changes)
}

/// One's own commit has lost its epoch: it goes, with the address that its leaf would have had.
pub(crate) fn forget_pending(step: &Step<'_>, group_id: &[u8]) -> Result<(), EngineError> {
    let Some(commit) = step.tx.pending_commit(group_id)? else {
        return Ok(());
    };
    let row = step.tx.group(group_id)?;
    if let Some(alias) = commit.new_alias
        && row.is_none_or(|row| row.own_alias != alias)
        && let Some(mut alias) = step.tx.alias(&alias)?
    {
        alias.state = AliasState::Dropping;
        step.tx.put_alias(&alias)?;
    }
    Ok(step.tx.delete_pending_commit(group_id)?)
}

/// Notes that the sequencer was seen at a later epoch: the commits in between are on their way.
pub(crate) fn note_behind(
    step: &Step<'_>,
    group_id: &[u8],
    stands_at: u64,
) -> Result<(), EngineError> {
    let Some(mut row) = step.tx.group(group_id)? else {
        return Ok(());
    };
    let epoch = view_group(step, group_id)?.epoch();
    row.behind = if stands_at > epoch {
        row.behind.max(stands_at)
    } else {
        0
    };
    step.tx.put_group(&row)?;
    Ok(())
}

/// The sequencer took a commit that the rules forbid, so that no honest member merges it: nothing more can be said in this
/// group. An admin's device founds it anew, without whoever did that.
pub(crate) fn burn(step: &mut Step<'_>, row: &GroupRow, by: AccountId) -> Result<(), EngineError> {
    let Some(chat) = step.tx.chat(&row.chat)? else {
        return Ok(());
    };
    if chat.group_id == row.group_id && chat.state == ChatState::Left {
        return forget(step, &chat.chat);
    }
    if chat.group_id != row.group_id || chat.state != ChatState::Active {
        return Ok(());
    }
    wish_renewal(step, row, Some(by), Timestamp(0))?;
    if chat.kind == ChatKind::Group {
        follow(step, row, &chat)?;
    }
    let reason = match chat.kind {
        ChatKind::Group => "somebody broke this group; the device of an admin founds it anew",
        ChatKind::Direct | ChatKind::Notes => {
            "the other side broke this conversation; follow a new link of theirs to begin another"
        }
    };
    fail(step, chat, reason)
}

/// Nothing more can be said in a conversation, and why.
pub(crate) fn fail(step: &Step<'_>, mut chat: ChatRow, reason: &str) -> Result<(), EngineError> {
    chat.state = ChatState::Failed;
    chat.reason = reason.to_owned();
    step.tx.put_chat(&chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

fn caught_up(step: &Step<'_>, mut row: GroupRow, group: &Group) -> Result<GroupRow, EngineError> {
    if group.epoch() >= row.behind {
        row.behind = 0;
    }
    row.epoch_at = step.now;
    step.tx.put_group(&row)?;
    Ok(row)
}

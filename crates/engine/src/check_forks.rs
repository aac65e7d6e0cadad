//! The fork check: with a message between two people, or among one's own devices, goes what this device knows of a
//! conversation that both are in (`docs/protocol/conversations.md`, *Fork check*).

use undertone_content::{change::Change as Line, epoch_mark::EpochMark};
use undertone_mls::Group;
use undertone_store::chats::{ChatKind, ChatRow};
use undertone_wire::ids::AccountId;

use crate::{
    conversation::other_account, error::EngineError, loaded_groups::find_group, step::Step,
    system_line::say_fork,
};

/// What to tell in a chat: of one of the conversations that are shared with it, drawn by lot.
pub(crate) fn mark_to_tell(
    step: &mut Step<'_>,
    chat: &ChatRow,
) -> Result<Option<EpochMark>, EngineError> {
    let other = match chat.kind {
        ChatKind::Notes => None,
        ChatKind::Direct => match other_account(chat) {
            Some(other) => Some(other),
            None => return Ok(None),
        },
        ChatKind::Group => return Ok(None),
    };
    let shared = step.tx.shared_groups(other.as_ref())?;
    let count = u64::try_from(shared.len()).unwrap_or(u64::MAX).max(1);
    let lot = usize::try_from(step.rng.next_u64() % count).unwrap_or(0);
    let Some(group_id) = shared.get(lot) else {
        return Ok(None);
    };
    Ok(find_group(step, group_id)?.and_then(|group| mark_of(&group)))
}

/// Keeps in what state a group was, before it comes to the next epoch.
pub(crate) fn keep_mark(step: &Step<'_>, group: &Group) -> Result<(), EngineError> {
    if let Some(mark) = mark_of(group) {
        step.tx
            .put_epoch_mark(group.id().as_bytes(), mark.epoch, &mark.mark)?;
    }
    Ok(())
}

/// Compares what somebody tells with what was seen here. What is not known here says nothing.
pub(crate) fn compare(
    step: &mut Step<'_>,
    by: &AccountId,
    told: &EpochMark,
) -> Result<(), EngineError> {
    for group_id in step.tx.groups_beginning(&told.conversation)? {
        let Some(group) = find_group(step, &group_id)? else {
            continue;
        };
        let seen = match mark_of(&group) {
            Some(mark) if mark.epoch == told.epoch => Some(mark.mark.to_vec()),
            _ => step.tx.epoch_mark(&group_id, told.epoch)?,
        };
        let row = step.tx.group(&group_id)?;
        if let (Some(seen), Some(row)) = (seen, row)
            && seen != told.mark
        {
            say_fork(step, &row, by, &Line::Forked(*by))?;
        }
    }
    Ok(())
}

fn mark_of(group: &Group) -> Option<EpochMark> {
    EpochMark::of(
        group.id().as_bytes(),
        group.epoch(),
        &group.epoch_authenticator(),
    )
}

//! Lines in a conversation that tell what changed in it.

use undertone_content::change::Change;
use undertone_mls::Group;
use undertone_store::{
    chats::ChatId,
    groups::GroupRow,
    messages::{MessageKind, MessageRow, MessageState},
};
use undertone_wire::{
    ids::{AccountId, ContentId},
    signing::hash_parts,
};

use crate::{
    error::EngineError,
    event::{Event, note},
    step::Step,
};

/// Tells what the commit did that led to the group's epoch, at most once however often it is told. On another branch of the
/// group the same number is another epoch.
pub(crate) fn say(
    step: &Step<'_>,
    row: &GroupRow,
    group: &Group,
    by: &AccountId,
    changes: &[Change],
) -> Result<(), EngineError> {
    let (epoch, state) = (group.epoch().to_be_bytes(), group.epoch_authenticator());
    for (index, change) in (0_u64..).zip(changes) {
        let parts: [&[u8]; 4] = [&row.group_id, &epoch, &state, &index.to_be_bytes()];
        let id = line_id("undertone/1 change line", &parts)?;
        put(step, &row.chat, id, by, change)?;
    }
    Ok(())
}

/// Tells that somebody said what they may not: once for each of them in an epoch.
pub(crate) fn say_refused(
    step: &Step<'_>,
    row: &GroupRow,
    by: &AccountId,
) -> Result<(), EngineError> {
    let epoch = row.epoch_at.0.to_be_bytes();
    let parts: [&[u8]; 3] = [&row.group_id, &epoch, by.as_bytes()];
    let id = line_id("undertone/1 refused line", &parts)?;
    put(step, &row.chat, id, by, &Change::Refused(*by))
}

/// Tells that somebody saw another conversation at an epoch: once for each of them in a group, or every message would.
pub(crate) fn say_fork(
    step: &Step<'_>,
    row: &GroupRow,
    by: &AccountId,
    change: &Change,
) -> Result<(), EngineError> {
    let parts: [&[u8]; 2] = [&row.group_id, by.as_bytes()];
    let id = line_id("undertone/1 fork line", &parts)?;
    put(step, &row.chat, id, by, change)
}

fn line_id(label: &str, parts: &[&[u8]]) -> Result<ContentId, EngineError> {
    let hash = hash_parts(label, parts);
    let id = hash.get(..16).unwrap_or_default();
    ContentId::try_from(id).map_err(|_| EngineError::Damaged("a hash"))
}

/// Tells something that no commit did.
pub(crate) fn say_once(
    step: &mut Step<'_>,
    chat: &ChatId,
    by: &AccountId,
    change: &Change,
) -> Result<(), EngineError> {
    let id = ContentId::random(step.rng);
    put(step, chat, id, by, change)
}

fn put(
    step: &Step<'_>,
    chat: &ChatId,
    id: ContentId,
    by: &AccountId,
    change: &Change,
) -> Result<(), EngineError> {
    let seq = step.tx.add_message(&MessageRow {
        seq: 0,
        chat: *chat,
        sender: *by,
        content_id: id,
        kind: MessageKind::Change,
        text: String::new(),
        sent_at: step.now,
        stored_at: step.now,
        // Never counted as unread, and no receipt is told of it.
        state: MessageState::Sent,
        signed: change.encode(),
        group_id: Vec::new(),
        mentions: Vec::new(),
    })?;
    if let Some(seq) = seq {
        note(step.tx, Event::Change { chat: *chat, seq })?;
    }
    Ok(())
}

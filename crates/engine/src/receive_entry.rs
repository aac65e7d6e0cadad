//! One entry of the queue: found by its alias to be of a card or of a conversation, opened, dealt with, and noted as
//! such in the same transaction.

use undertone_mls::{Group, OpenError, Opened as Envelope};
use undertone_store::{chats::ChatState, groups::GroupRow};
use undertone_wire::ids::{Alias, EntryId};

use crate::{
    arrivals::Opened, conversation::load_group, error::EngineError, event::Event,
    fall_behind::cannot_follow, help_member::hear_call, receive_commit, receive_content,
    receive_signal, receive_welcome, step::Step,
};

/// What came of a batch of entries beside what was kept.
#[derive(Default)]
pub(crate) struct Arrived {
    pub(crate) passing: Vec<Event>,
}

/// An entry that opens under no key here, though only members can send where it came: a commit is missing, perhaps.
pub(crate) struct Doubt {
    pub(crate) entry: EntryId,
    pub(crate) group_id: Vec<u8>,
    /// The sequencer has said that nothing is missing: it is let go.
    pub(crate) settled: bool,
}

/// Deals with an entry. Whatever is in it, it is dealt with afterwards: what cannot be understood is let go. Only where
/// there is a doubt, and `doubt` is not the settled one, it stays, and the group comes back about which it is.
pub(crate) fn receive(
    step: &mut Step<'_>,
    entry: &EntryId,
    opened: &Opened,
    doubt: Option<&Doubt>,
    arrived: &mut Arrived,
) -> Result<Option<Vec<u8>>, EngineError> {
    if step.tx.is_dealt_with(entry)? {
        return Ok(None);
    }
    let slot = match opened {
        Opened::Payload {
            alias,
            payload,
            slot,
            sequenced,
        } => {
            let settled = doubt.is_some_and(|doubt| doubt.settled && doubt.entry == *entry);
            let about = receive_payload(step, alias, payload, *sequenced, arrived)?;
            if let Some(group_id) = about.filter(|_| !settled) {
                let epoch = load_group(step, &group_id)?.epoch();
                receive_commit::note_behind(step, &group_id, epoch.saturating_add(1))?;
                return Ok(Some(group_id));
            }
            *slot
        }
        Opened::Shared { slot, .. } => Some(*slot),
        Opened::Unreadable => None,
    };
    if !step.signed_out {
        step.tx.deal_with(entry, slot.as_ref())?;
    }
    Ok(None)
}

fn receive_payload(
    step: &mut Step<'_>,
    alias: &Alias,
    payload: &[u8],
    sequenced: bool,
    arrived: &mut Arrived,
) -> Result<Option<Vec<u8>>, EngineError> {
    let Some(row) = step.tx.alias(alias)? else {
        return Ok(None);
    };
    let mut candidates = step.tx.groups_at(alias)?;
    if candidates.is_empty() && !row.group_id.is_empty() {
        // The alias of the leaf that a commit of one's own is about to make.
        candidates.extend(step.tx.group(&row.group_id)?);
    }
    for candidate in &candidates {
        let mut group = load_group(step, &candidate.group_id)?;
        match group.open(&step.mls().provider(), payload) {
            // Past the sequencer a member could hand a commit to some of the others alone, and fork the group.
            Ok(Envelope::Commit(_) | Envelope::OwnCommit) if !sequenced => return Ok(None),
            Ok(envelope) => {
                receive_envelope(step, candidate.clone(), group, envelope, arrived)?;
                return Ok(None);
            }
            Err(OpenError::NotOurs | OpenError::NotAMember) => {}
            Err(OpenError::Storage(_)) => return Err(EngineError::Mls("opening an envelope")),
            Err(OpenError::InvalidCommit { by, .. }) if sequenced => {
                receive_commit::burn(step, candidate, by)?;
                return Ok(None);
            }
            Err(OpenError::BrokenCommit) if sequenced => {
                cannot_follow(step, candidate.clone())?;
                return Ok(None);
            }
            Err(_) => return Ok(None),
        }
    }
    if hear_call(step, &candidates, payload)? {
        return Ok(None);
    }
    match &row.card {
        Some(secret) => {
            receive_welcome::receive(step, secret, payload)?;
            Ok(None)
        }
        None => doubt(step, alias, &candidates),
    }
}

/// What a member sends opens, unless this device missed a commit, for whatever reason: the sequencer will tell.
fn doubt(
    step: &Step<'_>,
    alias: &Alias,
    groups: &[GroupRow],
) -> Result<Option<Vec<u8>>, EngineError> {
    for row in groups.iter().filter(|row| row.own_alias == *alias) {
        let chat = step.tx.chat(&row.chat)?;
        let current = chat.is_some_and(|chat| {
            chat.group_id == row.group_id
                && matches!(chat.state, ChatState::Active | ChatState::Left)
        });
        // Who fell behind for good is added anew, and what came meanwhile is not for them.
        if current && step.tx.place(&row.group_id)?.is_none() {
            return Ok(Some(row.group_id.clone()));
        }
    }
    Ok(None)
}

fn receive_envelope(
    step: &mut Step<'_>,
    row: GroupRow,
    group: Group,
    envelope: Envelope,
    arrived: &mut Arrived,
) -> Result<(), EngineError> {
    match envelope {
        Envelope::Application { sender, content } => {
            receive_content::receive(step, &row, group.rules(), &sender, &content)
        }
        Envelope::Signal { sender, body } => {
            arrived.passing.extend(receive_signal::receive(
                step,
                &row,
                group.rules(),
                &sender,
                &body,
            )?);
            Ok(())
        }
        Envelope::Commit(commit) => receive_commit::merge(step, row, group, *commit),
        Envelope::OwnCommit => receive_commit::merge_own(step, row, group),
    }
}

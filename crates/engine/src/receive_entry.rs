//! One entry of the queue: found by its alias to be of a card or of a conversation, opened, dealt with, and noted as
//! such in the same transaction.

use undertone_mls::{Fetched, Group, OpenError, Opened as Envelope, Pointer};
use undertone_store::{chats::ChatState, groups::GroupRow};
use undertone_wire::{
    ids::{Alias, EntryId},
    time::Timestamp,
};

use crate::{
    arrivals::Opened,
    error::EngineError,
    event::Event,
    fall_behind::cannot_follow,
    help_member::hear_call,
    loaded_groups::{keep_group, load_group, view_group},
    receive_commit, receive_content, receive_signal, receive_welcome,
    step::Step,
};

/// What came of a batch of entries beside what was kept.
#[derive(Default)]
pub(crate) struct Arrived {
    pub(crate) passing: Vec<Event>,
}

/// An entry that cannot be dealt with yet.
pub(crate) struct Doubt {
    pub(crate) entry: EntryId,
    pub(crate) why: Why,
    /// What it waited for has come, or never will: it is dealt with as it is.
    pub(crate) settled: bool,
}

/// Why an entry waits.
pub(crate) enum Why {
    /// It opens under no key here, though only members of this group can send where it came: a commit is missing, perhaps.
    /// Until this time it waits for what the sequencer says: where that cannot be asked, the rest of the queue must go on.
    Missing(Vec<u8>, Timestamp),
    /// It points to something outside; that, once it has been fetched.
    Outside(Option<Fetched>),
}

/// What an entry waits for.
pub(crate) enum Stop {
    /// The commit that this group lacks, if it lacks one.
    Missing(Vec<u8>),
    /// What lies outside.
    Outside(Pointer),
}

impl Doubt {
    /// When it is let go, if nothing comes before.
    pub(crate) fn ends_at(&self) -> Option<Timestamp> {
        match &self.why {
            Why::Missing(_, until) => Some(*until),
            Why::Outside(_) => None,
        }
    }

    /// Whether it is about what a group lacks.
    pub(crate) fn misses(&self, group_id: &[u8]) -> bool {
        matches!(&self.why, Why::Missing(id, _) if *id == group_id)
    }
}

/// Deals with an entry. Whatever is in it, it is dealt with afterwards: what cannot be understood is let go. Only where
/// something is missing, and `doubt` does not settle that, it stays, and what is missing comes back.
pub(crate) fn receive(
    step: &mut Step<'_>,
    entry: &EntryId,
    opened: &Opened,
    doubt: Option<&Doubt>,
    arrived: &mut Arrived,
) -> Result<Option<Stop>, EngineError> {
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
            let settled = doubt.filter(|doubt| doubt.settled && doubt.entry == *entry);
            let fetched = settled.and_then(|doubt| match &doubt.why {
                Why::Outside(fetched) => Some(fetched.as_ref()),
                Why::Missing(..) => None,
            });
            let stop = receive_payload(step, alias, payload, *sequenced, fetched, arrived)?;
            match stop {
                None => {}
                Some(Stop::Missing(_)) if settled.is_some() && fetched.is_none() => {}
                Some(Stop::Missing(group_id)) => {
                    let epoch = view_group(step, &group_id)?.epoch();
                    receive_commit::note_behind(step, &group_id, epoch.saturating_add(1))?;
                    return Ok(Some(Stop::Missing(group_id)));
                }
                Some(outside) => return Ok(Some(outside)),
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

/// Deals with a payload. `fetched` is what it points to, once that was tried: perhaps nothing.
fn receive_payload(
    step: &mut Step<'_>,
    alias: &Alias,
    payload: &[u8],
    sequenced: bool,
    fetched: Option<Option<&Fetched>>,
    arrived: &mut Arrived,
) -> Result<Option<Stop>, EngineError> {
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
        let mut opened = group.open(&step.mls().provider(), payload);
        if let (Ok(Envelope::Outside(_)), Some(fetched)) = (&opened, fetched) {
            opened = match fetched {
                Some(fetched) => group.open_fetched(&step.mls().provider(), fetched),
                None => Err(OpenError::BrokenCommit),
            };
        }
        match opened {
            Ok(Envelope::Outside(pointer)) if sequenced => return Ok(Some(Stop::Outside(pointer))),
            // Past the sequencer a member could hand a commit to some of the others alone, and fork the group.
            Ok(Envelope::Commit(_) | Envelope::OwnCommit | Envelope::Outside(_)) if !sequenced => {
                return Ok(None);
            }
            Ok(envelope) => {
                receive_envelope(step, candidate.clone(), group, envelope, arrived)?;
                return Ok(None);
            }
            Err(OpenError::NotOurs | OpenError::NotAMember) => drop(keep_group(step, group)?),
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
    if hear_call(step, &candidates, &row.group_id, payload)? {
        return Ok(None);
    }
    match &row.card {
        Some(secret) => {
            let outside = receive_welcome::receive(step, secret, payload, fetched)?;
            Ok(outside.map(Stop::Outside))
        }
        None => doubt(step, alias, &candidates),
    }
}

/// What a member sends opens, unless this device missed a commit, for whatever reason: the sequencer will tell.
fn doubt(step: &Step<'_>, alias: &Alias, groups: &[GroupRow]) -> Result<Option<Stop>, EngineError> {
    for row in groups.iter().filter(|row| row.own_alias == *alias) {
        let chat = step.tx.chat(&row.chat)?;
        let current = chat.is_some_and(|chat| {
            chat.group_id == row.group_id
                && matches!(chat.state, ChatState::Active | ChatState::Left)
        });
        // Who fell behind for good is added anew, and what came meanwhile is not for them.
        if current && step.tx.place(&row.group_id)?.is_none() {
            return Ok(Some(Stop::Missing(row.group_id.clone())));
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
            let group = keep_group(step, group)?;
            receive_content::receive(step, &row, group.rules(), &sender, &content)
        }
        Envelope::Signal { sender, body } => {
            let group = keep_group(step, group)?;
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
        // It was fetched, or nothing comes of it.
        Envelope::Outside(_) => Ok(()),
    }
}

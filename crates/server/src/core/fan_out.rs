//! Storing one payload for all to whom it is addressed, and pushing it to those who are there.

use prost::Message as _;
use undertone_wire::{
    ids::{Alias, Handle, QueueId, SlotId},
    limits::{ENTRY_DAYS, INLINE_PAYLOAD_BYTES, INLINE_RECIPIENTS},
    proto::{self, entry_body, queue_answer},
};

use super::{
    Core, Output, StoreError, aliases::Target, batch::Batch, failure::Outcome,
    payloads::PayloadSecret,
};
use crate::answer::queue_frame;

/// Which aliases take what is delivered. The others are treated as if they were dropped.
#[derive(Debug, Clone, Copy)]
pub(super) enum Admission {
    /// Those bound to nothing, and those bound to this conversation, in whose epoch the sender was proved to be.
    Guarded(Option<Handle>),
    /// All: for a device that fell out of its conversation.
    Rescue,
}

/// Whether a payload is the commit that won its epoch. Receivers merge nothing else, so that no member can hand a commit
/// to some of the others past the sequencer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sequenced {
    /// It is.
    Yes,
    /// Anything else.
    No,
}

impl Admission {
    pub fn admits(self, target: &Target) -> bool {
        match self {
            Self::Guarded(proved) => target.handle.is_none() || target.handle == proved,
            Self::Rescue => true,
        }
    }

    /// Whether the sender was proved to be in the conversation that the alias is bound to.
    fn is_member(self, target: &Target) -> bool {
        matches!(self, Self::Guarded(Some(proved)) if target.handle == Some(proved))
    }
}

impl Batch<'_> {
    /// Counts a delivery to each alias that the sender reaches as a stranger: what has only a card, or a string that was
    /// made up, must not drive out of a queue what members deliver. What an alias is shows only to members.
    pub fn count_strangers<'a>(
        &mut self,
        reached: impl Iterator<Item = &'a Alias>,
        admission: Admission,
    ) -> Outcome<()> {
        let Core { store, aliases, .. } = &mut *self.core;
        let mut strange = Vec::new();
        for alias in reached {
            let target = aliases.target(store, alias)?;
            if !target.is_some_and(|target| admission.is_member(&target)) {
                strange.push(alias);
            }
        }
        Ok(self.core.rates.stranger(strange.into_iter(), self.now)?)
    }

    /// Stores `payload` for each of `aliases` and pushes it. Whether an alias is live shows in nothing that the sender
    /// can see: the same rows are written for one that is not.
    pub fn fan_out(
        &mut self,
        aliases: &[Alias],
        payload: &[u8],
        admission: Admission,
        sequenced: Sequenced,
    ) -> Result<(), StoreError> {
        let expiry_day = self.now.day().0.saturating_add(ENTRY_DAYS);
        let inline = payload.len() <= INLINE_PAYLOAD_BYTES && aliases.len() <= INLINE_RECIPIENTS;
        let shared = if inline || aliases.is_empty() {
            None
        } else {
            let Core { store, rng, .. } = &mut *self.core;
            let refs = aliases.len();
            let secret = PayloadSecret::put(store, payload, refs, expiry_day, &mut **rng)?;
            Some(secret)
        };
        for alias in aliases {
            let Core {
                store,
                rng,
                aliases,
                queues,
                decoys,
                ..
            } = &mut *self.core;
            let slot = shared
                .as_ref()
                .map(|secret| secret.put_slot(store, expiry_day, &mut **rng))
                .transpose()?;
            let body = entry_body(alias, payload, slot, sequenced);
            let target = aliases
                .target(store, alias)?
                .filter(|target| admission.admits(target));
            let stored = match target {
                Some(target) => queues
                    .store_entry(store, &target.queue, expiry_day, &body)?
                    .map(|entry| (target.queue, entry)),
                None => None,
            };
            match stored {
                Some((queue, entry)) => {
                    self.core.counters.entries_stored += 1;
                    self.push(&queue, queue_answer::Body::Entry(entry));
                }
                None => decoys.store_entry(store, expiry_day, &body, slot)?,
            }
        }
        Ok(())
    }

    /// Pushes to the connection that is attached to a queue, if there is one.
    pub fn push(&mut self, queue: &QueueId, body: queue_answer::Body) {
        if let Some(connection) = self.core.connections.attached_to(queue) {
            self.core.counters.pushes += 1;
            let frame = queue_frame(0, body);
            self.outputs.push(Output::Frame(connection, frame));
        }
    }
}

fn entry_body(
    alias: &Alias,
    payload: &[u8],
    slot: Option<SlotId>,
    sequenced: Sequenced,
) -> Vec<u8> {
    let payload = match slot {
        None => entry_body::Payload::Inline(payload.to_vec()),
        Some(slot) => entry_body::Payload::Slot(slot.to_vec()),
    };
    proto::EntryBody {
        alias: alias.to_vec(),
        payload: Some(payload),
        sequenced: sequenced == Sequenced::Yes,
    }
    .encode_to_vec()
}

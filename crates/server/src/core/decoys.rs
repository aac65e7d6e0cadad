//! What is stored for aliases that deliver nowhere: entries like all others, for a queue that nobody has.
//!
//! So a dropped alias costs the server the same writes as a live one, and its sender sees no difference. The newest are
//! kept and the others go, as if somebody had acknowledged them: invented aliases fill no disk.

use std::collections::VecDeque;

use rand_core::CryptoRngCore;
use undertone_wire::{
    entry::Place,
    ids::{EntryId, SealingKey, SlotId},
};

use super::{
    StoreError,
    failure::{Outcome, readable},
    payloads,
    queues::EntrySealer,
    store::Store,
};

/// How many are kept.
const KEPT: usize = 256;

pub(super) struct Decoys {
    run: u32,
    sealer: EntrySealer,
    next: u64,
    waiting: VecDeque<(EntryId, Option<SlotId>)>,
}

impl Decoys {
    pub fn new(run: u32, rng: &mut dyn CryptoRngCore) -> Result<Self, StoreError> {
        let mut row = [0; 32];
        rng.fill_bytes(&mut row);
        // A random key, the secret half of which nobody knows.
        let sealer =
            EntrySealer::new(row, &SealingKey::random(rng)).map_err(|_| StoreError::Damaged)?;
        Ok(Self {
            run,
            sealer,
            next: 0,
            waiting: VecDeque::with_capacity(KEPT + 1),
        })
    }

    /// Stores an entry for nobody, and lets go of the oldest one.
    pub fn store_entry(
        &mut self,
        store: &Store,
        expiry_day: u32,
        body: &[u8],
        slot: Option<SlotId>,
    ) -> Result<(), StoreError> {
        let place = Place {
            run: self.run,
            number: self.next,
        };
        self.next += 1;
        let (entry, _) = self.sealer.store(store, place, expiry_day, body)?;
        self.waiting.push_back((entry, slot));
        if self.waiting.len() > KEPT
            && let Some((entry, slot)) = self.waiting.pop_front()
        {
            self.sealer.drop_entry(store, &entry)?;
            if let Some(slot) = slot {
                let released: Outcome<_> = payloads::release(store, &slot).map(Some);
                readable(released)?;
            }
        }
        Ok(())
    }
}

//! What the server does beside the requests: a little at each call, so that nobody waits for it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use undertone_wire::{
    ids::{BlobName, QueueId},
    time::{MINUTE_MS, Timestamp},
};

use super::{
    Core, StoreError,
    rearrange::{Rearrangement, Registry},
    statements::SEEDS_FORGET,
    sweep::Sweep,
};

/// What remains to be done.
pub(super) struct Maintenance {
    /// Queues that are gone and of which entries are left. After a restart these go when they expire.
    purges: VecDeque<QueueId>,
    /// Blobs that are dropped, and the first chunk that is left. After a restart these go when they expire.
    chunks: BTreeMap<BlobName, u32>,
    changed: BTreeSet<Registry>,
    pub rearrangement: Rearrangement,
    pub sweep: Sweep,
    last_minute: u64,
}

impl Maintenance {
    pub fn new(now: Timestamp) -> Self {
        Self {
            purges: VecDeque::new(),
            chunks: BTreeMap::new(),
            changed: BTreeSet::new(),
            rearrangement: Rearrangement::default(),
            sweep: Sweep::default(),
            last_minute: now.0 / MINUTE_MS,
        }
    }

    /// Rows were put into a registry: their place in the file tells when.
    pub fn changed(&mut self, registry: Registry) {
        self.changed.insert(registry);
    }

    /// Deletes the entries of a queue that is gone, when there is time.
    pub fn purge_later(&mut self, queue: QueueId) {
        self.purges.push_back(queue);
    }

    /// Whether entries of a queue of that name are still to be deleted; they no longer are.
    pub fn forget_purge(&mut self, queue: &QueueId) -> bool {
        let before = self.purges.len();
        self.purges.retain(|purged| purged != queue);
        self.purges.len() < before
    }

    /// Deletes the chunks of a blob from `next` on, when there is time.
    pub fn drop_chunks_later(&mut self, name: BlobName, next: u32) {
        self.chunks.insert(name, next);
    }
}

impl Core {
    /// Does a bounded piece of what is due: new day's keys, expiry, deletions that were put off, and once a minute the
    /// order of small registries and the emptying of the write-ahead logs. To be called about once a second.
    ///
    /// # Errors
    /// [`StoreError`] if the storage refuses; the next call tries again.
    pub fn maintain(&mut self, now: Timestamp) -> Result<(), StoreError> {
        self.in_transaction(|core| {
            core.issuers.renew(&core.store, now.day(), &mut *core.rng)?;
            let oldest_valid = now.day().0.saturating_sub(1);
            core.store.execute(SEEDS_FORGET, (oldest_valid,))?;
            core.go_on_deleting()?;
            core.sweep(now)
        })?;
        self.connections.forget_expired(now);
        let minute = now.0 / MINUTE_MS;
        if minute != self.maintenance.last_minute {
            for registry in std::mem::take(&mut self.maintenance.changed) {
                self.in_transaction(|core| core.rearrange(registry))?;
            }
            self.store.checkpoint()?;
            self.maintenance.last_minute = minute;
        }
        Ok(())
    }

    fn in_transaction(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.begin()?;
        let done = work(self).and_then(|()| self.store.commit());
        if done.is_err() {
            self.store.roll_back();
            self.issuers.forget();
        }
        done
    }

    fn go_on_deleting(&mut self) -> Result<(), StoreError> {
        if let Some(queue) = self.maintenance.purges.front().copied()
            && !self.purge(&queue)?
        {
            self.maintenance.purges.pop_front();
        }
        if let Some((name, index)) = self.maintenance.chunks.pop_first()
            && let Some(next) = self.drop_chunks(&name, index)?
        {
            self.maintenance.chunks.insert(name, next);
        }
        Ok(())
    }
}

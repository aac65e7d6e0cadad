//! The end of a queue: it is gone at once, its entries go a few at a time.

use undertone_wire::{ids::QueueId, proto::queue_answer};

use super::{
    Core, StoreError,
    batch::Batch,
    failure::Outcome,
    queues::{entries_row, queue_row},
    statements::{ENTRY_PURGE, QUEUE_DROP},
};
use crate::answer::done;

/// Entries that are deleted at once, so that others need not wait long.
const PURGED_AT_ONCE: u32 = 500;

impl Batch<'_> {
    /// The connection ends after the answer. Aliases of the queue stay for their lease and deliver nowhere.
    pub fn delete_queue(&mut self, queue: &QueueId) -> Outcome<queue_answer::Body> {
        self.core.store.execute(QUEUE_DROP, (queue_row(queue),))?;
        self.core.queues.dropped(queue);
        if self.core.purge(queue)? {
            self.core.maintenance.purge_later(*queue);
        }
        self.ending = true;
        Ok(done::QUEUE)
    }
}

impl Core {
    /// Deletes some entries of a queue that is gone; tells whether there may be more.
    pub(super) fn purge(&self, queue: &QueueId) -> Result<bool, StoreError> {
        let row = entries_row(queue);
        let deleted = self.store.execute(ENTRY_PURGE, (row, PURGED_AT_ONCE))?;
        Ok(deleted == PURGED_AT_ONCE as usize)
    }

    /// Deletes all entries that an earlier queue of the same name has left.
    pub(super) fn finish_purge(&mut self, queue: &QueueId) -> Result<(), StoreError> {
        if self.maintenance.forget_purge(queue) {
            while self.purge(queue)? {}
        }
        Ok(())
    }
}

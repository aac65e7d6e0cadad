//! Entries that are durable at the client go.

use undertone_wire::{
    ids::{EntryId, QueueId, SlotId},
    proto::queue_answer,
};

use super::{
    batch::Batch,
    failure::{Outcome, readable},
    payloads,
    queues::entries_row,
    statements::ENTRY_DROP,
};
use crate::answer::done;

impl Batch<'_> {
    /// Only entries of the attached queue; what is gone already changes nothing.
    pub fn acknowledge(
        &mut self,
        queue: &QueueId,
        entries: &[EntryId],
        slots: &[SlotId],
    ) -> Outcome<queue_answer::Body> {
        let row = entries_row(queue);
        let mut dropped = 0;
        for entry in entries {
            dropped += self
                .core
                .store
                .execute(ENTRY_DROP, (row, entry.as_bytes()))?;
        }
        for slot in slots {
            readable(payloads::release(&self.core.store, slot).map(Some))?;
        }
        self.core.queues.entries_dropped(queue, dropped);
        self.core.counters.entries_acknowledged += dropped as u64;
        Ok(done::QUEUE)
    }
}

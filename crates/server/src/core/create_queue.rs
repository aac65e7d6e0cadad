//! A new queue; its connection is attached to it.

use undertone_wire::{
    entry::EntryKeys,
    proto::{ErrorKind, queue_answer},
    signing::hash_parts,
};

use super::{
    ConnectionId, Core,
    batch::Batch,
    failure::{Outcome, refuse},
    lease,
    queues::QueueRecord,
    rearrange::Registry,
    spend::Paid,
};
use crate::session::NewQueue;

impl Batch<'_> {
    pub fn create_queue(
        &mut self,
        connection: ConnectionId,
        new: &NewQueue,
    ) -> Outcome<queue_answer::Body> {
        self.verify_queue(
            connection,
            &new.queue,
            &new.verification_key,
            &new.signature,
        )?;
        let record = QueueRecord {
            verification_key: new.verification_key,
            sealing_key: new.sealing_key,
        };
        match QueueRecord::read(&self.core.store, &new.queue)? {
            // Its owner did not hear that it was made.
            Some((stored, _)) if stored == record => {}
            Some(_) => return refuse(ErrorKind::Conflict, "the queue is there already"),
            None => self.make_queue(new, &record)?,
        }
        Ok(self.attached(connection, &new.queue))
    }

    fn make_queue(&mut self, new: &NewQueue, record: &QueueRecord) -> Outcome<()> {
        // Points without an inverse would make every delivery fail.
        if EntryKeys::encapsulate(&new.sealing_key).is_err() {
            return refuse(ErrorKind::Malformed, "the sealing key cannot be used");
        }
        let digest = hash_parts(
            "undertone/1 create queue",
            &[
                new.queue.as_bytes(),
                new.verification_key.as_bytes(),
                new.sealing_key.as_bytes(),
            ],
        );
        // Paid before and not there: it was deleted since, and is paid for no longer.
        if self.spend(&new.tokens, &digest)? == Paid::Before {
            return refuse(
                ErrorKind::TokenSpent,
                "the queue of these tokens is deleted",
            );
        }
        self.core.finish_purge(&new.queue)?;
        let Core { store, rng, .. } = &mut *self.core;
        let lease_week = lease::until(self.now, &mut **rng);
        record.store(store, &new.queue, lease_week, &mut **rng)?;
        self.core.maintenance.changed(Registry::Queues);
        self.core.counters.queues_created += 1;
        Ok(())
    }
}

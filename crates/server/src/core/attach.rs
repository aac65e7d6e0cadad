//! The proof of owning a queue, after which its connection is told of every entry that is stored.

use undertone_wire::{
    ids::{QueueId, QueueKey, SignatureBytes},
    proto::{ErrorKind, queue_answer},
    signing::{Purpose, verify},
};

use super::{
    ConnectionId, Core, Output,
    batch::Batch,
    failure::{Outcome, refuse},
    lease,
    queues::{QueueRecord, queue_row},
    statements::QUEUE_RENEW,
};
use crate::answer::done;

impl Batch<'_> {
    pub fn attach(
        &mut self,
        connection: ConnectionId,
        queue: &QueueId,
        signature: &SignatureBytes,
    ) -> Outcome<queue_answer::Body> {
        let Some((record, lease_week)) = QueueRecord::read(&self.core.store, queue)? else {
            return refuse(ErrorKind::NotFound, "there is no such queue");
        };
        self.verify_queue(connection, queue, &record.verification_key, signature)?;
        if lease::wants_renewal(lease_week, self.now) {
            let Core { store, rng, .. } = &mut *self.core;
            let lease_week = lease::until(self.now, &mut **rng);
            store.execute(QUEUE_RENEW, (queue_row(queue), lease_week))?;
        }
        Ok(self.attached(connection, queue))
    }

    /// Attaches; an older connection of the queue ends.
    pub fn attached(&mut self, connection: ConnectionId, queue: &QueueId) -> queue_answer::Body {
        let older = self.core.connections.attach(connection, *queue);
        self.outputs.extend(older.map(Output::Close));
        done::QUEUE
    }

    /// Verifies the signature over the connection's challenge.
    pub fn verify_queue(
        &self,
        connection: ConnectionId,
        queue: &QueueId,
        key: &QueueKey,
        signature: &SignatureBytes,
    ) -> Outcome<()> {
        let signed = self.core.connections.get(connection).is_some_and(|known| {
            let parts: [&[u8]; 3] = [
                known.nonce.as_bytes(),
                known.authority.as_bytes(),
                queue.as_bytes(),
            ];
            let purpose = Purpose::QueueConnection;
            verify(key.as_bytes(), purpose, &parts, signature.as_bytes()).is_ok()
        });
        if !signed {
            return refuse(
                ErrorKind::Unauthorised,
                "the challenge is not signed by the queue's key",
            );
        }
        Ok(())
    }
}

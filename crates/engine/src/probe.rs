//! Whether connections that say nothing still stand. A driver that sees the server's pings knows; a browser shows
//! them to nobody, and takes a connection whose other end is gone for one on which nothing happens.

use undertone_wire::{proto, proto::queue_request::Body as Request, time::Timestamp};

use crate::{engine::Engine, error::EngineError, tasks::QueueTask};

impl Engine {
    /// Asks the server for a sign of life on the connection of the queue. Without one in time, that is dead and made
    /// anew like any that was lost.
    pub fn probe(&mut self, now: Timestamp) {
        if self.queue.is_ready() && self.queue.unanswered().next().is_none() {
            self.arrivals.barrier_asked();
            self.ask_queue(Request::Barrier(proto::Barrier {}), QueueTask::Barrier, now);
        }
    }

    /// Makes all connections anew, at once: the device slept, or is in another network.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn reconnect(&mut self, now: Timestamp) -> Result<(), EngineError> {
        self.go_offline();
        self.go_online(now)
    }
}

//! A commit of the last thirty days, for a member whom a hostile committer left out or who was away.

use undertone_wire::{
    ids::{Handle, SendKeyHash},
    proto::{self, ErrorKind, send_answer},
};

use super::{
    Core,
    batch::Batch,
    failure::{Outcome, refuse},
    sequencer::StoredCommit,
};

impl Batch<'_> {
    pub fn fetch_commit(
        &mut self,
        handle: &Handle,
        epoch: u64,
        send_key: &SendKeyHash,
    ) -> Outcome<send_answer::Body> {
        let Core {
            store, sequencer, ..
        } = &mut *self.core;
        if let Some(stored) = StoredCommit::read(store, handle, epoch)?
            && stored.send_key == *send_key.as_bytes()
        {
            let payload = stored.payload;
            return Ok(send_answer::Body::Commit(proto::StoredCommit { payload }));
        }
        let record = sequencer.record(store, handle)?;
        if record.is_some_and(|record| record.epoch == epoch && record.keys.send_key == *send_key) {
            // Whoever asks is a member of the epoch that stands: nothing has ended it.
            return Ok(send_answer::Body::Stale(proto::Stale { epoch }));
        }
        refuse(
            ErrorKind::NotFound,
            "there is no such commit for this send key",
        )
    }
}

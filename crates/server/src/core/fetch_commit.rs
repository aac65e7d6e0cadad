//! A commit of the last thirty days, for a member whom a hostile committer left out.

use undertone_wire::{
    ids::{Handle, SendKeyHash},
    proto::{self, ErrorKind, send_answer},
};

use super::{
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
        match StoredCommit::read(&self.core.store, handle, epoch)? {
            Some(stored) if stored.send_key == *send_key.as_bytes() => {
                Ok(send_answer::Body::Commit(proto::StoredCommit {
                    payload: stored.payload,
                }))
            }
            _ => refuse(
                ErrorKind::NotFound,
                "there is no such commit for this send key",
            ),
        }
    }
}

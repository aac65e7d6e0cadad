//! A new conversation at the sequencer.

use undertone_wire::{
    ids::Handle,
    proto::{ErrorKind, send_answer},
    signing::hash_parts,
    token::Token,
};

use super::{
    Core,
    batch::Batch,
    failure::{Outcome, refuse},
    lease,
    rearrange::Registry,
    sequencer::HandleRecord,
    spend::Paid,
};
use crate::{answer::done, session::EpochKeys};

impl Batch<'_> {
    pub fn create_handle(
        &mut self,
        handle: &Handle,
        epoch: u64,
        keys: &EpochKeys,
        token: &Token,
    ) -> Outcome<send_answer::Body> {
        let Core {
            sequencer, store, ..
        } = &mut *self.core;
        if let Some(record) = sequencer.record(store, handle)? {
            if record.epoch == epoch && record.keys == *keys {
                return Ok(done::SEND);
            }
            return refuse(ErrorKind::Conflict, "the conversation is there already");
        }
        let digest = hash_parts(
            "undertone/1 create handle",
            &[
                handle.as_bytes(),
                &epoch.to_be_bytes(),
                keys.commit_key.as_bytes(),
                keys.send_key.as_bytes(),
            ],
        );
        if self.spend(std::slice::from_ref(token), &digest)? == Paid::Now {
            let Core {
                sequencer,
                store,
                rng,
                ..
            } = &mut *self.core;
            let record = HandleRecord {
                epoch,
                keys: *keys,
                lease_week: lease::until(self.now, &mut **rng),
            };
            sequencer.put(store, handle, record, &mut **rng)?;
            self.core.maintenance.changed(Registry::Handles);
        }
        Ok(done::SEND)
    }
}

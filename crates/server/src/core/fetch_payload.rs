//! A shared payload, for who holds one of its slots.

use undertone_wire::{
    ids::SlotId,
    proto::{ErrorKind, Payload, queue_answer},
};

use super::{
    batch::Batch,
    failure::{Outcome, refuse},
    payloads,
};

impl Batch<'_> {
    pub fn fetch_payload(&self, slot: &SlotId) -> Outcome<queue_answer::Body> {
        match payloads::fetch(&self.core.store, slot)? {
            Some(payload) => Ok(queue_answer::Body::Payload(Payload {
                payload: payload.to_vec(),
            })),
            None => refuse(ErrorKind::NotFound, "there is no such payload"),
        }
    }
}

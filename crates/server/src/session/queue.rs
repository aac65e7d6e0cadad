//! Requests of the queue connection.

use undertone_wire::{
    limits,
    proto::{Barrier, DeleteQueue, ListEntries, queue_request},
};

use super::{
    NewQueue, QueueOperation,
    field::{Checked, distinct_ids, id, malformed, signature, tokens, too_large},
};

pub(super) fn check(body: queue_request::Body) -> Checked<QueueOperation> {
    use queue_request::Body;
    Ok(match body {
        Body::Create(create) => {
            let tokens = tokens(&create.tokens, limits::PRICE_QUEUE)?;
            if tokens.len() != limits::PRICE_QUEUE {
                return Err(malformed("fewer tokens than the price"));
            }
            QueueOperation::Create(Box::new(NewQueue {
                queue: id(&create.queue)?,
                verification_key: id(&create.verification_key)?,
                sealing_key: id(&create.sealing_key)?,
                tokens,
                signature: signature(&create.signature)?,
            }))
        }
        Body::Attach(attach) => QueueOperation::Attach {
            queue: id(&attach.queue)?,
            signature: signature(&attach.signature)?,
        },
        Body::RegisterAlias(register) => QueueOperation::RegisterAlias {
            alias: id(&register.alias)?,
            handle: match register.handle.as_slice() {
                [] => None,
                handle => Some(id(handle)?),
            },
        },
        Body::DropAlias(drop) => QueueOperation::DropAlias(id(&drop.alias)?),
        Body::List(ListEntries {}) => QueueOperation::List,
        Body::Fetch(fetch) => {
            QueueOperation::Fetch(distinct_ids(&fetch.entries, limits::ENTRIES_PER_REQUEST)?)
        }
        Body::Acknowledge(acknowledge) => {
            if acknowledge.entries.len() + acknowledge.slots.len() > limits::ENTRIES_PER_REQUEST {
                return Err(too_large("more entries than one request may acknowledge"));
            }
            QueueOperation::Acknowledge {
                entries: distinct_ids(&acknowledge.entries, limits::ENTRIES_PER_REQUEST)?,
                slots: distinct_ids(&acknowledge.slots, limits::ENTRIES_PER_REQUEST)?,
            }
        }
        Body::Barrier(Barrier {}) => QueueOperation::Barrier,
        Body::FetchPayload(fetch) => QueueOperation::FetchPayload(id(&fetch.slot)?),
        Body::Delete(DeleteQueue {}) => QueueOperation::Delete,
    })
}

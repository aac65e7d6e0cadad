//! Requests of queues: making, attaching, addresses, fetching and acknowledging.

use super::fixture::*;
use undertone_server::core::Service;
use undertone_wire::{
    limits,
    proto::{self, queue_request},
};

use crate::harness::*;

use queue_request::Body as Q;

pub const QUEUES: &[Case] = &[
    ("create: a queue id of another length", M, |f| {
        f.create(|q, _| {
            q.queue.pop();
        })
    }),
    ("create: a verification key of another length", M, |f| {
        f.create(|q, _| q.verification_key.push(1))
    }),
    ("create: a sealing key of another length", M, |f| {
        f.create(|q, _| q.sealing_key.clear())
    }),
    ("create: a sealing key that cannot be used", M, |f| {
        f.create(|q, _| q.sealing_key = vec![0; 32])
    }),
    ("create: a signature of another length", M, |f| {
        f.create(|q, _| q.signature.push(1))
    }),
    ("create: a damaged signature", U, |f| {
        f.create(|q, _| q.signature[9] ^= 1)
    }),
    ("create: a weak verification key", U, |f| {
        f.create(|q, _| q.verification_key = vec![0; 32])
    }),
    ("create: the answer to another challenge", U, |f| {
        let Bad::Queue(_, body) = f.create(|_, _| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }),
    ("create: no tokens", M, |f| {
        f.create(|q, _| q.tokens.clear())
    }),
    ("create: three tokens", M, |f| {
        f.create(|q, _| {
            q.tokens.pop();
        })
    }),
    ("create: five tokens", M, |f| {
        f.create(|q, f| q.tokens.push(f.world.token()))
    }),
    ("create: one token four times", M, |f| {
        f.create(|q, _| q.tokens = vec![q.tokens[0].clone(); 4])
    }),
    ("create: a short token", M, |f| {
        f.create(|q, _| {
            q.tokens[0].pop();
        })
    }),
    ("create: a forged token", T, |f| {
        f.create(|q, f| q.tokens[3] = f.forged())
    }),
    ("create: a token of the day before yesterday", T, |f| {
        f.create(|q, f| q.tokens[0] = f.stale_token.clone())
    }),
    ("create: a token of a day to come", T, |f| {
        f.create(|q, _| q.tokens[0][..4].fill(0x7f))
    }),
    ("create: a spent token", D, |f| {
        f.create(|q, f| q.tokens[1] = f.spent_token.clone())
    }),
    ("create: a queue that is there with another key", C, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let tokens = f.world.tokens(4);
        let other = Queue {
            connection: c,
            id: f.queue.id,
            key: f.queue.key.clone(),
            unsealing: f.other_queue.unsealing.clone(),
        };
        Bad::Queue(c, other.create(&challenge, tokens))
    }),
    ("create: somebody else's queue", C, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let tokens = f.world.tokens(4);
        let thief = Queue {
            connection: c,
            id: f.queue.id,
            key: f.other_queue.key.clone(),
            unsealing: f.queue.unsealing.clone(),
        };
        Bad::Queue(c, thief.create(&challenge, tokens))
    }),
    ("create: when attached", O, |f| {
        let Bad::Queue(_, body) = f.create(|_, _| {}) else {
            unreachable!()
        };
        f.queue(body)
    }),
    ("attach: when attached", O, |f| {
        let Bad::Queue(_, body) = f.attach(|_| {}) else {
            unreachable!()
        };
        f.queue(body)
    }),
    ("attach: a queue id of another length", M, |f| {
        f.attach(|a| {
            a.queue.pop();
        })
    }),
    ("attach: a signature of another length", M, |f| {
        f.attach(|a| {
            a.signature.pop();
        })
    }),
    ("attach: a queue that is not there", N, |f| {
        f.attach(|a| a.queue[0] ^= 1)
    }),
    ("attach: a damaged signature", U, |f| {
        f.attach(|a| a.signature[0] ^= 1)
    }),
    ("attach: another queue's key", U, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let thief = Queue {
            connection: c,
            id: f.queue.id,
            key: f.other_queue.key.clone(),
            unsealing: f.queue.unsealing.clone(),
        };
        Bad::Queue(c, thief.attach(&challenge))
    }),
    ("attach: the answer to another challenge", U, |f| {
        let Bad::Queue(_, body) = f.attach(|_| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }),
    ("an alias before attaching", O, |f| {
        let alias = f.alias;
        f.too_early_queue(register_alias(&alias, None))
    }),
    ("a dropped alias before attaching", O, |f| {
        let alias = f.alias;
        f.too_early_queue(drop_alias(&alias))
    }),
    ("a list before attaching", O, |f| {
        f.too_early_queue(Q::List(proto::ListEntries {}))
    }),
    ("entries before attaching", O, |f| {
        f.too_early_queue(Q::Fetch(proto::FetchEntries::default()))
    }),
    ("an acknowledgement before attaching", O, |f| {
        f.too_early_queue(Q::Acknowledge(proto::Acknowledge::default()))
    }),
    ("a barrier before attaching", O, |f| {
        f.too_early_queue(Q::Barrier(proto::Barrier {}))
    }),
    ("a payload before attaching", O, |f| {
        f.too_early_queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 32] }))
    }),
    ("a deletion before attaching", O, |f| {
        f.too_early_queue(Q::Delete(proto::DeleteQueue {}))
    }),
    ("alias: another length", M, |f| {
        f.queue(Q::RegisterAlias(proto::RegisterAlias {
            alias: vec![1; 31],
            handle: vec![],
        }))
    }),
    ("alias: a handle of another length", M, |f| {
        f.queue(Q::RegisterAlias(proto::RegisterAlias {
            alias: vec![1; 32],
            handle: vec![1; 31],
        }))
    }),
    ("alias: of another queue", C, |f| {
        Bad::Queue(f.other_queue.connection, register_alias(&f.alias, None))
    }),
    ("alias: dropped by another queue", C, |f| {
        Bad::Queue(
            f.other_queue.connection,
            register_alias(&f.dropped_alias, None),
        )
    }),
    ("alias: dropped by this queue", C, |f| {
        f.queue(register_alias(&f.dropped_alias, None))
    }),
    ("dropped alias: another length", M, |f| {
        f.queue(Q::DropAlias(proto::DropAlias { alias: vec![] }))
    }),
    ("fetch: an id of another length", M, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: ids(15, 1),
        }))
    }),
    ("fetch: too many", L, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: ids(16, limits::ENTRIES_PER_REQUEST + 1),
        }))
    }),
    ("fetch: one twice", M, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: vec![vec![1; 16]; 2],
        }))
    }),
    ("acknowledge: an id of another length", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: ids(17, 1),
            slots: vec![],
        }))
    }),
    ("acknowledge: a slot of another length", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![],
            slots: ids(31, 1),
        }))
    }),
    ("acknowledge: one twice", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![vec![1; 16]; 10],
            slots: vec![],
        }))
    }),
    ("acknowledge: a slot twice", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![],
            slots: vec![vec![1; 32]; 2],
        }))
    }),
    ("acknowledge: too many together", L, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: ids(16, limits::ENTRIES_PER_REQUEST),
            slots: ids(32, 1),
        }))
    }),
    ("payload: a slot of another length", M, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 16] }))
    }),
    ("payload: a slot that is not there", N, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 32] }))
    }),
    ("payload: a slot that was let go", N, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload {
            slot: f.released_slot.clone(),
        }))
    }),
];

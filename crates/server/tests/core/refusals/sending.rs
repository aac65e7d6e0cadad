//! Requests of those who send: deliveries, commits and handles.

use super::fixture::*;
use undertone_wire::{
    limits,
    proto::{self, ErrorKind, send_request},
    signing::SecretKey,
};

use crate::harness::*;

use send_request::Body as S;

pub const SENDING: &[Case] = &[
    ("open: a token of another length", M, |f| {
        f.too_early_send(S::Open(proto::Open { token: vec![1; 99] }))
    }),
    ("open: a forged token", T, |f| {
        let token = f.forged();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: a token that is too old", T, |f| {
        let token = f.stale_token.clone();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: a spent token", D, |f| {
        let token = f.spent_token.clone();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: twice", O, |f| {
        let token = f.world.token();
        f.sent(S::Open(proto::Open { token }))
    }),
    ("a delivery before opening", O, |f| {
        let body = f.deliver(|_| {});
        f.too_early_send(body)
    }),
    ("a commit before opening", O, |f| {
        let body = f.commit(|_| {});
        f.too_early_send(body)
    }),
    ("a handle before opening", O, |f| {
        let body = f.create_handle(|_, _| {});
        f.too_early_send(body)
    }),
    ("a stored commit before opening", O, |f| {
        let body = f.fetch_commit(|_| {});
        f.too_early_send(body)
    }),
    ("a card put before opening", O, |f| {
        let body = f.card_put(4, |_| {});
        f.too_early_send(body)
    }),
    ("a card read before opening", O, |f| {
        let body = f.card_read(|_| {});
        f.too_early_send(body)
    }),
    ("a card dropped before opening", O, |f| {
        let body = f.card_drop(|_| {});
        f.too_early_send(body)
    }),
    ("a chunk put before opening", O, |f| {
        let body = f.blob_put(0, |_| {});
        f.too_early_send(body)
    }),
    ("a chunk read before opening", O, |f| {
        let name = f.blob.to_vec();
        f.too_early_send(S::BlobGet(proto::BlobGet { name, index: 0 }))
    }),
    ("a blob dropped before opening", O, |f| {
        let name = f.blob.to_vec();
        f.too_early_send(S::BlobDrop(proto::BlobDrop {
            name,
            drop_key: DROP_KEY.to_vec(),
        }))
    }),
    ("a rescue before opening", O, |f| {
        let body = f.rescue(|_| {});
        f.too_early_send(body)
    }),
    ("deliver: to nobody", M, |f| {
        f.sent(f.deliver(|d| d.aliases.clear()))
    }),
    ("deliver: to aliases and to a list", M, |f| {
        f.sent(f.deliver(|d| d.list = vec![1; 32]))
    }),
    ("deliver: a list's hash of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.aliases.clear();
            d.list = vec![1; 31];
        }))
    }),
    (
        "deliver: a list that is not at hand",
        ErrorKind::ListUnknown,
        |f| {
            f.sent(f.deliver(|d| {
                d.aliases.clear();
                d.list = vec![1; 32];
            }))
        },
    ),
    ("deliver: an alias of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.aliases[0].pop();
        }))
    }),
    ("deliver: an alias twice", M, |f| {
        f.sent(f.deliver(|d| d.aliases.push(d.aliases[0].clone())))
    }),
    ("deliver: too many aliases", L, |f| {
        f.sent(f.deliver(|d| d.aliases = too_long()))
    }),
    ("deliver: nothing", M, |f| {
        f.sent(f.deliver(|d| d.payload.clear()))
    }),
    ("deliver: too large", L, |f| {
        f.sent(f.deliver(|d| d.payload = vec![1; limits::PAYLOAD_BYTES + 1].into()))
    }),
    ("deliver: a handle of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.guard.as_mut().unwrap().handle.pop();
        }))
    }),
    ("deliver: a send key of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.guard.as_mut().unwrap().send_key.pop();
        }))
    }),
    ("deliver: a conversation that is not there", N, |f| {
        f.sent(f.deliver(|d| d.guard.as_mut().unwrap().handle[0] ^= 1))
    }),
    ("deliver: another send key", U, |f| {
        f.sent(f.deliver(|d| d.guard.as_mut().unwrap().send_key[0] ^= 1))
    }),
    ("deliver live: another send key", U, |f| {
        f.sent(f.deliver(|d| {
            d.live = true;
            d.guard.as_mut().unwrap().send_key[0] ^= 1;
        }))
    }),
    ("commit: a handle of another length", M, |f| {
        let body = f.commit(|c| {
            c.handle.pop();
        });
        f.sent(body)
    }),
    ("commit: the last epoch of all", M, |f| {
        let body = f.commit(|c| c.epoch = u64::MAX);
        f.sent(body)
    }),
    ("commit: nothing", M, |f| {
        let body = f.commit(|c| c.payload.clear());
        f.sent(body)
    }),
    ("commit: too large", L, |f| {
        let body = f.commit(|c| c.payload = vec![1; limits::PAYLOAD_BYTES + 1].into());
        f.sent(body)
    }),
    ("commit: an alias twice", M, |f| {
        let body = f.commit(|c| c.aliases.push(c.aliases[0].clone()));
        f.sent(body)
    }),
    ("commit: too many aliases", L, |f| {
        let body = f.commit(|c| c.aliases = too_long());
        f.sent(body)
    }),
    ("commit: too many Welcomes", L, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, 1); limits::WELCOMES_PER_COMMIT + 1]);
        f.sent(body)
    }),
    ("commit: a Welcome to an alias of another length", M, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(31, 1)]);
        f.sent(body)
    }),
    ("commit: an empty Welcome", M, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, 0)]);
        f.sent(body)
    }),
    ("commit: a Welcome that is too large", L, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, limits::PAYLOAD_BYTES + 1)]);
        f.sent(body)
    }),
    ("commit: no next keys", M, |f| {
        let body = f.commit(|c| c.next = None);
        f.sent(body)
    }),
    ("commit: a next key of another length", M, |f| {
        let body = f.commit(|c| {
            c.next.as_mut().unwrap().commit_key.pop();
        });
        f.sent(body)
    }),
    ("commit: a next hash of another length", M, |f| {
        let body = f.commit(|c| {
            c.next.as_mut().unwrap().send_key_hash.pop();
        });
        f.sent(body)
    }),
    ("commit: a signature of another length", M, |f| {
        let body = f.resigned_commit(|c| {
            c.signature.pop();
        });
        f.sent(body)
    }),
    ("commit: a damaged signature", U, |f| {
        let body = f.resigned_commit(|c| c.signature[7] ^= 1);
        f.sent(body)
    }),
    ("commit: another payload than was signed", U, |f| {
        let body = f.resigned_commit(|c| c.payload = b"other"[..].into());
        f.sent(body)
    }),
    ("commit: other recipients than were signed", U, |f| {
        let body = f.resigned_commit(|c| c.aliases[0][0] ^= 1);
        f.sent(body)
    }),
    ("commit: other next keys than were signed", U, |f| {
        let body = f.resigned_commit(|c| c.next.as_mut().unwrap().send_key_hash[0] ^= 1);
        f.sent(body)
    }),
    ("commit: signed by a stranger", U, |f| {
        let stranger = Conversation {
            commit_key: SecretKey::from_seed(&[5; 32]),
            ..f.conversation.clone()
        };
        let next = f.world.next(&stranger);
        f.sent(stranger.commit(&next, b"next", &[f.alias], &[]))
    }),
    ("commit: a conversation that is not there", N, |f| {
        let body = f.commit(|c| c.handle[0] ^= 1);
        f.sent(body)
    }),
    ("handle: another length", M, |f| {
        let body = f.create_handle(|h, _| {
            h.handle.pop();
        });
        f.sent(body)
    }),
    ("handle: no keys", M, |f| {
        let body = f.create_handle(|h, _| h.keys = None);
        f.sent(body)
    }),
    ("handle: a commit key of another length", M, |f| {
        let body = f.create_handle(|h, _| h.keys.as_mut().unwrap().commit_key.push(0));
        f.sent(body)
    }),
    ("handle: no token", M, |f| {
        let body = f.create_handle(|h, _| h.token.clear());
        f.sent(body)
    }),
    ("handle: a forged token", T, |f| {
        let body = f.create_handle(|h, f| h.token = f.forged());
        f.sent(body)
    }),
    ("handle: a token that is too old", T, |f| {
        let body = f.create_handle(|h, f| h.token = f.stale_token.clone());
        f.sent(body)
    }),
    ("handle: a spent token", D, |f| {
        let body = f.create_handle(|h, f| h.token = f.spent_token.clone());
        f.sent(body)
    }),
    ("handle: there with another epoch", C, |f| {
        let body = f.create_handle(|h, f| h.handle = f.conversation.handle.to_vec());
        f.sent(body)
    }),
    ("stored commit: a handle of another length", M, |f| {
        f.sent(f.fetch_commit(|c| {
            c.handle.pop();
        }))
    }),
    ("stored commit: a send key of another length", M, |f| {
        f.sent(f.fetch_commit(|c| {
            c.send_key.pop();
        }))
    }),
    ("stored commit: another send key", N, |f| {
        f.sent(f.fetch_commit(|_| {}))
    }),
    ("stored commit: of an epoch that has not ended", N, |f| {
        f.sent(f.fetch_commit(|c| c.epoch = 2))
    }),
    ("stored commit: of no conversation", N, |f| {
        f.sent(f.fetch_commit(|c| c.handle[0] ^= 1))
    }),
];

fn welcome(alias: usize, payload: usize) -> proto::WelcomeDelivery {
    proto::WelcomeDelivery {
        alias: vec![1; alias],
        payload: vec![1; payload].into(),
    }
}

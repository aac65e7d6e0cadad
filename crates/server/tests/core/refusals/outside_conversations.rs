//! Requests of those who send that belong to no conversation: cards, blobs and rescues.

use super::fixture::*;
use undertone_wire::{
    limits,
    proto::{self, send_request},
    signing::SecretKey,
};

use send_request::Body as S;

pub const OUTSIDE_CONVERSATIONS: &[Case] = &[
    ("card: an id of another length", M, |f| {
        let body = f.card_put(1, |c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card: an owner key of another length", M, |f| {
        let body = f.card_put(1, |c| c.owner_key.push(0));
        f.sent(body)
    }),
    ("card: a head that is too large", L, |f| {
        let body = f.card_put(1, |c| c.head = vec![1; limits::CARD_ITEM_BYTES + 1]);
        f.sent(body)
    }),
    ("card: new and without a head", M, |f| {
        let body = f.card_put(4, |c| {
            c.card[0] ^= 1;
            c.head.clear();
        });
        f.sent(body)
    }),
    ("card: a ninth slot", L, |f| {
        let body = f.card_put(1, |c| c.items[0].slot = limits::CARD_SLOTS);
        f.sent(body)
    }),
    ("card: an empty item", M, |f| {
        let body = f.card_put(1, |c| c.items[0].sealed.clear());
        f.sent(body)
    }),
    ("card: an item that is too large", L, |f| {
        let body = f.card_put(1, |c| {
            c.items[0].sealed = vec![1; limits::CARD_ITEM_BYTES + 1]
        });
        f.sent(body)
    }),
    ("card: too many items", L, |f| {
        let body = f.card_put(1, |c| {
            c.items = vec![c.items[0].clone(); limits::CARD_ITEMS + 1]
        });
        f.sent(body)
    }),
    ("card: two items of one week", M, |f| {
        let body = f.card_put(1, |c| c.items.push(c.items[0].clone()));
        f.sent(body)
    }),
    ("card: an item for too late a week", L, |f| {
        let body = f.card_put(1, |c| c.items[0].week += limits::CARD_LEASE_WEEKS + 1);
        f.sent(body)
    }),
    ("card: no lease", M, |f| {
        let body = f.card_put(1, |c| c.lease_weeks = 0);
        f.sent(body)
    }),
    ("card: too long a lease", L, |f| {
        let body = f.card_put(1, |c| c.lease_weeks = limits::CARD_LEASE_WEEKS + 1);
        f.sent(body)
    }),
    ("card: no token", M, |f| {
        let body = f.card_put(0, |_| {});
        f.sent(body)
    }),
    ("card: more tokens than any price", M, |f| {
        let body = f.card_put(5, |_| {});
        f.sent(body)
    }),
    ("card: new for the price of a change", T, |f| {
        let body = f.card_put(1, |c| c.card[0] ^= 1);
        f.sent(body)
    }),
    ("card: a forged token", T, |f| {
        let token = f.forged();
        let body = f.card_put(0, |c| c.tokens = vec![token]);
        f.sent(body)
    }),
    ("card: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.card_put(0, |c| c.tokens = vec![token]);
        f.sent(body)
    }),
    ("card: a short signature", M, |f| {
        let body = f.resigned_card_put(|c| {
            c.signature.pop();
        });
        f.sent(body)
    }),
    ("card: a damaged signature", U, |f| {
        let body = f.resigned_card_put(|c| c.signature[0] ^= 1);
        f.sent(body)
    }),
    ("card: another head than was signed", U, |f| {
        let body = f.resigned_card_put(|c| c.head = b"other".to_vec());
        f.sent(body)
    }),
    ("card: of another owner", U, |f| {
        f.card_owner = SecretKey::from_seed(&[6; 32]);
        let body = f.card_put(1, |_| {});
        f.card_owner = SecretKey::from_seed(&[0; 32]);
        f.sent(body)
    }),
    ("card read: an id of another length", M, |f| {
        let body = f.card_read(|c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card read: a nonce of another length", M, |f| {
        let body = f.card_read(|c| c.reader.push(0));
        f.sent(body)
    }),
    ("card read: no token", M, |f| {
        let body = f.card_read(|c| c.token.clear());
        f.sent(body)
    }),
    ("card read: a forged token", T, |f| {
        let token = f.forged();
        let body = f.card_read(|c| c.token = token);
        f.sent(body)
    }),
    ("card read: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.card_read(|c| c.token = token);
        f.sent(body)
    }),
    ("card read: not there", N, |f| {
        let body = f.card_read(|c| c.card[0] ^= 1);
        f.sent(body)
    }),
    ("card read: used up", N, |f| {
        let card = f.used_up_card;
        let body = f.card_read(|c| c.card = card.to_vec());
        f.sent(body)
    }),
    ("card drop: an id of another length", M, |f| {
        let body = f.card_drop(|c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card drop: a signature of another length", M, |f| {
        let body = f.card_drop(|c| c.signature.push(0));
        f.sent(body)
    }),
    ("card drop: by another", U, |f| {
        let body = f.card_drop(|c| c.signature = vec![3; 64]);
        f.sent(body)
    }),
    ("blob: a name of another length", M, |f| {
        let body = f.blob_put(0, |b| {
            b.name.pop();
        });
        f.sent(body)
    }),
    ("blob: too many chunks", L, |f| {
        let body = f.blob_put(limits::BLOB_CHUNKS, |_| {});
        f.sent(body)
    }),
    ("blob: an empty chunk", M, |f| {
        let body = f.blob_put(0, |b| b.chunk.clear());
        f.sent(body)
    }),
    ("blob: a chunk that is too large", L, |f| {
        let body = f.blob_put(0, |b| {
            b.chunk = vec![1; limits::BLOB_CHUNK_BYTES + 1].into()
        });
        f.sent(body)
    }),
    ("blob: over since yesterday", M, |f| {
        let body = f.blob_put(0, |b| b.expiry_day -= 11);
        f.sent(body)
    }),
    ("blob: too long a life", L, |f| {
        let body = f.blob_put(0, |b| b.expiry_day += limits::BLOB_DAYS);
        f.sent(body)
    }),
    ("blob: a drop key hash of another length", M, |f| {
        let body = f.blob_put(0, |b| {
            b.drop_key_hash.pop();
        });
        f.sent(body)
    }),
    ("blob: no token", M, |f| {
        let body = f.blob_put(0, |b| b.tokens.clear());
        f.sent(body)
    }),
    ("blob: a token where none is due", M, |f| {
        let token = f.world.token();
        let body = f.blob_put(1, |b| b.tokens = vec![token]);
        f.sent(body)
    }),
    ("blob: a forged token", T, |f| {
        let token = f.forged();
        let body = f.blob_put(0, |b| {
            b.name[0] ^= 1;
            b.tokens = vec![token];
        });
        f.sent(body)
    }),
    ("blob: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.blob_put(0, |b| {
            b.name[0] ^= 1;
            b.tokens = vec![token];
        });
        f.sent(body)
    }),
    ("blob: a gap", O, |f| {
        let body = f.blob_put(2, |_| {});
        f.sent(body)
    }),
    ("blob: another chunk in the same place", C, |f| {
        let body = f.blob_put(0, |b| b.chunk = b"other"[..].into());
        f.sent(body)
    }),
    ("blob: another drop key", U, |f| {
        let body = f.blob_put(1, |b| b.drop_key_hash[0] ^= 1);
        f.sent(body)
    }),
    ("blob: another day", C, |f| {
        let body = f.blob_put(1, |b| b.expiry_day += 1);
        f.sent(body)
    }),
    ("blob read: not there", N, |f| {
        f.sent(S::BlobGet(proto::BlobGet {
            name: f.blob.to_vec(),
            index: 1,
        }))
    }),
    ("blob read: a name of another length", M, |f| {
        f.sent(S::BlobGet(proto::BlobGet {
            name: vec![1; 31],
            index: 0,
        }))
    }),
    ("blob drop: another drop key", U, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: f.blob.to_vec(),
            drop_key: vec![1; 32],
        }))
    }),
    ("blob drop: a drop key of another length", M, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: f.blob.to_vec(),
            drop_key: vec![1; 31],
        }))
    }),
    ("blob drop: a name of another length", M, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: vec![],
            drop_key: vec![1; 32],
        }))
    }),
    ("rescue: an alias of another length", M, |f| {
        let body = f.rescue(|r| {
            r.alias.pop();
        });
        f.sent(body)
    }),
    ("rescue: nothing", M, |f| {
        let body = f.rescue(|r| r.payload.clear());
        f.sent(body)
    }),
    ("rescue: too large", L, |f| {
        let body = f.rescue(|r| r.payload = vec![1; limits::PAYLOAD_BYTES + 1].into());
        f.sent(body)
    }),
    ("rescue: no token", M, |f| {
        let body = f.rescue(|r| r.token.clear());
        f.sent(body)
    }),
    ("rescue: a forged token", T, |f| {
        let token = f.forged();
        let body = f.rescue(|r| r.token = token);
        f.sent(body)
    }),
    ("rescue: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.rescue(|r| r.token = token);
        f.sent(body)
    }),
];

//! Requests of the sending connection.

use std::collections::HashSet;

use undertone_wire::{
    digest::{card_drop_digest, card_put_digest, commit_digest, drop_key_hash, send_key_hash},
    ids::{Alias, CardId, SendKeyHash},
    limits,
    proto::{self, ErrorKind, send_request},
    signing::{Purpose, verify},
};

use super::{
    BlobChunk, CardChange, Commit, Delivery, EpochKeys, Guard, Recipients, SendOperation, Welcome,
    field::{Checked, distinct_ids, id, malformed, signature, sized, token, tokens, too_large},
};
use crate::answer::Reason;

pub(super) fn check(body: send_request::Body) -> Checked<SendOperation> {
    use send_request::Body;
    Ok(match body {
        Body::Open(open) => SendOperation::Open(token(&open.token)?),
        Body::Deliver(deliver) => SendOperation::Deliver(check_delivery(deliver)?),
        Body::Commit(commit) => SendOperation::Commit(Box::new(check_commit(&commit)?)),
        Body::CreateHandle(create) => SendOperation::CreateHandle {
            handle: id(&create.handle)?,
            epoch: create.epoch,
            keys: epoch_keys(create.keys)?,
            token: token(&create.token)?,
        },
        Body::FetchCommit(fetch) => SendOperation::FetchCommit {
            handle: id(&fetch.handle)?,
            epoch: fetch.epoch,
            send_key: hashed_send_key(&fetch.send_key)?,
        },
        Body::CardPut(put) => SendOperation::CardPut(Box::new(check_card_change(put)?)),
        Body::CardRead(read) => SendOperation::CardRead {
            card: id(&read.card)?,
            reader: id(&read.reader)?,
            token: token(&read.token)?,
        },
        Body::CardDrop(drop) => SendOperation::CardDrop {
            card: id::<CardId>(&drop.card)?,
            digest: card_drop_digest(&drop.card),
            signature: signature(&drop.signature)?,
        },
        Body::BlobPut(put) => SendOperation::BlobPut(Box::new(check_blob_chunk(put)?)),
        Body::BlobGet(get) => SendOperation::BlobGet {
            name: id(&get.name)?,
            index: get.index,
        },
        Body::BlobDrop(drop) => {
            if drop.drop_key.len() != 32 {
                return Err(malformed("a drop key is 32 bytes"));
            }
            SendOperation::BlobDrop {
                name: id(&drop.name)?,
                drop_key_hash: drop_key_hash(&drop.drop_key),
            }
        }
        Body::Rescue(rescue) => SendOperation::Rescue {
            alias: id(&rescue.alias)?,
            payload: sized(rescue.payload, limits::PAYLOAD_BYTES)?,
            token: token(&rescue.token)?,
        },
    })
}

fn check_delivery(deliver: proto::Deliver) -> Checked<Delivery> {
    let to = match (deliver.aliases.as_slice(), deliver.list.as_slice()) {
        ([], []) => return Err(malformed("a delivery names at least one alias")),
        ([], list) => {
            let hash = list.try_into();
            Recipients::List(hash.map_err(|_| malformed("a list's hash has 32 bytes"))?)
        }
        (aliases, []) => {
            Recipients::Aliases(distinct_ids(aliases, limits::ALIASES_PER_DELIVERY)?.into())
        }
        _ => return Err(malformed("a delivery names aliases or a list")),
    };
    let guard = deliver.guard.map(|guard| {
        Ok(Guard {
            handle: id(&guard.handle)?,
            epoch: guard.epoch,
            send_key: hashed_send_key(&guard.send_key)?,
        })
    });
    Ok(Delivery {
        to,
        payload: sized(deliver.payload, limits::PAYLOAD_BYTES)?,
        guard: guard.transpose()?,
        live: deliver.live,
    })
}

fn check_commit(commit: &proto::Commit) -> Checked<Commit> {
    if commit.epoch == u64::MAX {
        return Err(malformed("there is no epoch after this one"));
    }
    if commit.welcomes.len() > limits::WELCOMES_PER_COMMIT {
        return Err(too_large("more Welcomes than one commit may carry"));
    }
    let welcomes = commit
        .welcomes
        .iter()
        .map(|welcome| {
            Ok(Welcome {
                alias: id::<Alias>(&welcome.alias)?,
                payload: sized(welcome.payload.clone(), limits::PAYLOAD_BYTES)?,
            })
        })
        .collect::<Checked<_>>()?;
    Ok(Commit {
        handle: id(&commit.handle)?,
        epoch: commit.epoch,
        payload: sized(commit.payload.clone(), limits::PAYLOAD_BYTES)?,
        aliases: distinct_ids(&commit.aliases, limits::ALIASES_PER_DELIVERY)?,
        welcomes,
        next: epoch_keys(commit.next.clone())?,
        digest: commit_digest(commit),
        signature: signature(&commit.signature)?,
    })
}

fn epoch_keys(keys: Option<proto::EpochKeys>) -> Checked<EpochKeys> {
    let keys = keys.ok_or(malformed("the keys of the epoch are missing"))?;
    Ok(EpochKeys {
        commit_key: id(&keys.commit_key)?,
        send_key: id(&keys.send_key_hash)?,
    })
}

fn hashed_send_key(send_key: &[u8]) -> Checked<SendKeyHash> {
    if send_key.len() != 32 {
        return Err(malformed("a send key is 32 bytes"));
    }
    Ok(SendKeyHash::new(send_key_hash(send_key)))
}

fn check_card_change(put: proto::CardPut) -> Checked<CardChange> {
    if put.items.len() > limits::CARD_ITEMS {
        return Err(too_large("more items than one request may put"));
    }
    if put.head.len() > limits::CARD_ITEM_BYTES {
        return Err(too_large("a card's head is larger than its limit"));
    }
    let mut places = HashSet::new();
    for item in &put.items {
        sized(item.sealed.as_slice(), limits::CARD_ITEM_BYTES)?;
        if item.slot >= limits::CARD_SLOTS {
            return Err(too_large("a card has fewer slots"));
        }
        if !places.insert((item.slot, item.week)) {
            return Err(malformed("two items are for the same slot and week"));
        }
    }
    match put.lease_weeks {
        0 => return Err(malformed("a card's lease is at least a week")),
        weeks if weeks > limits::CARD_LEASE_WEEKS => {
            return Err(too_large("a card's lease is shorter"));
        }
        _ => {}
    }
    if put.tokens.is_empty() {
        return Err(malformed("fewer tokens than the price"));
    }
    let digest = card_put_digest(&put);
    let change = CardChange {
        card: id(&put.card)?,
        owner_key: id(&put.owner_key)?,
        head: put.head,
        items: put.items,
        lease_weeks: put.lease_weeks,
        tokens: tokens(&put.tokens, limits::PRICE_CARD)?,
        digest,
    };
    let signed = verify(
        change.owner_key.as_bytes(),
        Purpose::CardChange,
        &[&digest],
        signature(&put.signature)?.as_bytes(),
    );
    signed.map_err(|_| {
        Reason::new(
            ErrorKind::Unauthorised,
            "the change is not signed by the card's owner",
        )
    })?;
    Ok(change)
}

fn check_blob_chunk(put: proto::BlobPut) -> Checked<BlobChunk> {
    if put.index >= limits::BLOB_CHUNKS {
        return Err(too_large("a blob has fewer chunks"));
    }
    let price = if put.index.is_multiple_of(limits::BLOB_CHUNKS_PER_MIB) {
        limits::PRICE_BLOB_MIB
    } else {
        0
    };
    let tokens = tokens(&put.tokens, price)?;
    if tokens.len() != price {
        return Err(malformed("fewer tokens than the price"));
    }
    Ok(BlobChunk {
        name: id(&put.name)?,
        index: put.index,
        chunk: sized(put.chunk, limits::BLOB_CHUNK_BYTES)?,
        expiry_day: put.expiry_day,
        drop_key_hash: put
            .drop_key_hash
            .as_slice()
            .try_into()
            .map_err(|_| malformed("the hash of a drop key is 32 bytes"))?,
        tokens,
    })
}

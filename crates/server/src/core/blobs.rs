//! Blobs: chunks under a secret name, put in order, gone on their day.

use undertone_wire::{
    ids::BlobName,
    limits::{BLOB_CHUNKS, BLOB_DAYS},
    proto::{self, ErrorKind, send_answer},
    sealed_row::{Table, UnsealError},
    signing::hash_parts,
};

use super::{
    Core, StoreError,
    batch::Batch,
    failure::{Outcome, refuse},
    sealed::Secret,
    statements::{CHUNK_DROP, CHUNK_GET, CHUNK_PUT},
    store::Store,
};
use crate::{answer::done, session::BlobChunk};

/// Chunks that are deleted at once, so that others need not wait long.
const DROPPED_AT_ONCE: u32 = 64;

/// A stored chunk: the hash of the blob's drop key, then the bytes.
struct Stored {
    drop_key_hash: [u8; 32],
    chunk: Vec<u8>,
    expiry_day: u32,
}

impl Stored {
    /// A chunk that is past its day is not there.
    fn read(store: &Store, name: &BlobName, index: u32, today: u32) -> Outcome<Option<Self>> {
        let row = with_secret(name, index, |secret| store.get_with_end(CHUNK_GET, secret))?;
        let Some((value, expiry_day)) = row.filter(|(_, expiry_day)| *expiry_day >= today) else {
            return Ok(None);
        };
        let (drop_key_hash, chunk) = value.split_first_chunk().ok_or(UnsealError)?;
        Ok(Some(Self {
            drop_key_hash: *drop_key_hash,
            chunk: chunk.to_vec(),
            expiry_day,
        }))
    }
}

impl Batch<'_> {
    /// The chunk before it must be there: so a paid first chunk stands before those that it pays for, and dropping
    /// finds all.
    pub fn put_chunk(&mut self, put: &BlobChunk) -> Outcome<send_answer::Body> {
        let today = self.now.day().0;
        if put.expiry_day <= today {
            return refuse(ErrorKind::Malformed, "the blob's day is over");
        }
        if put.expiry_day > today.saturating_add(BLOB_DAYS) {
            return refuse(ErrorKind::TooLarge, "a blob's life is shorter");
        }
        let store = &self.core.store;
        if let Some(stored) = Stored::read(store, &put.name, put.index, today)? {
            if stored.chunk == put.chunk && stored.drop_key_hash == put.drop_key_hash {
                return Ok(done::SEND);
            }
            return refuse(ErrorKind::Conflict, "the chunk is there already");
        }
        if let Some(before) = put.index.checked_sub(1) {
            match Stored::read(store, &put.name, before, today)? {
                None => {
                    return refuse(ErrorKind::OutOfOrder, "the chunk before it is not there");
                }
                Some(before) if before.drop_key_hash != put.drop_key_hash => {
                    return refuse(ErrorKind::Unauthorised, "the blob has another drop key");
                }
                Some(before) if before.expiry_day != put.expiry_day => {
                    return refuse(ErrorKind::Conflict, "the blob ends on another day");
                }
                Some(_) => {}
            }
        }
        let digest = hash_parts(
            "undertone/1 put chunk",
            &[put.name.as_bytes(), &put.index.to_be_bytes(), &put.chunk],
        );
        self.spend(&put.tokens, &digest)?;
        let Core { store, rng, .. } = &mut *self.core;
        let value = [put.drop_key_hash.as_slice(), &put.chunk].concat();
        with_secret(&put.name, put.index, |secret| {
            store.put(CHUNK_PUT, secret, put.expiry_day, &value, &mut **rng)
        })?;
        Ok(done::SEND)
    }

    pub fn get_chunk(&self, name: &BlobName, index: u32) -> Outcome<send_answer::Body> {
        let today = self.now.day().0;
        match Stored::read(&self.core.store, name, index, today)? {
            Some(stored) => Ok(send_answer::Body::Blob(proto::BlobChunk {
                chunk: stored.chunk,
            })),
            None => refuse(ErrorKind::NotFound, "there is no such chunk"),
        }
    }

    /// A blob that is not there is dropped already.
    pub fn drop_blob(
        &mut self,
        name: &BlobName,
        drop_key_hash: &[u8; 32],
    ) -> Outcome<send_answer::Body> {
        let today = self.now.day().0;
        let Some(first) = Stored::read(&self.core.store, name, 0, today)? else {
            return Ok(done::SEND);
        };
        if first.drop_key_hash != *drop_key_hash {
            return refuse(ErrorKind::Unauthorised, "this is not the blob's drop key");
        }
        if let Some(next) = self.core.drop_chunks(name, 0)? {
            self.core.maintenance.drop_chunks_later(*name, next);
        }
        Ok(done::SEND)
    }
}

impl Core {
    /// Deletes chunks from `index` on; gives where to go on if there may be more.
    pub(super) fn drop_chunks(
        &self,
        name: &BlobName,
        index: u32,
    ) -> Result<Option<u32>, StoreError> {
        let end = index.saturating_add(DROPPED_AT_ONCE).min(BLOB_CHUNKS);
        for index in index..end {
            let row = with_secret(name, index, |secret| secret.key());
            if self.store.execute(CHUNK_DROP, (row,))? == 0 {
                return Ok(None);
            }
        }
        Ok((end < BLOB_CHUNKS).then_some(end))
    }
}

fn with_secret<T>(name: &BlobName, index: u32, use_it: impl FnOnce(Secret<'_>) -> T) -> T {
    use_it(Secret {
        table: Table::Blob,
        parts: &[name.as_bytes(), &index.to_be_bytes()],
    })
}

//! Which epoch each conversation stands at, and the keys that this epoch's members show.

use rand_core::CryptoRngCore;
use undertone_wire::{
    ids::Handle,
    proto::ErrorKind,
    sealed_row::{Table, UnsealError, row_key},
    time::Timestamp,
};

use super::{
    StoreError,
    failure::{Outcome, refuse},
    generations::Generations,
    lease,
    sealed::Secret,
    statements::{COMMIT_GET, HANDLE_GET, HANDLE_PUT, HANDLE_RENEW},
    store::Store,
};
use crate::session::{EpochKeys, Guard};

/// What is stored of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct HandleRecord {
    pub epoch: u64,
    pub keys: EpochKeys,
    pub lease_week: u32,
}

impl HandleRecord {
    fn read(store: &Store, handle: &Handle) -> Outcome<Option<Self>> {
        let row = store.get_with_end(HANDLE_GET, secret(&[handle.as_bytes()]))?;
        row.map(|(value, lease_week)| Ok(Self::decode(&value, lease_week)?))
            .transpose()
    }

    fn encode(&self) -> Vec<u8> {
        [
            self.epoch.to_be_bytes().as_slice(),
            self.keys.commit_key.as_bytes(),
            self.keys.send_key.as_bytes(),
        ]
        .concat()
    }

    fn decode(value: &[u8], lease_week: u32) -> Result<Self, UnsealError> {
        let (epoch, keys) = value.split_first_chunk().ok_or(UnsealError)?;
        let (commit_key, send_key) = keys.split_at_checked(32).ok_or(UnsealError)?;
        Ok(Self {
            epoch: u64::from_be_bytes(*epoch),
            keys: EpochKeys {
                commit_key: commit_key.try_into().map_err(|_| UnsealError)?,
                send_key: send_key.try_into().map_err(|_| UnsealError)?,
            },
            lease_week,
        })
    }
}

fn secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Handle,
        parts,
    }
}

/// Whether a delivery may be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// The sequencer stands at the epoch, and the sender is in it.
    Current,
    /// It stands at this one.
    At(u64),
}

/// Conversations used lately. What a batch changes is seen by all that follows in it; a batch that is not committed
/// makes everything be forgotten.
pub(super) struct Sequencer {
    records: Generations<Handle, HandleRecord>,
}

impl Sequencer {
    pub fn new(capacity: usize) -> Self {
        Self {
            records: Generations::new(capacity),
        }
    }

    /// Where a conversation stands, if there is such a one.
    pub fn record(&mut self, store: &Store, handle: &Handle) -> Outcome<Option<HandleRecord>> {
        if let Some(record) = self.records.get(handle) {
            return Ok(Some(*record));
        }
        let record = HandleRecord::read(store, handle)?;
        if let Some(record) = record {
            self.records.insert(*handle, record);
        }
        Ok(record)
    }

    /// Stores where a conversation stands from now on.
    pub fn put(
        &mut self,
        store: &Store,
        handle: &Handle,
        record: HandleRecord,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let parts: [&[u8]; 1] = [handle.as_bytes()];
        let secret = secret(&parts);
        store.put(HANDLE_PUT, secret, record.lease_week, &record.encode(), rng)?;
        self.records.insert(*handle, record);
        Ok(())
    }

    /// Checks a guard.
    pub fn check(&mut self, store: &Store, guard: &Guard) -> Outcome<Standing> {
        let Some(record) = self.record(store, &guard.handle)? else {
            return refuse(ErrorKind::NotFound, "there is no such conversation");
        };
        if record.epoch != guard.epoch {
            return Ok(Standing::At(record.epoch));
        }
        // Hashes of secrets: what their comparison takes tells nothing about either.
        if record.keys.send_key != guard.send_key {
            return refuse(ErrorKind::Unauthorised, "this is not the epoch's send key");
        }
        Ok(Standing::Current)
    }

    /// Who uses a conversation keeps it.
    pub fn used(
        &mut self,
        store: &Store,
        handle: &Handle,
        now: Timestamp,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        if let Some(record) = self.records.get(handle)
            && lease::wants_renewal(record.lease_week, now)
        {
            record.lease_week = lease::until(now, rng);
            let row = row_key(Table::Handle, &[handle.as_bytes()]);
            store.execute(HANDLE_RENEW, (row, record.lease_week))?;
        }
        Ok(())
    }

    /// Forgets what may not be stored.
    pub fn forget(&mut self) {
        self.records.clear();
    }
}

/// A commit that ended an epoch, as it is kept for those to whom it was not delivered.
pub(super) struct StoredCommit {
    pub digest: [u8; 32],
    /// Of the epoch that it ended.
    pub send_key: [u8; 32],
    pub payload: Vec<u8>,
}

impl StoredCommit {
    pub fn encode(&self) -> Vec<u8> {
        [self.digest.as_slice(), &self.send_key, &self.payload].concat()
    }

    pub fn read(store: &Store, handle: &Handle, epoch: u64) -> Outcome<Option<Self>> {
        let parts: [&[u8]; 2] = [handle.as_bytes(), &epoch.to_be_bytes()];
        let secret = Secret {
            table: Table::Commit,
            parts: &parts,
        };
        let Some(value) = store.get(COMMIT_GET, secret)? else {
            return Ok(None);
        };
        let (digest, rest) = value.split_first_chunk().ok_or(UnsealError)?;
        let (send_key, payload) = rest.split_first_chunk().ok_or(UnsealError)?;
        Ok(Some(Self {
            digest: *digest,
            send_key: *send_key,
            payload: payload.to_vec(),
        }))
    }
}

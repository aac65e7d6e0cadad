//! One step: a transaction of the store with all that an operation may use beside it.

use std::cell::RefCell;

use rand_core::CryptoRngCore;
use undertone_mls::{KeyValue, Provider};
use undertone_store::{ReadTx, StoreError, WriteTx};
use undertone_wire::time::Timestamp;

use crate::{loaded_groups::LoadedGroups, me::Me};

/// What an operation works with. Its changes become durable together or not at all.
pub(crate) struct Step<'a> {
    pub(crate) tx: &'a WriteTx<'a>,
    pub(crate) rng: &'a mut dyn CryptoRngCore,
    pub(crate) me: &'a Me,
    pub(crate) now: Timestamp,
    /// The groups that are loaded, as this transaction has them.
    pub(crate) groups: &'a RefCell<LoadedGroups>,
    /// Set where this device turns out to be signed out: all that it holds is gone with this transaction.
    pub(crate) signed_out: bool,
}

impl<'a> Step<'a> {
    /// The storage of MLS in this transaction.
    pub(crate) fn mls(&self) -> MlsKeys<'a> {
        MlsKeys {
            tx: self.tx,
            groups: self.groups,
        }
    }
}

/// MLS state inside a transaction of the store.
pub(crate) struct MlsKeys<'a> {
    tx: &'a WriteTx<'a>,
    groups: &'a RefCell<LoadedGroups>,
}

impl MlsKeys<'_> {
    /// The provider that OpenMLS works with.
    pub(crate) fn provider(&self) -> Provider<'_, Self> {
        Provider::new(self)
    }
}

/// MLS state as a view of the store shows it.
pub(crate) struct MlsView<'a>(pub(crate) &'a ReadTx<'a>);

impl MlsView<'_> {
    /// The provider that OpenMLS reads with.
    pub(crate) fn provider(&self) -> Provider<'_, Self> {
        Provider::new(self)
    }
}

impl KeyValue for MlsView<'_> {
    type Error = StoreError;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.kv_get(key)?.map(|value| value.to_vec()))
    }

    fn put(&self, _: &[u8], _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }

    fn delete(&self, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly)
    }
}

impl KeyValue for MlsKeys<'_> {
    type Error = StoreError;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.tx.kv_get(key)?.map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.groups.borrow_mut().written(key);
        self.tx.kv_put(key, value)
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.groups.borrow_mut().written(key);
        self.tx.kv_delete(key)
    }
}

//! What OpenMLS works with: cryptography, randomness and the caller's store.

use std::cell::RefCell;

use openmls_rust_crypto::RustCrypto;
use openmls_traits::OpenMlsProvider;
use serde::{Serialize, de::DeserializeOwned};
use zeroize::Zeroizing;

use crate::{
    crypto::Crypto,
    key_value::{KeyValue, Overlay, Writes},
    stored::{Label, StorageError, decode, encode, key},
};

/// OpenMLS's provider over a store, for one transaction.
///
/// MLS's own randomness comes from the operating system: HPKE draws inside its library and cannot be given a
/// generator.
pub struct Provider<'a, K> {
    crypto: Crypto,
    storage: Storage<'a, K>,
}

impl<'a, K: KeyValue> Provider<'a, K> {
    /// Over `store`.
    pub fn new(store: &'a K) -> Self {
        Self {
            crypto: Crypto::default(),
            storage: Storage {
                store,
                failure: RefCell::default(),
            },
        }
    }

    pub(crate) fn overlay(&self) -> Overlay<'a, K> {
        Overlay::new(self.storage.store)
    }

    /// A failure of the store during the OpenMLS call that gave `result`, before what OpenMLS made of it:
    /// OpenMLS reports some of them as a fault of the message.
    pub(crate) fn checked<T, E>(&self, result: Result<T, E>) -> Result<Result<T, E>, StorageError> {
        match self.storage.failure.borrow_mut().take() {
            Some(failure) => Err(failure),
            None => Ok(result),
        }
    }

    /// Makes writes that an overlay kept back.
    pub(crate) fn apply(&self, writes: Writes) -> Result<(), StorageError> {
        let store = self.storage.store;
        for (key, value) in writes {
            match value {
                Some(value) => store.put(&key, &value),
                None => store.delete(&key),
            }
            .map_err(|error| StorageError::Backend(Box::new(error)))?;
        }
        Ok(())
    }
}

impl<'a, K: KeyValue> OpenMlsProvider for Provider<'a, K> {
    type CryptoProvider = Crypto;
    type RandProvider = RustCrypto;
    type StorageProvider = Storage<'a, K>;

    fn storage(&self) -> &Storage<'a, K> {
        &self.storage
    }

    fn crypto(&self) -> &Crypto {
        &self.crypto
    }

    fn rand(&self) -> &RustCrypto {
        self.crypto.random()
    }
}

/// The store as OpenMLS sees it.
pub struct Storage<'a, K> {
    store: &'a K,
    failure: RefCell<Option<StorageError>>,
}

/// Told to OpenMLS instead of the [`StorageError`], which the provider keeps: OpenMLS would lose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the store failed")]
pub struct Failed;

impl<K: KeyValue> Storage<'_, K> {
    pub(crate) fn read_bytes(
        &self,
        label: Label,
        name: &impl Serialize,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StorageError> {
        let found = self.store.get(&key(label, name)?);
        found
            .map(|value| value.map(Zeroizing::new))
            .map_err(|error| StorageError::Backend(Box::new(error)))
    }

    pub(crate) fn write_bytes(
        &self,
        label: Label,
        name: &impl Serialize,
        value: &[u8],
    ) -> Result<(), StorageError> {
        self.store
            .put(&key(label, name)?, value)
            .map_err(|error| StorageError::Backend(Box::new(error)))
    }

    pub(crate) fn erase(&self, label: Label, name: &impl Serialize) -> Result<(), StorageError> {
        self.store
            .delete(&key(label, name)?)
            .map_err(|error| StorageError::Backend(Box::new(error)))
    }

    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        label: Label,
        name: &impl Serialize,
    ) -> Result<Option<T>, StorageError> {
        self.read_bytes(label, name)?
            .map(|value| decode(&value))
            .transpose()
    }

    pub(crate) fn write(
        &self,
        label: Label,
        name: &impl Serialize,
        value: &(impl Serialize + ?Sized),
    ) -> Result<(), StorageError> {
        self.write_bytes(label, name, &encode(value)?)
    }

    /// Keeps the first failure for [`Provider::checked`].
    pub(crate) fn told<T>(&self, result: Result<T, StorageError>) -> Result<T, Failed> {
        result.map_err(|error| {
            self.failure.borrow_mut().get_or_insert(error);
            Failed
        })
    }
}

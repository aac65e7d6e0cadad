//! The open store and its transactions.

use rusqlite::Connection;

use crate::crash::CrashPoints;
use crate::key::StoreKey;
use crate::open::{Location, OpenError, open};
use crate::transaction::{ReadTx, WriteTx};

/// Why a transaction failed; the store is as it was before it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A test's crash point struck, now or earlier: this store is dead, what it holds is for whoever opens it next.
    #[error("the store was cut off by a crash point")]
    Crashed,
    /// A view of the store was asked to change it.
    #[error("a view of the store cannot change it")]
    ReadOnly,
    /// SQLite or the disk failed.
    #[error("SQLite failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// One open database. Whoever opens a file holds the profile's lock.
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) crash: CrashPoints,
    writes: u64,
}

impl Store {
    /// Opens the store, creating it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError::WrongKey`] if the key does not fit, [`OpenError::Newer`] if a newer version wrote the file.
    pub fn open(location: Location, key: &StoreKey) -> Result<Self, OpenError> {
        Ok(Self {
            connection: open(&location, key)?,
            crash: CrashPoints::default(),
            writes: 0,
        })
    }

    /// Runs `work` in one transaction. When it returns `Ok`, all its changes are durable before this returns; when it
    /// returns `Err` or panics, none of them happened.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the transaction could not begin or commit.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.crash.check()?;
        let tx = WriteTx::begin(&mut self.connection)?;
        let value = work(&tx)?;
        self.crash.strike()?;
        tx.commit()?;
        self.writes = self.writes.wrapping_add(1);
        self.crash.strike()?;
        Ok(value)
    }

    /// How often something was written since the store was opened: what was read is true as long as this is the same.
    pub fn writes(&self) -> u64 {
        self.writes
    }

    /// Runs `work` on one consistent view of the store. Reads do not nest.
    ///
    /// # Errors
    /// Those of `work`, and [`StoreError`] when the view could not be taken.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.crash.check()?;
        work(&ReadTx::begin(&self.connection)?)
    }

    /// Lets a test end this client's life around a commit: `hook` is called right before and right after each COMMIT,
    /// and when it returns true, that call and all later ones fail with [`StoreError::Crashed`].
    #[cfg(feature = "test-hooks")]
    pub fn set_crash_point(&mut self, hook: impl FnMut() -> bool + Send + 'static) {
        self.crash.set(hook);
    }
}

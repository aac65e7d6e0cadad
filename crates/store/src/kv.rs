//! The keys and values of OpenMLS, read and written inside the transaction of the operation they belong to.

use rusqlite::OptionalExtension;
use zeroize::Zeroizing;

use crate::store::StoreError;
use crate::transaction::{ReadTx, WriteTx};

impl ReadTx<'_> {
    /// The value under `key`, if there is one. It may hold private keys, so it is wiped when dropped.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn kv_get(&self, key: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let mut statement = self.statement("SELECT value FROM mls_kv WHERE key = ?1")?;
        let value = statement
            .query_row([key], |row| row.get(0).map(Zeroizing::new))
            .optional()?;
        Ok(value)
    }
}

impl WriteTx<'_> {
    /// Stores `value` under `key` in place of any earlier one.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn kv_put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO mls_kv (key, value) VALUES (?1, ?2) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute([key, value])?;
        Ok(())
    }

    /// Deletes what is under `key`, if anything.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn kv_delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.statement("DELETE FROM mls_kv WHERE key = ?1")?
            .execute([key])?;
        Ok(())
    }
}

//! Single named values of the client.

use rusqlite::{OptionalExtension, params};

use crate::store::StoreError;
use crate::transaction::{ReadTx, WriteTx};

impl ReadTx<'_> {
    /// The setting `name`, if it was ever put.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn setting_get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement = self.statement("SELECT value FROM settings WHERE name = ?1")?;
        Ok(statement.query_row([name], |row| row.get(0)).optional()?)
    }
}

impl WriteTx<'_> {
    /// Stores the setting `name` in place of any earlier value.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn setting_put(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![name, value])?;
        Ok(())
    }

    /// Deletes the setting `name`, if it is there.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn setting_delete(&self, name: &str) -> Result<(), StoreError> {
        self.statement("DELETE FROM settings WHERE name = ?1")?
            .execute([name])?;
        Ok(())
    }
}

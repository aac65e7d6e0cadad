//! Unspent tokens.

use rusqlite::params;

use crate::{ReadTx, StoreError, WriteTx};

impl ReadTx<'_> {}

impl WriteTx<'_> {
    /// Keeps a token of `day`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_token(&self, token: &[u8], day: u32) -> Result<(), StoreError> {
        self.statement("INSERT OR IGNORE INTO tokens (token, day) VALUES (?1, ?2)")?
            .execute(params![token, day])?;
        Ok(())
    }

    /// Takes `count` tokens out, oldest first, and forgets those before `first_day`; nothing is taken if there are
    /// too few.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn take_tokens(
        &self,
        count: usize,
        first_day: u32,
    ) -> Result<Option<Vec<Vec<u8>>>, StoreError> {
        self.statement("DELETE FROM tokens WHERE day < ?1")?
            .execute([first_day])?;
        let mut statement =
            self.statement("SELECT token FROM tokens ORDER BY day, token LIMIT ?1")?;
        let tokens: Vec<Vec<u8>> = statement
            .query_map([i64::try_from(count).unwrap_or(i64::MAX)], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        if tokens.len() < count {
            return Ok(None);
        }
        let mut delete = self.statement("DELETE FROM tokens WHERE token = ?1")?;
        for token in &tokens {
            delete.execute([token])?;
        }
        Ok(Some(tokens))
    }
}

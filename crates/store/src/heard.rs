//! Who in a group has received or seen one's own messages.

use rusqlite::params;
use undertone_wire::ids::AccountId;

use crate::{ReadTx, StoreError, WriteTx, rows::id};

/// Who has heard a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Who.
    pub account: AccountId,
    /// Whether they have seen it, and not only received it.
    pub read: bool,
}

impl ReadTx<'_> {
    /// All who have said that they received or saw message number `seq`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn heard(&self, seq: u64) -> Result<Vec<Heard>, StoreError> {
        let mut statement =
            self.statement("SELECT account, state FROM heard WHERE seq = ?1 ORDER BY account")?;
        let rows = statement
            .query_map([seq.cast_signed()], |row| {
                Ok(Heard {
                    account: id(row, 0)?,
                    read: row.get::<_, i64>(1)? >= 2,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Notes that somebody has received a message, or seen it; never takes back that they saw it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn note_heard(&self, seq: u64, account: &AccountId, read: bool) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO heard (seq, account, state) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET state = max(state, excluded.state)",
        )?
        .execute(params![
            seq.cast_signed(),
            account.as_bytes(),
            if read { 2 } else { 1 }
        ])?;
        Ok(())
    }
}

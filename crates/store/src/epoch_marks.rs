//! In what state groups were at their last epochs.

use rusqlite::{OptionalExtension as _, params};
use undertone_wire::ids::AccountId;

use crate::{ReadTx, StoreError, WriteTx};

/// Epochs of a group that are kept.
const KEPT: u64 = 256;

impl ReadTx<'_> {
    /// The groups whose ids begin so.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn groups_beginning(&self, with: &[u8; 8]) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement =
            self.statement("SELECT group_id FROM groups WHERE substr(group_id, 1, 8) = ?1")?;
        let rows = statement.query_map([with], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// In what state a group was at an epoch that is over.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn epoch_mark(&self, group_id: &[u8], epoch: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement =
            self.statement("SELECT mark FROM epoch_marks WHERE group_id = ?1 AND epoch = ?2")?;
        let mark = statement.query_row(params![group_id, epoch.cast_signed()], |row| row.get(0));
        Ok(mark.optional()?)
    }

    /// The last epoch of a group that was noted, whether the group is here still or not.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn last_epoch(&self, group_id: &[u8]) -> Result<Option<u64>, StoreError> {
        let mut statement =
            self.statement("SELECT max(epoch) FROM epoch_marks WHERE group_id = ?1")?;
        let last: Option<i64> = statement.query_row([group_id], |row| row.get(0))?;
        Ok(last.map(i64::cast_unsigned))
    }

    /// The groups that one writes in now and that somebody is in too; without somebody, all that one writes in but one's
    /// own.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn shared_groups(&self, with: Option<&AccountId>) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id FROM chats WHERE state = 1 AND kind <> 0 AND group_id <> x''
                 AND (?1 IS NULL OR account = ?1 OR EXISTS (SELECT 1 FROM members
                     WHERE members.chat = chats.chat AND members.account = ?1 AND members.state <> 0))
             ORDER BY group_id",
        )?;
        let rows =
            statement.query_map([with.map(|account| account.as_bytes())], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl WriteTx<'_> {
    /// Notes in what state a group was at an epoch, and forgets those long before.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_epoch_mark(
        &self,
        group_id: &[u8],
        epoch: u64,
        mark: &[u8; 8],
    ) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO epoch_marks (group_id, epoch, mark) VALUES (?1, ?2, ?3)",
        )?
        .execute(params![group_id, epoch.cast_signed(), mark])?;
        self.statement("DELETE FROM epoch_marks WHERE group_id = ?1 AND epoch < ?2")?
            .execute(params![group_id, epoch.saturating_sub(KEPT).cast_signed()])?;
        Ok(())
    }
}

//! Entries that are dealt with, and the events that the user has not been shown yet.

use rusqlite::{OptionalExtension as _, params};
use undertone_wire::ids::{EntryId, SlotId};

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{id, number, optional_id},
};

/// Something that happened and has not been shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Its number: the order of events.
    pub seq: u64,
    /// What sort of event, by the engine's numbering.
    pub kind: u32,
    /// What it happened to.
    pub subject: Vec<u8>,
    /// More about it.
    pub detail: Vec<u8>,
}

impl ReadTx<'_> {
    /// Whether an entry is dealt with and only waits to be acknowledged.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn is_dealt_with(&self, entry: &EntryId) -> Result<bool, StoreError> {
        let mut statement = self.statement("SELECT 1 FROM acks WHERE entry = ?1")?;
        Ok(statement
            .query_row([entry.as_bytes()], |_| Ok(()))
            .optional()?
            .is_some())
    }

    /// Entries to acknowledge, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn to_acknowledge(
        &self,
        limit: usize,
    ) -> Result<Vec<(EntryId, Option<SlotId>)>, StoreError> {
        let mut statement = self.statement("SELECT entry, slot FROM acks LIMIT ?1")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map([limit], |row| Ok((id(row, 0)?, optional_id(row, 1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Events that the user has not been shown, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn events(&self, after: u64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, kind, subject, detail FROM events WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map(params![after.cast_signed(), limit], |row| {
                Ok(EventRow {
                    seq: number(row, 0)?,
                    kind: row.get(1)?,
                    subject: row.get(2)?,
                    detail: row.get(3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Notes that an entry is dealt with, with the slot of its payload if that was shared.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn deal_with(&self, entry: &EntryId, slot: Option<&SlotId>) -> Result<(), StoreError> {
        let slot = slot.map_or(&[][..], |slot| slot.as_bytes());
        self.statement("INSERT OR IGNORE INTO acks (entry, slot) VALUES (?1, ?2)")?
            .execute(params![entry.as_bytes(), slot])?;
        Ok(())
    }

    /// Forgets an entry that the server has let go of.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn acknowledged(&self, entry: &EntryId) -> Result<(), StoreError> {
        self.statement("DELETE FROM acks WHERE entry = ?1")?
            .execute([entry.as_bytes()])?;
        Ok(())
    }

    /// Notes an event for the user.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_event(&self, kind: u32, subject: &[u8], detail: &[u8]) -> Result<(), StoreError> {
        self.statement("INSERT INTO events (kind, subject, detail) VALUES (?1, ?2, ?3)")?
            .execute(params![kind, subject, detail])?;
        Ok(())
    }

    /// Notes that something is different now, unless that waits to be shown already.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_event_once(&self, kind: u32, subject: &[u8]) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO events (kind, subject, detail) SELECT ?1, ?2, x''
             WHERE NOT EXISTS (SELECT 1 FROM events WHERE kind = ?1 AND subject = ?2)",
        )?
        .execute(params![kind, subject])?;
        Ok(())
    }

    /// Forgets events up to a number: the user has been shown them.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_events(&self, up_to: u64) -> Result<(), StoreError> {
        self.statement("DELETE FROM events WHERE seq <= ?1")?
            .execute([up_to.cast_signed()])?;
        Ok(())
    }
}

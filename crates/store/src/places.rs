//! Groups in which this device asks for a place: the account's other devices, and where it fell behind, other members.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{ids::Alias, time::Timestamp};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{id, time},
};

/// A group in which this device wants a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceRow {
    /// The MLS group id.
    pub group_id: Vec<u8>,
    /// The chat that it belongs to.
    pub chat: ChatId,
    /// The address in the KeyPackage.
    pub alias: Alias,
    /// The encoded KeyPackage.
    pub key_package: Vec<u8>,
    /// The KeyPackage, encoded, for the group that an admin founds in place of this one; or empty.
    pub following: Vec<u8>,
    /// Whether the account's other devices were asked.
    pub asked: bool,
    /// When this device, which fell behind in the group, calls another member next; 0 if it did not fall behind.
    pub call_at: Timestamp,
    /// How many members it has called.
    pub calls: u32,
    /// The call that is under way, encoded, or empty.
    pub call: Vec<u8>,
}

impl PlaceRow {
    /// Whether this device had a place in the group and fell behind.
    pub fn is_lost(&self) -> bool {
        self.call_at != Timestamp(0)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<PlaceRow> {
    Ok(PlaceRow {
        group_id: row.get(0)?,
        chat: id(row, 1)?,
        alias: id(row, 2)?,
        key_package: row.get(3)?,
        asked: row.get(4)?,
        call_at: time(row, 5)?,
        calls: row.get(6)?,
        call: row.get(7)?,
        following: row.get(8)?,
    })
}

impl ReadTx<'_> {
    /// All places that are wanted.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn places(&self) -> Result<Vec<PlaceRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, alias, key_package, asked, call_at, calls, call, following FROM places ORDER BY group_id",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The place that is wanted in a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn place(&self, group_id: &[u8]) -> Result<Option<PlaceRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, alias, key_package, asked, call_at, calls, call, following FROM places WHERE group_id = ?1",
        )?;
        Ok(statement.query_row([group_id], read).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps a place that is wanted.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_place(&self, place: &PlaceRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO places (group_id, chat, alias, key_package, asked, call_at, calls, call, following)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            place.group_id,
            place.chat.as_bytes(),
            place.alias.as_bytes(),
            place.key_package,
            place.asked,
            place.call_at.0.cast_signed(),
            place.calls,
            place.call,
            place.following,
        ])?;
        Ok(())
    }

    /// Forgets a place: it is there, or not wanted any more.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_place(&self, group_id: &[u8]) -> Result<(), StoreError> {
        self.statement("DELETE FROM places WHERE group_id = ?1")?
            .execute([group_id])?;
        Ok(())
    }
}

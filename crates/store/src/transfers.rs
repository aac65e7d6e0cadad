//! Histories given to another device of the account, or got from one: what is under way, and the log of what was.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{BlobName, ContentId, Serial},
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{choice, choice_number, id, number, time},
};

/// How far a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferState {
    /// Under way.
    UnderWay,
    /// All of it is there.
    Done,
    /// Given up by one of the two.
    Cancelled,
}

const STATES: &[(i64, TransferState)] = &[
    (0, TransferState::UnderWay),
    (1, TransferState::Done),
    (2, TransferState::Cancelled),
];

/// One transfer.
#[derive(Clone)]
pub struct TransferRow {
    /// The same on both devices.
    pub id: ContentId,
    /// Whether this device gives.
    pub giving: bool,
    /// The other device.
    pub device: Serial,
    /// How far it is.
    pub state: TransferState,
    /// The name of the blob.
    pub blob: BlobName,
    /// What its chunks are sealed under; empty once it is over.
    pub key: Zeroizing<Vec<u8>>,
    /// Giving: messages stored before are left out.
    pub since: Timestamp,
    /// Giving: the number of the message before which to go on. Getting: the chunk to fetch next.
    pub cursor: u64,
    /// How many chunks are in the blob.
    pub chunks: u32,
    /// Giving: the chunk that is being put, as a request; or empty.
    pub put: Vec<u8>,
    /// Messages that are across.
    pub messages: u64,
    /// Messages in all.
    pub total: u64,
    /// Bytes that are across.
    pub bytes: u64,
    /// When it began.
    pub begun_at: Timestamp,
    /// When it ended; 0 while it is under way.
    pub ended_at: Timestamp,
}

fn read(row: &Row<'_>) -> rusqlite::Result<TransferRow> {
    Ok(TransferRow {
        id: id(row, 0)?,
        giving: row.get(1)?,
        device: id(row, 2)?,
        state: choice(row, 3, STATES)?,
        blob: id(row, 4)?,
        key: row.get(5).map(Zeroizing::new)?,
        since: time(row, 6)?,
        cursor: number(row, 7)?,
        chunks: row.get(8)?,
        put: row.get(9)?,
        messages: number(row, 10)?,
        total: number(row, 11)?,
        bytes: number(row, 12)?,
        begun_at: time(row, 13)?,
        ended_at: time(row, 14)?,
    })
}

impl ReadTx<'_> {
    /// All transfers, the newest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn transfers(&self) -> Result<Vec<TransferRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT id, giving, device, state, blob, key, since, cursor, chunks, put, messages, total, bytes, begun_at,
                 ended_at
             FROM transfers ORDER BY begun_at DESC, id",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One transfer.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn transfer(&self, id: &ContentId) -> Result<Option<TransferRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT id, giving, device, state, blob, key, since, cursor, chunks, put, messages, total, bytes, begun_at,
                 ended_at
             FROM transfers WHERE id = ?1",
        )?;
        Ok(statement.query_row([id.as_bytes()], read).optional()?)
    }

    /// How many messages there are that a history which begins at `since` would hold.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn count_messages(&self, since: Timestamp) -> Result<u64, StoreError> {
        let mut statement =
            self.statement("SELECT count(*) FROM messages WHERE stored_at >= ?1")?;
        Ok(statement.query_row([since.0.cast_signed()], |row| number(row, 0))?)
    }
}

impl WriteTx<'_> {
    /// Keeps a transfer, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_transfer(&self, transfer: &TransferRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO transfers (id, giving, device, state, blob, key, since, cursor, chunks, put, messages,
                 total, bytes, begun_at, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        )?
        .execute(params![
            transfer.id.as_bytes(),
            transfer.giving,
            transfer.device.as_bytes(),
            choice_number(transfer.state, STATES),
            transfer.blob.as_bytes(),
            *transfer.key,
            transfer.since.0.cast_signed(),
            transfer.cursor.cast_signed(),
            transfer.chunks,
            transfer.put,
            transfer.messages.cast_signed(),
            transfer.total.cast_signed(),
            transfer.bytes.cast_signed(),
            transfer.begun_at.0.cast_signed(),
            transfer.ended_at.0.cast_signed(),
        ])?;
        Ok(())
    }
}

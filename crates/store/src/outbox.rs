//! What waits to be sent, in order; and the receipts that wait to be told.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{id, number},
};

/// One item that waits.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboxRow {
    /// Its number: the order of sending.
    pub seq: u64,
    /// The chat.
    pub chat: ChatId,
    /// The id of the content.
    pub content_id: ContentId,
    /// The encoded content, which is signed for the group it is sent in.
    pub body: Vec<u8>,
    /// The group for which it is encrypted, or empty.
    pub group_id: Vec<u8>,
    /// The epoch for which it is encrypted.
    pub epoch: u64,
    /// The envelope, or empty while it is not encrypted.
    pub envelope: Vec<u8>,
}

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    /// The message is durable here.
    Delivered,
    /// The user has seen it.
    Read,
}

fn read(row: &Row<'_>) -> rusqlite::Result<OutboxRow> {
    Ok(OutboxRow {
        seq: number(row, 0)?,
        chat: id(row, 1)?,
        content_id: id(row, 2)?,
        body: row.get(3)?,
        group_id: row.get(4)?,
        epoch: number(row, 5)?,
        envelope: row.get(6)?,
    })
}

impl ReadTx<'_> {
    /// The first item of each chat that has any.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn outbox_heads(&self) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, chat, content_id, body, group_id, epoch, envelope FROM outbox
             WHERE seq IN (SELECT min(seq) FROM outbox GROUP BY chat) ORDER BY seq",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One item.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn outbox_item(&self, seq: u64) -> Result<Option<OutboxRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, chat, content_id, body, group_id, epoch, envelope FROM outbox WHERE seq = ?1",
        )?;
        Ok(statement.query_row([seq.cast_signed()], read).optional()?)
    }

    /// The items of a chat.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn outbox_of(&self, chat: &ChatId) -> Result<Vec<OutboxRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, chat, content_id, body, group_id, epoch, envelope FROM outbox WHERE chat = ?1 ORDER BY seq",
        )?;
        let rows = statement
            .query_map([chat.as_bytes()], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Chats with receipts that are due by `now`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chats_with_due_receipts(&self, now: Timestamp) -> Result<Vec<ChatId>, StoreError> {
        let mut statement =
            self.statement("SELECT DISTINCT chat FROM receipts WHERE due_at <= ?1 ORDER BY chat")?;
        let rows = statement
            .query_map([now.0.cast_signed()], |row| id(row, 0))?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// To whom the receipt of a chat that is due first is told, if there is any.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn first_receipt_of(&self, chat: &ChatId) -> Result<Option<AccountId>, StoreError> {
        let mut statement = self.statement(
            "SELECT account FROM receipts WHERE chat = ?1 ORDER BY due_at, content_id LIMIT 1",
        )?;
        let account = statement.query_row([chat.as_bytes()], |row| id(row, 0));
        Ok(account.optional()?)
    }

    /// The receipts of a chat for somebody, due or not, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn receipts(
        &self,
        chat: &ChatId,
        account: &AccountId,
        limit: usize,
    ) -> Result<Vec<(ReceiptKind, ContentId)>, StoreError> {
        let mut statement = self.statement(
            "SELECT kind, content_id FROM receipts WHERE chat = ?1 AND account = ?3 ORDER BY due_at LIMIT ?2",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map(params![chat.as_bytes(), limit, account.as_bytes()], |row| {
                let kind: i64 = row.get(0)?;
                let kind = if kind == 1 {
                    ReceiptKind::Delivered
                } else {
                    ReceiptKind::Read
                };
                Ok((kind, id(row, 1)?))
            })?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Puts content at the end of the outbox.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_to_outbox(
        &self,
        chat: &ChatId,
        content_id: &ContentId,
        body: &[u8],
    ) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO outbox (chat, content_id, body, group_id, epoch, envelope) VALUES (?1, ?2, ?3, x'', 0, x'')",
        )?
        .execute(params![chat.as_bytes(), content_id.as_bytes(), body])?;
        Ok(())
    }

    /// Notes the envelope of an item, or with empty values that it has to be encrypted anew.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn set_envelope(
        &self,
        seq: u64,
        group_id: &[u8],
        epoch: u64,
        envelope: &[u8],
    ) -> Result<(), StoreError> {
        self.statement(
            "UPDATE outbox SET group_id = ?2, epoch = ?3, envelope = ?4 WHERE seq = ?1",
        )?
        .execute(params![
            seq.cast_signed(),
            group_id,
            epoch.cast_signed(),
            envelope
        ])?;
        Ok(())
    }

    /// Takes an item out: it is sent, or given up.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_from_outbox(&self, seq: u64) -> Result<(), StoreError> {
        self.statement("DELETE FROM outbox WHERE seq = ?1")?
            .execute([seq.cast_signed()])?;
        Ok(())
    }

    /// Notes that a receipt is to be told at `due_at`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_receipt(
        &self,
        chat: &ChatId,
        account: &AccountId,
        content_id: &ContentId,
        kind: ReceiptKind,
        due_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR IGNORE INTO receipts (chat, content_id, kind, due_at, account) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            chat.as_bytes(),
            content_id.as_bytes(),
            number_of(kind),
            due_at.0.cast_signed(),
            account.as_bytes()
        ])?;
        Ok(())
    }

    /// Forgets a receipt: it is told, or will not be.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_receipt(
        &self,
        chat: &ChatId,
        content_id: &ContentId,
        kind: ReceiptKind,
    ) -> Result<(), StoreError> {
        self.statement("DELETE FROM receipts WHERE chat = ?1 AND content_id = ?2 AND kind = ?3")?
            .execute(params![
                chat.as_bytes(),
                content_id.as_bytes(),
                number_of(kind)
            ])?;
        Ok(())
    }

    /// Forgets the receipts of a chat for somebody: they are there no more.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_receipts_for(
        &self,
        chat: &ChatId,
        account: &AccountId,
    ) -> Result<(), StoreError> {
        self.statement("DELETE FROM receipts WHERE chat = ?1 AND account = ?2")?
            .execute([chat.as_bytes().as_slice(), account.as_bytes()])?;
        Ok(())
    }

    /// Forgets all receipts of a chat.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_receipts(&self, chat: &ChatId) -> Result<(), StoreError> {
        self.statement("DELETE FROM receipts WHERE chat = ?1")?
            .execute([chat.as_bytes()])?;
        Ok(())
    }
}

fn number_of(kind: ReceiptKind) -> i64 {
    match kind {
        ReceiptKind::Delivered => 1,
        ReceiptKind::Read => 2,
    }
}

//! Links that are being followed to their owners.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::ids::ReaderNonce;

use crate::{ReadTx, StoreError, WriteTx, chats::ChatId, rows::id};

/// A link on the way to becoming a conversation.
#[derive(Clone)]
pub struct AddRow {
    /// The chat that it becomes.
    pub chat: ChatId,
    /// The link.
    pub link: String,
    /// So that asking again gives the same item of the card.
    pub reader: ReaderNonce,
    /// The token set aside for reading, or empty.
    pub token: Vec<u8>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<AddRow> {
    Ok(AddRow {
        chat: id(row, 0)?,
        link: row.get(1)?,
        reader: id(row, 2)?,
        token: row.get(3)?,
    })
}

impl ReadTx<'_> {
    /// All links under way.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn adds(&self) -> Result<Vec<AddRow>, StoreError> {
        let mut statement =
            self.statement("SELECT chat, link, reader, token FROM adds ORDER BY chat")?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The link that a chat came from, while it is under way.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add(&self, chat: &ChatId) -> Result<Option<AddRow>, StoreError> {
        let mut statement =
            self.statement("SELECT chat, link, reader, token FROM adds WHERE chat = ?1")?;
        Ok(statement.query_row([chat.as_bytes()], read).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps a link under way.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_add(&self, add: &AddRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO adds (chat, link, reader, token) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            add.chat.as_bytes(),
            add.link,
            add.reader.as_bytes(),
            add.token
        ])?;
        Ok(())
    }

    /// Forgets a link: it led somewhere, or nowhere.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_add(&self, chat: &ChatId) -> Result<(), StoreError> {
        self.statement("DELETE FROM adds WHERE chat = ?1")?
            .execute([chat.as_bytes()])?;
        Ok(())
    }
}

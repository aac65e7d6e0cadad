//! What is written in a chat and not sent.

use rusqlite::{OptionalExtension as _, params};

use crate::{ReadTx, StoreError, WriteTx, chats::ChatId};

impl ReadTx<'_> {
    /// The draft of a chat, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn draft(&self, chat: &ChatId) -> Result<Option<String>, StoreError> {
        let mut statement = self.statement("SELECT text FROM drafts WHERE chat = ?1")?;
        Ok(statement
            .query_row([chat.as_bytes()], |row| row.get(0))
            .optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps the draft of a chat, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_draft(&self, chat: &ChatId, text: &str) -> Result<(), StoreError> {
        self.statement(
            "INSERT INTO drafts (chat, text) VALUES (?1, ?2) \
             ON CONFLICT (chat) DO UPDATE SET text = excluded.text",
        )?
        .execute(params![chat.as_bytes(), text])?;
        Ok(())
    }

    /// Forgets the draft of a chat, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_draft(&self, chat: &ChatId) -> Result<(), StoreError> {
        self.statement("DELETE FROM drafts WHERE chat = ?1")?
            .execute([chat.as_bytes()])?;
        Ok(())
    }
}

//! Drafts: what is written in a chat and not sent outlives the program. Sending does not touch them, because what was
//! written meanwhile is not what was sent.

use undertone_store::chats::{ChatId, ChatState};

use crate::{engine::Engine, error::CommandError};

impl Engine {
    /// Keeps the draft of a chat, in place of the one before; an empty one is forgotten.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such chat.
    pub fn save_draft(&mut self, chat: &ChatId, text: &str) -> Result<(), CommandError> {
        if self.draft(chat)? == text {
            return Ok(());
        }
        self.store.write(|tx| {
            if text.is_empty() {
                tx.delete_draft(chat)?;
            } else {
                tx.put_draft(chat, text)?;
            }
            Ok(())
        })
    }

    /// The draft of a chat; empty if there is none.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such chat.
    pub fn draft(&self, chat: &ChatId) -> Result<String, CommandError> {
        self.store.read(|tx| match tx.chat(chat)? {
            Some(row) if row.state != ChatState::Request => Ok(tx.draft(chat)?.unwrap_or_default()),
            _ => Err(CommandError::Unknown("chat")),
        })
    }
}

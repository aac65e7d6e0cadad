//! The list of chats as a user interface shows it: names, what was said last, what is unread and what is unsent.

use undertone_store::chat_list::LastMessage;
use undertone_wire::ids::AccountId;

use crate::{
    conversation::other_account,
    engine::Engine,
    error::EngineError,
    query::{ChatView, view},
};

/// A chat in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedChat {
    /// The chat.
    pub view: ChatView,
    /// The other's account id, once it is known.
    pub account: Option<AccountId>,
    /// Whether safety numbers have been compared.
    pub verified: bool,
    /// The newest message; of its text the beginning.
    pub last: Option<LastMessage>,
    /// The beginning of what is written and not sent.
    pub draft: String,
}

impl Engine {
    /// All chats but requests, those that changed last first; of texts and drafts the first `beginning` characters.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn chat_list(&self, beginning: u32) -> Result<Vec<ListedChat>, EngineError> {
        let rows = self.store.read(|tx| tx.chat_list(beginning))?;
        let listed = rows.into_iter().map(|row| ListedChat {
            account: other_account(&row.chat),
            view: {
                let name = if row.chat.title.is_empty() {
                    row.name
                } else {
                    row.chat.title.clone()
                };
                view(row.chat, name, row.unread)
            },
            verified: row.verified,
            last: row.last,
            draft: row.draft,
        });
        Ok(listed.collect())
    }
}

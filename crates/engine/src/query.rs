//! What can be asked of the engine: typed views, for whoever shows them.

use undertone_store::{
    cards::CardKind,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    messages::MessageRow,
};
use undertone_wire::{
    ids::{AccountId, RootKey},
    safety_number::SafetyNumber,
    time::Timestamp,
};

use crate::{
    account_connection::REFUSAL,
    conversation::other_account,
    engine::Engine,
    error::{CommandError, EngineError},
};

/// The account of this profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    /// Its id.
    pub account: AccountId,
    /// The name that contacts see.
    pub name: String,
    /// The server's address.
    pub server: String,
    /// Whether the server knows it.
    pub registered: bool,
    /// Why the server refused it, if it did.
    pub refused: Option<Refused>,
}

/// Why a server refuses an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It takes no new accounts.
    Closed,
    /// It wants an invite code, and this one is not valid.
    Invite,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactView {
    /// Their account id.
    pub account: AccountId,
    /// The name they show; empty until they have said one.
    pub name: String,
    /// Whether safety numbers have been compared.
    pub verified: bool,
    /// Whether they are blocked.
    pub blocked: bool,
    /// The chat with them.
    pub chat: Option<ChatId>,
}

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatView {
    /// Its name on this device.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// How it stands.
    pub state: ChatState,
    /// Why it failed.
    pub reason: String,
    /// The name of the other, or empty while it is not known.
    pub name: String,
    /// Messages that the user has not seen.
    pub unread: u64,
    /// When it last changed.
    pub last_at: Timestamp,
    /// Number of the newest message that the user has seen.
    pub read_up_to: u64,
}

/// A stranger who asks: nothing of theirs but how and when they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Names it in the answers.
    pub request: ChatId,
    /// The card that they hold.
    pub came_by: Option<CardKind>,
    /// When it arrived.
    pub received_at: Timestamp,
}

impl Engine {
    /// The account, if there is one.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn account_view(&self) -> Result<Option<AccountView>, EngineError> {
        let Some(me) = &self.me else { return Ok(None) };
        let (row, refused) = self
            .store
            .read(|tx| Ok::<_, EngineError>((tx.account()?, tx.setting_get(REFUSAL)?)))?;
        Ok(row.map(|row| AccountView {
            account: me.account,
            name: row.name,
            server: row.server,
            registered: row.registered && row.queue_made,
            refused: refused.map(|reason| {
                if reason == b"closed" {
                    Refused::Closed
                } else {
                    Refused::Invite
                }
            }),
        }))
    }

    /// All contacts, by name.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn contacts(&self) -> Result<Vec<ContactView>, EngineError> {
        self.store.read(|tx| {
            let mut chats = tx.chats()?;
            chats.retain(|chat| chat.kind == ChatKind::Direct && chat.state != ChatState::Failed);
            chats.sort_by_key(|chat| chat.created_at);
            let views = tx.contacts()?.into_iter().map(|contact| {
                // While a link of theirs is followed, the chat knows half of the account's id.
                let theirs =
                    |chat: &&ChatRow| contact.account.as_bytes().starts_with(&chat.account);
                ContactView {
                    account: contact.account,
                    chat: chats.iter().find(theirs).map(|chat| chat.chat),
                    name: contact.name,
                    verified: contact.verified,
                    blocked: contact.blocked,
                }
            });
            Ok(views.collect())
        })
    }

    /// All chats but requests, those that changed last first.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn chats(&self) -> Result<Vec<ChatView>, EngineError> {
        let own = self.me.as_ref().map(|me| me.account);
        self.store.read(|tx| {
            let mut views = Vec::new();
            for chat in tx.chats()? {
                if chat.state == ChatState::Request {
                    continue;
                }
                let title = chat.title.clone();
                let contact = other_account(&chat)
                    .map(|account| tx.contact(&account))
                    .transpose()?
                    .flatten();
                let unread = match own {
                    Some(own) => tx.unread(&chat, own.as_bytes())?,
                    None => 0,
                };
                views.push(view(
                    chat,
                    contact.map_or(title, |contact| contact.name),
                    unread,
                ));
            }
            Ok(views)
        })
    }

    /// The strangers who ask, newest first.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn requests(&self) -> Result<Vec<RequestView>, EngineError> {
        let chats = self.store.read(|tx| tx.chats())?;
        let requests = chats
            .into_iter()
            .filter(|chat| chat.state == ChatState::Request);
        Ok(requests
            .map(|chat| RequestView {
                request: chat.chat,
                came_by: chat.came_by,
                received_at: chat.created_at,
            })
            .collect())
    }

    /// The newest `limit` messages of a chat before number `before`, oldest first. Of a request, none.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such chat.
    pub fn history(
        &self,
        chat: &ChatId,
        before: u64,
        limit: u64,
    ) -> Result<Vec<MessageRow>, CommandError> {
        self.store.read(|tx| match tx.chat(chat)? {
            Some(row) if row.state != ChatState::Request => Ok(tx.history(chat, before, limit)?),
            _ => Err(CommandError::Unknown("chat")),
        })
    }

    /// The oldest `limit` messages of a chat after number `after`, oldest first. Of a request, none.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such chat.
    pub fn history_after(
        &self,
        chat: &ChatId,
        after: u64,
        limit: u64,
    ) -> Result<Vec<MessageRow>, CommandError> {
        self.store.read(|tx| match tx.chat(chat)? {
            Some(row) if row.state != ChatState::Request => {
                Ok(tx.history_after(chat, after, limit)?)
            }
            _ => Err(CommandError::Unknown("chat")),
        })
    }

    /// One message by its number, unless it belongs to a request.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn message(&self, seq: u64) -> Result<Option<MessageRow>, EngineError> {
        self.store.read(|tx| {
            let Some(message) = tx.message(seq)? else {
                return Ok(None);
            };
            let shown = tx
                .chat(&message.chat)?
                .is_some_and(|chat| chat.state != ChatState::Request);
            Ok(shown.then_some(message))
        })
    }

    /// Messages that hold all of `words`, newest first. Requests are not searched.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn search(&self, words: &str, limit: u32) -> Result<Vec<MessageRow>, EngineError> {
        let found = self.store.read(|tx| tx.search_query(words, limit))?;
        let mut messages = Vec::new();
        for seq in found {
            messages.extend(self.message(seq.cast_unsigned())?);
        }
        Ok(messages)
    }

    /// The safety number with a contact.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such contact.
    pub fn safety_number(&self, account: &AccountId) -> Result<SafetyNumber, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        let contact = self
            .store
            .read(|tx| tx.contact(account))?
            .ok_or(CommandError::Unknown("contact"))?;
        let theirs: RootKey = contact.root_key;
        Ok(SafetyNumber::of(&me.root_key, &theirs))
    }

    /// Notes whether the user has compared the safety number with a contact.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such contact.
    pub fn set_verified(
        &mut self,
        account: &AccountId,
        verified: bool,
    ) -> Result<(), CommandError> {
        self.store.write(|tx| {
            let mut contact = tx
                .contact(account)?
                .ok_or(CommandError::Unknown("contact"))?;
            contact.verified = verified;
            Ok(tx.put_contact(&contact)?)
        })
    }
}

/// What is shown of a chat.
pub(crate) fn view(chat: ChatRow, name: String, unread: u64) -> ChatView {
    ChatView {
        chat: chat.chat,
        kind: chat.kind,
        state: chat.state,
        reason: chat.reason,
        name,
        unread,
        last_at: chat.last_at,
        read_up_to: chat.read_up_to,
    }
}

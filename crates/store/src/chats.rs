//! Conversations as the user sees them.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    cards::CardKind,
    rows::{choice, choice_number, id, number, time},
};

/// Names a chat on this device alone.
pub type ChatId = ContentId;

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatKind {
    /// With oneself.
    Notes,
    /// With one other person.
    Direct,
    /// With any number of people.
    Group,
}

/// How a chat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatState {
    /// Their link is being followed.
    Adding,
    /// One can write.
    Active,
    /// A stranger asks; nothing of theirs is shown.
    Request,
    /// Their link did not work; `reason` says why.
    Failed,
    /// The other is blocked.
    Blocked,
    /// A group that one has left.
    Left,
    /// A group that one was removed from.
    Removed,
    /// A group that was ended.
    Dissolved,
}

const KINDS: &[(i64, ChatKind)] = &[
    (0, ChatKind::Notes),
    (1, ChatKind::Direct),
    (2, ChatKind::Group),
];
const STATES: &[(i64, ChatState)] = &[
    (0, ChatState::Adding),
    (1, ChatState::Active),
    (2, ChatState::Request),
    (3, ChatState::Failed),
    (4, ChatState::Blocked),
    (5, ChatState::Left),
    (6, ChatState::Removed),
    (7, ChatState::Dissolved),
];
const CAME_BY: &[(i64, Option<CardKind>)] = &[
    (0, None),
    (1, Some(CardKind::Link)),
    (2, Some(CardKind::Once)),
    (4, Some(CardKind::Contacts)),
    (6, Some(CardKind::OwnDevice)),
];

/// A chat.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRow {
    /// Its name on this device.
    pub chat: ChatId,
    /// What sort it is.
    pub kind: ChatKind,
    /// The other's account id: whole, or the half in their link until their card is read.
    pub account: Vec<u8>,
    /// How it stands.
    pub state: ChatState,
    /// Why it failed; else empty.
    pub reason: String,
    /// The MLS group that one writes in now; empty until there is one.
    pub group_id: Vec<u8>,
    /// The card by which the other came, if they came.
    pub came_by: Option<CardKind>,
    /// The other's encoded device list while they are not a contact.
    pub devices: Vec<u8>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it last changed.
    pub last_at: Timestamp,
    /// Number of the newest message that the user has seen.
    pub read_up_to: u64,
    /// What a group is called; else empty.
    pub title: String,
    /// What a group is called among the account's devices: the id of the MLS group that it was first. Else empty.
    pub thread: Vec<u8>,
}

impl ChatState {
    /// Its number, the same on all devices.
    pub fn number(self) -> u32 {
        u32::try_from(choice_number(self, STATES)).unwrap_or(0)
    }

    /// The state of a number, if it is one.
    pub fn numbered(number: u32) -> Option<Self> {
        let known = STATES.iter().find(|(known, _)| *known == i64::from(number));
        known.map(|(_, state)| *state)
    }
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<ChatRow> {
    Ok(ChatRow {
        chat: id(row, 0)?,
        kind: choice(row, 1, KINDS)?,
        account: row.get(2)?,
        state: choice(row, 3, STATES)?,
        reason: row.get(4)?,
        group_id: row.get(5)?,
        came_by: choice(row, 6, CAME_BY)?,
        devices: row.get(7)?,
        created_at: time(row, 8)?,
        last_at: time(row, 9)?,
        read_up_to: number(row, 10)?,
        title: row.get(11)?,
        thread: row.get(12)?,
    })
}

impl ReadTx<'_> {
    /// All chats, those that changed last first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chats(&self) -> Result<Vec<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats ORDER BY last_at DESC, chat",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One chat.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chat(&self, chat: &ChatId) -> Result<Option<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats WHERE chat = ?1",
        )?;
        Ok(statement.query_row([chat.as_bytes()], read).optional()?)
    }

    /// The chat whose current group has this id.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chat_of_group(&self, group_id: &[u8]) -> Result<Option<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats WHERE group_id = ?1 AND group_id <> x'' LIMIT 1",
        )?;
        Ok(statement.query_row([group_id], read).optional()?)
    }

    /// The chat with an account, given whole or by the half that a link names.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chat_with(&self, account: &[u8]) -> Result<Option<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats
             WHERE kind = 1 AND state <> 3
               AND substr(account, 1, 16) = substr(?1, 1, 16)
               AND substr(account, 1, length(?1)) = substr(?1, 1, length(account))
             ORDER BY created_at LIMIT 1",
        )?;
        Ok(statement.query_row([account], read).optional()?)
    }

    /// Messages of others in a chat that the user has not seen.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn unread(&self, chat: &ChatRow, own_account: &[u8]) -> Result<u64, StoreError> {
        let mut statement = self.statement(
            "SELECT count(*) FROM messages WHERE chat = ?1 AND seq > ?2 AND sender <> ?3 AND state = 5",
        )?;
        let parameters = params![
            chat.chat.as_bytes(),
            chat.read_up_to.cast_signed(),
            own_account
        ];
        Ok(statement.query_row(parameters, |row| number(row, 0))?)
    }

    /// The group of a name among the account's devices.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chat_of_thread(&self, thread: &[u8]) -> Result<Option<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats WHERE thread = ?1 AND thread <> x'' LIMIT 1",
        )?;
        Ok(statement.query_row([thread], read).optional()?)
    }

    /// The chat with oneself.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn notes(&self) -> Result<Option<ChatRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT chat, kind, account, state, reason, group_id, came_by, devices, created_at, last_at, read_up_to, title,
                 thread
             FROM chats WHERE kind = 0 LIMIT 1",
        )?;
        Ok(statement.query_row([], read).optional()?)
    }

    /// The newest of others' messages up to number `up_to`: who said it, and its id.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn last_received(
        &self,
        chat: &ChatId,
        up_to: u64,
    ) -> Result<Option<(AccountId, ContentId)>, StoreError> {
        let mut statement = self.statement(
            "SELECT sender, content_id FROM messages
             WHERE chat = ?1 AND seq <= ?2 AND state = 5 ORDER BY seq DESC LIMIT 1",
        )?;
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        let row = statement.query_row(params![chat.as_bytes(), up_to], |row| {
            Ok((id(row, 0)?, id(row, 1)?))
        });
        Ok(row.optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps a chat, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_chat(&self, chat: &ChatRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO chats (chat, kind, account, state, reason, group_id, came_by, devices, created_at,
                 last_at, read_up_to, title, thread)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            chat.chat.as_bytes(),
            choice_number(chat.kind, KINDS),
            chat.account,
            choice_number(chat.state, STATES),
            chat.reason,
            chat.group_id,
            choice_number(chat.came_by, CAME_BY),
            chat.devices,
            chat.created_at.0.cast_signed(),
            chat.last_at.0.cast_signed(),
            chat.read_up_to.cast_signed(),
            chat.title,
            chat.thread,
        ])?;
        Ok(())
    }

    /// Forgets a chat with all that was said and waits in it. Its MLS groups are not touched.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_chat(&self, chat: &ChatId) -> Result<(), StoreError> {
        let seqs: Vec<i64> = self
            .statement("SELECT seq FROM messages WHERE chat = ?1")?
            .query_map([chat.as_bytes()], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for seq in seqs {
            self.search_remove(seq)?;
        }
        for sql in [
            "DELETE FROM heard WHERE seq IN (SELECT seq FROM messages WHERE chat = ?1)",
            "DELETE FROM messages WHERE chat = ?1",
            "DELETE FROM outbox WHERE chat = ?1",
            "DELETE FROM receipts WHERE chat = ?1",
            "DELETE FROM adds WHERE chat = ?1",
            "DELETE FROM groups WHERE chat = ?1",
            "DELETE FROM drafts WHERE chat = ?1",
            "DELETE FROM members WHERE chat = ?1",
            "DELETE FROM wishes WHERE chat = ?1",
            "DELETE FROM places WHERE chat = ?1",
            "DELETE FROM chats WHERE chat = ?1",
        ] {
            self.statement(sql)?.execute([chat.as_bytes()])?;
        }
        Ok(())
    }
}

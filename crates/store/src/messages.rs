//! What was said.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{choice, choice_number, id, number, time},
};

/// What sort of thing was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageKind {
    /// Text.
    Text,
    /// Something of a newer version.
    Newer,
    /// No message: something changed in the conversation. `signed` says what, and is not signed.
    Change,
}

/// How far a message has come. Each state implies those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MessageState {
    /// Durable here, not at the server.
    Queued,
    /// Durable at the server.
    Sent,
    /// Durable at a device of the other.
    Delivered,
    /// Seen by the other.
    Read,
    /// Will not be sent unless the user tries again.
    Failed,
    /// Somebody else's.
    Received,
}

const KINDS: &[(i64, MessageKind)] = &[
    (0, MessageKind::Text),
    (1, MessageKind::Newer),
    (2, MessageKind::Change),
];
const STATES: &[(i64, MessageState)] = &[
    (0, MessageState::Queued),
    (1, MessageState::Sent),
    (2, MessageState::Delivered),
    (3, MessageState::Read),
    (4, MessageState::Failed),
    (5, MessageState::Received),
];

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageRow {
    /// Its number on this device: the order of history.
    pub seq: u64,
    /// The chat.
    pub chat: ChatId,
    /// Who said it.
    pub sender: AccountId,
    /// Its id, the same on all devices.
    pub content_id: ContentId,
    /// What sort of thing it is.
    pub kind: MessageKind,
    /// The text, if it has one.
    pub text: String,
    /// By the sender's clock.
    pub sent_at: Timestamp,
    /// By this device's clock.
    pub stored_at: Timestamp,
    /// How far it has come.
    pub state: MessageState,
    /// The content as it was signed, the proof of who said it; empty for one's own until it is sent.
    pub signed: Vec<u8>,
    /// The group in which it was signed.
    pub group_id: Vec<u8>,
    /// Whom it mentions, encoded, as far as its sender might.
    pub mentions: Vec<u8>,
}

/// A statement that gives whole messages, as [`read`] reads them.
macro_rules! messages {
    ($which:literal) => {
        concat!(
            "SELECT seq, chat, sender, content_id, kind, text, sent_at, stored_at, state, signed, group_id, mentions \
             FROM messages ",
            $which
        )
    };
}

fn read(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    Ok(MessageRow {
        seq: number(row, 0)?,
        chat: id(row, 1)?,
        sender: id(row, 2)?,
        content_id: id(row, 3)?,
        kind: kind(row, 4)?,
        text: row.get(5)?,
        sent_at: time(row, 6)?,
        stored_at: time(row, 7)?,
        state: state(row, 8)?,
        signed: row.get(9)?,
        group_id: row.get(10)?,
        mentions: row.get(11)?,
    })
}

/// Reads a column that says what sort of thing was said.
pub(crate) fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<MessageKind> {
    choice(row, column, KINDS)
}

/// Reads a column that says how far a message has come.
pub(crate) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<MessageState> {
    choice(row, column, STATES)
}

impl ReadTx<'_> {
    /// The newest `limit` messages of a chat before number `before`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn history(
        &self,
        chat: &ChatId,
        before: u64,
        limit: u64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut statement = self.statement(messages!(
            "WHERE chat = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
        ))?;
        let limits = params![chat.as_bytes(), clamp(before), clamp(limit)];
        let mut rows: Vec<_> = statement
            .query_map(limits, read)?
            .collect::<Result<_, _>>()?;
        rows.reverse();
        Ok(rows)
    }

    /// The oldest `limit` messages of a chat after number `after`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn history_after(
        &self,
        chat: &ChatId,
        after: u64,
        limit: u64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut statement = self.statement(messages!(
            "WHERE chat = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
        ))?;
        let limits = params![chat.as_bytes(), clamp(after), clamp(limit)];
        let rows = statement
            .query_map(limits, read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The newest `limit` messages of all chats before number `before` that were stored at `since` or later, newest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn newest_messages(
        &self,
        before: u64,
        since: Timestamp,
        limit: u64,
    ) -> Result<Vec<MessageRow>, StoreError> {
        let mut statement = self.statement(messages!(
            "WHERE seq < ?1 AND stored_at >= ?2 ORDER BY seq DESC LIMIT ?3"
        ))?;
        let limits = params![clamp(before), clamp(since.0), clamp(limit)];
        let rows = statement
            .query_map(limits, read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The lowest number of a message; that of the first to come if there is none.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn first_seq(&self) -> Result<u64, StoreError> {
        let mut statement = self.statement(
            "SELECT coalesce((SELECT min(seq) FROM messages),
                 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'messages'), 0))",
        )?;
        Ok(statement.query_row([], |row| number(row, 0))?)
    }

    /// A message by its number.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn message(&self, seq: u64) -> Result<Option<MessageRow>, StoreError> {
        let mut statement = self.statement(messages!("WHERE seq = ?1"))?;
        Ok(statement.query_row([clamp(seq)], read).optional()?)
    }

    /// A message by who said it and its id.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn message_by_id(
        &self,
        sender: &AccountId,
        id: &ContentId,
    ) -> Result<Option<MessageRow>, StoreError> {
        let mut statement = self.statement(messages!("WHERE sender = ?1 AND content_id = ?2"))?;
        Ok(statement
            .query_row(params![sender.as_bytes(), id.as_bytes()], read)
            .optional()?)
    }

    /// Others' messages of a chat after number `after` and up to `up_to`, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn received_between(
        &self,
        chat: &ChatId,
        own: &AccountId,
        after: u64,
        up_to: u64,
    ) -> Result<Vec<(AccountId, ContentId)>, StoreError> {
        let mut statement = self.statement(
            "SELECT sender, content_id FROM messages
             WHERE chat = ?1 AND seq > ?2 AND seq <= ?3 AND sender <> ?4 AND state = 5 ORDER BY seq",
        )?;
        let parameters = params![chat.as_bytes(), clamp(after), clamp(up_to), own.as_bytes()];
        let rows = statement
            .query_map(parameters, |row| Ok((id(row, 0)?, id(row, 1)?)))?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Messages are numbered from here on, so that there are numbers below for older ones which come later.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn number_messages_from(&self, seq: u64) -> Result<(), StoreError> {
        self.statement("DELETE FROM sqlite_sequence WHERE name = 'messages'")?
            .execute([])?;
        self.statement("INSERT INTO sqlite_sequence (name, seq) VALUES ('messages', ?1)")?
            .execute([clamp(seq)])?;
        Ok(())
    }

    /// Adds a message that is older than all that are here, under the number in it. Nothing happens, and `false` comes
    /// back, if the sender's message of that id is there already.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_older_message(&self, message: &MessageRow) -> Result<bool, StoreError> {
        Ok(self.insert(Some(message.seq), message)?.is_some())
    }

    /// Adds a message to the history and the search index; `seq` is given, the value in `message` is ignored.
    /// Nothing happens, and `None` comes back, if the sender's message of that id is there already.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn add_message(&self, message: &MessageRow) -> Result<Option<u64>, StoreError> {
        self.insert(None, message)
    }

    fn insert(&self, seq: Option<u64>, message: &MessageRow) -> Result<Option<u64>, StoreError> {
        let mut statement = self.statement(
            "INSERT INTO messages (seq, chat, sender, content_id, kind, text, sent_at, stored_at, state, signed, group_id,
                 mentions)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (sender, content_id) DO NOTHING RETURNING seq",
        )?;
        let seq: Option<i64> = statement
            .query_row(
                params![
                    seq.map(clamp),
                    message.chat.as_bytes(),
                    message.sender.as_bytes(),
                    message.content_id.as_bytes(),
                    choice_number(message.kind, KINDS),
                    message.text,
                    clamp(message.sent_at.0),
                    clamp(message.stored_at.0),
                    choice_number(message.state, STATES),
                    message.signed,
                    message.group_id,
                    message.mentions,
                ],
                |row| row.get(0),
            )
            .optional()?;
        if let Some(seq) = seq {
            self.search_index(seq, &message.text)?;
        }
        Ok(seq.map(i64::cast_unsigned))
    }

    /// Moves a message on to `state`; tells whether that changed anything. It never moves back, except that a message
    /// which failed may be tried again.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn advance_message(
        &self,
        sender: &AccountId,
        id: &ContentId,
        state: MessageState,
    ) -> Result<Option<u64>, StoreError> {
        let Some(message) = self.message_by_id(sender, id)? else {
            return Ok(None);
        };
        let forward = match message.state {
            MessageState::Received => false,
            MessageState::Failed => state != MessageState::Failed,
            from => from < state,
        };
        if !forward {
            return Ok(None);
        }
        self.statement("UPDATE messages SET state = ?2 WHERE seq = ?1")?
            .execute(params![clamp(message.seq), choice_number(state, STATES)])?;
        Ok(Some(message.seq))
    }

    /// Keeps the signed form of one's own message.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn set_signed(
        &self,
        sender: &AccountId,
        id: &ContentId,
        signed: &[u8],
        group_id: &[u8],
    ) -> Result<(), StoreError> {
        self.statement(
            "UPDATE messages SET signed = ?3, group_id = ?4 WHERE sender = ?1 AND content_id = ?2",
        )?
        .execute(params![sender.as_bytes(), id.as_bytes(), signed, group_id])?;
        Ok(())
    }
}

impl MessageKind {
    /// Its number, the same on all devices.
    pub fn number(self) -> u32 {
        u32::try_from(choice_number(self, KINDS)).unwrap_or(0)
    }

    /// The kind of a number; one of a newer version is [`MessageKind::Newer`].
    pub fn numbered(number: u32) -> Self {
        let known = KINDS.iter().find(|(known, _)| *known == i64::from(number));
        known.map_or(Self::Newer, |(_, kind)| *kind)
    }
}

impl MessageState {
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

/// SQLite counts to 2^63: whatever is beyond, from a clock gone wild, is taken as the end of time.
fn clamp(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

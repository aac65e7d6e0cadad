//! The list of chats with all that it shows, in one statement however many there are.

use rusqlite::Row;
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    ReadTx, StoreError,
    chats::{self, ChatRow},
    messages::{self, MessageKind, MessageState},
    rows::{id, number, time},
};

/// A chat as the list shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedChat {
    /// The chat.
    pub chat: ChatRow,
    /// The contact's name; empty while it is not known.
    pub name: String,
    /// Whether the user has compared safety numbers with the contact.
    pub verified: bool,
    /// Messages of others that the user has not seen.
    pub unread: u64,
    /// The beginning of what is written and not sent.
    pub draft: String,
    /// The newest message.
    pub last: Option<LastMessage>,
}

/// The newest message of a chat.
#[derive(Debug, Clone, PartialEq)]
pub struct LastMessage {
    /// Its number.
    pub seq: u64,
    /// What sort of thing it is.
    pub kind: MessageKind,
    /// The beginning of its text.
    pub text: String,
    /// By the sender's clock.
    pub sent_at: Timestamp,
    /// How far it has come.
    pub state: MessageState,
    /// Who said it.
    pub sender: AccountId,
    /// Of a change, what changed; else empty.
    pub change: Vec<u8>,
}

/// Columns 0 to 12 are those of [`chats::read`]. Each chat costs four look-ups by an index.
const LIST: &str = "
    SELECT c.chat, c.kind, c.account, c.state, c.reason, c.group_id, c.came_by, c.devices, c.created_at, c.last_at,
           c.read_up_to, c.title, c.thread,
           coalesce(p.name, ''),
           coalesce(p.verified, 0),
           (SELECT count(*) FROM messages AS r WHERE r.chat = c.chat AND r.seq > c.read_up_to AND r.state = 5),
           coalesce(substr(d.text, 1, ?1), ''),
           m.seq, m.kind, substr(m.text, 1, ?1), m.sent_at, m.state,
           m.sender, iif(m.kind = 2, m.signed, x'')
    FROM chats AS c
    LEFT JOIN contacts AS p ON p.account = c.account
    LEFT JOIN drafts AS d ON d.chat = c.chat
    LEFT JOIN messages AS m ON m.seq = (SELECT max(n.seq) FROM messages AS n WHERE n.chat = c.chat)
    WHERE c.state <> 2
    ORDER BY c.last_at DESC, c.chat";

fn read(row: &Row<'_>) -> rusqlite::Result<ListedChat> {
    let last = match row.get::<_, Option<i64>>(17)? {
        None => None,
        Some(seq) => Some(LastMessage {
            seq: seq.cast_unsigned(),
            kind: messages::kind(row, 18)?,
            text: row.get(19)?,
            sent_at: time(row, 20)?,
            state: messages::state(row, 21)?,
            sender: id(row, 22)?,
            change: row.get(23)?,
        }),
    };
    Ok(ListedChat {
        chat: chats::read(row)?,
        name: row.get(13)?,
        verified: row.get(14)?,
        unread: number(row, 15)?,
        draft: row.get(16)?,
        last,
    })
}

impl ReadTx<'_> {
    /// All chats but requests, those that changed last first; of texts and drafts the first `beginning` characters.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn chat_list(&self, beginning: u32) -> Result<Vec<ListedChat>, StoreError> {
        let mut statement = self.statement(LIST)?;
        let rows = statement
            .query_map([beginning], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::LIST;
    use crate::{Location, Store, StoreKey};

    /// One pass over the chats; everything else is looked up. A missing index would read the whole history for each.
    #[test]
    fn only_the_chats_themselves_are_scanned() {
        let store = Store::open(Location::Memory, &StoreKey::from_bytes(&[1; 32])).unwrap();
        let mut statement = store
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {LIST}"))
            .unwrap();
        let plan: Vec<String> = statement
            .query_map([1], |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let scans: Vec<_> = plan
            .iter()
            .filter(|step| step.starts_with("SCAN"))
            .collect();
        assert_eq!(scans, ["SCAN c USING INDEX chats_by_last"], "{plan:#?}");
        let covered = plan
            .iter()
            .any(|step| step.contains("COVERING INDEX messages_received"));
        assert!(covered, "{plan:#?}");
    }
}

//! What the user wants changed in groups. A wish stays until the group is as it says, or never can be.

use rusqlite::{Row, params};
use undertone_wire::{ids::ReaderNonce, time::Timestamp};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{choice, choice_number, id, number, time},
};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WishKind {
    /// That `account` is in the group.
    Add,
    /// That `account` is not.
    Remove,
    /// That the group is called `text`.
    Title,
    /// That its description is `text`.
    Description,
    /// That `account` is an admin (`number` 1) or not (0).
    Role,
    /// That what `text` names is allowed to everybody (`number` 1) or to admins alone (0).
    Permission,
    /// That the group is dissolved.
    Dissolve,
    /// That one's own account is out of it.
    Leave,
    /// A device of one's own is in it too: named by `text`, to be added by `admission`.
    AddDevice,
    /// A device of one's own is out of it: named by `text`.
    RemoveDevice,
    /// That the group, which cannot go on, is founded anew, without `account` if it says one.
    Renew,
    /// That `account`, of the group that this one goes on from, is added when a device of theirs asks for it; given up
    /// after `due_at`.
    Follow,
}

const KINDS: &[(i64, WishKind)] = &[
    (1, WishKind::Add),
    (2, WishKind::Remove),
    (3, WishKind::Title),
    (4, WishKind::Description),
    (5, WishKind::Role),
    (6, WishKind::Permission),
    (7, WishKind::Dissolve),
    (8, WishKind::Leave),
    (9, WishKind::AddDevice),
    (10, WishKind::RemoveDevice),
    (11, WishKind::Renew),
    (12, WishKind::Follow),
];

/// A wish.
#[derive(Clone)]
pub struct WishRow {
    /// Its number, given when it is added: the order in which they were wished.
    pub seq: u64,
    /// The group's chat.
    pub chat: ChatId,
    /// What is wanted.
    pub kind: WishKind,
    /// Of whom, if of somebody.
    pub account: Vec<u8>,
    /// Its text, if it has one.
    pub text: String,
    /// Its number, if it has one.
    pub number: i64,
    /// Not before this.
    pub due_at: Timestamp,
    /// So that reading somebody's card again gives the same items.
    pub reader: ReaderNonce,
    /// The token set aside for reading, or empty.
    pub token: Vec<u8>,
    /// By what they can be added: an encoded answer to an invitation, or empty.
    pub admission: Vec<u8>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<WishRow> {
    Ok(WishRow {
        seq: number(row, 0)?,
        chat: id(row, 1)?,
        kind: choice(row, 2, KINDS)?,
        account: row.get(3)?,
        text: row.get(4)?,
        number: row.get(5)?,
        due_at: time(row, 6)?,
        reader: id(row, 7)?,
        token: row.get(8)?,
        admission: row.get(9)?,
    })
}

impl ReadTx<'_> {
    /// All wishes, in order.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn wishes(&self) -> Result<Vec<WishRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, chat, kind, account, text, number, due_at, reader, token, admission FROM wishes ORDER BY seq",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The wishes for one group, in order.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn wishes_for(&self, chat: &ChatId) -> Result<Vec<WishRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT seq, chat, kind, account, text, number, due_at, reader, token, admission
             FROM wishes WHERE chat = ?1 ORDER BY seq",
        )?;
        let rows = statement
            .query_map([chat.as_bytes()], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Adds a wish, or keeps what changed of one; gives its number.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_wish(&self, wish: &WishRow) -> Result<u64, StoreError> {
        let known = (wish.seq != 0).then(|| wish.seq.cast_signed());
        let mut statement = self.statement(
            "INSERT OR REPLACE INTO wishes (seq, chat, kind, account, text, number, due_at, reader, token, admission)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING seq",
        )?;
        let seq = statement.query_row(
            params![
                known,
                wish.chat.as_bytes(),
                choice_number(wish.kind, KINDS),
                wish.account,
                wish.text,
                wish.number,
                wish.due_at.0.cast_signed(),
                wish.reader.as_bytes(),
                wish.token,
                wish.admission,
            ],
            |row| number(row, 0),
        )?;
        Ok(seq)
    }

    /// Forgets a wish.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_wish(&self, seq: u64) -> Result<(), StoreError> {
        self.statement("DELETE FROM wishes WHERE seq = ?1")?
            .execute([seq.cast_signed()])?;
        Ok(())
    }

    /// Forgets all wishes for a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_wishes(&self, chat: &ChatId) -> Result<(), StoreError> {
        self.statement("DELETE FROM wishes WHERE chat = ?1")?
            .execute([chat.as_bytes()])?;
        Ok(())
    }
}

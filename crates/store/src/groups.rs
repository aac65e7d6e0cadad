//! The MLS groups behind the chats, and the commits of one's own that are under way.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{Alias, Handle},
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{id, number, optional_id, time},
};

/// A group, as far as MLS does not keep it.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupRow {
    /// The MLS group id.
    pub group_id: Vec<u8>,
    /// The chat that it belongs to.
    pub chat: ChatId,
    /// The sequencer's name of it.
    pub handle: Handle,
    /// The alias in one's own leaf.
    pub own_alias: Alias,
    /// Whether the sequencer knows the handle.
    pub handle_made: bool,
    /// The token set aside for the handle, or empty.
    pub handle_token: Vec<u8>,
    /// Whether one's own leaf has to be made anew by a commit: on accepting, and every week.
    pub wants_leaf: bool,
    /// When one's own leaf was last made.
    pub leaf_at: Timestamp,
    /// A group that this one takes over from and whose id its rules still have to name, or empty.
    pub predecessor: Vec<u8>,
    /// The epoch at which the sequencer was seen, if later than the group's; else 0.
    pub behind: u64,
    /// When one's own leaf, if it is wanted anew, is made.
    pub leaf_due: Timestamp,
    /// What one is called in this group; empty for the usual name.
    pub name: String,
    /// When the group last came to another epoch.
    pub epoch_at: Timestamp,
}

/// A commit of one's own that is under way.
#[derive(Debug, Clone, PartialEq)]
pub struct PendingCommitRow {
    /// The MLS group id.
    pub group_id: Vec<u8>,
    /// The epoch that it ends.
    pub epoch: u64,
    /// The encoded request.
    pub request: Vec<u8>,
    /// The alias in the new leaf, if it makes one.
    pub new_alias: Option<Alias>,
    /// Whether the sequencer has taken it; it is merged only at its place in the queue.
    pub accepted: bool,
    /// What it points to: requests, one after the other, that put it in blobs. Empty if it points to nothing.
    pub outside: Vec<u8>,
    /// How many of them the server has carried out.
    pub put: u32,
}

fn read(row: &Row<'_>) -> rusqlite::Result<GroupRow> {
    Ok(GroupRow {
        group_id: row.get(0)?,
        chat: id(row, 1)?,
        handle: id(row, 2)?,
        own_alias: id(row, 3)?,
        handle_made: row.get(4)?,
        handle_token: row.get(5)?,
        wants_leaf: row.get(6)?,
        leaf_at: time(row, 7)?,
        predecessor: row.get(8)?,
        behind: number(row, 9)?,
        leaf_due: time(row, 10)?,
        name: row.get(11)?,
        epoch_at: time(row, 12)?,
    })
}

fn read_commit(row: &Row<'_>) -> rusqlite::Result<PendingCommitRow> {
    Ok(PendingCommitRow {
        group_id: row.get(0)?,
        epoch: number(row, 1)?,
        request: row.get(2)?,
        new_alias: optional_id(row, 3)?,
        accepted: row.get(4)?,
        outside: row.get(5)?,
        put: row.get(6)?,
    })
}

impl ReadTx<'_> {
    /// One group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn group(&self, group_id: &[u8]) -> Result<Option<GroupRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, handle, own_alias, handle_made, handle_token, wants_leaf, leaf_at, predecessor, behind,
                 leaf_due, name, epoch_at
             FROM groups WHERE group_id = ?1",
        )?;
        Ok(statement.query_row([group_id], read).optional()?)
    }

    /// All groups.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, handle, own_alias, handle_made, handle_token, wants_leaf, leaf_at, predecessor, behind,
                 leaf_due, name, epoch_at
             FROM groups ORDER BY group_id",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The groups of a chat.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn groups_of(&self, chat: &ChatId) -> Result<Vec<GroupRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, handle, own_alias, handle_made, handle_token, wants_leaf, leaf_at, predecessor, behind,
                 leaf_due, name, epoch_at
             FROM groups WHERE chat = ?1 ORDER BY group_id",
        )?;
        let rows = statement
            .query_map([chat.as_bytes()], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The groups in which one's own leaf shows an alias: for that of a card there may be several.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn groups_at(&self, alias: &Alias) -> Result<Vec<GroupRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, chat, handle, own_alias, handle_made, handle_token, wants_leaf, leaf_at, predecessor, behind,
                 leaf_due, name, epoch_at
             FROM groups WHERE own_alias = ?1 ORDER BY group_id",
        )?;
        let rows = statement
            .query_map([alias.as_bytes()], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One's own commit of a group that is under way.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn pending_commit(&self, group_id: &[u8]) -> Result<Option<PendingCommitRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, epoch, request, new_alias, accepted, outside, put FROM pending_commits WHERE group_id = ?1",
        )?;
        Ok(statement.query_row([group_id], read_commit).optional()?)
    }

    /// All commits of one's own that the sequencer has not taken yet.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn commits_to_send(&self) -> Result<Vec<PendingCommitRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT group_id, epoch, request, new_alias, accepted, outside, put FROM pending_commits WHERE accepted = 0",
        )?;
        let rows = statement
            .query_map([], read_commit)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Keeps a group, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_group(&self, group: &GroupRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO groups (group_id, chat, handle, own_alias, handle_made, handle_token, wants_leaf,
                 leaf_at, predecessor, behind, leaf_due, name, epoch_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            group.group_id,
            group.chat.as_bytes(),
            group.handle.as_bytes(),
            group.own_alias.as_bytes(),
            group.handle_made,
            group.handle_token,
            group.wants_leaf,
            group.leaf_at.0.cast_signed(),
            group.predecessor,
            group.behind.cast_signed(),
            group.leaf_due.0.cast_signed(),
            group.name,
            group.epoch_at.0.cast_signed(),
        ])?;
        Ok(())
    }

    /// Forgets a group, but for the last epoch that it was seen at.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_group(&self, group_id: &[u8]) -> Result<(), StoreError> {
        self.statement("DELETE FROM groups WHERE group_id = ?1")?
            .execute([group_id])?;
        self.statement(
            "DELETE FROM epoch_marks WHERE group_id = ?1
                 AND epoch < (SELECT max(epoch) FROM epoch_marks WHERE group_id = ?1)",
        )?
        .execute([group_id])?;
        self.delete_pending_commit(group_id)
    }

    /// Keeps a commit of one's own; a group has at most one.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_pending_commit(&self, commit: &PendingCommitRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO pending_commits (group_id, epoch, request, new_alias, accepted, outside, put)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            commit.group_id,
            commit.epoch.cast_signed(),
            commit.request,
            commit
                .new_alias
                .as_ref()
                .map_or(&[][..], |alias| alias.as_bytes()),
            commit.accepted,
            commit.outside,
            commit.put,
        ])?;
        Ok(())
    }

    /// Forgets one's own commit of a group: it is merged, or another won.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_pending_commit(&self, group_id: &[u8]) -> Result<(), StoreError> {
        self.statement("DELETE FROM pending_commits WHERE group_id = ?1")?
            .execute([group_id])?;
        Ok(())
    }
}

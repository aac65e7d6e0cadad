//! Invitations to groups that wait for an answer: those that one got, and those that one gave.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{id, optional_id, time},
};

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationRow {
    /// Names it in the answer.
    pub id: ContentId,
    /// Who invites, or whom one invites.
    pub account: AccountId,
    /// The group to which one invites; none where one is invited oneself.
    pub group_chat: Option<ChatId>,
    /// How many people are in the group.
    pub people: u32,
    /// When it came, or was given.
    pub received_at: Timestamp,
}

fn read(row: &Row<'_>) -> rusqlite::Result<InvitationRow> {
    Ok(InvitationRow {
        id: id(row, 0)?,
        account: id(row, 1)?,
        group_chat: optional_id(row, 2)?,
        people: row.get(3)?,
        received_at: time(row, 4)?,
    })
}

impl ReadTx<'_> {
    /// All invitations, newest first.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn invitations(&self) -> Result<Vec<InvitationRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT id, account, group_chat, people, received_at FROM invitations ORDER BY received_at DESC, id",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One invitation.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn invitation(&self, id: &ContentId) -> Result<Option<InvitationRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT id, account, group_chat, people, received_at FROM invitations WHERE id = ?1",
        )?;
        Ok(statement.query_row([id.as_bytes()], read).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps an invitation, unless one of this id is there already.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_invitation(&self, invitation: &InvitationRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR IGNORE INTO invitations (id, account, group_chat, people, received_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            invitation.id.as_bytes(),
            invitation.account.as_bytes(),
            invitation
                .group_chat
                .as_ref()
                .map_or(&[][..], |chat| chat.as_bytes()),
            invitation.people,
            invitation.received_at.0.cast_signed(),
        ])?;
        Ok(())
    }

    /// Forgets all invitations that one gave to a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_invitations_to(&self, group_chat: &ChatId) -> Result<(), StoreError> {
        self.statement("DELETE FROM invitations WHERE group_chat = ?1")?
            .execute([group_chat.as_bytes()])?;
        Ok(())
    }

    /// Forgets an invitation: it is answered.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_invitation(&self, id: &ContentId) -> Result<(), StoreError> {
        self.statement("DELETE FROM invitations WHERE id = ?1")?
            .execute([id.as_bytes()])?;
        Ok(())
    }
}

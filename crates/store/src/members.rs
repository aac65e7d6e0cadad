//! Who is, or was, in a group, as far as its conversation has to show them.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    ReadTx, StoreError, WriteTx,
    chats::ChatId,
    rows::{choice, choice_number, id, number, time},
};

/// Whether somebody is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// No more.
    Gone,
    /// They are.
    Present,
    /// They are, and have asked to be out.
    Leaving,
}

const PRESENCES: &[(i64, Presence)] = &[
    (0, Presence::Gone),
    (1, Presence::Present),
    (2, Presence::Leaving),
];

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub account: AccountId,
    /// What they are called there; empty if they say nothing.
    pub name: String,
    /// Whether they are in it.
    pub presence: Presence,
    /// Whether they govern it.
    pub admin: bool,
    /// With how many devices they are in it.
    pub devices: u32,
    /// Since when, by this device's clock.
    pub since: Timestamp,
}

impl MemberRow {
    /// Whether they read what is said.
    pub fn is_present(&self) -> bool {
        self.presence != Presence::Gone
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<MemberRow> {
    Ok(MemberRow {
        account: id(row, 0)?,
        name: row.get(1)?,
        presence: choice(row, 2, PRESENCES)?,
        admin: row.get(3)?,
        devices: row.get(4)?,
        since: time(row, 5)?,
    })
}

impl ReadTx<'_> {
    /// All who are or were in a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn members(&self, chat: &ChatId) -> Result<Vec<MemberRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT account, name, state, admin, devices, since FROM members WHERE chat = ?1 ORDER BY account",
        )?;
        let rows = statement
            .query_map([chat.as_bytes()], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One who is or was in a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn member(
        &self,
        chat: &ChatId,
        account: &AccountId,
    ) -> Result<Option<MemberRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT account, name, state, admin, devices, since FROM members WHERE chat = ?1 AND account = ?2",
        )?;
        let member = statement.query_row(params![chat.as_bytes(), account.as_bytes()], read);
        Ok(member.optional()?)
    }

    /// How many people are in a group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn people(&self, chat: &ChatId) -> Result<u32, StoreError> {
        let mut statement =
            self.statement("SELECT count(*) FROM members WHERE chat = ?1 AND state <> 0")?;
        Ok(statement.query_row([chat.as_bytes()], |row| row.get(0))?)
    }

    /// How many devices are in a group; 0 for what is no group.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn devices_in(&self, chat: &ChatId) -> Result<u64, StoreError> {
        let mut statement = self.statement(
            "SELECT coalesce(sum(devices), 0) FROM members WHERE chat = ?1 AND state <> 0",
        )?;
        Ok(statement.query_row([chat.as_bytes()], |row| number(row, 0))?)
    }
}

impl WriteTx<'_> {
    /// Keeps somebody in a group, in place of what was known.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_member(&self, chat: &ChatId, member: &MemberRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO members (chat, account, name, state, admin, devices, since)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            chat.as_bytes(),
            member.account.as_bytes(),
            member.name,
            choice_number(member.presence, PRESENCES),
            member.admin,
            member.devices,
            member.since.0.cast_signed(),
        ])?;
        Ok(())
    }
}

//! The addresses that deliver into this account's queue.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{Alias, Handle},
    reach::ReachSecret,
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{choice, choice_number, id, optional_id, time},
};

/// How far an alias has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliasState {
    /// To be registered, or its lease to be renewed.
    Wanted,
    /// On the server.
    Registered,
    /// To be dropped.
    Dropping,
}

const STATES: &[(i64, AliasState)] = &[
    (0, AliasState::Wanted),
    (1, AliasState::Registered),
    (2, AliasState::Dropping),
];

/// An alias, and what arrives by it.
#[derive(Debug, Clone, PartialEq)]
pub struct AliasRow {
    /// The address.
    pub alias: Alias,
    /// The card that shows it, if one does.
    pub card: Option<ReachSecret>,
    /// The group whose leaf shows it, if it was made for one.
    pub group_id: Vec<u8>,
    /// The conversation whose guard every delivery must satisfy.
    pub handle: Option<Handle>,
    /// The reference of the KeyPackage that shows it, if a card's does.
    pub key_package: Vec<u8>,
    /// How far it has come.
    pub state: AliasState,
    /// When its lease should be renewed.
    pub renew_at: Timestamp,
    /// When it goes unless a group still uses it; 0 for never.
    pub retire_at: Timestamp,
}

fn read(row: &Row<'_>) -> rusqlite::Result<AliasRow> {
    let card: Vec<u8> = row.get(1)?;
    Ok(AliasRow {
        alias: id(row, 0)?,
        card: <[u8; 32]>::try_from(card.as_slice())
            .ok()
            .map(ReachSecret::new),
        group_id: row.get(2)?,
        handle: optional_id(row, 3)?,
        key_package: row.get(4)?,
        state: choice(row, 5, STATES)?,
        renew_at: time(row, 6)?,
        retire_at: time(row, 7)?,
    })
}

impl ReadTx<'_> {
    /// What is known of an alias.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn alias(&self, alias: &Alias) -> Result<Option<AliasRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT alias, card, group_id, handle, key_package, state, renew_at, retire_at FROM aliases WHERE alias = ?1",
        )?;
        Ok(statement.query_row([alias.as_bytes()], read).optional()?)
    }

    /// Aliases with something to do at the server, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn aliases_to_settle(&self, limit: usize) -> Result<Vec<AliasRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT alias, card, group_id, handle, key_package, state, renew_at, retire_at FROM aliases WHERE state IN (0, 2) LIMIT ?1",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement
            .query_map([limit], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// Whether all aliases of a card are registered.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn card_aliases_settled(&self, card: &ReachSecret) -> Result<bool, StoreError> {
        let mut statement = self
            .statement("SELECT NOT EXISTS (SELECT 1 FROM aliases WHERE card = ?1 AND state = 0)")?;
        Ok(statement.query_row([card.as_bytes()], |row| row.get(0))?)
    }
}

impl WriteTx<'_> {
    /// Keeps an alias, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_alias(&self, alias: &AliasRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO aliases (alias, card, group_id, handle, key_package, state, renew_at, retire_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            alias.alias.as_bytes(),
            alias.card.as_ref().map_or(&[][..], |card| card.as_bytes()),
            alias.group_id,
            alias
                .handle
                .as_ref()
                .map_or(&[][..], |handle| handle.as_bytes()),
            alias.key_package,
            choice_number(alias.state, STATES),
            alias.renew_at.0.cast_signed(),
            alias.retire_at.0.cast_signed(),
        ])?;
        Ok(())
    }

    /// Notes that all aliases of a card go.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn drop_card_aliases(&self, card: &ReachSecret) -> Result<(), StoreError> {
        self.statement("UPDATE aliases SET state = 2 WHERE card = ?1")?
            .execute([card.as_bytes()])?;
        Ok(())
    }

    /// Notes that all aliases of a group go.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn drop_group_aliases(&self, group_id: &[u8]) -> Result<(), StoreError> {
        self.statement("UPDATE aliases SET state = 2 WHERE group_id = ?1 AND group_id <> x''")?
            .execute([group_id])?;
        Ok(())
    }

    /// Notes that an alias is registered, with the time for its renewal.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn alias_registered(&self, alias: &Alias, renew_at: Timestamp) -> Result<(), StoreError> {
        self.statement(
            "UPDATE aliases SET state = 1, renew_at = ?2 WHERE alias = ?1 AND state = 0",
        )?
        .execute(params![alias.as_bytes(), renew_at.0.cast_signed()])?;
        Ok(())
    }

    /// Marks as wanted again what has to be renewed by `now`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn renew_aliases(&self, now: Timestamp) -> Result<(), StoreError> {
        self.statement("UPDATE aliases SET state = 0 WHERE state = 1 AND renew_at <= ?1")?
            .execute([now.0.cast_signed()])?;
        Ok(())
    }

    /// Marks as to be dropped what retires by `now` and no group uses.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn retire_aliases(&self, now: Timestamp) -> Result<(), StoreError> {
        self.statement(
            "UPDATE aliases SET state = 2
             WHERE retire_at > 0 AND retire_at <= ?1 AND state <> 2
               AND NOT EXISTS (SELECT 1 FROM groups WHERE own_alias = aliases.alias)",
        )?
        .execute([now.0.cast_signed()])?;
        Ok(())
    }

    /// Forgets an alias that the server has dropped.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn delete_alias(&self, alias: &Alias) -> Result<(), StoreError> {
        self.statement("DELETE FROM aliases WHERE alias = ?1")?
            .execute([alias.as_bytes()])?;
        Ok(())
    }
}

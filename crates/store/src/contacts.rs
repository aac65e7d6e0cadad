//! The people whom the user has accepted or added, and those they have blocked.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::{
    ids::{AccountId, RootKey},
    reach::ReachSecret,
    time::Timestamp,
};

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{id, time},
};

/// A contact.
#[derive(Debug, Clone, PartialEq)]
pub struct ContactRow {
    /// The account.
    pub account: AccountId,
    /// The key that the account is.
    pub root_key: RootKey,
    /// The encoded device list.
    pub devices: Vec<u8>,
    /// The name they show; empty until they said one.
    pub name: String,
    /// Whether the user has compared safety numbers.
    pub verified: bool,
    /// Whether the user has blocked them.
    pub blocked: bool,
    /// Reaches their card `contacts`, once they have told it.
    pub contacts_secret: Option<ReachSecret>,
    /// When they became a contact.
    pub added_at: Timestamp,
}

fn read(row: &Row<'_>) -> rusqlite::Result<ContactRow> {
    let secret: Vec<u8> = row.get(6)?;
    Ok(ContactRow {
        account: id(row, 0)?,
        root_key: id(row, 1)?,
        devices: row.get(2)?,
        name: row.get(3)?,
        verified: row.get(4)?,
        blocked: row.get(5)?,
        contacts_secret: <[u8; 32]>::try_from(secret.as_slice())
            .ok()
            .map(ReachSecret::new),
        added_at: time(row, 7)?,
    })
}

impl ReadTx<'_> {
    /// All contacts, those blocked included, by name.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn contacts(&self) -> Result<Vec<ContactRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT account, root_key, devices, name, verified, blocked, contacts_secret, added_at
             FROM contacts ORDER BY name, account",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// The contact of an account.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn contact(&self, account: &AccountId) -> Result<Option<ContactRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT account, root_key, devices, name, verified, blocked, contacts_secret, added_at
             FROM contacts WHERE account = ?1",
        )?;
        Ok(statement.query_row([account.as_bytes()], read).optional()?)
    }
}

impl WriteTx<'_> {
    /// Keeps a contact, in place of what was known of them.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_contact(&self, contact: &ContactRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO contacts
                 (account, root_key, devices, name, verified, blocked, contacts_secret, added_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            contact.account.as_bytes(),
            contact.root_key.as_bytes(),
            contact.devices,
            contact.name,
            contact.verified,
            contact.blocked,
            contact
                .contacts_secret
                .as_ref()
                .map_or(&[][..], |secret| secret.as_bytes()),
            contact.added_at.0.cast_signed(),
        ])?;
        Ok(())
    }
}

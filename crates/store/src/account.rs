//! Who this profile is: one row, made once.

use rusqlite::{OptionalExtension as _, params};
use undertone_wire::ids::QueueId;
use zeroize::Zeroizing;

use crate::{ReadTx, StoreError, WriteTx, rows::id};

/// The account of this profile, with its secret keys as seeds.
#[derive(Clone)]
pub struct AccountRow {
    /// Address of the server.
    pub server: String,
    /// The name that contacts see.
    pub name: String,
    /// For a server that asks for an invitation; else empty.
    pub invite_code: String,
    /// Seed of the root key.
    pub root_seed: Zeroizing<Vec<u8>>,
    /// Seed of the device key.
    pub device_seed: Zeroizing<Vec<u8>>,
    /// This device's signed certificate.
    pub certificate: Vec<u8>,
    /// Whether the server knows the account.
    pub registered: bool,
    /// Name of the queue.
    pub queue: QueueId,
    /// Seed of the queue's verification key.
    pub queue_seed: Zeroizing<Vec<u8>>,
    /// Seed of the queue's sealing key.
    pub unsealing_seed: Zeroizing<Vec<u8>>,
    /// Tokens set aside to pay for the queue, one after the other.
    pub queue_tokens: Vec<u8>,
    /// Whether the server has the queue.
    pub queue_made: bool,
    /// All certificates and revocations of the account, encoded; empty for this device's certificate alone.
    pub devices: Vec<u8>,
    /// Whether the directory lacks some of them.
    pub devices_due: bool,
}

impl ReadTx<'_> {
    /// The account, once one is made.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn account(&self) -> Result<Option<AccountRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT server, name, invite_code, root_seed, device_seed, certificate, registered, queue, queue_seed,
                    unsealing_seed, queue_tokens, queue_made, devices, devices_due
             FROM account WHERE only = 1",
        )?;
        let row = statement.query_row([], |row| {
            Ok(AccountRow {
                server: row.get(0)?,
                name: row.get(1)?,
                invite_code: row.get(2)?,
                root_seed: row.get(3).map(Zeroizing::new)?,
                device_seed: row.get(4).map(Zeroizing::new)?,
                certificate: row.get(5)?,
                registered: row.get(6)?,
                queue: id(row, 7)?,
                queue_seed: row.get(8).map(Zeroizing::new)?,
                unsealing_seed: row.get(9).map(Zeroizing::new)?,
                queue_tokens: row.get(10)?,
                queue_made: row.get(11)?,
                devices: row.get(12)?,
                devices_due: row.get(13)?,
            })
        });
        Ok(row.optional()?)
    }
}

impl WriteTx<'_> {
    /// Makes the account, or replaces what is known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_account(&self, account: &AccountRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO account (only, server, name, invite_code, root_seed, device_seed, certificate,
                 registered, queue, queue_seed, unsealing_seed, queue_tokens, queue_made, devices, devices_due)
             VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
        )?
        .execute(params![
            account.server,
            account.name,
            account.invite_code,
            *account.root_seed,
            *account.device_seed,
            account.certificate,
            account.registered,
            account.queue.as_bytes(),
            *account.queue_seed,
            *account.unsealing_seed,
            account.queue_tokens,
            account.queue_made,
            account.devices,
            account.devices_due,
        ])?;
        Ok(())
    }
}

//! What the devices of the account have in common, as this device has heard of it.

use rusqlite::{OptionalExtension as _, Row, params};
use undertone_wire::ids::Serial;

use crate::{
    ReadTx, StoreError, WriteTx,
    rows::{id, number},
};

/// The latest writing of a register that this device has heard of.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterRow {
    /// What it is about.
    pub kind: u32,
    /// Which one of the kind.
    pub name: Vec<u8>,
    /// What it says; empty for nothing any more.
    pub value: Vec<u8>,
    /// Later than any that its writer had seen.
    pub clock: u64,
    /// The device that wrote it.
    pub device: Serial,
    /// Whether the others have still to be told.
    pub unsent: bool,
    /// Whether it waits for something that is not here yet.
    pub unapplied: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<RegisterRow> {
    Ok(RegisterRow {
        kind: row.get(0)?,
        name: row.get(1)?,
        value: row.get(2)?,
        clock: number(row, 3)?,
        device: id(row, 4)?,
        unsent: row.get(5)?,
        unapplied: row.get(6)?,
    })
}

impl ReadTx<'_> {
    /// All registers.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn registers(&self) -> Result<Vec<RegisterRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT kind, name, value, clock, device, unsent, unapplied FROM registers ORDER BY kind, name",
        )?;
        let rows = statement.query_map([], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    /// One register.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn register(&self, kind: u32, name: &[u8]) -> Result<Option<RegisterRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT kind, name, value, clock, device, unsent, unapplied FROM registers WHERE kind = ?1 AND name = ?2",
        )?;
        Ok(statement.query_row(params![kind, name], read).optional()?)
    }

    /// Those of which the other devices have still to be told, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn unsent_registers(&self, limit: u32) -> Result<Vec<RegisterRow>, StoreError> {
        let mut statement = self.statement(
            "SELECT kind, name, value, clock, device, unsent, unapplied FROM registers
             WHERE unsent = 1 ORDER BY kind, name LIMIT ?1",
        )?;
        let rows = statement
            .query_map([limit], read)?
            .collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

impl WriteTx<'_> {
    /// Keeps a register, in place of what was known of it.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn put_register(&self, register: &RegisterRow) -> Result<(), StoreError> {
        self.statement(
            "INSERT OR REPLACE INTO registers (kind, name, value, clock, device, unsent, unapplied)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            register.kind,
            register.name,
            register.value,
            register.clock.cast_signed(),
            register.device.as_bytes(),
            register.unsent,
            register.unapplied,
        ])?;
        Ok(())
    }

    /// All registers are to be told again: a device has come that knows none of them.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn resend_registers(&self) -> Result<(), StoreError> {
        self.statement("UPDATE registers SET unsent = 1")?
            .execute([])?;
        Ok(())
    }
}

//! Reading and writing rows that are reached by a secret.

use rand_core::CryptoRngCore;
use undertone_wire::sealed_row::{Table, UnsealError, open_row, row_key, seal_row};
use zeroize::Zeroizing;

use super::{StoreError, failure::Outcome, store::Store};

/// A row's name and a row's value, both from one secret.
#[derive(Clone, Copy)]
pub(super) struct Secret<'a> {
    pub table: Table,
    pub parts: &'a [&'a [u8]],
}

impl Secret<'_> {
    /// The row's key on the disk.
    pub fn key(&self) -> [u8; 32] {
        row_key(self.table, self.parts)
    }

    /// A value as it stands on the disk.
    pub fn seal(&self, value: &[u8], rng: &mut dyn CryptoRngCore) -> Vec<u8> {
        seal_row(self.table, self.parts, value, rng)
    }

    /// Opens what [`Secret::seal`] made.
    pub fn open(&self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
        open_row(self.table, self.parts, sealed)
    }
}

impl Store {
    /// The opened value of a row, by a query whose only parameter is the key and whose first column the sealed value.
    pub fn get(
        &self,
        sql: &'static str,
        secret: Secret<'_>,
    ) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
        let opened = self.first(sql, (secret.key(),), |row| {
            Ok(secret.open(row.get_ref(0)?.as_blob()?))
        })?;
        Ok(opened.transpose()?)
    }

    /// As [`Store::get`], with the second column: a day or a week.
    pub fn get_with_end(
        &self,
        sql: &'static str,
        secret: Secret<'_>,
    ) -> Outcome<Option<(Zeroizing<Vec<u8>>, u32)>> {
        let row = self.first(sql, (secret.key(),), |row| {
            Ok((secret.open(row.get_ref(0)?.as_blob()?), row.get(1)?))
        })?;
        row.map(|(opened, end)| Ok((opened?, end))).transpose()
    }

    /// Seals and stores a value by a statement with the parameters key, day or week, sealed value.
    pub fn put(
        &self,
        sql: &'static str,
        secret: Secret<'_>,
        end: u32,
        value: &[u8],
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let sealed = secret.seal(value, rng);
        self.execute(sql, (secret.key(), end, sealed)).map(drop)
    }
}

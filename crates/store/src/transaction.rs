//! The two kinds of transaction, in which everything is read and written.

use std::ops::Deref;

use rusqlite::{CachedStatement, Connection, Transaction, TransactionBehavior};

use crate::store::StoreError;

/// A consistent view of the store; see [`Store::read`](crate::Store::read).
pub struct ReadTx<'store> {
    transaction: Transaction<'store>,
}

/// A change of the store that happens wholly or not at all; see [`Store::write`](crate::Store::write). It can do all
/// that a [`ReadTx`] can.
pub struct WriteTx<'store>(ReadTx<'store>);

impl<'store> ReadTx<'store> {
    pub(crate) fn begin(connection: &'store Connection) -> Result<Self, StoreError> {
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
        Ok(Self { transaction })
    }

    /// A prepared statement, kept for the next time. SQL stays inside this crate.
    pub(crate) fn statement(&self, sql: &'static str) -> Result<CachedStatement<'_>, StoreError> {
        Ok(self.transaction.prepare_cached(sql)?)
    }
}

impl<'store> WriteTx<'store> {
    pub(crate) fn begin(connection: &'store mut Connection) -> Result<Self, StoreError> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Ok(Self(ReadTx { transaction }))
    }

    pub(crate) fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.transaction.commit()?)
    }
}

impl<'store> Deref for WriteTx<'store> {
    type Target = ReadTx<'store>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

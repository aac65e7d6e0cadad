//! Leaves nothing: what a device does that was signed out from another.

use crate::{StoreError, WriteTx};

impl WriteTx<'_> {
    /// Deletes all that the store holds, but which of a browser's tabs leads: that is of the browser and not of the account.
    /// What is deleted is overwritten (`secure_delete`), with the transaction.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn wipe(&self) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM search",
            "DELETE FROM mls_kv",
            "DELETE FROM settings WHERE name <> 'leader epoch'",
            "DELETE FROM account",
            "DELETE FROM tokens",
            "DELETE FROM cards",
            "DELETE FROM aliases",
            "DELETE FROM contacts",
            "DELETE FROM chats",
            "DELETE FROM groups",
            "DELETE FROM pending_commits",
            "DELETE FROM adds",
            "DELETE FROM messages",
            "DELETE FROM outbox",
            "DELETE FROM receipts",
            "DELETE FROM acks",
            "DELETE FROM events",
            "DELETE FROM drafts",
            "DELETE FROM members",
            "DELETE FROM wishes",
            "DELETE FROM invitations",
            "DELETE FROM heard",
            "DELETE FROM registers",
            "DELETE FROM places",
            "DELETE FROM transfers",
            "DELETE FROM devices_since",
            "DELETE FROM epoch_marks",
        ] {
            self.statement(sql)?.execute([])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::{Location, Store, StoreError, StoreKey};

    #[test]
    fn no_table_is_forgotten() {
        let mut store = Store::open(Location::Memory, &StoreKey::from_bytes(&[1; 32])).unwrap();
        store.write(|tx| tx.wipe()).unwrap();
        let tables: Vec<String> = store
            .read(|tx| {
                let mut tables = tx.statement(
                    "SELECT name FROM pragma_table_list WHERE schema = 'main' \
                     AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite%'",
                )?;
                let names = tables.query_map([], |row| row.get(0))?.collect();
                Ok::<_, StoreError>(names)
            })
            .map(Result::<_, rusqlite::Error>::unwrap)
            .unwrap();
        let wiped = include_str!("wipe.rs");
        for name in &tables {
            let whole = format!("\"DELETE FROM {name}\"");
            let most = format!("\"DELETE FROM {name} WHERE");
            assert!(wiped.contains(&whole) || wiped.contains(&most), "{name}");
        }
        assert_eq!(tables.len(), 27);
    }
}

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

    use crate::{Location, Store, StoreKey};

    #[test]
    fn no_table_is_forgotten() {
        let mut store = Store::open(Location::Memory, &StoreKey::from_bytes(&[1; 32])).unwrap();
        store.write(|tx| tx.wipe()).unwrap();
        let wiped = include_str!("wipe.rs");
        let mut tables = 0;
        for migration in [
            include_str!("../migrations/0001_base.sql"),
            include_str!("../migrations/0002_search.sql"),
            include_str!("../migrations/0003_conversations.sql"),
            include_str!("../migrations/0004_drafts.sql"),
            include_str!("../migrations/0005_groups.sql"),
            include_str!("../migrations/0006_devices.sql"),
            include_str!("../migrations/0007_behind_and_forks.sql"),
            include_str!("../migrations/0008_following.sql"),
        ] {
            for line in migration.lines() {
                let name = line
                    .strip_prefix("CREATE TABLE ")
                    .or_else(|| line.strip_prefix("CREATE VIRTUAL TABLE "));
                if let Some(name) = name.and_then(|rest| rest.split(' ').next()) {
                    tables += 1;
                    let whole = format!("\"DELETE FROM {name}\"");
                    let most = format!("\"DELETE FROM {name} WHERE");
                    assert!(wiped.contains(&whole) || wiped.contains(&most), "{name}");
                }
            }
        }
        assert_eq!(tables, 27);
    }
}

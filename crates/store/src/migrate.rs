//! Brings the schema up to date: an append-only list of SQL files, counted by `PRAGMA user_version`.

use rusqlite::{Connection, TransactionBehavior};

/// Never edit, reorder or remove one: profiles out there have run them. Add the next at the end.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_base.sql"),
    include_str!("../migrations/0002_search.sql"),
    include_str!("../migrations/0003_conversations.sql"),
    include_str!("../migrations/0004_drafts.sql"),
    include_str!("../migrations/0005_groups.sql"),
    include_str!("../migrations/0006_devices.sql"),
    include_str!("../migrations/0007_behind_and_forks.sql"),
    include_str!("../migrations/0008_following.sql"),
    include_str!("../migrations/0009_large_values.sql"),
];

/// Why the schema could not be brought up to date; nothing changed beyond whole migrations.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MigrateError {
    #[error("the database has schema {found}, this version knows only up to {known}")]
    Newer { found: i64, known: i64 },
    #[error("a migration failed")]
    Sqlite(#[from] rusqlite::Error),
}

/// Runs every migration that this database has not seen, each in a transaction of its own.
pub(crate) fn migrate(connection: &mut Connection) -> Result<(), MigrateError> {
    run(connection, MIGRATIONS)
}

fn run(connection: &mut Connection, migrations: &[&str]) -> Result<(), MigrateError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
    if !(0..=known).contains(&found) {
        return Err(MigrateError::Newer { found, known });
    }
    for (version, sql) in (1_i64..).zip(migrations) {
        if version <= found {
            continue;
        }
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(sql)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic
    )]

    use rusqlite::Connection;
    use sha2::{Digest, Sha256};

    use super::{MIGRATIONS, MigrateError, migrate, run};

    fn version(connection: &Connection) -> usize {
        let version: i64 = connection
            .pragma_query_value(None, "user_version", |row| row.get(0))
            .unwrap();
        version.try_into().unwrap()
    }

    fn schema(connection: &Connection) -> Vec<(String, String)> {
        let mut statement = connection
            .prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[test]
    fn every_older_version_arrives_at_the_same_schema() {
        let mut fresh = Connection::open_in_memory().unwrap();
        migrate(&mut fresh).unwrap();
        for start in 0..=MIGRATIONS.len() {
            let mut old = Connection::open_in_memory().unwrap();
            run(&mut old, &MIGRATIONS[..start]).unwrap();
            assert_eq!(version(&old), start);
            migrate(&mut old).unwrap();
            assert_eq!(version(&old), MIGRATIONS.len());
            assert_eq!(schema(&old), schema(&fresh));
        }
    }

    #[test]
    fn what_mls_had_stored_is_there_when_its_table_is_another() {
        let mut old = Connection::open_in_memory().unwrap();
        run(&mut old, &MIGRATIONS[..8]).unwrap();
        for number in 1..=3 {
            let sql = "INSERT INTO mls_kv (key, value) VALUES (?1, zeroblob(?2))";
            old.execute(sql, ([number], i64::from(number) * 100_000))
                .unwrap();
        }
        migrate(&mut old).unwrap();
        let mut kept = old
            .prepare("SELECT key, length(value) FROM mls_kv ORDER BY key")
            .unwrap();
        let kept: Vec<([u8; 1], i64)> = kept
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(kept, [([1], 100_000), ([2], 200_000), ([3], 300_000)]);
        let twice = old.execute("INSERT INTO mls_kv (key, value) VALUES (x'01', x'')", []);
        assert!(twice.is_err());
    }

    #[test]
    fn a_newer_or_nonsensical_version_is_refused() {
        let newer = i64::try_from(MIGRATIONS.len()).unwrap() + 1;
        for found in [newer, -1] {
            let mut connection = Connection::open_in_memory().unwrap();
            connection
                .pragma_update(None, "user_version", found)
                .unwrap();
            match migrate(&mut connection) {
                Err(MigrateError::Newer { found: seen, .. }) => assert_eq!(seen, found),
                other => panic!("not refused: {other:?}"),
            }
            assert!(schema(&connection).is_empty());
        }
    }

    #[test]
    fn a_failing_migration_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = [
            "CREATE TABLE a (b INTEGER NOT NULL) STRICT;",
            "CREATE TABLE c (d INTEGER NOT NULL) STRICT; nonsense;",
        ];
        run(&mut connection, &broken).unwrap_err();
        assert_eq!(version(&connection), 1);
        assert_eq!(schema(&connection).len(), 1);
    }

    #[test]
    fn every_table_is_strict_and_every_column_not_null() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        let loose: Vec<String> = connection
            .prepare(
                "SELECT name FROM pragma_table_list \
                 WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(loose.is_empty(), "not STRICT: {loose:?}");
        let nullable: Vec<String> = connection
            .prepare(
                "SELECT t.name || '.' || c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c \
                 WHERE t.schema = 'main' AND t.type = 'table' AND t.strict = 1 AND c.\"notnull\" = 0",
            )
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(nullable.is_empty(), "not NOT NULL: {nullable:?}");
    }

    /// Append-only: a new migration adds a line here, an edited one fails.
    #[test]
    fn released_migrations_are_never_edited() {
        const DIGESTS: &[&str] = &[
            "8cd31b6fad689ba9",
            "0514f8c1f874376a",
            "9a46eee0f76dc789",
            "7e2802868ca951bd",
            "57042c46179ae338",
            "f2c40c6ce3b00df3",
            "5bdc6e977760044a",
            "7a9bdc424b1c8975",
            "1dae345ed54c82fd",
        ];
        let digests: Vec<String> = MIGRATIONS
            .iter()
            .map(|sql| {
                let digest = Sha256::digest(sql.as_bytes());
                digest[..8]
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect()
            })
            .collect();
        assert_eq!(
            digests, DIGESTS,
            "a new migration adds its digest here; an old one must not change"
        );
    }
}

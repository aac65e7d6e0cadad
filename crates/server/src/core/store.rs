//! The five files of the storage behind one connection, and the one transaction that a batch is.
//!
//! SQLite commits attached files in WAL mode one after the other, in the order in which they were attached; a loss of
//! power in between leaves the later ones behind. `tokens` is therefore the last: a token is never spent without its
//! effect, and an effect without its spent token is paid when the client, which got no answer, asks again.

use std::{fs, path::PathBuf, time::Duration};

use rusqlite::{CachedStatement, Connection};

/// Where the storage lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder, made if it is not there (readable by its owner only).
    Folder(PathBuf),
    /// Memory of this process under a name, shared by all who open that name, gone when the last lets go of it.
    Memory(String),
}

impl Location {
    /// Makes the folder if it is missing.
    fn made_ready(&self) -> std::io::Result<Self> {
        let Self::Folder(folder) = self else {
            return Ok(self.clone());
        };
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        // Absolute, so that SQLite never takes it for a URI.
        fs::canonicalize(folder).map(Self::Folder)
    }

    /// What SQLite opens for one of the files.
    fn address(&self, file: &str) -> String {
        match self {
            Self::Folder(folder) => folder
                .join(file)
                .with_extension("db")
                .to_string_lossy()
                .into_owned(),
            Self::Memory(name) => {
                let name: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
                format!("file:/undertone-{name}-{file}?vfs=memdb")
            }
        }
    }
}

/// Keeps the memory of a name alive while no core has it open.
pub struct MemoryKeeper {
    connection: Connection,
}

impl MemoryKeeper {
    /// Holds the memory called `name`.
    ///
    /// # Errors
    /// [`OpenError`] if SQLite refuses.
    pub fn new(name: &str) -> Result<Self, OpenError> {
        let store = Store::open(&Location::Memory(name.to_owned()))?;
        Ok(Self {
            connection: store.connection,
        })
    }

    /// A copy under another name, which nobody may have in use, of all that is stored here.
    ///
    /// # Errors
    /// [`OpenError`] if SQLite refuses.
    pub fn copied(&self, name: &str) -> Result<Self, OpenError> {
        let copy = Location::Memory(name.to_owned());
        // Empty memory of that name has to be held until it is opened: each file is written by a connection of its own.
        let holder = Connection::open_in_memory()?;
        for file in &FILES {
            let address = copy.address(file.name);
            holder.execute("ATTACH ?1 AS ?2", (&address, file.name))?;
            let into = format!("VACUUM {} INTO ?1", file.name);
            self.connection.execute(&into, (address,))?;
        }
        Self::new(name)
    }
}

impl std::fmt::Debug for MemoryKeeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryKeeper(…)")
    }
}

/// Why the storage cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or reached.
    #[error("the data folder cannot be used")]
    Folder(#[source] std::io::Error),
    /// SQLite refuses.
    #[error("the storage cannot be opened")]
    Storage(#[from] rusqlite::Error),
    /// The storage refuses a first change.
    #[error("the storage cannot be written")]
    Write(#[from] StoreError),
    /// SQLite keeps no write-ahead log there (for instance on a network drive).
    #[error("the data folder does not allow a write-ahead log")]
    NoWriteAheadLog,
    /// Written by a newer version of the server.
    #[error("the storage was written by a newer version of the server")]
    Newer,
}

/// The storage failed; nothing of the transaction was stored.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite reports an error.
    #[error("the storage failed")]
    Storage(#[from] rusqlite::Error),
    /// A key of a queue or a day cannot be used, or a row does not open.
    #[error("a stored row cannot be read")]
    Damaged,
}

/// A file: its name in SQL, the size of its pages in bytes, its migrations. A migration is never changed once released.
struct File {
    name: &'static str,
    page_size: u32,
    migrations: &'static [&'static str],
}

/// In the order of commit. Pages of `delivery` hold several entries of a usual message without overflow.
const FILES: [File; 5] = [
    File {
        name: "delivery",
        page_size: 8_192,
        migrations: &[include_str!("../../schema/delivery_0001.sql")],
    },
    File {
        name: "directory",
        page_size: 4_096,
        migrations: &[include_str!("../../schema/directory_0001.sql")],
    },
    File {
        name: "cards",
        page_size: 8_192,
        migrations: &[include_str!("../../schema/cards_0001.sql")],
    },
    File {
        name: "blobs",
        page_size: 16_384,
        migrations: &[include_str!("../../schema/blobs_0001.sql")],
    },
    File {
        name: "tokens",
        page_size: 4_096,
        migrations: &[include_str!("../../schema/tokens_0001.sql")],
    },
];

/// How long another process (an invite being made) may hold the write lock.
const BUSY: Duration = Duration::from_secs(5);
/// All statements of this crate stay prepared.
const STATEMENTS: usize = 256;

pub(super) struct Store {
    connection: Connection,
}

impl Store {
    pub fn open(location: &Location) -> Result<Self, OpenError> {
        // The main database of the connection is an empty one in memory, so that all files are attached alike.
        let connection = Connection::open_in_memory()?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.busy_timeout(BUSY)?;
        let location = location.made_ready().map_err(OpenError::Folder)?;
        for file in &FILES {
            connection.execute("ATTACH ?1 AS ?2", (location.address(file.name), file.name))?;
            let durable = matches!(location, Location::Folder(_));
            configure(&connection, file, durable)?;
            migrate(&connection, file)?;
        }
        Ok(Self { connection })
    }

    /// A statement, prepared once.
    pub fn statement(&self, sql: &'static str) -> rusqlite::Result<CachedStatement<'_>> {
        self.connection.prepare_cached(sql)
    }

    /// Runs a statement; gives the number of rows that it changed.
    pub fn execute(
        &self,
        sql: &'static str,
        parameters: impl rusqlite::Params,
    ) -> Result<usize, StoreError> {
        Ok(self.statement(sql)?.execute(parameters)?)
    }

    /// The first row that a query gives, if there is one.
    pub fn first<T>(
        &self,
        sql: &'static str,
        parameters: impl rusqlite::Params,
        read: impl FnOnce(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.statement(sql)?;
        let mut rows = statement.query(parameters)?;
        Ok(rows.next()?.map(read).transpose()?)
    }

    /// Takes the write lock, so that no other process changes anything under a decision.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.execute("BEGIN IMMEDIATE", ()).map(drop)
    }

    /// Makes everything since [`Store::begin`] durable.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.execute("COMMIT", ()).map(drop)
    }

    /// Undoes everything since [`Store::begin`], if SQLite has not done so already.
    pub fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // What fails here shows at the next `begin`.
            let _ = self.execute("ROLLBACK", ());
        }
    }

    /// Moves the write-ahead logs into the files and empties them: their order tells what was written when.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        for sql in [
            "PRAGMA delivery.wal_checkpoint(TRUNCATE)",
            "PRAGMA directory.wal_checkpoint(TRUNCATE)",
            "PRAGMA cards.wal_checkpoint(TRUNCATE)",
            "PRAGMA blobs.wal_checkpoint(TRUNCATE)",
            "PRAGMA tokens.wal_checkpoint(TRUNCATE)",
        ] {
            self.first(sql, (), |_| Ok(()))?;
        }
        Ok(())
    }
}

fn configure(connection: &Connection, file: &File, durable: bool) -> Result<(), OpenError> {
    let File {
        name, page_size, ..
    } = file;
    connection.pragma_update(Some(*name), "page_size", page_size)?;
    if durable {
        let mode: String =
            connection
                .pragma_update_and_check(Some(*name), "journal_mode", "WAL", |row| row.get(0))?;
        if mode != "wal" {
            return Err(OpenError::NoWriteAheadLog);
        }
    }
    connection.pragma_update(Some(*name), "synchronous", "FULL")?;
    connection.pragma_update(Some(*name), "secure_delete", "ON")?;
    // 64 MiB of pages at most.
    connection.pragma_update(Some(*name), "cache_size", -65_536)?;
    Ok(())
}

fn migrate(connection: &Connection, file: &File) -> Result<(), OpenError> {
    let File {
        name, migrations, ..
    } = file;
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let result = (|| {
        let version: u32 =
            connection.pragma_query_value(Some(*name), "user_version", |row| row.get(0))?;
        let missing = migrations.get(version as usize..).ok_or(OpenError::Newer)?;
        for sql in missing {
            connection.execute_batch(sql)?;
        }
        if !missing.is_empty() {
            let version = version + missing.len() as u32;
            connection.pragma_update(Some(*name), "user_version", version)?;
        }
        Ok(())
    })();
    connection.execute_batch(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    result
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::core::statements::{ALL, REGISTRIES, SWEPT};

    fn plan(store: &Store, sql: &str) -> Vec<String> {
        let sql = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = store.connection.prepare(&sql).unwrap();
        let parameters = statement.parameter_count();
        let nothing = vec![rusqlite::types::Null; parameters];
        statement
            .query_map(rusqlite::params_from_iter(nothing), |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }

    #[test]
    fn no_statement_scans_or_sorts_a_table() {
        let store = Store::open(&Location::Memory("plans".to_owned())).unwrap();
        let registries = REGISTRIES
            .iter()
            .flat_map(|table| [table.select, table.delete, table.insert]);
        let swept = SWEPT.iter().flat_map(|table| [table.select, table.delete]);
        let all = ALL.iter().map(|(_, sql)| *sql);
        for sql in all.chain(registries).chain(swept) {
            for step in plan(&store, sql) {
                // Two rows at most are in `seeds`; `SCAN (subquery)` counts what the limit lets through.
                let small = sql.contains("tokens.seeds") || step == "SCAN (subquery-1)";
                assert!(
                    small || !step.contains("SCAN") && !step.contains("TEMP B-TREE"),
                    "{sql}: {step}"
                );
            }
        }
    }

    #[test]
    fn what_is_begun_and_given_up_leaves_nothing() {
        let store = Store::open(&Location::Memory("given up".to_owned())).unwrap();
        store.begin().unwrap();
        let run = crate::core::queues::begin_run(&store).unwrap();
        store.roll_back();
        store.roll_back();
        assert_eq!(crate::core::queues::begin_run(&store).unwrap(), run);
    }

    #[test]
    fn a_copy_of_memory_has_what_was_stored_and_goes_its_own_way() {
        let keeper = MemoryKeeper::new("original").unwrap();
        let original = Store::open(&Location::Memory("original".to_owned())).unwrap();
        let run = crate::core::queues::begin_run(&original).unwrap();
        let _kept = keeper.copied("copy").unwrap();
        let copy = Store::open(&Location::Memory("copy".to_owned())).unwrap();
        for store in [&copy, &original] {
            assert_eq!(crate::core::queues::begin_run(store).unwrap(), run + 1);
        }
    }

    #[test]
    fn memory_lives_as_long_as_somebody_keeps_it() {
        let location = Location::Memory("kept \u{e9}?#".to_owned());
        let first = Store::open(&location).unwrap();
        let keeper = MemoryKeeper::new("kept \u{e9}?#").unwrap();
        let run = crate::core::queues::begin_run(&first).unwrap();
        drop(first);
        let second = Store::open(&location).unwrap();
        assert_eq!(crate::core::queues::begin_run(&second).unwrap(), run + 1);
        drop((second, keeper));
        let third = Store::open(&location).unwrap();
        assert_eq!(crate::core::queues::begin_run(&third).unwrap(), run);
    }
}

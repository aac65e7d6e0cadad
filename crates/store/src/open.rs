//! Opens the database: where it lies, its key, its pragmas and its migrations.

use std::path::PathBuf;
use std::sync::Once;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::key::StoreKey;
use crate::migrate::{MigrateError, migrate};

/// Statements kept prepared; the whole crate has fewer.
const PREPARED_STATEMENTS: usize = 128;

/// Where a store lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// An encrypted file; in the browser, a name within the installed pool.
    File(PathBuf),
    /// Plain memory of this store alone, gone with it. For tests and shared-computer mode: the key is not used.
    Memory,
    /// Plain memory under a name, shared by the process: it lives while any store has it open, so that a test can drop
    /// a "killed" client and open it again. The key is not used.
    SharedMemory(String),
}

/// Why a store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The key is not the one of this file, or the file is no store, or its first page is damaged: encryption makes
    /// these look the same.
    #[error("the key does not open this store, or the file is damaged")]
    WrongKey,
    /// The file was last written by a newer version; this one must not touch it.
    #[error("the store has schema {found}, this version knows only up to {known}")]
    Newer {
        /// The schema version of the file.
        found: i64,
        /// The newest schema version of this build.
        known: i64,
    },
    /// SQLite was built or opened without a cipher; nothing was written.
    #[error("this build of SQLite cannot encrypt")]
    NoCipher,
    /// SQLite refused to write as durably as was asked.
    #[error("SQLite does not offer the journal mode that the store needs")]
    JournalMode,
    /// Any other failure of SQLite or the disk.
    #[error("SQLite could not open the store")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
            Self::WrongKey
        } else {
            Self::Sqlite(error)
        }
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Newer { found, known } => Self::Newer { found, known },
            MigrateError::Sqlite(error) => error.into(),
        }
    }
}

/// SQLite calls itself initialised before its cipher is, so that a thread which opens a store while another opens the
/// first of the process finds a cipher half made, and is refused.
static CIPHER_IS_READY: Once = Once::new();

/// Opens, unlocks and migrates the database.
pub(crate) fn open(location: &Location, key: &StoreKey) -> Result<Connection, OpenError> {
    CIPHER_IS_READY.call_once(|| drop(Connection::open_in_memory()));
    let mut connection = match location {
        Location::File(path) => {
            let connection = open_file(path)?;
            unlock(&connection, key)?;
            file_pragmas(&connection)?;
            connection
        }
        Location::Memory => Connection::open_in_memory()?,
        Location::SharedMemory(name) => Connection::open_with_flags_and_vfs(
            // The leading slash is what makes SQLite share the name.
            format!("/{name}"),
            flags(),
            c"memdb",
        )?,
    };
    common_pragmas(&connection)?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn flags() -> OpenFlags {
    // One thread at a time uses a connection, because a transaction needs `&mut Store`.
    OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

#[cfg(not(target_family = "wasm"))]
fn open_file(path: &std::path::Path) -> Result<Connection, OpenError> {
    // Absolute, because SQLite would take a relative path that begins with "file:" for a URI.
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    Ok(Connection::open_with_flags(path, flags())?)
}

#[cfg(target_family = "wasm")]
fn open_file(path: &std::path::Path) -> Result<Connection, OpenError> {
    Ok(Connection::open_with_flags_and_vfs(
        path,
        flags(),
        crate::install_vfs::ENCRYPTED_VFS,
    )?)
}

/// Gives SQLite the key and reads the first page with it.
fn unlock(connection: &Connection, key: &StoreKey) -> Result<(), OpenError> {
    quieten(connection)?;
    // Without a cipher `PRAGMA key` silently does nothing and everything would be written in the clear.
    let cipher: Result<String, _> =
        connection.pragma_query_value(None, CIPHER_PRAGMA, |row| row.get(0));
    if cipher.is_err() {
        return Err(OpenError::NoCipher);
    }
    // SQLite's own error would quote the statement, and the statement holds the key.
    connection
        .pragma_update(None, "key", key.to_pragma().as_str())
        .map_err(|_| OpenError::NoCipher)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(())
}

/// SQLCipher writes to the process's standard error when a key is wrong; we have an error for that.
#[cfg(not(target_family = "wasm"))]
fn quieten(connection: &Connection) -> Result<(), OpenError> {
    Ok(connection.pragma_update(None, "cipher_log_level", "NONE")?)
}

#[cfg(target_family = "wasm")]
fn quieten(_: &Connection) -> Result<(), OpenError> {
    Ok(())
}

/// Answered only by a SQLite that can encrypt.
#[cfg(not(target_family = "wasm"))]
const CIPHER_PRAGMA: &str = "cipher_version";
#[cfg(target_family = "wasm")]
const CIPHER_PRAGMA: &str = "cipher";

#[cfg(not(target_family = "wasm"))]
fn file_pragmas(connection: &Connection) -> Result<(), OpenError> {
    set_journal_mode(connection, "wal")
}

#[cfg(target_family = "wasm")]
fn file_pragmas(connection: &Connection) -> Result<(), OpenError> {
    // The pool has no shared memory, and one worker owns it anyway.
    connection.pragma_update(None, "locking_mode", "exclusive")?;
    // Creating and deleting a journal for each commit costs four times as much there.
    set_journal_mode(connection, "persist")
}

fn set_journal_mode(connection: &Connection, mode: &str) -> Result<(), OpenError> {
    let chosen: String =
        connection.pragma_update_and_check(None, "journal_mode", mode, |row| row.get(0))?;
    if chosen.eq_ignore_ascii_case(mode) {
        Ok(())
    } else {
        Err(OpenError::JournalMode)
    }
}

fn common_pragmas(connection: &Connection) -> Result<(), OpenError> {
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The profile's lock makes this the only writer: waiting could only hide a mistake.
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_STATEMENTS);
    Ok(())
}

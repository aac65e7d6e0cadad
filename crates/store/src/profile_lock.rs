//! The lock of a profile: of all processes on the machine, one at a time works on it.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The lock file within a profile's directory; it stays empty, and its existence means nothing.
const FILE: &str = "lock";
/// The database within a profile's directory.
const STORE: &str = "store.db";

/// The right to work on one profile; given back when dropped, and by the system when the process dies.
#[derive(Debug)]
pub struct ProfileLock {
    dir: PathBuf,
    // Held for its lock alone.
    _file: File,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ProfileLockError {
    /// Another process, or another part of this one, works on the profile.
    #[error("the profile is in use")]
    Busy,
    /// There is no such directory.
    #[error("there is no profile directory here")]
    NoDirectory,
    /// The disk or the file system failed; some network file systems know no locks.
    #[error("the profile could not be locked")]
    Io(#[from] io::Error),
}

/// Makes the directory of a profile, readable by its owner alone, unless it is there.
///
/// # Errors
/// Whatever the file system says.
pub fn create_profile_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

impl ProfileLock {
    /// Takes the lock of the profile in `dir`, or says at once that somebody has it.
    ///
    /// # Errors
    /// [`ProfileLockError`].
    pub fn try_acquire(dir: &Path) -> Result<Self, ProfileLockError> {
        let file = open(dir)?;
        match file.try_lock() {
            Ok(()) => Ok(Self::new(dir, file)),
            Err(TryLockError::WouldBlock) => Err(ProfileLockError::Busy),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    /// Takes the lock of the profile in `dir`, and blocks the thread for as long as somebody else has it.
    ///
    /// # Errors
    /// [`ProfileLockError`] except `Busy`.
    pub fn acquire_blocking(dir: &Path) -> Result<Self, ProfileLockError> {
        let file = open(dir)?;
        file.lock()?;
        Ok(Self::new(dir, file))
    }

    /// The directory of the profile.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the profile's store lies, for [`Location::File`](crate::Location::File).
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.dir.join(STORE)
    }

    fn new(dir: &Path, file: File) -> Self {
        Self {
            dir: dir.to_path_buf(),
            _file: file,
        }
    }
}

fn open(dir: &Path) -> Result<File, ProfileLockError> {
    if !fs::exists(dir)? {
        return Err(ProfileLockError::NoDirectory);
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(options.open(dir.join(FILE))?)
}

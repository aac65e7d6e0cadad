//! The data folder: closed to other users, and held by one process at a time.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io,
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

const OWNER_ONLY: u32 = 0o700;
const OTHERS: u32 = 0o077;
const LOCK: &str = "lock";

/// Why the data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataFolderError {
    /// It can be neither opened nor made.
    #[error("the data folder {0} cannot be used")]
    Unusable(PathBuf, #[source] io::Error),
    /// Others may read it, and it holds what is not ours: closing it would be presumptuous.
    #[error(
        "{0} is open to other users and holds other things: name an own, empty or new data folder"
    )]
    Shared(PathBuf),
    /// Another process holds it.
    #[error("another server uses the data folder {0}")]
    Held(PathBuf),
}

/// A data folder that this process holds until the value is dropped.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Makes the folder if it is missing, closes it to other users and takes its lock.
    ///
    /// # Errors
    /// [`DataFolderError`]; [`DataFolderError::Held`] if another process has it.
    pub fn open(path: &Path) -> Result<Self, DataFolderError> {
        let unusable = |error| DataFolderError::Unusable(path.to_owned(), error);
        DirBuilder::new()
            .recursive(true)
            .mode(OWNER_ONLY)
            .create(path)
            .map_err(unusable)?;
        close_to_others(path)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path.join(LOCK))
            .map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataFolderError::Held(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the address in force into `listen`, for whoever started the server at port 0.
    ///
    /// # Errors
    /// [`DataFolderError::Unusable`] if it cannot be written.
    pub fn announce(&self, address: SocketAddr) -> Result<(), DataFolderError> {
        let unusable = |error| DataFolderError::Unusable(self.path.clone(), error);
        let new = self.path.join("listen.new");
        fs::write(&new, format!("{address}\n")).map_err(unusable)?;
        fs::rename(new, self.path.join("listen")).map_err(unusable)
    }

    /// Takes back what [`Self::announce`] wrote.
    pub fn withdraw(&self) {
        // A file that is left behind misleads nobody for long: the next start replaces it.
        let _ = fs::remove_file(self.path.join("listen"));
    }
}

fn close_to_others(path: &Path) -> Result<(), DataFolderError> {
    let unusable = |error| DataFolderError::Unusable(path.to_owned(), error);
    let mode = fs::metadata(path).map_err(unusable)?.permissions().mode();
    if mode & OTHERS == 0 {
        return Ok(());
    }
    let empty = fs::read_dir(path).map_err(unusable)?.next().is_none();
    if !empty && !path.join(LOCK).exists() {
        return Err(DataFolderError::Shared(path.to_owned()));
    }
    fs::set_permissions(path, Permissions::from_mode(OWNER_ONLY)).map_err(unusable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_closed_to_others_and_held_once() {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("new/data");
        let held = DataFolder::open(&path).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
        assert!(matches!(
            DataFolder::open(&path),
            Err(DataFolderError::Held(_))
        ));
        drop(held);
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        drop(DataFolder::open(&path).unwrap());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, OWNER_ONLY);
    }

    #[test]
    fn a_folder_of_others_is_left_as_it_is() {
        let base = tempfile::tempdir().unwrap();
        fs::set_permissions(base.path(), Permissions::from_mode(0o755)).unwrap();
        fs::write(base.path().join("letter"), "").unwrap();
        assert!(matches!(
            DataFolder::open(base.path()),
            Err(DataFolderError::Shared(_))
        ));
        let mode = fs::metadata(base.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755);
    }
}

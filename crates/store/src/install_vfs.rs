//! Gives SQLite in the browser a place to keep files: a pool of handles in the origin's private file system.

use sqlite_wasm_rs::{WasmOsCallback, vfs::VfsFilesManager as _};
use sqlite_wasm_vfs::sahpool::{OpfsSAHError, OpfsSAHPoolCfgBuilder, OpfsSAHPoolUtil, install};

/// The pool itself; it stores what it is given, in the clear.
const POOL_VFS: &str = "opfs-sahpool";

/// The pool behind the cipher. SQLite3 Multiple Ciphers makes this one by itself when it is first opened by this
/// name, and opening fails if it cannot.
pub(crate) const ENCRYPTED_VFS: &str = "multipleciphers-opfs-sahpool";

/// Why the browser gives no files.
#[derive(Debug, thiserror::Error)]
pub enum InstallVfsError {
    /// This browser has none, or gives none in this window: trying again is of no use.
    #[error("the browser has no private file system for this page")]
    Unsupported(#[source] OpfsSAHError),
    /// It gives none now; another worker that is about to end may hold them.
    #[error("the browser's private file system is not available now")]
    NotNow(#[source] OpfsSAHError),
}

impl From<OpfsSAHError> for InstallVfsError {
    fn from(error: OpfsSAHError) -> Self {
        match error {
            OpfsSAHError::NotSupported => Self::Unsupported(error),
            // The root is refused by settings or a private window; what lies under it only by who holds it.
            OpfsSAHError::Opfs {
                operation: "get OPFS root",
                ..
            } => Self::Unsupported(error),
            _ => Self::NotNow(error),
        }
    }
}

/// The files of [`install_vfs`].
pub struct Files(OpfsSAHPoolUtil);

impl Files {
    /// Whether nothing was ever stored in them.
    ///
    /// # Errors
    /// [`InstallVfsError`] if the pool is in no state to tell.
    pub fn are_new(&self) -> Result<bool, InstallVfsError> {
        Ok(self.0.is_empty()?)
    }

    /// Empties them. Whoever does this has no store open.
    ///
    /// # Errors
    /// [`InstallVfsError`] if the pool is in no state for it, or a store is open.
    pub fn clear(&self) -> Result<(), InstallVfsError> {
        Ok(self.0.clear()?)
    }
}

/// Prepares files for [`Location::File`](crate::Location::File) under `directory` of the origin's private file
/// system, with handles for `capacity` files; a store needs two, itself and its journal. Only a dedicated worker can
/// do this, and only one at a time: whoever calls it holds the lock that elects the leading tab.
///
/// # Errors
/// [`InstallVfsError`] outside a dedicated worker or a secure context, and while another tab holds the handles.
pub async fn install_vfs(directory: &str, capacity: usize) -> Result<Files, InstallVfsError> {
    let pool = OpfsSAHPoolCfgBuilder::new()
        .vfs_name(POOL_VFS)
        .directory(directory)
        .initial_capacity(capacity)
        .build();
    Ok(Files(install::<WasmOsCallback>(&pool, false).await?))
}

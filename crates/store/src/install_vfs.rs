//! Gives SQLite in the browser a place to keep files: a pool of handles in the origin's private file system.

use sqlite_wasm_rs::WasmOsCallback;
use sqlite_wasm_vfs::sahpool::{OpfsSAHError, OpfsSAHPoolCfgBuilder, install};

/// The pool itself; it stores what it is given, in the clear.
const POOL_VFS: &str = "opfs-sahpool";

/// The pool behind the cipher. SQLite3 Multiple Ciphers makes this one by itself when it is first opened by this
/// name, and opening fails if it cannot.
pub(crate) const ENCRYPTED_VFS: &str = "multipleciphers-opfs-sahpool";

/// Why the browser gives no files.
#[derive(Debug, thiserror::Error)]
#[error("the browser's private file system is not available")]
pub struct InstallVfsError(#[source] OpfsSAHError);

/// Prepares files for [`Location::File`](crate::Location::File) under `directory` of the origin's private file
/// system, with handles for `capacity` files; a store needs two, itself and its journal. Only a dedicated worker can
/// do this, and only one at a time: whoever calls it holds the lock that elects the leading tab.
///
/// # Errors
/// [`InstallVfsError`] outside a dedicated worker or a secure context, and while another tab holds the handles.
pub async fn install_vfs(directory: &str, capacity: usize) -> Result<(), InstallVfsError> {
    let pool = OpfsSAHPoolCfgBuilder::new()
        .vfs_name(POOL_VFS)
        .directory(directory)
        .initial_capacity(capacity)
        .build();
    install::<WasmOsCallback>(&pool, false)
        .await
        .map_err(InstallVfsError)?;
    Ok(())
}

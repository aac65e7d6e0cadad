//! Opens the store in the origin's private files.

use undertone_engine::{Location, OpenError, Store};
use undertone_store::{Files, InstallVfsError, install_vfs};
use undertone_web_messages::Unusable;

use super::{
    scope::sleep,
    store_key::{NoKey, store_key},
};

const DIRECTORY: &str = "undertone";
const FILE: &str = "undertone.db";
/// The store and its journal.
const FILES: usize = 2;
/// The files of a Worker that has ended are free a little later than its lock.
const AGAIN_MS: u64 = 25;
const TRIES: u32 = 400;

/// Opens the store, making it if nothing was ever stored. What cannot be read is left as it is.
///
/// # Errors
/// [`Unusable`] says what the user can be told.
pub async fn open_store() -> Result<Store, Unusable> {
    let files = take_files().await?;
    let are_new = files.are_new().map_err(|_| Unusable::Broken)?;
    let key = store_key(are_new).await.map_err(|error| match error {
        NoKey::Lost => Unusable::NoKey,
        NoKey::Refused => Unusable::NoFiles,
    })?;
    Store::open(Location::File(FILE.into()), &key).map_err(|error| match error {
        OpenError::WrongKey => Unusable::NoKey,
        OpenError::Newer { .. } => Unusable::Newer,
        OpenError::NoCipher | OpenError::JournalMode | OpenError::Sqlite(_) => Unusable::Broken,
    })
}

async fn take_files() -> Result<Files, Unusable> {
    for _ in 0..TRIES {
        match install_vfs(DIRECTORY, FILES).await {
            Ok(files) => return Ok(files),
            Err(InstallVfsError::Unsupported(_)) => return Err(Unusable::NoFiles),
            Err(InstallVfsError::NotNow(_)) => {
                sleep(AGAIN_MS).await.map_err(|_| Unusable::Broken)?;
            }
        }
    }
    Err(Unusable::Broken)
}

//! Opens the store in the origin's private files.

use undertone_engine::{Location, OpenError, Store};
use undertone_store::{Files, InstallVfsError, install_vfs};
use undertone_web_messages::Unusable;
use undertone_wire::time::Timestamp;

use super::{
    scope::sleep,
    store_key::{Kept, NoKey, kept_key, new_key},
};

const DIRECTORY: &str = "undertone";
const FILE: &str = "undertone.db";
/// The store and its journal.
const FILES: usize = 2;
/// The files of a Worker that has ended are free a little later than its lock.
const AGAIN_MS: u64 = 25;
const TRIES: u32 = 400;

/// The store, and what is known of the one before it.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// When the account of the one before was signed out from another device.
    pub signed_out_at: Option<Timestamp>,
}

/// Opens the store, making it if nothing was ever stored, or anew if this device was signed out. What cannot be read is
/// left as it is.
///
/// # Errors
/// [`Unusable`] says what the user can be told.
pub async fn open_store() -> Result<Opened, Unusable> {
    let files = take_files().await?;
    let refused = |error| match error {
        NoKey::Lost => Unusable::NoKey,
        NoKey::Refused => Unusable::NoFiles,
    };
    let (key, signed_out_at) = match kept_key().await.map_err(refused)? {
        Kept::Key { key, signed_out_at } => (key, signed_out_at),
        Kept::Nothing if files.are_new().map_err(|_| Unusable::Broken)? => {
            (new_key(None).await.map_err(refused)?, None)
        }
        Kept::Nothing => return Err(Unusable::NoKey),
        Kept::SignedOut(at) => {
            files.clear().map_err(|_| Unusable::Broken)?;
            (new_key(Some(at)).await.map_err(refused)?, Some(at))
        }
    };
    let store = Store::open(Location::File(FILE.into()), &key).map_err(|error| match error {
        OpenError::WrongKey => Unusable::NoKey,
        OpenError::Newer { .. } => Unusable::Newer,
        OpenError::NoCipher | OpenError::JournalMode | OpenError::Sqlite(_) => Unusable::Broken,
    })?;
    Ok(Opened {
        store,
        signed_out_at,
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

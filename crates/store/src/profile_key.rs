//! The key file of a profile: made, opened, and put under another passphrase.
//!
//! The file lies beside the data. Without a passphrase it keeps other users of the machine out, by its permissions,
//! and nobody else: **it is no protection against the thief of the disk**. With one, the thief has to guess it at
//! 64 MiB and a fifth of a second a try.
//!
//! Changing the passphrase rewraps the store's key and does not change it. Whoever copied the old file and knows the
//! old passphrase (or copied a file without one) can still open the store; so may who finds the old file's bytes on a
//! disk that does not overwrite in place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

use rand_core::CryptoRngCore;

use crate::key::StoreKey;
use crate::key_file::{Fault, KeyFile, MAX_LEN, WrappedKey};
use crate::passphrase::Passphrase;
use crate::profile_lock::ProfileLock;

/// The key file within a profile's directory.
const FILE: &str = "key";
/// What a new key file is called until it is whole.
const UNFINISHED: &str = "key.new";

/// How the key of a profile is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// In the clear, beside the data.
    Plain,
    /// Under a passphrase.
    Passphrase,
}

/// Why a key file could not be made, opened or changed.
#[derive(Debug, thiserror::Error)]
pub enum ProfileKeyError {
    /// The directory has no key file: no profile was made here.
    #[error("there is no profile here")]
    Missing,
    /// The directory has a key file already, and overwriting it would lose the store.
    #[error("there is a profile here already")]
    Exists,
    /// The key is under a passphrase and none was given.
    #[error("this profile needs its passphrase")]
    PassphraseNeeded,
    /// A passphrase was given but the key is in the clear: going on would suggest a protection that is not there.
    #[error("this profile is not protected by a passphrase")]
    NotProtected,
    /// The passphrase is not the one.
    #[error("wrong passphrase")]
    WrongPassphrase,
    /// The bytes are not what was written.
    #[error("the key file is damaged")]
    Damaged,
    /// The file asks for more memory or time than this program ever writes into one.
    #[error("the key file asks for too much memory or time")]
    Excessive,
    /// A newer version of this program wrote the file.
    #[error("the key file has version {found}, which this program does not know")]
    Newer {
        /// The version in the file.
        found: u8,
    },
    /// The disk failed.
    #[error("the key file could not be read or written")]
    Io(#[from] io::Error),
}

impl From<Fault> for ProfileKeyError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Damaged => Self::Damaged,
            Fault::Newer(found) => Self::Newer { found },
            Fault::Excessive => Self::Excessive,
            Fault::WrongPassphrase => Self::WrongPassphrase,
        }
    }
}

/// Makes the key of a new profile.
///
/// # Errors
/// [`ProfileKeyError::Exists`] if there is one, [`ProfileKeyError::Io`].
pub fn create(
    profile: &ProfileLock,
    passphrase: Option<&Passphrase>,
    rng: &mut dyn CryptoRngCore,
) -> Result<StoreKey, ProfileKeyError> {
    if profile.dir().join(FILE).try_exists()? {
        return Err(ProfileKeyError::Exists);
    }
    let key = StoreKey::generate(rng);
    write(profile, &wrap(&key, passphrase, rng)?)?;
    Ok(key)
}

/// Opens the key of a profile, with the passphrase if it has one.
///
/// # Errors
/// All of [`ProfileKeyError`] but `Exists`.
pub fn open(
    profile: &ProfileLock,
    passphrase: Option<&Passphrase>,
) -> Result<StoreKey, ProfileKeyError> {
    match (read(profile)?, passphrase) {
        (KeyFile::Plain(key), None) => Ok(key),
        (KeyFile::Plain(_), Some(_)) => Err(ProfileKeyError::NotProtected),
        (KeyFile::Passphrase(_), None) => Err(ProfileKeyError::PassphraseNeeded),
        (KeyFile::Passphrase(wrapped), Some(passphrase)) => Ok(wrapped.open(passphrase)?),
    }
}

/// How the key is kept, without opening it.
///
/// # Errors
/// [`ProfileKeyError::Missing`], `Damaged`, `Excessive`, `Newer`, `Io`.
pub fn protection(profile: &ProfileLock) -> Result<Protection, ProfileKeyError> {
    Ok(match read(profile)? {
        KeyFile::Plain(_) => Protection::Plain,
        KeyFile::Passphrase(_) => Protection::Passphrase,
    })
}

/// Puts the key under another passphrase, or under one for the first time, or (`new` is none) under none any more.
/// A crash leaves the old file or the new one, never neither.
///
/// # Errors
/// Those of [`open`] with `old`; the file is then unchanged.
pub fn change_passphrase(
    profile: &ProfileLock,
    old: Option<&Passphrase>,
    new: Option<&Passphrase>,
    rng: &mut dyn CryptoRngCore,
) -> Result<(), ProfileKeyError> {
    let key = open(profile, old)?;
    write(profile, &wrap(&key, new, rng)?)
}

fn wrap(
    key: &StoreKey,
    passphrase: Option<&Passphrase>,
    rng: &mut dyn CryptoRngCore,
) -> Result<KeyFile, ProfileKeyError> {
    Ok(match passphrase {
        None => KeyFile::Plain(key.clone()),
        Some(passphrase) => KeyFile::Passphrase(WrappedKey::seal(key, passphrase, rng)?),
    })
}

fn read(profile: &ProfileLock) -> Result<KeyFile, ProfileKeyError> {
    let file = File::open(profile.dir().join(FILE)).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ProfileKeyError::Missing,
        _ => ProfileKeyError::Io(error),
    })?;
    let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(MAX_LEN + 1));
    let limit = u64::try_from(MAX_LEN).unwrap_or(u64::MAX);
    // One byte more than is allowed, so that a longer file is seen to be longer.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(KeyFile::decode(&bytes)?)
}

/// Replaces the key file whole: written aside, forced to the disk, and renamed over the old one.
fn write(profile: &ProfileLock, content: &KeyFile) -> Result<(), ProfileKeyError> {
    let unfinished = profile.dir().join(UNFINISHED);
    match fs::remove_file(&unfinished) {
        // Left behind by a crash; nobody else is here, we hold the lock.
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let mut file = for_owner_only().open(&unfinished)?;
    file.write_all(&content.encode())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&unfinished, profile.dir().join(FILE))?;
    sync_dir(profile.dir())?;
    Ok(())
}

#[cfg(unix)]
fn for_owner_only() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

#[cfg(not(unix))]
fn for_owner_only() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    options
}

/// Makes the rename itself durable.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Elsewhere a directory cannot be opened as a file, and the rename is durable with the file.
#[cfg(not(unix))]
fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

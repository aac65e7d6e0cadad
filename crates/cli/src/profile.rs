//! Opens a profile: its lock, its key, its store and the engine on it.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use rand_core::OsRng;
use undertone_engine::{Engine, Location, Store, StoreKey};
use undertone_store::{
    Passphrase, ProfileLock, ProfileLockError, create_profile_dir,
    profile_key::{self, ProfileKeyError},
};
use zeroize::Zeroizing;

use crate::{arguments::Arguments, failure::Failure, printer::remark};

/// How often it is looked whether the other command is done.
const LOOK: Duration = Duration::from_millis(50);
/// A passphrase is not longer than this, in bytes.
const PASSPHRASE_BYTES: u64 = 4_096;

/// A profile on which nobody else works.
pub struct Profile {
    /// The engine.
    pub engine: Engine,
    /// Given back last, when the store is closed.
    pub lock: ProfileLock,
}

impl Profile {
    /// Opens the profile that the arguments name.
    ///
    /// # Errors
    /// [`Failure`] if there is none, it is in use, its passphrase is not the one, or its data cannot be used.
    pub fn open(arguments: &Arguments) -> Result<Self, Failure> {
        let lock = acquire(&directory(arguments)?, arguments)?;
        let passphrase = read_passphrase(arguments)?;
        let key = profile_key::open(&lock, passphrase.as_ref())?;
        Self::with_key(lock, &key)
    }

    /// Makes the profile that the arguments name; one that has no account yet is taken up again.
    ///
    /// # Errors
    /// As [`Profile::open`].
    pub fn create(arguments: &Arguments) -> Result<Self, Failure> {
        let directory = directory(arguments)?;
        let passphrase = read_passphrase(arguments)?;
        create_profile_dir(&directory).map_err(Failure::Directory)?;
        let lock = acquire(&directory, arguments)?;
        let key = match profile_key::create(&lock, passphrase.as_ref(), &mut OsRng) {
            // Perhaps a command was cut off before it made the account: the engine knows.
            Err(ProfileKeyError::Exists) => profile_key::open(&lock, passphrase.as_ref()),
            made => made,
        }?;
        Self::with_key(lock, &key)
    }

    fn with_key(lock: ProfileLock, key: &StoreKey) -> Result<Self, Failure> {
        let store = Store::open(Location::File(lock.store_path()), key)?;
        let engine = Engine::open(store, Box::new(OsRng))?;
        Ok(Self { engine, lock })
    }
}

/// The directory that was named, or the usual one.
fn directory(arguments: &Arguments) -> Result<PathBuf, Failure> {
    if let Some(directory) = &arguments.profile {
        return Ok(directory.clone());
    }
    let from = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let data = from("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| from("HOME").map(|home| Path::new(&home).join(".local/share")));
    data.map(|data| data.join("undertone"))
        .ok_or_else(|| Failure::Usage("name the profile's directory with --profile".to_owned()))
}

/// Takes the lock, and waits for it as long as the arguments allow.
fn acquire(directory: &Path, arguments: &Arguments) -> Result<ProfileLock, Failure> {
    let deadline = Instant::now() + arguments.lock_wait;
    let mut said = false;
    loop {
        match ProfileLock::try_acquire(directory) {
            Err(ProfileLockError::Busy) if Instant::now() < deadline => {}
            taken => return Ok(taken?),
        }
        if !said {
            said = true;
            remark(
                arguments.json,
                "another undertone command is using this profile; waiting for it to end",
            );
        }
        sleep(LOOK);
    }
}

/// The first line of the passphrase file, if one was named.
fn read_passphrase(arguments: &Arguments) -> Result<Option<Passphrase>, Failure> {
    let Some(path) = &arguments.passphrase_file else {
        return Ok(None);
    };
    let unusable = |why: &str| Failure::Usage(format!("the passphrase file cannot be used: {why}"));
    let mut bytes = Zeroizing::new(Vec::with_capacity(1 + PASSPHRASE_BYTES as usize));
    File::open(path)
        .and_then(|file| file.take(PASSPHRASE_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| unusable(&error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| unusable("it is not text (UTF-8)"))?;
    let line = text.lines().next().unwrap_or_default();
    if text.len() as u64 > PASSPHRASE_BYTES {
        return Err(unusable("it is too long"));
    }
    let passphrase = Passphrase::new(line).map_err(|_| unusable("its first line is empty"))?;
    Ok(Some(passphrase))
}

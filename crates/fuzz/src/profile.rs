//! The key file of a profile, which whoever can write to the disk may have changed.

use std::{cell::LazyCell, fs};

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use undertone_store::{
    ProfileLock, create_profile_dir,
    profile_key::{self, ProfileKeyError, Protection},
};

thread_local! {
    static PROFILE: LazyCell<TempDir> = LazyCell::new(|| {
        let folder = in_memory();
        create_profile_dir(&folder.path().join("profile")).expect("a folder");
        folder
    });
}

/// A folder that is not on a disk, if this machine has such.
pub fn in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .expect("a folder")
}

/// The key file: the bytes as they are, and with their checksum behind them. Without a passphrase, so that no time goes
/// into guessing one.
pub fn profile_key(bytes: &[u8]) -> bool {
    let digest = Sha256::digest(bytes);
    let with_checksum = [bytes, &digest[..8]].concat();
    let as_it_is = opens(bytes);
    opens(&with_checksum) || as_it_is
}

fn opens(file: &[u8]) -> bool {
    PROFILE.with(|folder| {
        let folder = folder.path().join("profile");
        let profile = ProfileLock::try_acquire(&folder).expect("a profile of one's own");
        fs::write(folder.join("key"), file).expect("written");
        let protection = profile_key::protection(&profile);
        match profile_key::open(&profile, None) {
            Ok(_) => assert_eq!(protection.ok(), Some(Protection::Plain)),
            Err(ProfileKeyError::PassphraseNeeded) => {
                assert_eq!(protection.ok(), Some(Protection::Passphrase));
            }
            Err(
                ProfileKeyError::Damaged
                | ProfileKeyError::Excessive
                | ProfileKeyError::Newer { .. },
            ) => return false,
            Err(other) => panic!("{other}"),
        }
        true
    })
}

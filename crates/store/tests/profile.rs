//! A profile's directory: its lock, its key file, and the store that the key opens.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::sync::mpsc;

use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tempfile::TempDir;
use undertone_store::profile_key::{self, ProfileKeyError, Protection};
use undertone_store::{
    Location, Passphrase, ProfileLock, ProfileLockError, Store, StoreError, StoreKey,
    create_profile_dir,
};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text).unwrap()
}

fn profile() -> (TempDir, ProfileLock) {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("nested").join("profile");
    create_profile_dir(&dir).unwrap();
    let lock = ProfileLock::try_acquire(&dir).unwrap();
    (home, lock)
}

fn same(one: &StoreKey, two: &StoreKey) -> bool {
    one.expose() == two.expose()
}

#[test]
fn a_profile_opens_again_with_its_key() {
    let (_home, lock) = profile();
    let key = profile_key::create(&lock, None, &mut rng()).unwrap();
    let mut store = Store::open(Location::File(lock.store_path()), &key).unwrap();
    store.write(|tx| tx.kv_put(b"a", b"1")).unwrap();
    drop(store);
    let key = profile_key::open(&lock, None).unwrap();
    let store = Store::open(Location::File(lock.store_path()), &key).unwrap();
    let value = store
        .read(|tx| Ok::<_, StoreError>(tx.kv_get(b"a")?.map(|value| value.to_vec())))
        .unwrap();
    assert_eq!(value.unwrap(), b"1");
}

#[test]
fn making_a_second_key_is_refused() {
    let (_home, lock) = profile();
    let key = profile_key::create(&lock, None, &mut rng()).unwrap();
    let again = profile_key::create(&lock, Some(&passphrase("x")), &mut rng());
    assert!(matches!(again, Err(ProfileKeyError::Exists)));
    assert!(same(&profile_key::open(&lock, None).unwrap(), &key));
}

#[test]
fn no_profile_is_named() {
    let (_home, lock) = profile();
    assert!(matches!(
        profile_key::open(&lock, None),
        Err(ProfileKeyError::Missing)
    ));
    assert!(matches!(
        profile_key::protection(&lock),
        Err(ProfileKeyError::Missing)
    ));
}

#[test]
fn the_passphrase_is_added_changed_and_removed() {
    let (_home, lock) = profile();
    let (first, second) = (passphrase("first"), passphrase("second"));
    let mut rng = rng();
    let key = profile_key::create(&lock, None, &mut rng).unwrap();
    assert_eq!(profile_key::protection(&lock).unwrap(), Protection::Plain);
    assert!(matches!(
        profile_key::open(&lock, Some(&first)),
        Err(ProfileKeyError::NotProtected)
    ));

    profile_key::change_passphrase(&lock, None, Some(&first), &mut rng).unwrap();
    assert_eq!(
        profile_key::protection(&lock).unwrap(),
        Protection::Passphrase
    );
    assert!(matches!(
        profile_key::open(&lock, None),
        Err(ProfileKeyError::PassphraseNeeded)
    ));
    assert!(same(&profile_key::open(&lock, Some(&first)).unwrap(), &key));

    let wrong = profile_key::change_passphrase(&lock, Some(&second), None, &mut rng);
    assert!(matches!(wrong, Err(ProfileKeyError::WrongPassphrase)));
    assert!(same(&profile_key::open(&lock, Some(&first)).unwrap(), &key));

    profile_key::change_passphrase(&lock, Some(&first), Some(&second), &mut rng).unwrap();
    assert!(matches!(
        profile_key::open(&lock, Some(&first)),
        Err(ProfileKeyError::WrongPassphrase)
    ));
    assert!(same(
        &profile_key::open(&lock, Some(&second)).unwrap(),
        &key
    ));

    profile_key::change_passphrase(&lock, Some(&second), None, &mut rng).unwrap();
    assert!(same(&profile_key::open(&lock, None).unwrap(), &key));
}

#[test]
fn under_a_passphrase_the_key_is_nowhere_in_the_directory() {
    let (_home, lock) = profile();
    let words = passphrase("correct horse");
    let key = profile_key::create(&lock, Some(&words), &mut rng()).unwrap();
    drop(Store::open(Location::File(lock.store_path()), &key).unwrap());
    for entry in fs::read_dir(lock.dir()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(32).any(|window| window == key.expose()));
        assert!(!bytes.windows(13).any(|window| window == b"correct horse"));
    }
}

#[test]
fn a_crash_while_writing_the_key_leaves_the_old_one() {
    let (_home, lock) = profile();
    let key = profile_key::create(&lock, None, &mut rng()).unwrap();
    fs::write(lock.dir().join("key.new"), b"half a k").unwrap();
    assert!(same(&profile_key::open(&lock, None).unwrap(), &key));
    let words = passphrase("x");
    profile_key::change_passphrase(&lock, None, Some(&words), &mut rng()).unwrap();
    assert!(same(&profile_key::open(&lock, Some(&words)).unwrap(), &key));
    assert!(!lock.dir().join("key.new").exists());
}

#[cfg(unix)]
#[test]
fn other_users_of_the_machine_are_kept_out() {
    use std::os::unix::fs::PermissionsExt;
    let (_home, lock) = profile();
    profile_key::create(&lock, None, &mut rng()).unwrap();
    profile_key::change_passphrase(&lock, None, None, &mut rng()).unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(lock.dir()), 0o700);
    assert_eq!(mode(&lock.dir().join("key")), 0o600);
    assert_eq!(mode(&lock.dir().join("lock")), 0o600);
}

#[test]
fn one_at_a_time() {
    let (_home, lock) = profile();
    let dir = lock.dir().to_path_buf();
    assert!(matches!(
        ProfileLock::try_acquire(&dir),
        Err(ProfileLockError::Busy)
    ));
    let (started, waits) = mpsc::channel();
    let waiter = std::thread::spawn({
        let dir = dir.clone();
        move || {
            started.send(()).unwrap();
            ProfileLock::acquire_blocking(&dir).unwrap()
        }
    });
    waits.recv().unwrap();
    drop(lock);
    let second = waiter.join().unwrap();
    assert!(matches!(
        ProfileLock::try_acquire(&dir),
        Err(ProfileLockError::Busy)
    ));
    drop(second);
    ProfileLock::try_acquire(&dir).unwrap();
}

#[test]
fn locking_makes_no_directory() {
    let home = TempDir::new().unwrap();
    let dir = home.path().join("none");
    assert!(matches!(
        ProfileLock::try_acquire(&dir),
        Err(ProfileLockError::NoDirectory)
    ));
    assert!(matches!(
        ProfileLock::acquire_blocking(&dir),
        Err(ProfileLockError::NoDirectory)
    ));
    assert!(!dir.exists());
}

#[test]
fn a_huge_key_file_is_not_read() {
    let (_home, lock) = profile();
    let file = fs::File::create(lock.dir().join("key")).unwrap();
    file.set_len(1 << 40).unwrap();
    assert!(matches!(
        profile_key::open(&lock, None),
        Err(ProfileKeyError::Damaged)
    ));
}

proptest! {
    #[test]
    fn whatever_lies_there_as_key_is_answered(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let (_home, lock) = profile();
        fs::write(lock.dir().join("key"), &bytes).unwrap();
        prop_assert!(matches!(
            profile_key::open(&lock, Some(&passphrase("x"))),
            Err(ProfileKeyError::Damaged)
        ));
    }
}

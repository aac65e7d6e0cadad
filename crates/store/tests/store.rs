//! Transactions, encryption and reopening, as the layers above see them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::path::Path;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tempfile::TempDir;
use undertone_store::{Location, OpenError, Store, StoreError, StoreKey};

const SECRET: &[u8] = b"meet me at the old lighthouse";

fn key(seed: u64) -> StoreKey {
    StoreKey::generate(&mut ChaCha20Rng::seed_from_u64(seed))
}

fn file(dir: &TempDir) -> Location {
    Location::File(dir.path().join("store.db"))
}

fn put(store: &mut Store, key: &[u8], value: &[u8]) {
    store
        .write(|tx| tx.kv_put(key, value))
        .expect("the value is written");
}

fn get(store: &Store, key: &[u8]) -> Option<Vec<u8>> {
    store
        .read(|tx| tx.kv_get(key))
        .expect("the value is read")
        .map(|value| value.to_vec())
}

#[derive(Debug)]
enum Refusal {
    Store,
    Changed,
}

impl From<StoreError> for Refusal {
    fn from(_: StoreError) -> Self {
        Self::Store
    }
}

#[test]
fn what_was_committed_survives_reopening() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(file(&dir), &key(1)).unwrap();
    put(&mut store, b"a", b"1");
    put(&mut store, b"a", b"2");
    store.write(|tx| tx.setting_put("name", b"x")).unwrap();
    drop(store);
    let store = Store::open(file(&dir), &key(1)).unwrap();
    assert_eq!(get(&store, b"a").unwrap(), b"2");
    let name = store.read(|tx| tx.setting_get("name")).unwrap();
    assert_eq!(name.unwrap(), b"x");
}

#[test]
fn what_failed_vanishes_wholly() {
    let mut store = Store::open(Location::Memory, &key(1)).unwrap();
    put(&mut store, b"kept", b"1");
    let refused = store.write(|tx| {
        tx.kv_put(b"kept", b"2")?;
        tx.kv_put(b"new", b"3")?;
        tx.setting_put("name", b"x")?;
        tx.search_index(1, "word")?;
        assert_eq!(tx.kv_get(b"new")?.unwrap().as_slice(), b"3");
        Err::<(), _>(Refusal::Changed)
    });
    assert!(matches!(refused, Err(Refusal::Changed)));
    assert_eq!(get(&store, b"kept").unwrap(), b"1");
    assert_eq!(get(&store, b"new"), None);
    store
        .read(|tx| {
            assert_eq!(tx.setting_get("name")?, None);
            assert!(tx.search_query("word", 9)?.is_empty());
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[test]
fn a_panic_rolls_back() {
    let mut store = Store::open(Location::Memory, &key(1)).unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(|tx| {
            tx.kv_put(b"a", b"1")?;
            assert!(tx.kv_get(b"b")?.is_some(), "the panic of this test");
            Ok::<_, StoreError>(())
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(get(&store, b"a"), None);
    put(&mut store, b"a", b"2");
}

#[test]
fn deleted_is_gone_and_deleting_nothing_is_nothing() {
    let mut store = Store::open(Location::Memory, &key(1)).unwrap();
    put(&mut store, b"", b"");
    assert_eq!(get(&store, b"").unwrap(), b"");
    store
        .write(|tx| {
            tx.kv_delete(b"")?;
            tx.kv_delete(b"never")?;
            tx.setting_put("s", b"1")?;
            tx.setting_delete("s")?;
            tx.setting_delete("s")
        })
        .unwrap();
    assert_eq!(get(&store, b""), None);
    assert_eq!(store.read(|tx| tx.setting_get("s")).unwrap(), None);
}

#[test]
fn reads_do_not_nest_and_say_so() {
    let store = Store::open(Location::Memory, &key(1)).unwrap();
    let nested = store.read(|_| store.read(|tx| tx.kv_get(b"a")));
    assert!(matches!(nested, Err(StoreError::Sqlite(_))));
    assert_eq!(get(&store, b"a"), None);
}

#[test]
fn a_wrong_key_is_named_and_harms_nothing() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(file(&dir), &key(1)).unwrap();
    put(&mut store, b"a", SECRET);
    drop(store);
    let before = fs::read(dir.path().join("store.db")).unwrap();
    let wrong = Store::open(file(&dir), &key(2));
    assert!(matches!(wrong, Err(OpenError::WrongKey)));
    assert_eq!(fs::read(dir.path().join("store.db")).unwrap(), before);
    let store = Store::open(file(&dir), &key(1)).unwrap();
    assert_eq!(get(&store, b"a").unwrap(), SECRET);
}

#[test]
fn a_database_in_the_clear_is_no_store() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("store.db");
    let plain = rusqlite::Connection::open(&path).unwrap();
    plain
        .execute_batch("CREATE TABLE a (b INTEGER NOT NULL) STRICT")
        .unwrap();
    drop(plain);
    let opened = Store::open(file(&dir), &key(1));
    assert!(matches!(opened, Err(OpenError::WrongKey)));
}

#[test]
fn a_damaged_file_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("store.db");
    drop(Store::open(file(&dir), &key(1)).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    bytes[1_000] ^= 1;
    fs::write(&path, bytes).unwrap();
    let opened = Store::open(file(&dir), &key(1));
    assert!(matches!(opened, Err(OpenError::WrongKey)));
}

#[test]
fn a_newer_schema_is_refused() {
    let dir = TempDir::new().unwrap();
    drop(Store::open(file(&dir), &key(1)).unwrap());
    let raw = open_raw(&dir.path().join("store.db"), &key(1));
    raw.pragma_update(None, "user_version", 1_000).unwrap();
    drop(raw);
    match Store::open(file(&dir), &key(1)) {
        Err(OpenError::Newer { found, known }) => {
            assert_eq!(found, 1_000);
            assert!(known < found);
        }
        Err(other) => panic!("refused for another reason: {other}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn the_files_hold_nothing_that_can_be_read() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(file(&dir), &key(1)).unwrap();
    put(&mut store, b"name of a secret", SECRET);
    store
        .write(|tx| {
            tx.setting_put("lighthouse_setting", SECRET)?;
            tx.search_index(1, "lighthouse keeper")
        })
        .unwrap();
    // The log is there while the store is open, and holds what was just written.
    let log = fs::metadata(dir.path().join("store.db-wal")).unwrap();
    assert!(log.len() > 0);
    assert_unreadable(dir.path());
    store.scrub().unwrap();
    drop(store);
    assert_unreadable(dir.path());
}

/// No text that was written, no name of a table, no header of SQLite, in any file of the directory; and the bytes look
/// random, as compression or an encoding would not.
fn assert_unreadable(dir: &Path) {
    let needles: [&[u8]; 8] = [
        SECRET,
        b"secret",
        b"lighthouse",
        b"keeper",
        b"SQLite format 3",
        b"CREATE",
        b"mls_kv",
        b"settings",
    ];
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for needle in needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "{name} shows {}", String::from_utf8_lossy(needle));
        }
        if name == "store.db" && !bytes.is_empty() {
            let mut counts = [0_usize; 256];
            for byte in &bytes {
                counts[usize::from(*byte)] += 1;
            }
            let most = counts.iter().max().unwrap();
            // Four times what is expected of a random byte: far beyond chance even in one page.
            assert!(*most < bytes.len() / 64, "{name} does not look random");
        }
    }
}

#[test]
fn a_file_is_as_durable_as_promised() {
    let dir = TempDir::new().unwrap();
    let store = Store::open(file(&dir), &key(1)).unwrap();
    drop(store);
    let raw = open_raw(&dir.path().join("store.db"), &key(1));
    let mode: String = raw
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn scrubbing_empties_the_log_and_the_index() {
    let dir = TempDir::new().unwrap();
    let mut store = Store::open(file(&dir), &key(1)).unwrap();
    for row in 0..50 {
        store
            .write(|tx| tx.search_index(row, "lighthouse keeper"))
            .unwrap();
    }
    store
        .write(|tx| {
            tx.search_index(50, "harbour")?;
            (0..50).try_for_each(|row| tx.search_remove(row))
        })
        .unwrap();
    store.scrub().unwrap();
    let log = fs::metadata(dir.path().join("store.db-wal")).unwrap();
    assert_eq!(log.len(), 0);
    drop(store);
    let raw = open_raw(&dir.path().join("store.db"), &key(1));
    let blocks: Vec<Vec<u8>> = raw
        .prepare("SELECT block FROM search_data")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let shows = |needle: &[u8]| {
        blocks
            .iter()
            .any(|block| block.windows(needle.len()).any(|window| window == needle))
    };
    assert!(shows(b"harbour"));
    assert!(!shows(b"lighthouse"));
    assert!(!shows(b"keeper"));
}

#[test]
fn scrubbing_works_in_memory_and_on_nothing() {
    for location in [
        Location::Memory,
        Location::SharedMemory("scrubbed".to_owned()),
    ] {
        let mut store = Store::open(location, &key(1)).unwrap();
        store.scrub().unwrap();
        put(&mut store, b"a", b"1");
        store.scrub().unwrap();
        assert_eq!(get(&store, b"a").unwrap(), b"1");
    }
}

#[test]
fn plain_memory_is_each_stores_own() {
    let mut one = Store::open(Location::Memory, &key(1)).unwrap();
    let two = Store::open(Location::Memory, &key(1)).unwrap();
    put(&mut one, b"a", b"1");
    assert_eq!(get(&two, b"a"), None);
}

#[test]
fn shared_memory_lives_as_long_as_a_keeper() {
    let alice = || Location::SharedMemory("alice".to_owned());
    let keeper = Store::open(alice(), &key(1)).unwrap();
    let mut client = Store::open(alice(), &key(1)).unwrap();
    put(&mut client, b"a", b"1");
    drop(client);
    let other = Store::open(Location::SharedMemory("bob".to_owned()), &key(1)).unwrap();
    assert_eq!(get(&other, b"a"), None);
    let client = Store::open(alice(), &key(1)).unwrap();
    assert_eq!(get(&client, b"a").unwrap(), b"1");
    drop((client, keeper));
    let client = Store::open(alice(), &key(1)).unwrap();
    assert_eq!(get(&client, b"a"), None);
}

#[test]
fn odd_paths_are_only_paths() {
    let dir = TempDir::new().unwrap();
    for name in ["file:x?mode=memory", "a b%20'\"é", "?vfs=memdb"] {
        let path = dir.path().join(name);
        drop(Store::open(Location::File(path.clone()), &key(1)).unwrap());
        assert!(path.exists());
    }
}

#[test]
fn a_store_in_no_directory_does_not_open() {
    let dir = TempDir::new().unwrap();
    let nowhere = Location::File(dir.path().join("none").join("store.db"));
    assert!(matches!(
        Store::open(nowhere, &key(1)),
        Err(OpenError::Sqlite(_))
    ));
}

#[test]
fn a_store_can_move_to_another_thread() {
    let mut store = Store::open(Location::Memory, &key(1)).unwrap();
    let store = std::thread::spawn(move || {
        put(&mut store, b"a", b"1");
        store
    })
    .join()
    .unwrap();
    assert_eq!(get(&store, b"a").unwrap(), b"1");
}

/// Past the store, to look at the file as SQLite sees it.
fn open_raw(path: &Path, key: &StoreKey) -> rusqlite::Connection {
    let raw = rusqlite::Connection::open(path).unwrap();
    let hex: String = key.expose().iter().map(|b| format!("{b:02x}")).collect();
    raw.pragma_update(None, "key", format!("x'{hex}'")).unwrap();
    raw
}

//! A client killed right before or right after a commit, and opened again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use tempfile::TempDir;
use undertone_store::{Location, Store, StoreError, StoreKey};

const WRITES: u8 = 3;

fn key() -> StoreKey {
    StoreKey::generate(&mut ChaCha20Rng::seed_from_u64(1))
}

/// Lives until the hook was asked `steps` times.
fn cut_after(store: &mut Store, steps: usize) {
    let mut asked = 0;
    store.set_crash_point(move || {
        asked += 1;
        asked > steps
    });
}

fn write(store: &mut Store, number: u8) -> Result<(), StoreError> {
    store.write(|tx| {
        tx.kv_put(&[number], b"state")?;
        tx.setting_put("last", &[number])
    })
}

/// How many writes are there, and that none is there by half.
fn written(store: &Store) -> u8 {
    store
        .read(|tx| {
            let last = tx.setting_get("last")?.map_or(0, |last| last[0]);
            for number in 1..=WRITES {
                assert_eq!(tx.kv_get(&[number])?.is_some(), number <= last);
            }
            Ok::<_, StoreError>(last)
        })
        .unwrap()
}

fn killed_at_each_step(location: &Location) {
    for steps in 0..=usize::from(WRITES) * 2 {
        let mut client = Store::open(location.clone(), &key()).unwrap();
        cut_after(&mut client, steps);
        let mut told = 0;
        for number in 1..=WRITES {
            match write(&mut client, number) {
                Ok(()) => told = number,
                Err(StoreError::Crashed) => break,
                Err(other) => panic!("{other}"),
            }
        }
        let alive = steps == usize::from(WRITES) * 2;
        assert_eq!(told == WRITES, alive);
        if !alive {
            assert!(matches!(write(&mut client, 9), Err(StoreError::Crashed)));
            let read = client.read(|tx| tx.kv_get(b"a"));
            assert!(matches!(read, Err(StoreError::Crashed)));
            assert!(matches!(client.scrub(), Err(StoreError::Crashed)));
        }
        drop(client);

        let mut client = Store::open(location.clone(), &key()).unwrap();
        // Odd: the commit happened and nobody was told.
        let expected = told + u8::from(steps % 2 == 1);
        assert_eq!(written(&client), expected, "after {steps} steps");
        client
            .write(|tx| {
                tx.setting_delete("last")?;
                (1..=WRITES).try_for_each(|number| tx.kv_delete(&[number]))
            })
            .unwrap();
    }
}

#[test]
fn on_disk() {
    let dir = TempDir::new().unwrap();
    killed_at_each_step(&Location::File(dir.path().join("store.db")));
}

#[test]
fn in_shared_memory() {
    let location = Location::SharedMemory("crash points".to_owned());
    let keeper = Store::open(location.clone(), &key()).unwrap();
    killed_at_each_step(&location);
    assert_eq!(written(&keeper), 0);
}

#[test]
fn work_that_fails_reaches_no_crash_point() {
    let mut store = Store::open(Location::Memory, &key()).unwrap();
    cut_after(&mut store, 0);
    #[derive(Debug)]
    struct Refused;
    impl From<StoreError> for Refused {
        fn from(_: StoreError) -> Self {
            Self
        }
    }
    store.write(|_| Err::<(), _>(Refused)).unwrap_err();
    assert_eq!(written(&store), 0);
}

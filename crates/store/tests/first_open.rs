//! The very first opening in a process, by many threads at once. Alone in its file, because only the first counts.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Barrier};
use std::thread;

use tempfile::TempDir;
use undertone_store::{Location, Store, StoreKey};

const THREADS: usize = 16;

#[test]
fn many_threads_may_open_their_first_store_at_once() {
    let dir = TempDir::new().unwrap();
    let start = Arc::new(Barrier::new(THREADS));
    let threads: Vec<_> = (0..THREADS)
        .map(|number| {
            let location = Location::File(dir.path().join(number.to_string()));
            let start = Arc::clone(&start);
            thread::spawn(move || {
                start.wait();
                Store::open(location, &StoreKey::from_bytes(&[7; 32])).map(drop)
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}

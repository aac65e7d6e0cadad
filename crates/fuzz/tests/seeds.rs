//! Every check over every input that is kept for it: those that begin the corpora, and what fuzzing has found.
// The tests print what they are about to replay: it is shown only if they fail.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use undertone_fuzz::{CHECKS, check};

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}

fn names(folder: PathBuf) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap();
    let stem = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| stem(entry.unwrap().path())).collect()
}

#[test]
fn nothing_that_is_kept_finds_anything_and_each_decoder_takes_some_of_it() {
    for (name, _) in CHECKS {
        let mut taken = false;
        for entry in fs::read_dir(fuzz().join("seeds").join(name)).unwrap() {
            let path = entry.unwrap().path();
            println!("{name}: {}", path.display());
            taken |= check(name, &fs::read(path).unwrap());
        }
        assert!(taken, "{name} refuses all its seeds: write them anew");
    }
}

#[test]
fn each_check_has_a_target_and_seeds() {
    let checks = CHECKS.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names(fuzz().join("fuzz_targets")), checks);
    assert_eq!(names(fuzz().join("seeds")), checks);
}

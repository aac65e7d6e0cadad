//! Writes the inputs that begin each corpus into `fuzz/seeds`, after a format has changed:
//! `cargo run -p undertone-fuzz`. Inputs that fuzzing found stay.
#![allow(clippy::expect_used)]

use std::{fs, path::Path};

fn main() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds");
    for (target, name, bytes) in undertone_fuzz::seeds::seeds() {
        let folder = seeds.join(target);
        fs::create_dir_all(&folder).expect("a folder for the target");
        fs::write(folder.join(name.replace(' ', "-")), bytes).expect("written");
    }
}

//! Whether what a file was made of has changed since it was made.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace::Workspace;

/// The build itself: with other steps the same sources give other files.
const RECIPE: [&str; 8] = [
    include_str!("assets.rs"),
    include_str!("bind.rs"),
    include_str!("compress.rs"),
    include_str!("optimise.rs"),
    include_str!("release.rs"),
    include_str!("sources.rs"),
    include_str!("write.rs"),
    include_str!("../web.rs"),
];

/// Takes in everything that something is made of.
#[derive(Debug, Clone)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    fn new() -> Self {
        Self(Sha256::new())
    }

    /// Takes in one part; where it ends is part of it.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(part.len().to_le_bytes());
        self.0.update(part);
    }

    /// The fingerprint of all parts.
    pub fn finish(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Begins with the steps and the versions of the programs that carry them out.
pub fn of_recipe(workspace: &Workspace) -> Result<Fingerprint> {
    let mut fingerprint = Fingerprint::new();
    for step in RECIPE {
        fingerprint.add(step.as_bytes());
    }
    fingerprint.add(env!("CARGO_PKG_VERSION").as_bytes());
    for dependency in ["wasm-bindgen-cli-support", "brotli"] {
        let version = workspace.locked_version(dependency)?;
        fingerprint.add(version.unwrap_or_default().as_bytes());
    }
    let lock = workspace.root().join("crates/web/npm/package-lock.json");
    let lock = fs::read(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    fingerprint.add(&lock);
    Ok(fingerprint)
}

/// A file that says what something beside it was made of.
#[derive(Debug)]
pub struct Stamp(PathBuf);

impl Stamp {
    /// The stamp in this file, which need not be there.
    pub fn at(file: PathBuf) -> Self {
        Self(file)
    }

    /// Whether it was written for this fingerprint.
    pub fn says(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|said| said == fingerprint)
    }

    /// Takes it away, before what it vouches for changes.
    pub fn remove(&self) -> Result<()> {
        if self.0.exists() {
            fs::remove_file(&self.0)
                .with_context(|| format!("cannot remove {}", self.0.display()))?;
        }
        Ok(())
    }

    /// Writes it, after what it vouches for is whole.
    pub fn write(&self, fingerprint: &str) -> Result<()> {
        fs::write(&self.0, fingerprint)
            .with_context(|| format!("cannot write {}", self.0.display()))
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(parts: &[&str]) -> String {
        let mut fingerprint = Fingerprint::new();
        for part in parts {
            fingerprint.add(part.as_bytes());
        }
        fingerprint.finish()
    }

    #[test]
    fn the_border_between_parts_counts() {
        assert_eq!(of(&["ab", "c"]), of(&["ab", "c"]));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
    }

    #[test]
    fn a_stamp_says_only_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp::at(folder.path().join("stamp"));
        assert!(!stamp.says("one"));
        stamp.remove().unwrap();
        stamp.write("one").unwrap();
        assert!(stamp.says("one"));
        assert!(!stamp.says("two"));
        stamp.remove().unwrap();
        assert!(!stamp.says("one"));
    }
}

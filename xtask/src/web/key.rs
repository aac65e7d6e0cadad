//! The key that releases are signed with.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use super::fingerprint::hex;
use crate::workspace::Workspace;

const VARIABLE: &str = "UNDERTONE_RELEASE_KEY";
/// The checkout's own key, unknown to git.
const OWN: &str = ".undertone/release.key";

/// Reads the key from the file that is named, on the command line or in the environment. Without any, the checkout
/// has a key of its own, which is made at the first build.
pub fn release_key(workspace: &Workspace, named: Option<&Path>) -> Result<SigningKey> {
    let named = named
        .map(Path::to_owned)
        .or_else(|| std::env::var_os(VARIABLE).map(PathBuf::from));
    if let Some(file) = named {
        return read(&file);
    }
    let own = workspace.root().join(OWN);
    if !own.exists() {
        make(&own)?;
    }
    println!("The release is signed with this checkout's own key ({OWN}).");
    read(&own)
}

fn read(file: &Path) -> Result<SigningKey> {
    let text = fs::read_to_string(file)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the release key {}", file.display()))?;
    let seed = seed(text.trim()).with_context(|| {
        format!(
            "{} is no release key: it must hold 64 hexadecimal digits",
            file.display()
        )
    })?;
    Ok(SigningKey::from_bytes(&seed))
}

fn seed(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let mut seed = Zeroizing::new([0; 32]);
    if text.len() != 2 * seed.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (index, byte) in seed.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(seed)
}

fn make(file: &Path) -> Result<()> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed).context("the system gives no randomness")?;
    let problem = || format!("cannot write {}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(problem)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut opened = options.open(file).with_context(problem)?;
    let text = Zeroizing::new(format!("{}\n", *Zeroizing::new(hex(&*seed))));
    opened.write_all(text.as_bytes()).with_context(problem)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_key_that_was_made_is_read_by_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("new/release.key");
        make(&file).unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let key = read(&file).unwrap();
        assert_eq!(read(&file).unwrap(), key);
        // A key is never replaced.
        assert!(make(&file).is_err());
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        assert_eq!(*seed(&"0a".repeat(32)).unwrap(), [10; 32]);
        for wrong in [
            "",
            "0a",
            &"0g".repeat(32),
            &"+1".repeat(32),
            &"0a".repeat(33),
        ] {
            assert!(seed(wrong).is_none(), "{wrong}");
        }
    }
}

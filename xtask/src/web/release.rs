//! The release: a manifest of all files, which has one hash and one signature (`docs/protocol/release.md`).

use anyhow::{Context, Result};
use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fingerprint::hex;
use super::sources::Source;

/// The manifest's file.
pub const MANIFEST: &str = "release.json";
/// The file of the signature over the manifest's bytes.
pub const SIGNATURE: &str = "release.sig";
const FORMAT: &str = "undertone/1 release";

/// What a release consists of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    format: String,
    version: String,
    /// In the order of their paths.
    pub files: Vec<File>,
}

/// A file of the release.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// From the top of the site, without a slash before it.
    pub path: String,
    /// In bytes.
    pub size: usize,
    sha256: String,
}

impl Manifest {
    /// Reads a manifest.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).context("the manifest of the site cannot be read")
    }
}

/// The files of the release: those given, the manifest and its signature.
pub fn sign(files: &[Source], key: &SigningKey) -> Result<[Source; 2]> {
    let mut entries: Vec<File> = files
        .iter()
        .map(|file| File {
            path: file.path.clone(),
            size: file.content.len(),
            sha256: hex(&Sha256::digest(&file.content)),
        })
        .collect();
    entries.sort_by(|one, two| one.path.cmp(&two.path));
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        files: entries,
    };
    let mut content =
        serde_json::to_vec_pretty(&manifest).context("the manifest cannot be written")?;
    content.push(b'\n');
    let signature = key.sign(&content).to_bytes().to_vec();
    Ok([
        Source {
            path: MANIFEST.to_owned(),
            content,
        },
        Source {
            path: SIGNATURE.to_owned(),
            content: signature,
        },
    ])
}

/// The release's hash: that of its manifest's bytes.
pub fn hash(manifest: &[u8]) -> String {
    hex(&Sha256::digest(manifest))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ed25519_dalek::Signature;

    fn source(path: &str, content: &[u8]) -> Source {
        Source {
            path: path.to_owned(),
            content: content.to_vec(),
        }
    }

    #[test]
    fn a_release_is_the_same_whatever_order_its_files_came_in() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (one, two) = (source("a.js", b"abc"), source("b.js", b""));
        let release = sign(&[two.clone(), one.clone()], &key).unwrap();
        assert_eq!(release, sign(&[one, two], &key).unwrap());
        let [manifest, signature] = release;
        let text = String::from_utf8(manifest.content.clone()).unwrap();
        let expected = format!(
            r#"{{
  "format": "undertone/1 release",
  "version": "{}",
  "files": [
    {{
      "path": "a.js",
      "size": 3,
      "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    }},
    {{
      "path": "b.js",
      "size": 0,
      "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }}
  ]
}}
"#,
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(text, expected);
        let signature = Signature::from_slice(&signature.content).unwrap();
        key.verifying_key()
            .verify_strict(text.as_bytes(), &signature)
            .unwrap();
        assert_eq!(Manifest::read(text.as_bytes()).unwrap().files.len(), 2);
    }
}

//! Writes the site: every file and its brotli form, in a folder that changes as a whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ed25519_dalek::SigningKey;

use super::compress::compress;
use super::release;
use super::sources::{ASSETS, Source};

/// Signs and writes the release in place of the one that is in `site`, if any.
pub fn write(files: &[Source], key: &SigningKey, site: &Path) -> Result<()> {
    let next = site.with_extension("next");
    remove(&next)?;
    let release = release::sign(files, key)?;
    for file in files.iter().chain(&release) {
        let path = next.join(&file.path);
        let problem = || format!("cannot write {}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).with_context(problem)?;
        }
        fs::write(&path, &file.content).with_context(problem)?;
        let compressed = match kept(site, file) {
            Some(compressed) => compressed,
            None => compress(&file.content)?,
        };
        fs::write(brotli_of(&path), compressed).with_context(problem)?;
    }
    remove(site)?;
    fs::rename(&next, site).with_context(|| format!("cannot make {}", site.display()))
}

/// The file beside a file that has its brotli form.
pub fn brotli_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".br");
    PathBuf::from(name)
}

/// The brotli form from the site before, of a file that is named after its content: large ones take many seconds.
fn kept(site: &Path, file: &Source) -> Option<Vec<u8>> {
    let is_named_so = file.path.starts_with(ASSETS);
    is_named_so.then(|| fs::read(brotli_of(&site.join(&file.path))).ok())?
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_site_is_replaced_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path().join("site");
        let key = SigningKey::from_bytes(&[7; 32]);
        let source = |path: &str| Source {
            path: path.to_owned(),
            content: b"abc".to_vec(),
        };
        write(
            &[source("index.html"), source("assets/a.1.js")],
            &key,
            &site,
        )
        .unwrap();
        fs::write(site.join("assets/a.1.js.br"), "kept").unwrap();
        write(&[source("sw.js"), source("assets/a.1.js")], &key, &site).unwrap();
        assert!(!site.join("index.html").exists());
        assert_eq!(fs::read(site.join("sw.js")).unwrap(), b"abc");
        assert_eq!(fs::read(site.join("assets/a.1.js.br")).unwrap(), b"kept");
        for name in ["release.json", "release.json.br", "release.sig", "sw.js.br"] {
            assert!(site.join(name).exists(), "{name}");
        }
    }
}

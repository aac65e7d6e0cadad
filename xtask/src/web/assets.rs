//! Names files after their content, so that a browser may keep them for ever, and puts these names wherever other
//! files name them.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use ed25519_dalek::VerifyingKey;
use sha2::{Digest, Sha256};

use super::fingerprint::hex;
use super::sources::{ASSETS, Source};

/// Digits of the hash in a file's name.
const DIGITS: usize = 16;
/// In the service worker, for the key that releases are signed with.
const KEY_PLACE: &str = "{{release key}}";

/// Gives each file in `assets` its name for good and every file the names of the others.
pub fn name_by_content(sources: Vec<Source>, key: &VerifyingKey) -> Result<Vec<Source>> {
    let mut named = Named {
        finished: BTreeMap::new(),
        sources: sources
            .into_iter()
            .map(|source| (source.path, source.content))
            .collect(),
    };
    let mut files = Vec::new();
    while let Some(path) = named.sources.keys().next().cloned() {
        named.finish(&path)?;
    }
    for (path, mut file) in named.finished {
        if path == "sw.js" {
            file.content = with_key(&file.content, key)?;
        }
        files.push(file);
    }
    Ok(files)
}

/// The files by the paths that they are named by before they are finished.
struct Named {
    finished: BTreeMap<String, Source>,
    sources: BTreeMap<String, Vec<u8>>,
}

impl Named {
    /// Finishes a file after those that it names, and returns its path for good.
    fn finish(&mut self, path: &str) -> Result<String> {
        if let Some(file) = self.finished.get(path) {
            return Ok(file.path.clone());
        }
        let content = self.sources.remove(path);
        let mut content = content
            .with_context(|| format!("{path} is named, but is not there or names itself"))?;
        if is_text(path) {
            content = self.with_names(path, &content)?;
        }
        let finished = if path.starts_with(ASSETS) {
            by_content(path, &content)?
        } else {
            path.to_owned()
        };
        let file = Source {
            path: finished.clone(),
            content,
        };
        self.finished.insert(path.to_owned(), file);
        Ok(finished)
    }

    fn with_names(&mut self, path: &str, content: &[u8]) -> Result<Vec<u8>> {
        let text = std::str::from_utf8(content).with_context(|| format!("{path} is no text"))?;
        let start = format!("/{ASSETS}");
        let mut parts = text.split(&start);
        let mut new = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part
                .find(|c: char| !(c.is_ascii_alphanumeric() || "-_.".contains(c)))
                .unwrap_or(part.len());
            let (name, rest) = part.split_at(end);
            new.push('/');
            // The folder itself may be named too.
            if name.is_empty() {
                new.push_str(ASSETS);
            } else {
                let finished = self.finish(&format!("{ASSETS}{name}"));
                new.push_str(&finished.with_context(|| format!("in {path}"))?);
            }
            new.push_str(rest);
        }
        Ok(new.into_bytes())
    }
}

fn is_text(path: &str) -> bool {
    let texts = ["html", "js", "css", "webmanifest"];
    path.rsplit('.')
        .next()
        .is_some_and(|end| texts.contains(&end))
}

fn by_content(path: &str, content: &[u8]) -> Result<String> {
    let Some((stem, extension)) = path.rsplit_once('.') else {
        bail!("{path} has no extension");
    };
    let hash: String = hex(&Sha256::digest(content)).chars().take(DIGITS).collect();
    Ok(format!("{stem}.{hash}.{extension}"))
}

fn with_key(content: &[u8], key: &VerifyingKey) -> Result<Vec<u8>> {
    let text = std::str::from_utf8(content).context("the service worker is no text")?;
    ensure!(
        text.matches(KEY_PLACE).count() == 1,
        "the service worker has no place for the release key"
    );
    Ok(text.replace(KEY_PLACE, &hex(key.as_bytes())).into_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn files(sources: &[(&str, &str)]) -> Result<BTreeMap<String, String>> {
        let sources = sources.iter().map(|(path, content)| Source {
            path: (*path).to_owned(),
            content: content.as_bytes().to_vec(),
        });
        let key = ed25519_dalek::SigningKey::from_bytes(&[7; 32]).verifying_key();
        let files = name_by_content(sources.collect(), &key)?;
        Ok(files
            .into_iter()
            .map(|file| (file.path, String::from_utf8(file.content).unwrap()))
            .collect())
    }

    #[test]
    fn names_follow_content_through_the_files_that_name_them() {
        let site = |code| {
            let sources = [
                ("index.html", "<script src=\"/assets/start.js\">"),
                (
                    "assets/start.js",
                    "import \"/assets/page.js\"; // in /assets/",
                ),
                ("assets/page.js", code),
            ];
            files(&sources).unwrap()
        };
        let (one, two) = (site("1"), site("2"));
        assert_eq!(one.len(), 3);
        assert!(one["index.html"].starts_with("<script src=\"/assets/start."));
        let start = |site: &BTreeMap<String, String>| {
            let found = site.keys().find(|path| path.contains("start"));
            found.unwrap().clone()
        };
        assert_ne!(start(&one), start(&two));
        assert!(one["index.html"].contains(&start(&one)));
        assert!(one[&start(&one)].ends_with("; // in /assets/"));
        assert_eq!(one, site("1"));
    }

    #[test]
    fn a_name_of_nothing_is_an_error() {
        assert!(files(&[("index.html", "/assets/start.js")]).is_err());
        assert!(files(&[("assets/a.js", "/assets/a.js")]).is_err());
    }

    #[test]
    fn the_service_worker_gets_the_key() {
        let site = files(&[("sw.js", "const KEY = \"{{release key}}\";")]).unwrap();
        assert!(
            site["sw.js"].starts_with("const KEY = \"ea4a6c63"),
            "{site:?}"
        );
        assert!(files(&[("sw.js", "none")]).is_err());
    }
}

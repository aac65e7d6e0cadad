//! The files that the site is made of, before they get the names by which they are served.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// The folder of the site whose files are named after their content.
pub const ASSETS: &str = "assets/";

/// A file with the path that other files name it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// From the top of the site, without a slash before it.
    pub path: String,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// Reads the static files: those at the top keep their names, those in `assets` are named after their content later,
/// and the style sheets in `style`, in the order of their names, become one.
pub fn read(folder: &Path) -> Result<Vec<Source>> {
    let mut sources = Vec::new();
    for file in files_in(folder)? {
        sources.push(source("", &file)?);
    }
    for file in files_in(&folder.join("assets"))? {
        sources.push(source(ASSETS, &file)?);
    }
    let mut style = Vec::new();
    for file in files_in(&folder.join("style"))? {
        style.extend(source("", &file)?.content);
        style.push(b'\n');
    }
    sources.push(Source {
        path: format!("{ASSETS}style.css"),
        content: style,
    });
    Ok(sources)
}

fn source(prefix: &str, file: &Path) -> Result<Source> {
    let name = file.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{} has no plain name", file.display()))?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    ensure!(
        name.chars().all(plain),
        "{} has no plain name",
        file.display()
    );
    let content = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Source {
        path: format!("{prefix}{name}"),
        content,
    })
}

/// The files in a folder, in the order of their names; those that an editor hides are left out.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>> {
    let problem = || format!("cannot read {}", folder.display());
    let mut files = Vec::new();
    for entry in folder.read_dir().with_context(problem)? {
        let entry = entry.with_context(problem)?;
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if !hidden && entry.file_type().with_context(problem)?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn style_sheets_become_one_in_the_order_of_their_names() {
        let folder = tempfile::tempdir().unwrap();
        for (path, content) in [
            ("index.html", "page"),
            ("assets/start.js", "start"),
            ("style/b.css", "second"),
            ("style/a.css", "first"),
            ("style/.hidden.css", "no"),
        ] {
            let file = folder.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, content).unwrap();
        }
        let sources = read(folder.path()).unwrap();
        let found: Vec<_> = sources
            .iter()
            .map(|source| (source.path.as_str(), source.content.as_slice()))
            .collect();
        assert_eq!(
            found,
            [
                ("index.html", &b"page"[..]),
                ("assets/start.js", b"start"),
                ("assets/style.css", b"first\nsecond\n"),
            ]
        );
    }
}

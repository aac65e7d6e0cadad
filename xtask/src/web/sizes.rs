//! Says how large the site is: what a browser downloads, and whether that is more than it should be.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::release::{MANIFEST, Manifest, hash};
use super::write::brotli_of;

/// The whole client, compressed, in bytes.
const MOST: u64 = 1_300_000;

/// Prints each file's size as it is and as it is sent, and their sums.
pub fn print(site: &Path) -> Result<()> {
    let manifest = site.join(MANIFEST);
    let manifest =
        fs::read(&manifest).with_context(|| format!("cannot read {}", manifest.display()))?;
    let mut lines = Vec::new();
    for file in Manifest::read(&manifest)?.files {
        let sent = fs::metadata(brotli_of(&site.join(&file.path)))
            .with_context(|| format!("{} has no brotli form", file.path))?
            .len();
        let size = u64::try_from(file.size).context("a file is too large")?;
        lines.push((file.path, size, sent));
    }
    print!("{}", table(&lines));
    println!("Release {}", hash(&manifest));
    Ok(())
}

fn table(files: &[(String, u64, u64)]) -> String {
    let mut table = format!("{:>12} {:>12}\n", "bytes", "brotli");
    let (mut size, mut sent) = (0, 0);
    for (path, one, other) in files {
        table += &format!("{one:>12} {other:>12}  {path}\n");
        size += one;
        sent += other;
    }
    table += &format!("{size:>12} {sent:>12}  in total\n");
    if sent > MOST {
        table += &format!(
            "That is {} bytes more than the {MOST} that it should be.\n",
            sent - MOST
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_much_is_said() {
        let files = |sent| [("a".to_owned(), 4_000_000, sent), ("b".to_owned(), 1, 1)];
        let fine = table(&files(MOST - 1));
        assert!(
            fine.ends_with("     4000001      1300000  in total\n"),
            "{fine}"
        );
        let large = table(&files(MOST));
        assert!(
            large.ends_with("That is 1 bytes more than the 1300000 that it should be.\n"),
            "{large}"
        );
    }
}

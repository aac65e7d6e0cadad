//! Packages for node, as their lock file has them: by hash, and without running anything that they bring.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::succeeds;

/// Says, within `node_modules`, which lock file it was installed from.
const STAMP: &str = "node_modules/.installed-from";

/// Installs what the lock file in `folder` names into its `node_modules`, unless that is there already.
pub fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    npm.current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
    ]);
    ensure!(
        succeeds(&mut npm)?,
        "npm could not install the packages of {}",
        folder.display()
    );
    fs::write(&stamp, lock).with_context(|| format!("cannot write {}", stamp.display()))
}

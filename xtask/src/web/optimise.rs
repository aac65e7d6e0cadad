//! Makes a program smaller with binaryen's wasm-opt, which npm has as a script that runs in node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::fingerprint::Stamp;
use crate::process::succeeds;
use crate::workspace::Workspace;

/// What the compiler may use of WebAssembly. Named one by one: with all features on, wasm-opt writes what no browser
/// reads yet.
const FEATURES: [&str; 8] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-call-indirect-overlong",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Reads the program from one file and writes it, smaller, to another.
pub fn optimise(workspace: &Workspace, from: &Path, to: &Path) -> Result<()> {
    let packages = install(workspace)?;
    let mut node = Command::new("node");
    node.arg(packages.join("binaryen/bin/wasm-opt"))
        .arg("-Oz")
        .args(FEATURES)
        .arg(from)
        .arg("-o")
        .arg(to);
    ensure!(succeeds(&mut node)?, "wasm-opt failed");
    Ok(())
}

/// Installs what `crates/web/npm` locks, with the hashes that stand there, and returns the folder of packages.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let home = workspace.target().join("web/npm");
    let packages = home.join("node_modules");
    let source = workspace.root().join("crates/web/npm");
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    let read = |name: &str| {
        let file = source.join(name);
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let lock = read("package-lock.json")?;
    let stamp = Stamp::at(home.join("installed"));
    if packages.is_dir() && stamp.says(&lock) {
        return Ok(packages);
    }
    stamp.remove()?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        let file = home.join(name);
        fs::write(&file, read(name)?)
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&home).args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
    ]);
    ensure!(succeeds(&mut npm)?, "npm could not install binaryen");
    stamp.write(&lock)?;
    Ok(packages)
}

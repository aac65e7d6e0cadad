//! Makes a program smaller with binaryen's wasm-opt, which npm has as a script that runs in node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::npm;
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
        // The compiler has inlined what is worth it; more of it makes what is downloaded larger, by 3 % when measured.
        .arg("--skip-pass=inlining-optimizing")
        .args(FEATURES)
        .arg(from)
        .arg("-o")
        .arg(to);
    ensure!(succeeds(&mut node)?, "wasm-opt failed");
    Ok(())
}

/// Installs what `crates/web/npm` locks, away from the sources, and returns the folder of packages.
fn install(workspace: &Workspace) -> Result<PathBuf> {
    let home = workspace.target().join("web/npm");
    fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
    for name in ["package.json", "package-lock.json", ".npmrc"] {
        let from = workspace.root().join("crates/web/npm").join(name);
        fs::copy(&from, home.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    npm::install(&home)?;
    Ok(home.join("node_modules"))
}

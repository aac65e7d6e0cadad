//! Compiles the two programs of the browser's client.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::process::succeeds;
use crate::system;
use crate::workspace::Workspace;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "web";

/// A program for the browser.
#[derive(Debug)]
pub struct Program {
    /// The name that its files have in the site.
    pub name: &'static str,
    /// As the compiler made it.
    pub wasm: Vec<u8>,
}

/// Packages with the names of their programs in the site.
const PACKAGES: [(&str, &str); 2] = [
    ("undertone-web", "page"),
    ("undertone-web-worker", "engine"),
];

/// Compiles page and Worker; cargo does nothing when nothing changed.
pub fn compile(workspace: &Workspace) -> Result<Vec<Program>> {
    system::ensure_target(TARGET)?;
    println!("Compiling the browser client (some minutes the first time).");
    let mut cargo = workspace.cargo();
    cargo
        .env("CC_wasm32_unknown_unknown", "clang")
        .args(["build", "--locked", "--profile", PROFILE])
        .args(["--target", TARGET]);
    for (package, _) in PACKAGES {
        cargo.args(["-p", package]);
    }
    ensure!(succeeds(&mut cargo)?, "the browser client does not compile");
    let folder = workspace.target().join(TARGET).join(PROFILE);
    PACKAGES
        .iter()
        .map(|(package, name)| {
            let file = folder.join(format!("{package}.wasm"));
            let wasm =
                fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            Ok(Program { name, wasm })
        })
        .collect()
}

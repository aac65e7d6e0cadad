//! Cargo's helpers that the gates need, built from source at pinned versions into `target/tools`.

use std::path::PathBuf;

use anyhow::{Result, ensure};

use crate::process::succeeds;
use crate::workspace::Workspace;

/// A program on the crates registry.
#[derive(Debug)]
pub struct Tool<'a> {
    /// The package to install.
    pub package: &'a str,
    /// The one version that is used.
    pub version: &'a str,
    /// The program in it that is run.
    pub program: &'a str,
}

/// Checks licences, sources, bans and advisories.
pub const DENY: Tool<'_> = Tool {
    package: "cargo-deny",
    version: "0.20.2",
    program: "cargo-deny",
};

/// Finds dependencies that nothing uses.
pub const MACHETE: Tool<'_> = Tool {
    package: "cargo-machete",
    version: "0.9.2",
    program: "cargo-machete",
};

/// Builds and runs fuzz targets.
pub const FUZZ: Tool<'_> = Tool {
    package: "cargo-fuzz",
    version: "0.13.2",
    program: "cargo-fuzz",
};

/// Makes sure that the tool is there at its version and returns the path of its program.
///
/// Tools are built without optimisation: they run for seconds, and this halves the wait of a fresh clone. Cargo asks
/// no registry when this very version is already installed.
pub fn install(workspace: &Workspace, tool: &Tool<'_>) -> Result<PathBuf> {
    let home = workspace.target().join("tools");
    let exact = format!("{}@{}", tool.package, tool.version);
    let attempt = |lock: &[&str]| {
        let mut cargo = workspace.cargo();
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").args([
            "install",
            "--quiet",
            "--debug",
            "--bin",
            tool.program,
        ]);
        succeeds(cargo.args(lock).arg("--root").arg(&home).arg(&exact))
    };
    if !attempt(&["--locked"])? {
        println!(
            "{exact} does not build with its own lock file here; trying the newest versions that fit it."
        );
        ensure!(attempt(&[])?, "cargo could not install {exact}");
    }
    Ok(home.join("bin").join(tool.program))
}

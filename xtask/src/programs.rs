//! The two programs that a person uses, the server with the browser's client in it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::succeeds;
use crate::web;
use crate::workspace::Workspace;

/// Where the programs are.
#[derive(Debug)]
pub struct Programs {
    /// `undertone-server`.
    pub server: PathBuf,
    /// `undertone`, the command-line client.
    pub client: PathBuf,
}

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As they are used.
    Release,
    /// As the tests are, whose dependencies are built by then.
    Tests,
}

/// The packages that are built together, because cargo compiles a dependency anew for every set of features: those that
/// the packages of one command ask for. `xtask` is not among them; this program was built with its own features alone.
pub const ALL_BUT_XTASK: &[&str] = &["--workspace", "--exclude", "xtask"];

/// Builds some programs from the very artefacts of the tests. `--examples` (there are none) makes cargo count the
/// features that only tests ask for.
fn as_in_tests(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo
        .args(["build", "--locked", "--examples"])
        .args(ALL_BUT_XTASK);
    cargo
}

/// Builds both; `site` is the browser's client that goes into the server.
pub fn build(workspace: &Workspace, profile: Profile, site: &Path) -> Result<Programs> {
    let (mut cargo, folder) = match profile {
        Profile::Release => {
            let mut cargo = workspace.cargo();
            cargo.args(["build", "--locked", "--release"]);
            cargo.args(["-p", "undertone-server", "-p", "undertone-cli"]);
            (cargo, "release")
        }
        Profile::Tests => {
            let mut cargo = as_in_tests(workspace);
            cargo.args(["--bin", "undertone-server", "--bin", "undertone"]);
            (cargo, "debug")
        }
    };
    ensure!(
        succeeds(cargo.env(web::SITE, site))?,
        "the server and the client do not compile"
    );
    let folder = workspace.target().join(folder);
    Ok(Programs {
        server: folder.join("undertone-server"),
        client: folder.join("undertone"),
    })
}

/// Builds one program as the tests are built, and returns where it is.
pub fn build_as_in_tests(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    ensure!(
        succeeds(as_in_tests(workspace).args(["--bin", name]))?,
        "{name} does not compile"
    );
    Ok(workspace.target().join("debug").join(name))
}

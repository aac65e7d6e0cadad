//! The two programs that a person uses, the server with the browser's client in it.

use std::path::{Path, PathBuf};

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

/// What makes cargo build a program of the workspace from the very artefacts of `cargo test --workspace`: the features of
/// a dependency are those that all members ask for, and with `--examples` (there are none) those that their tests ask
/// for, too. With other features, half of the dependencies would be compiled once more.
const AS_IN_TESTS: &[&str] = &["build", "--locked", "--workspace", "--examples"];

/// Builds both; `site` is the browser's client that goes into the server.
pub fn build(workspace: &Workspace, profile: Profile, site: &Path) -> Result<Programs> {
    let mut cargo = workspace.cargo();
    let folder = match profile {
        Profile::Release => {
            cargo.args(["build", "--locked", "--release"]);
            cargo.args(["-p", "undertone-server", "-p", "undertone-cli"]);
            "release"
        }
        Profile::Tests => {
            cargo.args(AS_IN_TESTS);
            cargo.args(["--bin", "undertone-server", "--bin", "undertone"]);
            "debug"
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

/// Builds a program with the dependencies that the tests have, and returns where it is.
pub fn build_as_in_tests(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(AS_IN_TESTS).args(["--bin", name]);
    ensure!(succeeds(&mut cargo)?, "{name} does not compile");
    Ok(workspace.target().join("debug").join(name))
}

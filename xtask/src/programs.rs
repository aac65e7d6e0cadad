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

/// Builds both; `site` is the browser's client that goes into the server.
pub fn build(workspace: &Workspace, profile: Profile, site: &Path) -> Result<Programs> {
    let mut cargo = workspace.cargo();
    cargo.env(web::SITE, site).args([
        "build",
        "--locked",
        "-p",
        "undertone-server",
        "-p",
        "undertone-cli",
    ]);
    let folder = match profile {
        Profile::Release => {
            cargo.arg("--release");
            "release"
        }
        Profile::Tests => "debug",
    };
    ensure!(
        succeeds(&mut cargo)?,
        "the server and the client do not compile"
    );
    let folder = workspace.target().join(folder);
    Ok(Programs {
        server: folder.join("undertone-server"),
        client: folder.join("undertone"),
    })
}

//! `cargo xtask run`: from a clone to a server on this machine and two people who can talk through it.

mod demo;
mod guide;
mod healthz;
mod person;
mod server;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::process::succeeds;
use crate::system::{self, CC, MAKE, PERL};
use crate::workspace::Workspace;
use person::Person;
use server::Server;

/// Where everything that the command makes is kept, beside the sources and unknown to git.
const HOME: &str = ".undertone";

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// Where the server listens; always on this machine, because it speaks without TLS here.
    pub listen: SocketAddr,
    /// Show two people talking.
    pub demo: bool,
    /// Leave after the demonstration.
    pub once: bool,
}

impl Options {
    /// Reads the flags; refuses unknown ones, and addresses that other machines could reach.
    pub fn parse(flags: &[&str]) -> Result<Self> {
        let mut options = Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
            demo: false,
            once: false,
        };
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            match *flag {
                "--demo" => options.demo = true,
                "--once" => options.once = true,
                "--listen" => {
                    let address = flags
                        .next()
                        .context("--listen needs an address, such as 127.0.0.1:8443")?;
                    options.listen = address
                        .parse()
                        .with_context(|| format!("{address} is not ADDRESS:PORT"))?;
                }
                other => bail!("`run` does not know {other}"),
            }
        }
        let listen = options.listen;
        ensure!(
            listen.ip().is_loopback(),
            "{listen} can be reached from outside; this command is for trying out, without TLS"
        );
        ensure!(
            listen.port() != 0,
            "--listen needs a port that the clients can be told"
        );
        ensure!(options.demo || !options.once, "--once goes with --demo");
        Ok(options)
    }
}

/// The two programs that a person uses.
#[derive(Debug)]
struct Programs {
    server: PathBuf,
    client: PathBuf,
}

/// Builds, starts the server, shows the demonstration or prints what to do next, and serves until Ctrl-C.
pub fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    system::ensure_present(&[&CC, &MAKE, &PERL])?;
    let programs = build(&workspace)?;
    let home = workspace.root().join(HOME);
    std::fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;

    let mut server = Server::start(&programs.server, &home, options.listen)?;
    let client = shorten(&programs.client, workspace.root());
    if options.demo {
        let people = [
            Person::new(&programs.client, &home, "Anna"),
            Person::new(&programs.client, &home, "Ben"),
        ];
        demo::show(&people, &server.url())?;
        if options.once || !std::io::stdout().is_terminal() {
            server.stop()?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    print!(
        "\n{}",
        guide::text(&server.url(), &client, HOME, options.demo)
    );
    server.serve_until_interrupted()?;
    Ok(ExitCode::SUCCESS)
}

fn build(workspace: &Workspace) -> Result<Programs> {
    for package in ["undertone-server", "undertone-cli"] {
        ensure!(
            workspace.has(package),
            "the workspace has no package {package}"
        );
    }
    println!("Building the server and the client (some minutes the first time, seconds later).");
    let mut cargo = workspace.cargo();
    cargo.args([
        "build",
        "--release",
        "--locked",
        "-p",
        "undertone-server",
        "-p",
        "undertone-cli",
    ]);
    ensure!(succeeds(&mut cargo)?, "the build failed");
    let folder = workspace.target().join("release");
    Ok(Programs {
        server: folder.join("undertone-server"),
        client: folder.join("undertone"),
    })
}

/// The path as one types it in the repository's folder.
fn shorten(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .display()
        .to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn listens_on_this_machine_only() {
        assert_eq!(
            Options::parse(&[]).unwrap().listen.to_string(),
            "127.0.0.1:8443"
        );
        assert_eq!(
            Options::parse(&["--listen", "[::1]:9000"])
                .unwrap()
                .listen
                .to_string(),
            "[::1]:9000"
        );
        for wrong in [
            "0.0.0.0:8443",
            "192.168.1.2:8443",
            "127.0.0.1:0",
            "localhost",
            "",
        ] {
            assert!(Options::parse(&["--listen", wrong]).is_err(), "{wrong}");
        }
        assert!(Options::parse(&["--listen"]).is_err());
    }

    #[test]
    fn once_belongs_to_the_demonstration() {
        assert!(Options::parse(&["--demo", "--once"]).unwrap().once);
        assert!(Options::parse(&["--once"]).is_err());
        assert!(Options::parse(&["--forever"]).is_err());
    }

    #[test]
    fn paths_are_shown_as_one_types_them() {
        assert_eq!(
            shorten(Path::new("/w/target/release/undertone"), Path::new("/w")),
            "target/release/undertone"
        );
        assert_eq!(
            shorten(Path::new("/elsewhere/undertone"), Path::new("/w")),
            "/elsewhere/undertone"
        );
    }
}

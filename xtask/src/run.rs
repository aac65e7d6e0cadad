//! `cargo xtask run`: from a clone to a server on this machine and two people who can talk through it.

mod demo;
mod guide;
mod healthz;
mod person;
mod server;

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};

use crate::programs::{self, Profile};
use crate::system::{self, MAKE, PERL};
use crate::web;
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

/// Builds, starts the server, shows the demonstration or prints what to do next, and serves until Ctrl-C.
pub fn run(options: &Options) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    let needs: Vec<_> = web::NEEDS.iter().copied().chain([&MAKE, &PERL]).collect();
    system::ensure_present(&needs)?;
    let site = web::build(&workspace, &web::Options::default())?;
    println!("Building the server and the command-line client (some minutes the first time).");
    let programs = programs::build(&workspace, Profile::Release, &site)?;
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

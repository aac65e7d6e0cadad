//! `cargo xtask test`: every gate in order, then a summary; a gate that fails does not stop the later ones.

mod count;
mod fuzz;
mod gates;
mod ran;
mod stories;
mod summary;
mod wasm;

pub use count::Counts;
pub use ran::Ran;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::system::{self, CC, CHROMIUM, CLANG, MAKE, NODE, NPM, PERL};
use crate::workspace::Workspace;
use summary::Line;

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Fuzz every target for a minute as well, and run ten times as many seeds.
    pub long: bool,
    /// Run this gate alone.
    pub only: Option<&'static str>,
    /// Ask the RustSec database as well.
    pub advisories: bool,
}

impl Options {
    /// Reads the flags; any other word is an error.
    pub fn parse(flags: &[&str]) -> Result<Self> {
        let mut options = Self::default();
        let mut flags = flags.iter();
        while let Some(flag) = flags.next() {
            match *flag {
                "--long" => options.long = true,
                "--only" => {
                    let names = || gates::GATES.iter().map(|gate| gate.name);
                    let name = flags.next().copied().unwrap_or_default();
                    let Some(gate) = names().find(|gate| *gate == name) else {
                        let names: Vec<_> = names().collect();
                        bail!("`--only` takes one of: {}", names.join("; "));
                    };
                    options.only = Some(gate);
                }
                "--advisories" => options.advisories = true,
                other => bail!("`test` does not know {other}"),
            }
        }
        Ok(options)
    }
}

/// How a gate ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object to.
    Passed,
    /// Objections, which stand in the output above, or the reason why the gate could not be run.
    Failed(String),
    /// What the gate would look at does not exist in the workspace yet.
    NotThereYet(String),
    /// Not asked for, or senseless after an earlier failure.
    NotRun(String),
}

impl Outcome {
    fn from_success(success: bool) -> Self {
        if success {
            Self::Passed
        } else {
            Self::Failed(String::new())
        }
    }

    /// The end of a gate that ran no tests.
    fn without_tests(self) -> Ended {
        Ok((self, Counts::default()))
    }
}

/// What a gate may look at.
struct Context {
    workspace: Workspace,
    options: Options,
    finished: Vec<Line>,
}

/// How a gate ended, with the tests that it ran; an error when it could not be run.
type Ended = Result<(Outcome, Counts)>;

/// One step of the test command.
struct Gate {
    name: &'static str,
    run: fn(&Context) -> Ended,
}

/// Runs every gate and prints the summary. Fails at once only when the machine lacks what most gates need.
pub fn test(options: Options) -> Result<ExitCode> {
    let workspace = Workspace::read()?;
    system::ensure_present(&[&CC, &MAKE, &PERL, &CLANG, &NODE, &NPM, &CHROMIUM])?;
    let mut context = Context {
        workspace,
        options,
        finished: Vec::new(),
    };
    let only = context.options.only;
    for (index, gate) in gates::GATES.iter().enumerate() {
        if only.is_some_and(|name| name != gate.name) {
            continue;
        }
        println!("\n==> {}/{} {}", index + 1, gates::GATES.len(), gate.name);
        let start = Instant::now();
        let (outcome, tests) = (gate.run)(&context)
            .unwrap_or_else(|error| (Outcome::Failed(format!("{error:#}")), Counts::default()));
        let line = Line {
            name: gate.name,
            outcome,
            tests,
            took: start.elapsed(),
        };
        println!("==> {line}");
        context.finished.push(line);
    }
    println!("\n{}", summary::render(&context.finished));
    let failed = summary::total(&context.finished).failed;
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn flags_are_read_and_unknown_ones_refused() {
        assert_eq!(Options::parse(&[]).unwrap(), Options::default());
        assert_eq!(
            Options::parse(&["--long", "--advisories"]).unwrap(),
            Options {
                long: true,
                advisories: true,
                only: None
            }
        );
        let only = Options::parse(&["--only", "fuzzing"]).unwrap().only;
        assert_eq!(only, Some("fuzzing"));
        assert!(Options::parse(&["--only", "luck"]).is_err());
        assert!(Options::parse(&["--only"]).is_err());
        assert!(Options::parse(&["--fast"]).is_err());
    }
}

//! `cargo xtask in-node PROGRAM [FILTER]`: runs the tests in a program for wasm32. It is what `.cargo/config.toml` names
//! as that target's runner, so cargo calls it: `cargo test -p undertone-wire --tests --target wasm32-unknown-unknown`.
//!
//! wasm-bindgen's own runner does the same and much more (browsers, for one); building it takes longer than the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::process::succeeds;

const SCRIPT: &str = include_str!("in_node/run.cjs");

/// What was asked for on the command line.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The test program, as the compiler made it.
    pub program: PathBuf,
    /// Only tests with this in their name are run.
    pub filter: String,
}

impl Options {
    /// Reads the arguments; no flag is known.
    pub fn parse(arguments: &[&str]) -> Result<Self> {
        let (program, filter) = match *arguments {
            [program] => (program, ""),
            [program, filter] => (program, filter),
            _ => bail!("`in-node` needs a program, and takes a part of the tests' names"),
        };
        if let Some(flag) = [program, filter].iter().find(|word| word.starts_with('-')) {
            bail!("`in-node` does not know {flag}");
        }
        Ok(Self {
            program: program.into(),
            filter: filter.to_owned(),
        })
    }
}

/// Runs the tests and prints what libtest prints; what a test writes is shown when it fails.
pub fn run(options: &Options) -> Result<ExitCode> {
    let script = prepare(&options.program)?;
    let mut node = Command::new("node");
    node.arg(script).arg(&options.filter);
    Ok(if succeeds(&mut node)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes the program callable from node, in a folder beside it, and returns the script there that runs its tests.
fn prepare(program: &Path) -> Result<PathBuf> {
    let folder = program.with_extension("node");
    let wasm = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    Bindgen::new()
        .input_bytes("tests", wasm)
        .nodejs(true)?
        .typescript(false)
        .export_wasm(true)
        .emit_start(false)
        .generate(&folder)
        .with_context(|| format!("wasm-bindgen cannot use {}", program.display()))?;
    let script = folder.join("run.cjs");
    fs::write(&script, SCRIPT).with_context(|| format!("cannot write {}", script.display()))?;
    Ok(script)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_program_and_a_part_of_a_name_are_read() {
        let read = |arguments: &[&str]| Options::parse(arguments).ok();
        let options = |filter: &str| {
            Some(Options {
                program: "a.wasm".into(),
                filter: filter.into(),
            })
        };
        assert_eq!(read(&["a.wasm"]), options(""));
        assert_eq!(read(&["a.wasm", "link"]), options("link"));
        for wrong in [&[][..], &["a.wasm", "--list"], &["a.wasm", "b", "c"]] {
            assert_eq!(read(wrong), None);
        }
    }
}

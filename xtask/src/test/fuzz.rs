//! The long mode's gate: every fuzz target for a minute.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Context, Counts, Ended, Outcome};
use crate::process::{succeeds, works};
use crate::tools;

const SECONDS_PER_TARGET: u32 = 60;

/// Fuzzes each target in `fuzz/`; a target counts as one test.
pub fn fuzz(context: &Context) -> Ended {
    let workspace = &context.workspace;
    if !context.options.long {
        return Outcome::NotRun("only with --long".into()).without_tests();
    }
    let targets = targets_in(&workspace.root().join("fuzz/fuzz_targets"))?;
    if targets.is_empty() {
        return Outcome::NotThereYet("no target in fuzz/".into()).without_tests();
    }
    if !works("rustup", &["run", "nightly", "rustc", "--version"]) {
        return Outcome::NotRun("needs `rustup toolchain install nightly`".into()).without_tests();
    }
    let program = tools::install(workspace, &tools::FUZZ)?;
    let mut counts = Counts::default();
    for target in targets {
        println!("fuzzing {target} for {SECONDS_PER_TARGET} seconds");
        let mut command = Command::new("rustup");
        command
            .current_dir(workspace.root())
            .args(["run", "nightly"])
            .arg(&program)
            .args(["run", &target, "--"]);
        command.arg(format!("-max_total_time={SECONDS_PER_TARGET}"));
        // Set by the cargo that runs this program; they would lead back to the pinned compiler.
        for variable in ["CARGO", "RUSTC", "RUSTUP_TOOLCHAIN"] {
            command.env_remove(variable);
        }
        if succeeds(&mut command)? {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok((Outcome::from_success(counts.failed == 0), counts))
}

/// The names of the targets, in order; none when there is no such folder.
fn targets_in(folder: &Path) -> Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut targets = Vec::new();
    for entry in folder
        .read_dir()
        .with_context(|| format!("cannot read {}", folder.display()))?
    {
        let name = entry.context("cannot read a name in fuzz/")?.file_name();
        targets.extend(target_name(name));
    }
    targets.sort();
    Ok(targets)
}

fn target_name(file: OsString) -> Option<String> {
    file.into_string()
        .ok()?
        .strip_suffix(".rs")
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_rust_files() {
        assert_eq!(target_name("link.rs".into()), Some("link".into()));
        assert_eq!(target_name("README.md".into()), None);
    }
}

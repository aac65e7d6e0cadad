//! The long mode's gate: every fuzz target for a minute.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Context, Counts, Ended, Outcome};
use crate::process::{succeeds, works};
use crate::tools;
use crate::workspace::Workspace;

const SECONDS_PER_TARGET: u32 = 60;
/// An input that takes longer is a finding.
const SECONDS_PER_INPUT: u32 = 20;

/// Fuzzes each target in `fuzz/`; a target counts as one test. What begins each corpus, and what was found before, is
/// replayed by the normal tests too (`crates/fuzz`).
pub fn fuzz(context: &Context) -> Ended {
    let workspace = &context.workspace;
    if !context.options.long {
        return Outcome::NotRun("only with --long".into()).without_tests();
    }
    let folder = workspace.root().join("fuzz");
    let targets = targets_in(&folder.join("fuzz_targets"))?;
    if targets.is_empty() {
        return Outcome::NotThereYet("no target in fuzz/".into()).without_tests();
    }
    let program = tools::install(workspace, &tools::FUZZ)?;
    if !succeeds(&mut cargo_fuzz(workspace, &program, "build"))? {
        return Outcome::Failed("the targets do not build".into()).without_tests();
    }
    let mut counts = Counts::default();
    for target in targets {
        println!("fuzzing {target} for {SECONDS_PER_TARGET} seconds");
        // What this run finds worth keeping goes to the first folder; it begins from both.
        let corpus = folder.join("corpus").join(&target);
        fs::create_dir_all(&corpus).with_context(|| format!("cannot make {}", corpus.display()))?;
        let mut run = cargo_fuzz(workspace, &program, "run");
        run.arg(&target)
            .arg(&corpus)
            .arg(folder.join("seeds").join(&target))
            .arg("--")
            .arg(format!("-max_total_time={SECONDS_PER_TARGET}"))
            .arg(format!("-timeout={SECONDS_PER_INPUT}"));
        if succeeds(&mut run)? {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok((Outcome::from_success(counts.failed == 0), counts))
}

/// A command of cargo-fuzz with the pinned compiler, which has all that is needed but hides it from stable builds.
fn cargo_fuzz(workspace: &Workspace, program: &Path, verb: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(workspace.root())
        .env("RUSTC_BOOTSTRAP", "1")
        .arg(verb)
        .arg("--target-dir")
        .arg(workspace.target().join("fuzz"));
    // libFuzzer is C++; the machine has clang, and need not have another compiler of it.
    if !works("c++", &["--version"]) {
        command.env("CXX", "clang++");
    }
    command
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

//! The gates for wasm32, where the browser's client will run: everything below the user interfaces compiles for it,
//! and the tests of the pure crates pass in it.

use std::process::Command;

use anyhow::Context as _;

use super::{Context, Ended, Outcome};
use crate::process::{count_tests, succeeds};
use crate::tools::{self, Tool};
use crate::workspace::Workspace;

/// The name of the gate that compiles.
pub const BUILD: &str = "build for wasm32";

const TARGET: &str = "wasm32-unknown-unknown";

/// What has to compile for the browser.
const COMPILED: &[&str] = &[
    "undertone-wire",
    "undertone-content",
    "undertone-mls",
    "undertone-store",
    "undertone-engine",
];

/// Packages whose tests run on wasm32 too. Each of their test modules and files starts with
/// `#[cfg(target_arch = "wasm32")] use wasm_bindgen_test::wasm_bindgen_test as test;`, which makes every plain
/// `#[test]` in it run in both worlds; tests that need files (snapshots) are compiled for the native one only.
const TESTED: &[&str] = &[];

/// Compiles what the browser's client will be made of.
pub fn build(context: &Context) -> Ended {
    let mut cargo = cargo(&context.workspace);
    cargo.args(["check", "--locked", "--target", TARGET]);
    for package in COMPILED
        .iter()
        .filter(|package| context.workspace.has(package))
    {
        cargo.args(["-p", package]);
    }
    Outcome::from_success(succeeds(&mut cargo)?).without_tests()
}

/// Runs the pure crates' tests on wasm32, in node.
pub fn tests(context: &Context) -> Ended {
    if TESTED.is_empty() {
        return Outcome::NotThereYet("no package is prepared for it".into()).without_tests();
    }
    if context
        .finished
        .iter()
        .any(|line| line.name == BUILD && line.outcome != Outcome::Passed)
    {
        return Outcome::NotRun(format!("`{BUILD}` failed")).without_tests();
    }
    // The runner understands only test programs made with its own version of wasm-bindgen.
    let version = context
        .workspace
        .locked_version("wasm-bindgen")?
        .context("Cargo.lock names no wasm-bindgen")?;
    let runner = Tool {
        package: "wasm-bindgen-cli",
        version: &version,
        program: "wasm-bindgen-test-runner",
    };
    let runner = tools::install(&context.workspace, &runner)?;
    let mut cargo = cargo(&context.workspace);
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner);
    cargo.args([
        "test",
        "--locked",
        "--no-fail-fast",
        "--tests",
        "--target",
        TARGET,
    ]);
    for package in TESTED {
        cargo.args(["-p", package]);
    }
    let (success, counts) = count_tests(&mut cargo)?;
    Ok((Outcome::from_success(success), counts))
}

fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = workspace.cargo();
    cargo.env("CC_wasm32_unknown_unknown", "clang");
    cargo
}

//! The gates of the browser's client: it builds, its service worker keeps what it promises, and the stories of
//! `tests/web` come true in Chromium against the real server.

use std::process::Command;

use super::{Context, Ended, Outcome};
use crate::process::run_tests;
use crate::programs::{self, Profile};
use crate::{npm, web};

/// The name of the gate that builds the client.
pub const CLIENT: &str = "web client";

/// Builds the client and tells the stories of its service worker, in node.
pub fn client(context: &Context) -> Ended {
    web::build(&context.workspace, &web::Options::default())?;
    let mut node = Command::new("node");
    node.current_dir(context.workspace.root()).args([
        "--test",
        "--test-reporter=tap",
        "crates/web/tests/service_worker.test.mjs",
    ]);
    run_tests(&mut node)?.ended()
}

/// Tells the stories of `tests/web`.
pub fn stories(context: &Context) -> Ended {
    let workspace = &context.workspace;
    let folder = workspace.root().join("tests/web");
    if !folder.join("package.json").exists() {
        return Outcome::NotThereYet("no tests/web".into()).without_tests();
    }
    let is_built = |name| {
        let mut lines = context.finished.iter();
        lines.any(|line| line.name == name && line.outcome == Outcome::Passed)
    };
    if !is_built(CLIENT) {
        return Outcome::NotRun(format!("`{CLIENT}` failed")).without_tests();
    }
    let programs = programs::build(workspace, Profile::Tests, &web::site(workspace))?;
    npm::install(&folder)?;
    let mut node = Command::new("npx");
    node.current_dir(&folder)
        .args(["--no-install", "playwright", "test"])
        .env("UNDERTONE_SERVER", &programs.server)
        .env("UNDERTONE_CLI", &programs.client);
    run_tests(&mut node)?.ended()
}

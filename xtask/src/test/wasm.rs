//! The gate for wasm32, where the browser's client runs: the tests of the pure crates pass there too.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::{Context, Ended, Outcome};
use crate::process::{run_tests, succeeds};
use crate::system;

const TARGET: &str = "wasm32-unknown-unknown";

/// Packages whose tests run on wasm32 too.
const TESTED: &[&str] = &["wire", "content", "mls"];

/// Runs the pure crates' tests in node. What runs them is `cargo xtask in-node`.
pub fn tests(context: &Context) -> Ended {
    let workspace = &context.workspace;
    system::ensure_target(TARGET)?;
    let mut forgotten = Vec::new();
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--locked", "--no-fail-fast", "--tests"]);
    cargo.args(["--target", TARGET]);
    for package in TESTED {
        cargo.arg("-p").arg(format!("undertone-{package}"));
        let folder = workspace.root().join("crates").join(package);
        for part in ["src", "tests"] {
            collect_forgotten(&folder.join(part), &mut forgotten)?;
        }
    }
    let ran = run_tests(&mut cargo)?;
    match forgotten.as_slice() {
        [] => ran.ended(),
        files => {
            let reason = format!("not run on wasm32: {}", files.join(", "));
            Ok((Outcome::Failed(reason), ran.counts))
        }
    }
}

/// Whether clippy is content with page and Worker, most of which is there in a browser alone. In the profile in which they
/// are built later, so that what is compiled of other languages is compiled once.
pub fn clippy(context: &Context) -> Result<bool> {
    system::ensure_target(TARGET)?;
    let mut cargo = context.workspace.cargo();
    cargo
        .env("CC_wasm32_unknown_unknown", "clang")
        .args([
            "clippy",
            "-p",
            "undertone-web",
            "-p",
            "undertone-web-worker",
        ])
        .args(["--target", TARGET, "--profile", "web"])
        .args(["--locked", "--", "-D", "warnings"]);
    succeeds(&mut cargo)
}

/// Adds the Rust files whose tests would silently be left out: a plain `#[test]` on wasm32 is compiled and never run.
fn collect_forgotten(folder: &Path, forgotten: &mut Vec<String>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let problem = || format!("cannot read {}", folder.display());
    for entry in folder.read_dir().with_context(problem)? {
        let path = entry.with_context(problem)?.path();
        if path.is_dir() {
            collect_forgotten(&path, forgotten)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            if forgets(&source) {
                forgotten.push(path.display().to_string());
            }
        }
    }
    Ok(())
}

/// Whether a source has tests but neither takes them to wasm32 nor says that they are for native targets alone.
fn forgets(source: &str) -> bool {
    let says = |what| source.contains(what);
    says("#[test]")
        && !says("use wasm_bindgen_test::wasm_bindgen_test as test;")
        && !says("#[cfg(all(test, not(target_family = \"wasm\")))]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_would_be_left_out_are_noticed() {
        let test = "#[test]\nfn a() {}\n";
        assert!(forgets(test));
        assert!(!forgets("fn a() {}\n"));
        for reason in [
            "#[cfg(target_family = \"wasm\")]\nuse wasm_bindgen_test::wasm_bindgen_test as test;\n",
            "#[cfg(all(test, not(target_family = \"wasm\")))]\n",
        ] {
            assert!(!forgets(&format!("{reason}{test}")), "{reason}");
        }
    }
}

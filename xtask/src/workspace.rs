//! What the workspace is made of: its folders and the packages that exist in it today.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// The workspace that this program was started in.
#[derive(Debug)]
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    packages: Vec<String>,
}

impl Workspace {
    /// Asks cargo; fails when cargo cannot read the manifests.
    pub fn read() -> Result<Self> {
        let output = cargo()
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .output()
            .context("cannot start cargo")?;
        ensure!(
            output.status.success(),
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
        Self::from_metadata(&output.stdout)
    }

    fn from_metadata(json: &[u8]) -> Result<Self> {
        let metadata: Value = serde_json::from_slice(json).context("cargo metadata is not JSON")?;
        let folder = |key: &str| {
            let path = metadata.get(key).and_then(Value::as_str);
            path.map(PathBuf::from)
                .with_context(|| format!("cargo metadata names no {key}"))
        };
        let packages = metadata
            .get("packages")
            .and_then(Value::as_array)
            .context("cargo metadata names no packages")?;
        let packages = packages
            .iter()
            .filter_map(|package| package.get("name")?.as_str())
            .map(str::to_owned)
            .collect();
        Ok(Self {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            packages,
        })
    }

    /// The folder of the top `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Cargo's target folder, wherever the user put it.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Whether a package of this name is a member.
    pub fn has(&self, package: &str) -> bool {
        self.packages.iter().any(|name| name == package)
    }

    /// The version of a dependency in `Cargo.lock`, or nothing when the workspace does not use it.
    pub fn locked_version(&self, dependency: &str) -> Result<Option<String>> {
        let path = self.root.join("Cargo.lock");
        let lock = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Ok(version_in_lock(&lock, dependency).map(str::to_owned))
    }

    /// A cargo command in the workspace's root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn version_in_lock<'a>(lock: &'a str, dependency: &str) -> Option<&'a str> {
    let name = format!("name = \"{dependency}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines
        .nth(1)?
        .strip_prefix("version = \"")?
        .strip_suffix('"')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn knows_folders_and_members_from_cargos_metadata() {
        let json = br#"{"packages":[{"name":"undertone-wire"},{"name":"xtask"}],
            "workspace_root":"/w","target_directory":"/elsewhere/target"}"#;
        let workspace = Workspace::from_metadata(json).unwrap();
        assert_eq!(workspace.root(), Path::new("/w"));
        assert_eq!(workspace.target(), Path::new("/elsewhere/target"));
        assert!(workspace.has("xtask"));
        assert!(!workspace.has("undertone"));
        assert!(Workspace::from_metadata(b"{}").is_err());
    }

    #[test]
    fn reads_a_locked_version_by_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"x\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "wasm"), None);
    }
}

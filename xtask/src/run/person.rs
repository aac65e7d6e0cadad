//! One of the two people of the demonstration, at the command-line client.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Somebody with a profile and the client.
#[derive(Debug)]
pub struct Person {
    /// The name of the account.
    pub name: &'static str,
    client: PathBuf,
    profile: PathBuf,
}

impl Person {
    /// A person whose profile lies in `home` under their name in small letters.
    pub fn new(client: &Path, home: &Path, name: &'static str) -> Self {
        Self {
            name,
            client: client.to_owned(),
            profile: home.join(name.to_lowercase()),
        }
    }

    /// Whether the profile was made by an earlier run.
    pub fn has_profile(&self) -> bool {
        self.profile.is_dir()
    }

    /// Says what the person types, and does it.
    pub fn types(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let shown: Vec<String> = arguments.iter().map(|argument| quoted(argument)).collect();
        println!(
            "{:>6}$ undertone {}",
            self.name.to_lowercase(),
            shown.join(" ")
        );
        self.quietly(arguments)
    }

    /// Runs the client with `--json` and returns its lines; fails with the client's own words.
    pub fn quietly(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let mut command = Command::new(&self.client);
        command
            .arg("--profile")
            .arg(&self.profile)
            .arg("--json")
            .args(arguments);
        let output = command
            .output()
            .with_context(|| format!("cannot start {}", self.client.display()))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!(
                "{}: `undertone {}` failed ({}): {}",
                self.name,
                arguments.join(" "),
                output.status,
                words.trim()
            );
        }
        lines(&String::from_utf8_lossy(&output.stdout))
    }
}

/// Reads one JSON object a line.
fn lines(output: &str) -> Result<Vec<Value>> {
    let lines = output.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let value: Value =
                serde_json::from_str(line).context("the client printed a line that is not JSON")?;
            ensure!(
                value.is_object(),
                "the client printed a line that is no JSON object"
            );
            Ok(value)
        })
        .collect()
}

/// The text of a field in the first line that has it.
pub fn field(lines: &[Value], name: &str) -> Result<String> {
    let text = lines.iter().find_map(|line| line.get(name)?.as_str());
    text.map(str::to_owned)
        .with_context(|| format!("the client's answer has no `{name}`"))
}

/// The argument as a shell takes it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_answer_is_one_object_a_line() {
        let answer = lines("{\"contact\":\"c1\",\"chat\":\"d2\"}\n\n{\"link\":\"x\"}\n").unwrap();
        assert_eq!(field(&answer, "chat").unwrap(), "d2");
        assert_eq!(field(&answer, "link").unwrap(), "x");
        assert!(field(&answer, "name").is_err());
        assert!(lines("hello\n").is_err());
        assert!(lines("[1]\n").is_err());
        assert!(lines("").unwrap().is_empty());
    }

    #[test]
    fn commands_are_shown_so_that_they_can_be_pasted() {
        assert_eq!(quoted("--wait"), "--wait");
        assert_eq!(
            quoted("http://127.0.0.1:8443/#1.abc"),
            "'http://127.0.0.1:8443/#1.abc'"
        );
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }
}

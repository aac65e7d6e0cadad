//! Runs other programs: with their output passed through, and with their test results counted on the way.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::test::Counts;

/// Runs a command with this program's input and output; true when it ended well.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", name(command)))?;
    Ok(status.success())
}

/// Runs a command and hands its standard output through, adding up the test results in it.
pub fn count_tests(command: &mut Command) -> Result<(bool, Counts)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", name(command)))?;
    let mut counts = Counts::default();
    if let Some(output) = child.stdout.take() {
        let mut terminal = std::io::stdout().lock();
        for line in BufReader::new(output).split(b'\n') {
            let line = line.context("cannot read the output of the tests")?;
            terminal
                .write_all(&line)
                .and_then(|()| terminal.write_all(b"\n"))
                .context("cannot write to the terminal")?;
            counts += Counts::in_line(&String::from_utf8_lossy(&line)).unwrap_or_default();
        }
    }
    let status = child
        .wait()
        .with_context(|| format!("cannot wait for {}", name(command)))?;
    Ok((status.success(), counts))
}

/// Whether a command can be started and ends well; its output goes nowhere.
pub fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn name(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

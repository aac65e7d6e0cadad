//! The real server process, on a free port and a folder of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use tempfile::TempDir;

use crate::person::PATIENCE;

/// A server that runs; killed when dropped.
pub struct Server {
    child: Child,
    folder: TempDir,
    address: String,
    options: Vec<String>,
}

/// The server's program lies where cargo puts the programs of the workspace.
fn program() -> Command {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(Path::parent).unwrap();
    let path = folder.join("undertone-server");
    assert!(
        path.exists(),
        "these tests need the server's program: run `cargo build -p undertone-server` (with the same profile) first"
    );
    let mut command = Command::new(path);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("UNDERTONE_")) {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// Starts on a free port of the loopback.
    pub fn start() -> Self {
        Self::with_options(&[])
    }

    /// Starts with further options.
    pub fn with_options(options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let options: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        let child = launch(folder.path(), "127.0.0.1:0", &options);
        let address = std::fs::read_to_string(folder.path().join("data/listen")).unwrap();
        Self {
            child,
            address: address.trim().to_owned(),
            folder,
            options,
        }
    }

    /// What clients are given as `--server`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it serves.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Kills it as a loss of power would, and starts it again at the same address.
    pub fn kill_and_restart(&mut self) {
        self.kill();
        self.child = launch(self.folder.path(), &self.address, &self.options);
    }

    /// Kills it as a loss of power would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again after [`Server::kill`].
    pub fn restart(&mut self) {
        self.child = launch(self.folder.path(), &self.address, &self.options);
    }

    /// An invite code.
    pub fn invite(&self) -> String {
        let output = program()
            .arg("--data")
            .arg(self.folder.path().join("data"))
            .args(["invite", "create"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// All files that it has written, its log included.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    files.push((entry.path(), std::fs::read(entry.path()).unwrap()));
                }
            }
        }
        files
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the process and returns when it serves. Its log is kept beside its data.
fn launch(folder: &Path, address: &str, options: &[String]) -> Child {
    let mut child = program()
        .arg("--data")
        .arg(folder.join("data"))
        .args(["--listen", address, "--log-level", "debug"])
        .args(options)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = std::fs::File::options()
        .append(true)
        .create(true)
        .open(folder.join("log"))
        .unwrap();
    let serving = keep_log(BufReader::new(child.stderr.take().unwrap()), log);
    if serving.recv_timeout(PATIENCE).is_err() {
        let _ = child.kill();
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        panic!("the server did not start: {log}");
    }
    child
}

/// Copies the log to a file; says when the server serves.
fn keep_log(lines: BufReader<std::process::ChildStderr>, mut log: std::fs::File) -> Receiver<()> {
    let (sender, serving) = channel();
    thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            writeln!(log, "{line}").unwrap();
            if line.contains("serving") {
                // Only the first one is waited for.
                let _ = sender.send(());
            }
        }
    });
    serving
}

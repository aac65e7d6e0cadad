//! The real server process, on a free port and a folder of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Longer than anything takes, on however busy a machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The program with an environment that holds no setting of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undertone-server"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("UNDERTONE_")) {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// What the program said on standard error, when it had to fail.
pub fn failure(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server that runs. Killed when dropped.
pub struct Server {
    child: Child,
    lines: Receiver<String>,
    /// What it logged, as far as it was read.
    pub log: Vec<serde_json::Value>,
    /// Where it serves.
    pub address: SocketAddr,
    /// Where it serves metrics.
    pub metrics: Option<SocketAddr>,
}

impl Server {
    /// Starts on a free port of the loopback.
    pub fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = program()
            .args(["--listen", "127.0.0.1:0", "--log-format", "json", "--data"])
            .arg(folder)
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = child.stderr.take().unwrap();
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(stderr).lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut server = Self {
            child,
            lines,
            log: Vec::new(),
            address: ([127, 0, 0, 1], 0).into(),
            metrics: None,
        };
        let serving = server.wait_for_line("serving");
        server.address = serving["listen"].as_str().unwrap().parse().unwrap();
        server.metrics = serving["metrics"].as_str().map(|at| at.parse().unwrap());
        server
    }

    /// Reads the log until a line begins so.
    pub fn wait_for_line(&mut self, message: &str) -> serde_json::Value {
        loop {
            let line = match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => panic!("no line {message:?}: {:?}", self.log),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended: {:?}", self.log),
            };
            let line: serde_json::Value =
                serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            self.log.push(line.clone());
            if line["message"].as_str().unwrap().starts_with(message) {
                return line;
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end, and reads the rest of the log.
    pub fn wait(&mut self) -> Option<i32> {
        let code = self.child.wait().unwrap().code();
        while let Ok(line) = self.lines.recv() {
            self.log.push(serde_json::from_str(&line).unwrap());
        }
        code
    }

    /// Kills it as a loss of power would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An empty data folder, gone when dropped.
pub struct Folder {
    _base: TempDir,
    path: PathBuf,
}

impl Folder {
    pub fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        let path = base.path().join("data");
        Self { _base: base, path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn text(&self) -> &str {
        self.path.to_str().unwrap()
    }
}

/// All that lies in a folder, in one piece.
pub fn contents(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            let mut file = std::fs::File::open(entry.path()).unwrap();
            file.read_to_end(&mut all).unwrap();
        }
    }
    all
}

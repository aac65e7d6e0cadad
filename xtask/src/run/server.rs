//! The server's process: started, waited for, and stopped so that it can finish what it has accepted.

use std::fs::File;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::healthz;

const START_PATIENCE: Duration = Duration::from_secs(60);
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(100);
/// How much of the log is shown when the server does not start, in lines.
const LOG_TAIL: usize = 20;

/// A server on this machine that answers.
#[derive(Debug)]
pub struct Server {
    /// Nothing when the server was there before this command and stays after it.
    child: Option<Child>,
    address: SocketAddr,
    log: PathBuf,
    interrupted: Arc<AtomicBool>,
}

impl Server {
    /// Starts the program with its data and log in `home` and waits until it answers; uses the server that is already
    /// at the address, if there is one.
    pub fn start(program: &Path, home: &Path, address: SocketAddr) -> Result<Self> {
        let log = home.join("server.log");
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))
                .context("cannot listen for Ctrl-C")?;
        }
        let mut server = Self {
            child: None,
            address,
            log,
            interrupted,
        };
        if healthz::answers(address) {
            println!("A server already answers at {}; using it.", server.url());
            return Ok(server);
        }
        let output = File::create(&server.log)
            .with_context(|| format!("cannot write {}", server.log.display()))?;
        let errors = output.try_clone().context("cannot write the log twice")?;
        let mut command = Command::new(program);
        command
            .arg("--data")
            .arg(home.join("server"))
            .arg("--listen")
            .arg(address.to_string());
        // A group of its own: Ctrl-C reaches this program alone, which then stops the server once.
        command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0);
        server.child = Some(
            command
                .spawn()
                .with_context(|| format!("cannot start {}", program.display()))?,
        );
        server.wait_until_healthy()?;
        println!(
            "The server answers at {} (log: {}).",
            server.url(),
            server.log.display()
        );
        Ok(server)
    }

    /// What clients are given as `--server`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns when the person pressed Ctrl-C (the server is stopped then) or when the server ended by itself, which
    /// is an error.
    pub fn serve_until_interrupted(&mut self) -> Result<()> {
        if self.child.is_none() {
            return Ok(());
        }
        println!("Serving until Ctrl-C.");
        while !self.interrupted.load(Ordering::Relaxed) {
            self.fail_if_ended()?;
            sleep(POLL);
        }
        println!("\nStopping the server.");
        self.stop()
    }

    /// Asks the server to end and waits for it; kills it when it takes too long.
    pub fn stop(&mut self) -> Result<()> {
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        // An error means that it has ended already.
        let _ = kill_process(Pid::from_child(&child), Signal::TERM);
        let deadline = Instant::now() + STOP_PATIENCE;
        while Instant::now() < deadline {
            if child
                .try_wait()
                .context("cannot wait for the server")?
                .is_some()
            {
                return Ok(());
            }
            sleep(POLL);
        }
        child
            .kill()
            .and_then(|()| child.wait())
            .context("cannot kill the server")?;
        bail!(
            "the server did not end within {} seconds and was killed",
            STOP_PATIENCE.as_secs()
        );
    }

    fn wait_until_healthy(&mut self) -> Result<()> {
        let deadline = Instant::now() + START_PATIENCE;
        while !healthz::answers(self.address) {
            self.fail_if_ended()?;
            if self.interrupted.load(Ordering::Relaxed) {
                bail!("interrupted");
            }
            if Instant::now() > deadline {
                bail!(
                    "the server did not answer within {} seconds; its log: {}",
                    START_PATIENCE.as_secs(),
                    self.log.display()
                );
            }
            sleep(POLL);
        }
        self.fail_if_ended()
    }

    fn fail_if_ended(&mut self) -> Result<()> {
        let Some(child) = &mut self.child else {
            return Ok(());
        };
        let Some(status) = child.try_wait().context("cannot wait for the server")? else {
            return Ok(());
        };
        self.child = None;
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        bail!(
            "the server ended ({status}); its last words:\n{}",
            tail(&log)
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("xtask: {error:#}");
        }
    }
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    let from = lines.len().saturating_sub(LOG_TAIL);
    lines.into_iter().skip(from).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_the_end_of_a_log_is_shown() {
        let log: String = (0..100).map(|n| format!("line {n}\n")).collect();
        assert!(tail(&log).starts_with("line 80\n"));
        assert!(tail(&log).ends_with("line 99"));
        assert_eq!(tail("one"), "one");
    }

    #[test]
    fn a_server_that_cannot_start_is_an_error_with_its_last_words() {
        let home = std::env::temp_dir().join(format!("undertone-xtask-{}", std::process::id()));
        std::fs::create_dir_all(&home).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let error = Server::start(Path::new("/bin/ls"), &home, free)
            .unwrap_err()
            .to_string();
        std::fs::remove_dir_all(&home).unwrap();
        assert!(error.starts_with("the server ended"), "{error}");
        assert!(error.contains("--data"), "{error}");
    }
}

//! ejabberd, with or without its archive. Its traffic shapers, which Debian switches on, are lifted in the
//! configuration; receivers do not acknowledge (XEP-0198 is not used), which spares it work.

use std::{
    net::SocketAddr,
    process::{Command, Stdio},
};

use anyhow::{Context as _, ensure};
use tempfile::TempDir;

use super::xmpp::{self, Reader, Writer};
use crate::{
    arguments::Program,
    load::{Load, Pace, Until},
    measured::Measured,
    undertone::temporary_folder,
};

const WITH_ARCHIVE: &str = include_str!("../../peers/ejabberd-mam.yml");
const WITHOUT_ARCHIVE: &str = include_str!("../../peers/ejabberd.yml");
const ENVIRONMENT: &str = include_str!("../../peers/ejabberdctl.cfg");
const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 25_222);
/// With a fixed port, Erlang starts no daemon for names that would outlive the run.
const DISTRIBUTION_PORT: &str = "25999";

/// The server. Ends when dropped.
pub struct Ejabberd {
    /// The process.
    pub process: Measured,
    _folder: TempDir,
}

/// A sender and a receiver.
pub struct Pair {
    to: String,
    sender: (Reader, Writer),
    receiver: (Reader, Writer),
}

impl Ejabberd {
    /// Starts it as the user `ejabberd`, which Debian's package made. Needs root.
    ///
    /// # Errors
    /// If it is not installed.
    pub fn start(program: &Program, archive: bool) -> anyhow::Result<Self> {
        let folder = temporary_folder(program)?;
        let path = folder.path();
        for part in ["spool", "logs"] {
            std::fs::create_dir(path.join(part))?;
        }
        let configuration = if archive {
            WITH_ARCHIVE
        } else {
            WITHOUT_ARCHIVE
        };
        std::fs::write(path.join("ejabberd.yml"), configuration)?;
        std::fs::write(path.join("ejabberdctl.cfg"), ENVIRONMENT)?;
        let owned = Command::new("chown")
            .args(["-R", "ejabberd:ejabberd"])
            .arg(path)
            .status()
            .context("chown does not run")?;
        ensure!(owned.success(), "the user ejabberd is missing");
        let mut command = Command::new("setpriv");
        command
            .args([
                "--reuid",
                "ejabberd",
                "--regid",
                "ejabberd",
                "--init-groups",
            ])
            .args(["ejabberdctl", "--node", "bench@localhost", "--config-dir"])
            .arg(path)
            .arg("--spool")
            .arg(path.join("spool"))
            .arg("--logs")
            .arg(path.join("logs"))
            .arg("foreground")
            .env("HOME", path.join("spool"))
            .env("ERL_DIST_PORT", DISTRIBUTION_PORT)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let process = Measured::start(&mut command)?;
        Ok(Self {
            process,
            _folder: folder,
        })
    }

    /// A user who is logged in, present or not.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn client(user: &str, present: bool) -> anyhow::Result<(Reader, Writer)> {
        let stream = super::connect(SocketAddr::from(ADDRESS)).await?;
        xmpp::log_in(stream, user, present).await
    }
}

impl Pair {
    /// Registers and logs in both.
    ///
    /// # Errors
    /// If either is refused.
    pub async fn create(index: usize) -> anyhow::Result<Self> {
        let receiver = Ejabberd::client(&format!("receiver{index}"), true).await?;
        let sender = Ejabberd::client(&format!("sender{index}"), false).await?;
        Ok(Self {
            to: format!("receiver{index}@localhost"),
            sender,
            receiver,
        })
    }

    /// Sends and receives until the load is over and everything sent was delivered.
    ///
    /// # Errors
    /// If the server ends a connection.
    pub async fn run(self, load: Load) -> anyhow::Result<u64> {
        let pace = load.pace();
        let (unheard, mut writer) = self.sender;
        let body = std::str::from_utf8(load.body()).context("the body is no text")?;
        let message = format!(
            "<message to='{}' type='chat'><body>{body}</body></message>",
            self.to
        );
        let sending = async {
            loop {
                let leave = pace.leave().await?;
                if leave == 0 {
                    return anyhow::Ok(());
                }
                for _ in 0..leave {
                    writer.say(&message).await?;
                }
                writer.flush().await?;
            }
        };
        tokio::try_join!(sending, receive(self.receiver.0, &pace))?;
        // Nothing was said to the sender, but its stream had to stay open.
        drop(unheard);
        Ok(pace.count())
    }
}

async fn receive(mut reader: Reader, pace: &Pace) -> anyhow::Result<()> {
    let mut until = Until::all_of(pace);
    while let Some(count) = until.next(pace.count(), false, reader.messages()).await? {
        pace.received(count?);
    }
    Ok(())
}

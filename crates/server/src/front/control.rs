//! The control socket in the data folder: how `undertone-server invite create` reaches a server that runs.
//!
//! One line of JSON asks, one answers. The folder is closed to other users, and so is the socket. A second process on
//! the stores themselves would be unsound: the core holds keys and numbers in memory that only one process may hold.

use std::{
    io::{self, BufRead as _, Write as _},
    os::unix::net::UnixStream as BlockingStream,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::oneshot,
    time::timeout,
};

use super::submit::{Command, Submitter};

const SOCKET: &str = "control";
const LINE_BYTES: u64 = 4_096;
const PATIENCE: Duration = Duration::from_secs(10);

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// An invite for so many accounts.
    CreateInvite {
        /// Accounts.
        uses: u32,
    },
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The invite code.
    Invite(String),
    /// What went wrong, for the operator.
    Error(String),
}

/// The socket of a server that runs; its file goes with it.
#[derive(Debug)]
pub struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens in `folder`, which this process must hold.
    ///
    /// # Errors
    /// What the system says: most likely that the path is too long for a socket.
    pub fn listen(folder: &Path) -> io::Result<Self> {
        let path = folder.join(SOCKET);
        // Left by a server that was killed: whoever holds the folder owns the name.
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        Ok(Self { listener, path })
    }

    /// Answers, one after the other, until it is dropped.
    pub async fn serve(self, submitter: Submitter) {
        let submitter = Arc::new(submitter);
        loop {
            if let Ok((stream, _)) = self.listener.accept().await {
                let submitter = Arc::clone(&submitter);
                // Whoever asks and goes away misses the answer, and nothing else.
                let _ = timeout(PATIENCE, answer(stream, &submitter)).await;
            } else {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        // The next server removes it, should this fail.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn answer(mut stream: UnixStream, submitter: &Submitter) -> io::Result<()> {
    let (read, mut write) = stream.split();
    let mut line = String::new();
    BufReader::new(read.take(LINE_BYTES))
        .read_line(&mut line)
        .await?;
    let answer = match serde_json::from_str(&line) {
        Ok(Request::CreateInvite { uses }) => create_invite(uses, submitter).await,
        Err(_) => Answer::Error("the request cannot be read".to_owned()),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    write.write_all(&line).await
}

async fn create_invite(uses: u32, submitter: &Submitter) -> Answer {
    let (answer, created) = oneshot::channel();
    let command = Command::CreateInvite { uses, answer };
    if submitter.tell(command).is_err() {
        return Answer::Error("the server is shutting down".to_owned());
    }
    match created.await {
        Ok(Ok(code)) => Answer::Invite(code),
        Ok(Err(error)) => Answer::Error(error.to_string()),
        Err(_) => Answer::Error("the server is shutting down".to_owned()),
    }
}

/// Asks the server that holds `folder`.
///
/// # Errors
/// What the system says: most likely that no server listens there.
pub fn ask(folder: &Path, request: &Request) -> io::Result<Answer> {
    let mut stream = BlockingStream::connect(folder.join(SOCKET))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut line = String::new();
    io::BufReader::new(stream).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}

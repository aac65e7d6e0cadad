//! The way from the connections to the writer thread: bounded in bytes over all connections, without a lock.

use std::{future::Future, net::IpAddr, pin::Pin, sync::Arc};

use tokio::sync::{Semaphore, mpsc, oneshot};
use undertone_server::{
    core::{ConnectionId, Counters, Service, StoreError},
    session::Operation,
};

use super::outgoing::OutgoingSender;

/// Bytes of requests that may wait for the writer, over all connections. Beyond it connections stop reading.
pub const WAITING_BYTES: usize = 64 * 1024 * 1024;
/// What a request counts at least, so that small ones are bounded in number too.
const LEAST_WEIGHT: usize = 2_048;

/// What the writer thread is told.
pub enum Command {
    /// A connection is there.
    Open {
        /// Names it from now on.
        connection: ConnectionId,
        /// What it is for.
        service: Service,
        /// The `Host` it asked for, in lower case.
        authority: String,
        /// Of the client, for limits.
        address: Option<IpAddr>,
        /// Where its frames go.
        outgoing: OutgoingSender,
    },
    /// A request came.
    Receive {
        /// By which connection.
        connection: ConnectionId,
        /// What it asks.
        operation: Operation,
        /// What it holds of the bound; given back when it is applied.
        weight: u32,
    },
    /// A connection ended.
    Close(ConnectionId),
    /// It is time for a piece of maintenance.
    Maintain,
    /// Metrics are asked for.
    Count(oneshot::Sender<Snapshot>),
    /// An invite is asked for.
    CreateInvite {
        /// Accounts that may be registered with it.
        uses: u32,
        /// Takes the code.
        answer: oneshot::Sender<Result<String, StoreError>>,
    },
    /// The server shuts down: all connections end when they are answered.
    GoAway,
    /// Nothing follows.
    Stop,
}

/// What the writer counted.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Of the core.
    pub core: Counters,
    /// Events that were applied.
    pub events: u64,
    /// Connections that are there.
    pub connections: u64,
    /// Times that maintenance failed.
    pub maintenance_failures: u64,
}

/// The writer is gone: the process is about to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server is shutting down")]
pub struct Stopped;

/// A request that waits until the writer can take it.
pub type Held = Pin<Box<dyn Future<Output = Result<(), Stopped>> + Send>>;

/// The connections' end.
#[derive(Clone)]
pub struct Submitter {
    commands: mpsc::UnboundedSender<Command>,
    room: Arc<Semaphore>,
}

/// The writer's end.
pub struct Submitted {
    commands: mpsc::UnboundedReceiver<Command>,
    room: Arc<Semaphore>,
}

/// Makes both ends, with room for requests of `waiting_bytes`. The channel itself has no bound:
/// [`Submitter::submit`] takes room by weight.
pub fn submission(waiting_bytes: usize) -> (Submitter, Submitted) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let room = Arc::new(Semaphore::new(waiting_bytes));
    (
        Submitter {
            commands: sender,
            room: Arc::clone(&room),
        },
        Submitted {
            commands: receiver,
            room,
        },
    )
}

impl Submitter {
    /// Whether the writer is gone.
    pub fn is_stopped(&self) -> bool {
        self.commands.is_closed()
    }

    /// Tells the writer something that is not a request: few of them wait at any time.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn tell(&self, command: Command) -> Result<(), Stopped> {
        self.commands.send(command).map_err(|_| Stopped)
    }

    /// Submits a request whose frame had `bytes` bytes, or returns it as something to wait for.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn submit(
        &self,
        connection: ConnectionId,
        operation: Operation,
        bytes: usize,
    ) -> Result<Option<Held>, Stopped> {
        let weight = u32::try_from(bytes.max(LEAST_WEIGHT)).unwrap_or(u32::MAX);
        let command = Command::Receive {
            connection,
            operation,
            weight,
        };
        match self.room.try_acquire_many(weight) {
            Ok(room) => {
                room.forget();
                self.tell(command)?;
                Ok(None)
            }
            Err(_) => {
                let submitter = self.clone();
                Ok(Some(Box::pin(async move {
                    let room = submitter.room.acquire_many(weight).await;
                    room.map_err(|_| Stopped)?.forget();
                    submitter.tell(command)
                })))
            }
        }
    }
}

impl Submitted {
    /// Waits for commands and takes at most `most`; nothing if nothing will follow.
    pub fn take(&mut self, commands: &mut Vec<Command>, most: usize) {
        self.commands.blocking_recv_many(commands, most);
    }

    /// What waits, if anything does.
    #[cfg(test)]
    pub fn try_take(&mut self) -> Option<Command> {
        self.commands.try_recv().ok()
    }

    /// Gives back the room of requests that were applied.
    pub fn give_back(&self, weight: usize) {
        self.room.add_permits(weight);
    }
}

//! One WebSocket connection: a single task that reads, decodes, submits, sends and watches the time.
//!
//! It stops reading while the client has too many requests in flight, while its answers pile up, or while the writer
//! has no room: TCP then slows the client down.

mod read;
mod send;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    time::{Instant, Sleep},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{WebSocketConfig, frame::coding::CloseCode},
};
use undertone_server::{
    core::{ConnectionId, Service},
    session::Session,
};
use undertone_wire::limits::FRAME_BYTES;

use super::{
    authenticated,
    heartbeat::{Beat, Heartbeat},
    metered::Metered,
    metrics::Ending,
    outgoing::{Outgoing, OutgoingReceiver},
    submit::{Command, Held, Submitter},
};

/// Buffers of an idle connection decide how many a machine can hold (docs/benchmarks.md). From a kibibyte on the
/// library would keep this much for each connection; below, it keeps room for the head of a frame and takes more when
/// one comes. [`Metered`] sees to it that small reads cost no system calls.
const READ_BUFFER: usize = 512;
/// Bytes thrown away at a time at the end.
const DISCARD: usize = 4_096;
/// Frames are gathered up to this size before they are written.
const WRITE_BUFFER: usize = 0;
/// How long a connection that ends may take to send what waits.
const LEAVE: Duration = Duration::from_secs(30);
/// How long the client may take to close its side.
const LINGER: Duration = Duration::from_secs(5);

/// The WebSocket parameters of every connection.
pub fn web_socket_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES))
}

/// Tells the writer, when it goes, that its connection is no more.
struct Registered {
    connection: ConnectionId,
    submitter: Submitter,
}

impl Drop for Registered {
    fn drop(&mut self) {
        // Without a writer there is nobody left who would want to know.
        let _ = self.submitter.tell(Command::Close(self.connection));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Requests are read.
    Open,
    /// Those in flight are answered, then the WebSocket closes with this code.
    Leaving(CloseCode, Ending),
    /// The close frame is under way; whatever still comes is thrown away.
    Closing(Ending),
}

/// The connection, a future that ends with it.
pub struct Connection<S> {
    socket: WebSocketStream<Metered<S>>,
    service: Service,
    session: Session,
    registered: Registered,
    outgoing: OutgoingReceiver,
    frames: VecDeque<Bytes>,
    sent_of_first: usize,
    ping: bool,
    unflushed: bool,
    in_flight: usize,
    held: Option<Held>,
    phase: Phase,
    heartbeat: Heartbeat,
    timer: Pin<Box<Sleep>>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Takes over a WebSocket that the writer was told of.
    pub fn new(
        socket: WebSocketStream<Metered<S>>,
        connection: ConnectionId,
        service: Service,
        submitter: Submitter,
        outgoing: OutgoingReceiver,
    ) -> Self {
        let heartbeat = Heartbeat::new(Instant::now());
        Self {
            socket,
            service,
            session: Session::new(service),
            registered: Registered {
                connection,
                submitter,
            },
            outgoing,
            frames: VecDeque::new(),
            sent_of_first: 0,
            ping: false,
            unflushed: false,
            in_flight: 0,
            held: None,
            phase: Phase::Open,
            timer: Box::pin(tokio::time::sleep_until(heartbeat.first())),
            heartbeat,
        }
    }

    /// Runs the connection to its end.
    pub async fn run(mut self: Box<Self>) -> Ending {
        let ending = self.as_mut().await;
        if ending == Ending::Malformed {
            // Closing a socket that has unread bytes resets it, and the client would not see why. Boxed, or every
            // connection would hold room for it from the beginning.
            Box::pin(self.discard_the_rest()).await;
        }
        ending
    }

    async fn discard_the_rest(self) {
        let Self {
            socket, registered, ..
        } = self;
        drop(registered);
        let mut stream = socket.into_inner();
        let discard = async {
            stream.shutdown().await?;
            let mut buffer = vec![0; DISCARD];
            let mut left = 2 * FRAME_BYTES;
            while left > 0 {
                let read = stream.read(&mut buffer).await?;
                left = if read == 0 {
                    0
                } else {
                    left.saturating_sub(read)
                };
            }
            std::io::Result::Ok(())
        };
        // The client has its answer, or will not have it: either way this is the end.
        let _ = tokio::time::timeout(LINGER, discard).await;
    }

    fn leave(&mut self, code: CloseCode, ending: Ending) {
        if self.phase == Phase::Open {
            self.phase = Phase::Leaving(code, ending);
            self.timer.as_mut().reset(Instant::now() + LEAVE);
        }
    }

    /// Takes all that the writer handed over.
    fn take_outgoing(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        while let Poll::Ready(item) = self.outgoing.poll(context) {
            match item.ok_or(Ending::Slow)? {
                Outgoing::Frames { answered, frames } => {
                    self.in_flight = self.in_flight.saturating_sub(answered);
                    let granted = !self.heartbeat.is_authenticated()
                        && frames
                            .iter()
                            .any(|frame| authenticated::grants(self.service, frame));
                    if granted {
                        self.heartbeat.authenticate();
                    }
                    self.frames.extend(frames);
                }
                Outgoing::End => {
                    // The writer has forgotten the connection: what it was asked and did not answer, it never will.
                    self.in_flight = 0;
                    self.held = None;
                    self.leave(CloseCode::Normal, Ending::Ended);
                }
                Outgoing::GoAway => self.leave(CloseCode::Away, Ending::Shutdown),
            }
        }
        Ok(())
    }

    /// Lets the request that waits for the writer go there, if there is room by now.
    fn submit_held(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        if let Some(held) = &mut self.held
            && let Poll::Ready(submitted) = held.as_mut().poll(context)
        {
            self.held = None;
            submitted.map_err(|_| Ending::Shutdown)?;
        }
        Ok(())
    }

    /// Does what the time asks for.
    fn watch(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        while self.timer.as_mut().poll(context).is_ready() {
            if let Phase::Leaving(_, ending) | Phase::Closing(ending) = self.phase {
                return Err(ending);
            }
            let sending = self.unflushed || !self.frames.is_empty();
            let traffic = self.socket.get_ref().traffic();
            match self.heartbeat.beat(Instant::now(), traffic, sending) {
                Beat::Wait(until) => self.timer.as_mut().reset(until),
                Beat::Ping(until) => {
                    self.ping = true;
                    self.timer.as_mut().reset(until);
                }
                Beat::Silent => return Err(Ending::Silent),
                Beat::Unauthenticated => {
                    self.leave(CloseCode::Policy, Ending::Unauthenticated);
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        self.watch(context)?;
        loop {
            self.take_outgoing(context)?;
            self.submit_held(context)?;
            self.send(context)?;
            if !self.read(context)? {
                return Ok(());
            }
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Connection<S> {
    type Output = Ending;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ending> {
        match self.step(context) {
            Ok(()) => Poll::Pending,
            Err(ending) => Poll::Ready(ending),
        }
    }
}

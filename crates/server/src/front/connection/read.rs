//! The reading half of a connection: requests are decoded here, and submitted to the writer.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::Stream as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{
    Error, Message, error::ProtocolError, protocol::frame::coding::CloseCode,
};
use undertone_wire::limits::REQUESTS_IN_FLIGHT;

use super::{Connection, LINGER, Phase, Registered};
use crate::front::metrics::Ending;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    fn may_read(&self) -> bool {
        match self.phase {
            Phase::Open => {
                self.held.is_none()
                    && self.in_flight < REQUESTS_IN_FLIGHT
                    && self.outgoing.may_read()
            }
            Phase::Leaving(..) => false,
            // A close frame must be out before the end of the stream ends the connection.
            Phase::Closing(_) => !self.unflushed,
        }
    }

    /// Reads one message, if that is allowed and there is one; tells whether it did.
    pub(super) fn read(&mut self, context: &mut Context<'_>) -> Result<bool, Ending> {
        if !self.may_read() {
            return Ok(false);
        }
        let Poll::Ready(read) = Pin::new(&mut self.socket).poll_next(context) else {
            return Ok(false);
        };
        if let Phase::Closing(ending) = self.phase {
            return match read {
                Some(Ok(_)) => Ok(true),
                Some(Err(_)) | None => Err(ending),
            };
        }
        match read {
            Some(Ok(message)) => {
                let traffic = self.socket.get_ref().traffic();
                self.heartbeat.hear(Instant::now(), traffic);
                self.receive(message)?;
            }
            Some(Err(Error::Capacity(_))) => {
                self.leave(CloseCode::Size, Ending::Malformed);
            }
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                return Err(Ending::Client);
            }
            Some(Err(Error::Protocol(_) | Error::Utf8(_))) => {
                self.leave(CloseCode::Protocol, Ending::Malformed);
            }
            Some(Err(_)) => return Err(Ending::Broken),
            None => return Err(Ending::Client),
        }
        Ok(true)
    }

    fn receive(&mut self, message: Message) -> Result<(), Ending> {
        match message {
            Message::Binary(frame) => {
                let bytes = frame.len();
                match self.session.receive(frame) {
                    Ok(operation) => {
                        let Registered {
                            connection,
                            submitter,
                        } = &self.registered;
                        self.held = submitter
                            .submit(*connection, operation, bytes)
                            .map_err(|_| Ending::Shutdown)?;
                        self.in_flight += 1;
                    }
                    Err(refusal) => {
                        self.outgoing.add(&refusal.frame);
                        self.frames.push_back(refusal.frame);
                        if refusal.close {
                            self.leave(CloseCode::Policy, Ending::Malformed);
                        }
                    }
                }
            }
            Message::Text(_) => self.leave(CloseCode::Unsupported, Ending::Malformed),
            Message::Close(_) => {
                self.phase = Phase::Closing(Ending::Client);
                self.timer.as_mut().reset(Instant::now() + LINGER);
                self.unflushed = true;
            }
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(())
    }
}

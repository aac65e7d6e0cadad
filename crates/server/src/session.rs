//! One connection's frames: decoded and checked for form and size before they cost the writer anything.
//!
//! Pure, and meant to run on the connection's own task: signatures that can be verified from the request alone, and
//! digests over large payloads, are done here.

mod account;
mod field;
mod link;
mod operation;
mod queue;
mod send;

use bytes::Bytes;
use undertone_wire::{
    frame::{self, FrameError},
    proto::{AccountRequest, ErrorKind, LinkRequest, QueueRequest, SendRequest},
};

use crate::{answer::Reason, core::Service};

pub use operation::Operation;
pub(crate) use operation::{
    AccountOperation, BlobChunk, Body, CardChange, Commit, Delivery, EpochKeys, Guard,
    LinkOperation, NewQueue, QueueOperation, Recipients, SendOperation, VaultName, Welcome,
};

/// Reads the frames of one connection.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    service: Service,
}

/// What is wrong with a frame, as the answer to send at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The answer.
    pub frame: Bytes,
    /// Whether the connection ends after it: what follows an unreadable frame cannot be trusted.
    pub close: bool,
}

impl Session {
    /// The reader of a connection to `service`.
    pub fn new(service: Service) -> Self {
        Self { service }
    }

    /// Decodes one frame and checks its form.
    ///
    /// # Errors
    /// [`Refusal`], to be sent at once: the frame cannot be read (then the connection ends), or a field is not of its
    /// form, or something is over a limit, or a signature that the request itself carries does not verify.
    pub fn receive(&mut self, frame: Bytes) -> Result<Operation, Refusal> {
        let (request, body) = match self.service {
            Service::Account => {
                let frame: AccountRequest = self.decode(frame)?;
                let body = frame
                    .body
                    .ok_or(NO_BODY)
                    .and_then(account::check)
                    .map(Body::Account);
                (frame.request, body)
            }
            Service::Queue => {
                let frame: QueueRequest = self.decode(frame)?;
                let body = frame
                    .body
                    .ok_or(NO_BODY)
                    .and_then(queue::check)
                    .map(Body::Queue);
                (frame.request, body)
            }
            Service::Send => {
                let frame: SendRequest = self.decode(frame)?;
                let body = frame
                    .body
                    .ok_or(NO_BODY)
                    .and_then(send::check)
                    .map(Body::Send);
                (frame.request, body)
            }
            Service::Link => {
                let frame: LinkRequest = self.decode(frame)?;
                let body = frame
                    .body
                    .ok_or(NO_BODY)
                    .and_then(link::check)
                    .map(Body::Link);
                (frame.request, body)
            }
        };
        if request == 0 {
            return Err(self.refusal(0, &NO_NUMBER, false));
        }
        match body {
            Ok(body) => Ok(Operation { request, body }),
            Err(reason) => Err(self.refusal(request, &reason, false)),
        }
    }

    fn decode<T: prost::Message + Default>(&self, bytes: Bytes) -> Result<T, Refusal> {
        frame::decode(bytes).map_err(|error| {
            let reason = match error {
                FrameError::TooLarge => &FRAME_TOO_LARGE,
                FrameError::Malformed => &UNREADABLE,
            };
            self.refusal(0, reason, true)
        })
    }

    fn refusal(&self, request: u64, reason: &Reason, close: bool) -> Refusal {
        Refusal {
            frame: reason.frame(self.service, request),
            close,
        }
    }
}

const NO_BODY: Reason = Reason::new(ErrorKind::Malformed, "the request names nothing to do");
const NO_NUMBER: Reason = Reason::new(ErrorKind::Malformed, "a request is numbered from 1");
const UNREADABLE: Reason = Reason::new(ErrorKind::Malformed, "the frame cannot be read");
const FRAME_TOO_LARGE: Reason = Reason::new(ErrorKind::TooLarge, "the frame is too large");

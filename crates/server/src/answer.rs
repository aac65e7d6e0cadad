//! Answers and refusals as frames of the services.

use bytes::Bytes;
use undertone_wire::{
    frame,
    proto::{
        AccountAnswer, Done, ErrorKind, LinkAnswer, QueueAnswer, SendAnswer, ServiceError,
        account_answer, link_answer, queue_answer, send_answer,
    },
};

use crate::core::Service;

/// Why a request is refused: a kind, and a fixed sentence for developers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reason {
    /// What a client acts on.
    pub kind: ErrorKind,
    /// What a developer reads. No data of anybody.
    pub text: &'static str,
    /// Milliseconds until it is worth another try; 0 if that is not known.
    pub retry_after_ms: u64,
}

impl Reason {
    /// A refusal that another try does not change.
    pub const fn new(kind: ErrorKind, text: &'static str) -> Self {
        Self {
            kind,
            text,
            retry_after_ms: 0,
        }
    }

    /// The quota is used up until `retry_after_ms` have passed.
    pub const fn limit(text: &'static str, retry_after_ms: u64) -> Self {
        Self {
            kind: ErrorKind::LimitReached,
            text,
            retry_after_ms,
        }
    }

    /// The refusal as a frame of `service`, in answer to `request`.
    pub fn frame(&self, service: Service, request: u64) -> Bytes {
        let error = ServiceError {
            kind: self.kind as i32,
            reason: self.text.to_owned(),
            may_retry: matches!(self.kind, ErrorKind::LimitReached | ErrorKind::Unavailable),
            retry_after_ms: self.retry_after_ms,
        };
        match service {
            Service::Account => account_frame(request, account_answer::Body::Error(error)),
            Service::Queue => queue_frame(request, queue_answer::Body::Error(error)),
            Service::Send => send_frame(request, send_answer::Body::Error(error)),
            Service::Link => link_frame(request, link_answer::Body::Error(error)),
        }
    }
}

/// The server failed; nothing changed.
pub(crate) const UNAVAILABLE: Reason = Reason::new(
    ErrorKind::Unavailable,
    "the server could not store it; nothing changed",
);

/// A frame of the account connection.
pub(crate) fn account_frame(request: u64, body: account_answer::Body) -> Bytes {
    frame::encode(&AccountAnswer {
        request,
        body: Some(body),
    })
}

/// A frame of the queue connection.
pub(crate) fn queue_frame(request: u64, body: queue_answer::Body) -> Bytes {
    frame::encode(&QueueAnswer {
        request,
        body: Some(body),
    })
}

/// A frame of the sending connection.
pub(crate) fn send_frame(request: u64, body: send_answer::Body) -> Bytes {
    frame::encode(&SendAnswer {
        request,
        body: Some(body),
    })
}

/// A frame of the connection on which two devices meet.
pub(crate) fn link_frame(request: u64, body: link_answer::Body) -> Bytes {
    frame::encode(&LinkAnswer {
        request,
        body: Some(body),
    })
}

/// "Done", as each service says it.
pub(crate) mod done {
    use super::{Done, account_answer, link_answer, queue_answer, send_answer};

    pub const ACCOUNT: account_answer::Body = account_answer::Body::Done(Done {});
    pub const QUEUE: queue_answer::Body = queue_answer::Body::Done(Done {});
    pub const SEND: send_answer::Body = send_answer::Body::Done(Done {});
    pub const LINK: link_answer::Body = link_answer::Body::Done(Done {});
}

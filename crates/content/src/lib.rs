//! What is inside messages: content with its device signature, and signals.
//!
//! This crate is pure. It must never do I/O, ask for the time or make randomness, and it decides nothing
//! about conversations: it only says what a sender said, and proves that they did.

pub mod change;
pub mod content;
pub mod epoch_mark;
pub mod limits;
pub mod register;
pub mod signal;
mod text;

/// The generated types, one for one as in `proto/`. Nothing in them is verified.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/undertone.content.v1.rs"));
}

/// The version of the content format that this crate writes.
pub const CONTENT_VERSION: u32 = 1;

/// Why content or a signal is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Bytes that are no content.
    #[error("the content cannot be read")]
    Malformed,
    /// Over a limit of [`limits`].
    #[error("the content is larger than allowed")]
    TooLarge,
    /// A text or a name without anything in it.
    #[error("there is nothing in it")]
    Empty,
    /// Not signed by the device that sent it.
    #[error("the content is not signed by the device that sent it")]
    Signature,
}

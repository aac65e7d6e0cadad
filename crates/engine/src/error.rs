//! What can go wrong with the engine itself, and why a command is refused.

use undertone_content::ContentError;
use undertone_store::StoreError;
use undertone_wire::{
    entry::EntryError, identity::IdentityError, ids::LengthError, link::LinkError,
    token::TokenError,
};

use crate::link_code::CodeError;

/// The engine cannot go on: its store failed, or holds what it never wrote. Nothing from the network causes it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The local store failed; nothing of the step was kept.
    #[error("the local store failed")]
    Store(#[from] StoreError),
    /// MLS refused something that this device made itself, or its storage failed.
    #[error("the encryption layer failed: {0}")]
    Mls(&'static str),
    /// Something in the local store is not as this engine writes it.
    #[error("the local store is damaged: {0}")]
    Damaged(&'static str),
}

impl From<LengthError> for EngineError {
    fn from(_: LengthError) -> Self {
        Self::Damaged("an identifier")
    }
}

impl From<IdentityError> for EngineError {
    fn from(_: IdentityError) -> Self {
        Self::Damaged("a device record")
    }
}

impl From<EntryError> for EngineError {
    fn from(_: EntryError) -> Self {
        Self::Damaged("the queue's key")
    }
}

impl From<TokenError> for EngineError {
    fn from(_: TokenError) -> Self {
        Self::Damaged("a token")
    }
}

/// Why a command did nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// There is no account in this profile yet.
    #[error("there is no account here yet; create one first")]
    NoAccount,
    /// There is one already.
    #[error("this profile has an account already; use another profile for another account")]
    AccountExists,
    /// The address or link cannot be used.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A name or a text cannot be used.
    #[error("this cannot be sent: {0}")]
    Content(#[from] ContentError),
    /// No code of a device.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// One's own link.
    #[error("this is your own link; give it to somebody who should be able to write to you")]
    OwnLink,
    /// A link to an account of another server.
    #[error(
        "this link leads to another server ({0}); writing to other servers is not possible yet"
    )]
    OtherServer(String),
    /// No such chat, contact, request or message on this device.
    #[error("there is no such {0} here")]
    Unknown(&'static str),
    /// The chat is not in a state for it.
    #[error("{0}")]
    NotNow(&'static str),
    /// The engine itself failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

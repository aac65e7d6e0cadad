//! What all tabs are told without having asked.

use serde::{Deserialize, Serialize};

use crate::{
    ids::ChatKey,
    view::{Line, Mark},
};

/// Something that happened. What it names may look different now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum News {
    /// The list: a chat, a request, a name, a state.
    Overview,
    /// A new message is in the history of a chat.
    Message {
        /// The chat.
        chat: ChatKey,
        /// Its number.
        seq: u64,
        /// Whether it is somebody else's.
        received: bool,
    },
    /// One's own message came further.
    Mark {
        /// The chat.
        chat: ChatKey,
        /// Its number.
        seq: u64,
        /// How far.
        mark: Mark,
    },
    /// Somebody writes, or has stopped.
    Typing {
        /// The chat.
        chat: ChatKey,
        /// Whether they write now.
        active: bool,
    },
    /// One's own devices: which there are, one being linked, a history on its way.
    Devices,
    /// How the engine is connected.
    Line(Line),
}

//! What goes in and out of the engine. It does no I/O itself: whoever drives it carries these out.

use bytes::Bytes;

/// The connections, each with an identity of its own that the server cannot join with the others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Service {
    /// As the account's device: registration and tokens. Open only while there is something to do.
    Account,
    /// As the owner of the queue: what arrives.
    Queue,
    /// As nobody: what is sent.
    Send,
    /// As nobody: where a new device and one of the account's meet. Open only while a device is linked.
    Link,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Account, Self::Queue, Self::Send, Self::Link];

    /// The path of its WebSocket.
    pub fn path(self) -> &'static str {
        match self {
            Self::Account => "/v1/account",
            Self::Queue => "/v1/queue",
            Self::Send => "/v1/send",
            Self::Link => "/v1/link",
        }
    }
}

/// What the driver tells the engine.
#[derive(Debug, Clone)]
pub enum Input {
    /// A connection that was asked for by [`Effect::Connect`] stands.
    Connected(Service),
    /// A binary message arrived.
    Frame(Service, Bytes),
    /// A connection ended or could not be made.
    Disconnected(Service),
}

/// What the engine asks the driver to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Open the connection; answer with [`Input::Connected`] or [`Input::Disconnected`].
    Connect(Service),
    /// Send one binary message, in the order of these effects.
    Send(Service, Bytes),
    /// Close the connection; [`Input::Disconnected`] may follow and is then ignored.
    Disconnect(Service),
}

//! What the engine's thread and the terminal's thread tell each other. Names and texts are safe for a screen of cells.

use undertone_engine::{CardKind, ChatId, ChatKind, ChatState, MessageState};
use undertone_wire::{ids::AccountId, time::Timestamp};

/// How the engine is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Line {
    /// Not yet.
    #[default]
    Connecting,
    /// In step with the server.
    Online,
    /// The server cannot be reached.
    Offline,
    /// The server took no account.
    Refused,
}

/// All that is shown.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// How the engine is connected.
    pub line: Line,
    /// The history that is on its way to or from another device of one's own.
    pub history: Option<History>,
    /// The strangers who ask, newest first.
    pub requests: Vec<RequestEntry>,
    /// The chats, last changed first.
    pub chats: Vec<ChatEntry>,
    /// The chat that is open.
    pub open: Option<OpenChat>,
}

/// A history that is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct History {
    /// Whether this device gives it.
    pub giving: bool,
    /// Messages that are across.
    pub messages: u64,
    /// Messages in all.
    pub total: u64,
}

/// A stranger who asks.
#[derive(Debug, Clone)]
pub struct RequestEntry {
    /// The request.
    pub request: ChatId,
    /// The card that they hold.
    pub came_by: Option<CardKind>,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// A chat in the list.
#[derive(Debug, Clone)]
pub struct ChatEntry {
    /// The chat.
    pub chat: ChatId,
    /// Its name, or a word in its place.
    pub name: String,
    /// What sort it is.
    pub kind: ChatKind,
    /// How it stands.
    pub state: ChatState,
    /// Why it failed.
    pub reason: String,
    /// Messages not seen.
    pub unread: u64,
    /// The other, once known.
    pub contact: Option<AccountId>,
    /// Whether safety numbers were compared.
    pub verified: bool,
}

/// The messages of the open chat.
#[derive(Debug, Clone)]
pub struct OpenChat {
    /// The chat.
    pub chat: ChatId,
    /// Its newest messages, oldest first.
    pub messages: Vec<Message>,
    /// Whether these are all.
    pub complete: bool,
}

/// A message.
#[derive(Debug, Clone)]
pub struct Message {
    /// Its number.
    pub seq: u64,
    /// Who said it, if not oneself.
    pub sender: Option<String>,
    /// Whether it tells that something changed, and nobody said it.
    pub notice: bool,
    /// Its lines.
    pub lines: Vec<String>,
    /// When it was said.
    pub sent_at: Timestamp,
    /// How far it has come.
    pub state: MessageState,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The chat.
    pub chat: ChatId,
    /// The message; none if it is the chat itself.
    pub seq: Option<u64>,
    /// The chat's name.
    pub name: String,
    /// The beginning of the message.
    pub text: String,
}

/// What the terminal asks of the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Show a chat; up to a message if it is long.
    Open(ChatId, Option<u64>),
    /// Show older messages too.
    More,
    /// Write.
    Send(ChatId, String),
    /// Try failed messages of a chat again.
    Retry(ChatId),
    /// The user has seen a chat up to a message.
    MarkRead(ChatId, u64),
    /// The user writes, or has stopped.
    Typing(ChatId, bool),
    /// Accept a request.
    Accept(ChatId),
    /// Delete a request.
    Delete(ChatId),
    /// Block who asks.
    BlockRequest(ChatId),
    /// Block a contact.
    BlockContact(AccountId),
    /// Follow a link.
    Add(String),
    /// Show the reusable link.
    ShowLink,
    /// Make a single-use link.
    NewLink,
    /// Show the safety number with a contact.
    ShowSafetyNumber(AccountId),
    /// Note whether it was compared.
    SetVerified(AccountId, bool),
    /// Find chats and messages.
    Search(String),
    /// End.
    Quit,
}

/// What the engine tells the terminal.
#[derive(Debug, Clone)]
pub enum Update {
    /// What is to be shown now.
    Model(Model),
    /// Somebody writes, or has stopped.
    Typing(ChatId, bool),
    /// A link of one's own.
    Link {
        /// The link.
        link: String,
        /// Whether it is for one person.
        once: bool,
    },
    /// A safety number.
    SafetyNumber {
        /// The contact.
        contact: AccountId,
        /// Their name.
        name: String,
        /// Twelve groups of digits.
        number: String,
        /// Whether it was compared.
        verified: bool,
    },
    /// What was found.
    Found(Vec<Found>),
    /// The chat with a contact who was added.
    Added(ChatId),
    /// Something could not be done, and why.
    Said(String),
    /// The engine has ended, or was asked to by the system.
    Ended,
}

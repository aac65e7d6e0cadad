//! What is printed with `--json`, field by field; `docs/cli.md` describes it, and scripts rely on it.

use serde::Serialize;
use undertone_engine::{
    AccountView, CardKind, ChatKind, ChatState, ChatView, ContactView, MessageKind, MessageRow,
    MessageState, Refused, RequestView,
};
use undertone_wire::ids::AccountId;

use crate::{hex, when::rfc3339, words};

/// `account create`.
#[derive(Debug, Serialize)]
pub struct Created {
    pub account: String,
    pub link: String,
}

/// `account show`.
#[derive(Debug, Serialize)]
pub struct Account {
    pub account: String,
    pub name: String,
    pub server: String,
    pub registered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<&'static str>,
}

impl Account {
    pub fn new(view: &AccountView) -> Self {
        Self {
            account: hex::person(&view.account),
            name: view.name.clone(),
            server: view.server.clone(),
            registered: view.registered,
            refused: view.refused.map(refused),
        }
    }
}

/// `link …`.
#[derive(Debug, Serialize)]
pub struct Link {
    pub link: String,
}

/// `contact add`.
#[derive(Debug, Serialize)]
pub struct Added {
    pub contact: String,
    pub chat: String,
}

/// `contact safety-number`.
#[derive(Debug, Serialize)]
pub struct SafetyNumber {
    pub contact: String,
    pub safety_number: String,
    pub verified: bool,
}

/// `contact verify`.
#[derive(Debug, Serialize)]
pub struct Verified {
    pub contact: String,
    pub verified: bool,
}

/// `contact block`.
#[derive(Debug, Serialize)]
pub struct Blocked {
    pub contact: String,
    pub blocked: bool,
}

/// `contacts`.
#[derive(Debug, Serialize)]
pub struct Contact {
    pub contact: String,
    pub name: String,
    pub verified: bool,
    pub chat: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub blocked: bool,
}

impl Contact {
    pub fn new(view: &ContactView) -> Self {
        Self {
            contact: hex::person(&view.account),
            name: view.name.clone(),
            verified: view.verified,
            chat: view.chat.map(|chat| hex::encode(chat.as_bytes())),
            blocked: view.blocked,
        }
    }
}

/// `requests`, and within `receive`.
#[derive(Debug, Serialize)]
pub struct Request {
    pub id: String,
    pub came_by: Option<&'static str>,
    pub received_at: String,
}

impl Request {
    pub fn new(view: &RequestView) -> Self {
        Self {
            id: hex::encode(view.request.as_bytes()),
            came_by: view.came_by.map(|kind| match kind {
                CardKind::Link => "link",
                CardKind::Once => "once",
                CardKind::Contacts => "contacts",
            }),
            received_at: rfc3339(view.received_at),
        }
    }
}

/// `request …`.
#[derive(Debug, Serialize)]
pub struct Answered {
    pub id: String,
    pub state: &'static str,
}

/// `chats`.
#[derive(Debug, Serialize)]
pub struct Chat {
    pub chat: String,
    pub name: String,
    pub kind: &'static str,
    pub unread: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
}

impl Chat {
    pub fn new(view: &ChatView) -> Self {
        Self {
            chat: hex::encode(view.chat.as_bytes()),
            name: words::chat_name(view),
            kind: match view.kind {
                ChatKind::Notes => "notes",
                ChatKind::Direct => "direct",
            },
            unread: view.unread,
            state: (view.state != ChatState::Active).then(|| chat_state(view.state)),
        }
    }
}

/// `history` and `search`.
#[derive(Debug, Serialize)]
pub struct Message {
    pub id: String,
    pub chat: String,
    pub from: String,
    pub mine: bool,
    /// Nothing if a newer version made it.
    pub text: Option<String>,
    pub sent_at: String,
    pub state: &'static str,
}

impl Message {
    pub fn new(row: &MessageRow, own: &AccountId) -> Self {
        Self {
            id: hex::encode(row.content_id.as_bytes()),
            chat: hex::encode(row.chat.as_bytes()),
            from: hex::person(&row.sender),
            mine: row.sender == *own,
            text: text(row),
            sent_at: rfc3339(row.sent_at),
            state: message_state(row.state),
        }
    }
}

/// `send`.
#[derive(Debug, Serialize)]
pub struct Sent {
    pub message: String,
    pub state: &'static str,
}

/// One line of `receive`.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Event {
    Message {
        chat: String,
        from: String,
        id: String,
        text: Option<String>,
        sent_at: String,
    },
    State {
        chat: String,
        message: String,
        state: &'static str,
    },
    Request {
        #[serde(flatten)]
        request: Request,
    },
    Chat {
        chat: String,
        name: String,
        state: &'static str,
    },
    Registered,
    Refused {
        reason: &'static str,
    },
}

/// The text of a message, if this version can read it.
pub fn text(row: &MessageRow) -> Option<String> {
    (row.kind == MessageKind::Text).then(|| row.text.clone())
}

/// The word for how far a message is.
pub fn message_state(state: MessageState) -> &'static str {
    match state {
        MessageState::Queued => "queued",
        MessageState::Sent => "sent",
        MessageState::Delivered => "delivered",
        MessageState::Read => "read",
        MessageState::Failed => "failed",
        MessageState::Received => "received",
    }
}

/// The word for how a chat stands.
pub fn chat_state(state: ChatState) -> &'static str {
    match state {
        ChatState::Adding => "adding",
        ChatState::Active => "active",
        ChatState::Request => "request",
        ChatState::Failed => "failed",
        ChatState::Blocked => "blocked",
    }
}

/// The word for why a server took no account.
pub fn refused(refused: Refused) -> &'static str {
    match refused {
        Refused::Closed => "closed",
        Refused::Invite => "invite",
    }
}

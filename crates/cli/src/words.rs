//! Words for people that several commands and the conversation share.

use undertone_engine::{
    CardKind, ChatKind, ChatState, ChatView, MessageKind, MessageRow, MessageState,
};

/// The chat with oneself.
pub const NOTES: &str = "Note to self";
/// Somebody who has not said a name yet.
pub const NO_NAME: &str = "(no name yet)";
/// A message of which this version knows only that it is there.
pub const NEWER: &str = "(made with a newer version; update to read it)";

/// What a chat is called; empty while the other has said no name.
pub fn chat_name(chat: &ChatView) -> String {
    match chat.kind {
        ChatKind::Notes => NOTES.to_owned(),
        ChatKind::Direct => chat.name.clone(),
    }
}

/// A name, or a word in its place.
pub fn or_no_name(name: &str) -> &str {
    if name.trim().is_empty() {
        NO_NAME
    } else {
        name
    }
}

/// The text of a message, or what stands in its place.
pub fn text(row: &MessageRow) -> &str {
    match row.kind {
        MessageKind::Text => &row.text,
        MessageKind::Newer => NEWER,
    }
}

/// The mark behind one's own message.
pub fn mark(state: MessageState) -> &'static str {
    match state {
        MessageState::Queued => "· queued",
        MessageState::Sent => "✓",
        MessageState::Delivered => "✓✓",
        MessageState::Read => "✓✓ read",
        MessageState::Failed => "✗ not sent",
        MessageState::Received => "",
    }
}

/// How a stranger came, as the rest of a sentence.
pub fn came_by(kind: Option<CardKind>) -> &'static str {
    match kind {
        Some(CardKind::Link) => "by your reusable link",
        Some(CardKind::Once) => "by a single-use link",
        Some(CardKind::Contacts) => "as a former contact",
        None => "by a way that is not known",
    }
}

/// What to say of a chat that is not simply open; nothing if it is.
pub fn chat_state(chat: &ChatView) -> Option<String> {
    match chat.state {
        ChatState::Active | ChatState::Request => None,
        ChatState::Adding => Some("their link is being followed".to_owned()),
        ChatState::Failed => Some(chat.reason.clone()),
        ChatState::Blocked => Some("blocked".to_owned()),
    }
}

//! What the engine shows, as the page is told it.

use undertone_engine::{
    CardKind, ChatKind, ChatState, Line, MessageKind, MessageRow, MessageState, Refused,
};
use undertone_web_messages as page;

use crate::keys::message_key;

pub(crate) fn line(line: Line) -> page::Line {
    match line {
        Line::Connecting => page::Line::Connecting,
        Line::Online => page::Line::Online,
        Line::Offline => page::Line::Offline,
    }
}

pub(crate) fn refused(refused: Refused) -> page::Refused {
    match refused {
        Refused::Closed => page::Refused::Closed,
        Refused::Invite => page::Refused::Invite,
    }
}

pub(crate) fn came_by(card: CardKind) -> page::CameBy {
    match card {
        CardKind::Link => page::CameBy::Link,
        CardKind::Once => page::CameBy::Once,
        CardKind::Contacts => page::CameBy::Contact,
    }
}

pub(crate) fn chat_kind(kind: ChatKind) -> page::ChatKind {
    match kind {
        ChatKind::Notes => page::ChatKind::Notes,
        ChatKind::Direct => page::ChatKind::Direct,
    }
}

/// A request is no chat yet, and has no such state.
pub(crate) fn chat_state(state: ChatState) -> Option<page::ChatState> {
    match state {
        ChatState::Adding => Some(page::ChatState::Adding),
        ChatState::Active => Some(page::ChatState::Active),
        ChatState::Failed => Some(page::ChatState::Failed),
        ChatState::Blocked => Some(page::ChatState::Blocked),
        ChatState::Request => None,
    }
}

pub(crate) fn mark(state: MessageState) -> page::Mark {
    match state {
        MessageState::Queued => page::Mark::Queued,
        MessageState::Sent => page::Mark::Sent,
        MessageState::Delivered => page::Mark::Delivered,
        MessageState::Read => page::Mark::Read,
        MessageState::Failed => page::Mark::Failed,
        MessageState::Received => page::Mark::Received,
    }
}

pub(crate) fn message(row: MessageRow) -> page::Message {
    page::Message {
        seq: row.seq,
        id: message_key(&row.content_id),
        text: (row.kind == MessageKind::Text).then_some(row.text),
        sent_at: row.sent_at.0,
        mark: mark(row.state),
    }
}

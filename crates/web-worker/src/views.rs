//! What the engine shows, as the page is told it.

use undertone_engine::{
    CardKind, ChatKind, ChatState, Line, MessageKind, MessageRow, MessageState, Refused, change_in,
    mentioned,
};
use undertone_web_messages as page;

use crate::{
    keys::{message_key, person_key},
    names::Names,
};

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
        CardKind::Contacts
        | CardKind::Admission
        | CardKind::OwnDevice
        | CardKind::Newcomer
        | CardKind::Rescue => page::CameBy::Contact,
    }
}

pub(crate) fn chat_kind(kind: ChatKind) -> page::ChatKind {
    match kind {
        ChatKind::Notes => page::ChatKind::Notes,
        ChatKind::Direct => page::ChatKind::Direct,
        ChatKind::Group => page::ChatKind::Group,
    }
}

/// A request is no chat yet, and has no such state.
pub(crate) fn chat_state(state: ChatState) -> Option<page::ChatState> {
    match state {
        ChatState::Adding => Some(page::ChatState::Adding),
        ChatState::Active => Some(page::ChatState::Active),
        ChatState::Failed => Some(page::ChatState::Failed),
        ChatState::Blocked => Some(page::ChatState::Blocked),
        ChatState::Left => Some(page::ChatState::Left),
        ChatState::Removed => Some(page::ChatState::Removed),
        ChatState::Dissolved => Some(page::ChatState::Dissolved),
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

/// A message; in a group with who said it.
pub(crate) fn message(row: MessageRow, names: &Names, in_group: bool) -> page::Message {
    let theirs = in_group && row.state == MessageState::Received;
    page::Message {
        seq: row.seq,
        id: message_key(&row.content_id),
        sent_at: row.sent_at.0,
        mark: mark(row.state),
        from: theirs.then(|| page::Sender {
            person: person_key(&row.sender),
            name: names.of(&row.sender),
        }),
        change: change_in(&row).map(|change| names.change(&change, &row.sender)),
        mentions: mentioned(&row)
            .into_iter()
            .map(|mention| page::Mentioned {
                start: mention.start,
                length: mention.length,
                me: names.means_me(&mention),
            })
            .collect(),
        text: (row.kind == MessageKind::Text).then_some(row.text),
    }
}

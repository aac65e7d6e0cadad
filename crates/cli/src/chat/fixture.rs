//! States for the tests of keys and drawing.
#![allow(clippy::expect_used, clippy::indexing_slicing)]

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use undertone_engine::{CardKind, ChatId, ChatKind, ChatState, MessageState};
use undertone_wire::{ids::AccountId, time::Timestamp};

use super::{
    model::{ChatEntry, Command, Line, Message, Model, OpenChat, RequestEntry, Update},
    state::State,
    update::{Event, update},
};
use crate::when::Zone;

/// 2026-03-01 17:04 UTC, a Sunday.
pub const NOW: Timestamp = Timestamp(1_772_384_640_000);
/// Minutes in milliseconds.
pub const MINUTE: u64 = 60_000;

pub const BEN: ChatId = ChatId::new([2; 16]);
pub const CLEO: ChatId = ChatId::new([3; 16]);
pub const NOTES: ChatId = ChatId::new([1; 16]);
pub const STRANGER: ChatId = ChatId::new([9; 16]);
pub const BENS_ACCOUNT: AccountId = AccountId::new([2; 32]);

pub fn chat(chat: ChatId, name: &str) -> ChatEntry {
    ChatEntry {
        chat,
        name: name.to_owned(),
        kind: ChatKind::Direct,
        state: ChatState::Active,
        reason: String::new(),
        unread: 0,
        contact: Some(AccountId::new([chat.as_bytes()[0]; 32])),
        verified: false,
    }
}

pub fn message(seq: u64, sender: Option<&str>, minute: u64, text: &str) -> Message {
    Message {
        seq,
        sender: sender.map(str::to_owned),
        notice: false,
        lines: text.lines().map(str::to_owned).collect(),
        sent_at: Timestamp(NOW.0 + minute * MINUTE),
        state: if sender.is_some() {
            MessageState::Received
        } else {
            MessageState::Read
        },
    }
}

/// Anna's chats: Ben open, Cleo with news, notes, and a stranger who asks.
pub fn model() -> Model {
    Model {
        line: Line::Online,
        history: None,
        requests: vec![RequestEntry {
            request: STRANGER,
            came_by: Some(CardKind::Link),
            received_at: NOW,
        }],
        chats: vec![
            chat(BEN, "Ben"),
            ChatEntry {
                unread: 12,
                verified: true,
                ..chat(CLEO, "Cleo with a rather long name")
            },
            ChatEntry {
                kind: ChatKind::Notes,
                contact: None,
                ..chat(NOTES, "Note to self")
            },
        ],
        open: Some(OpenChat {
            chat: BEN,
            complete: true,
            messages: vec![
                message(1, Some("Ben"), 0, "Are you there?"),
                message(2, Some("Ben"), 0, "I have the tickets for Friday."),
                Message {
                    state: MessageState::Read,
                    ..message(3, None, 1, "Yes")
                },
                Message {
                    state: MessageState::Delivered,
                    ..message(
                        4,
                        None,
                        3,
                        "Wonderful. Shall we meet at the station, the way we did last time?\nSix o'clock?",
                    )
                },
                message(5, Some("Ben"), 8 * 60, "Six is fine"),
                Message {
                    state: MessageState::Sent,
                    ..message(6, None, 8 * 60 + 1, "Good")
                },
                Message {
                    state: MessageState::Queued,
                    ..message(7, None, 8 * 60 + 1, "See you")
                },
            ],
        }),
    }
}

/// A state of some size in which Ben's chat is open.
pub fn talking(width: u16, height: u16) -> State {
    let mut state = State::new((width, height), Zone::utc(), NOW, Some(BEN));
    say(&mut state, Update::Model(model()));
    state
}

pub fn say(state: &mut State, said: Update) -> Vec<Command> {
    update(state, Event::Update(said), NOW)
}

/// Presses keys, by their names: `a`, `C-f`, `A-up`, `enter`.
pub fn press(state: &mut State, keys: &str) -> Vec<Command> {
    keys.split(' ')
        .flat_map(|key| update(state, Event::Key(read(key)), NOW))
        .collect()
}

/// Types a text, character by character.
pub fn write(state: &mut State, text: &str) -> Vec<Command> {
    text.chars()
        .flat_map(|c| {
            let key = KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            update(state, Event::Key(key), NOW)
        })
        .collect()
}

fn read(key: &str) -> KeyEvent {
    let (held, name) = match key.split_once('-') {
        Some(("C", name)) => (KeyModifiers::CONTROL, name),
        Some(("A", name)) => (KeyModifiers::ALT, name),
        _ => (KeyModifiers::NONE, key),
    };
    let code = match name {
        "enter" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "left" => KeyCode::Left,
        "backspace" => KeyCode::Backspace,
        "f1" => KeyCode::F(1),
        _ => KeyCode::Char(name.chars().next().expect("a key")),
    };
    KeyEvent::new(code, held)
}

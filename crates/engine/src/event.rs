//! What happened, for whoever shows it. Events are durable until they were shown.

use undertone_wire::ids::{AccountId, ContentId};

use undertone_store::{
    StoreError, WriteTx, chats::ChatId, inbox::EventRow, messages::MessageState,
};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Somebody's message arrived; its number in the history.
    Message {
        /// The chat.
        chat: ChatId,
        /// The number.
        seq: u64,
    },
    /// One's own message came further.
    MessageState {
        /// The chat.
        chat: ChatId,
        /// The number.
        seq: u64,
        /// How far.
        state: MessageState,
    },
    /// A stranger asks to write.
    Request {
        /// The request, which becomes the chat when it is accepted.
        chat: ChatId,
    },
    /// A chat changed: its state, its name.
    Chat {
        /// The chat.
        chat: ChatId,
    },
    /// Something changed in a conversation; the number of the line in its history that tells of it.
    Change {
        /// The chat.
        chat: ChatId,
        /// The number.
        seq: u64,
    },
    /// Somebody invites to a group.
    Invitation {
        /// Names it in the answer.
        id: ContentId,
    },
    /// Somebody writes, or has stopped. Never stored.
    Typing {
        /// The chat.
        chat: ChatId,
        /// Who.
        account: AccountId,
        /// Whether they write now.
        active: bool,
    },
    /// The account is known to the server now.
    Registered,
    /// The server refused the account; the text says why.
    RegistrationRefused,
    /// One's own devices are others now, or one of them is called differently.
    Devices,
    /// A history came further on its way to or from another device.
    Transfer {
        /// Names it.
        id: ContentId,
    },
    /// Linking came further. Never stored.
    Link,
    /// This device was signed out from another, and holds nothing any more. Never stored.
    SignedOut,
}

/// An event with its number, by which it is marked as shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberedEvent {
    /// Its number.
    pub number: u64,
    /// What happened.
    pub event: Event,
}

const STATES: [(u8, MessageState); 5] = [
    (0, MessageState::Queued),
    (1, MessageState::Sent),
    (2, MessageState::Delivered),
    (3, MessageState::Read),
    (4, MessageState::Failed),
];

/// Keeps an event until it is shown.
pub(crate) fn note(tx: &WriteTx<'_>, event: Event) -> Result<(), StoreError> {
    match event {
        Event::Message { chat, seq } => tx.add_event(1, chat.as_bytes(), &seq.to_be_bytes()),
        Event::MessageState { chat, seq, state } => {
            let code = STATES
                .iter()
                .find(|(_, known)| *known == state)
                .map_or(0, |(code, _)| *code);
            let detail = [seq.to_be_bytes().as_slice(), &[code]].concat();
            tx.add_event(2, chat.as_bytes(), &detail)
        }
        Event::Request { chat } => tx.add_event(3, chat.as_bytes(), &[]),
        Event::Chat { chat } => tx.add_event_once(4, chat.as_bytes()),
        Event::Registered => tx.add_event(5, &[], &[]),
        Event::RegistrationRefused => tx.add_event(6, &[], &[]),
        Event::Change { chat, seq } => tx.add_event(7, chat.as_bytes(), &seq.to_be_bytes()),
        Event::Invitation { id } => tx.add_event(8, id.as_bytes(), &[]),
        Event::Devices => tx.add_event_once(9, &[]),
        Event::Transfer { id } => tx.add_event_once(10, id.as_bytes()),
        Event::Typing { .. } | Event::Link | Event::SignedOut => Ok(()),
    }
}

/// Reads a stored event; one that a newer version wrote is passed over.
pub(crate) fn read(row: &EventRow) -> Option<NumberedEvent> {
    let chat = || ChatId::try_from(row.subject.as_slice()).ok();
    let seq = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
    let event = match row.kind {
        1 => Event::Message {
            chat: chat()?,
            seq: seq(&row.detail)?,
        },
        2 => {
            let (code, number) = row.detail.split_last()?;
            let state = STATES.iter().find(|(known, _)| known == code)?.1;
            Event::MessageState {
                chat: chat()?,
                seq: seq(number)?,
                state,
            }
        }
        3 => Event::Request { chat: chat()? },
        4 => Event::Chat { chat: chat()? },
        5 => Event::Registered,
        6 => Event::RegistrationRefused,
        7 => Event::Change {
            chat: chat()?,
            seq: seq(&row.detail)?,
        },
        8 => Event::Invitation { id: chat()? },
        9 => Event::Devices,
        10 => Event::Transfer { id: chat()? },
        _ => return None,
    };
    Some(NumberedEvent {
        number: row.seq,
        event,
    })
}

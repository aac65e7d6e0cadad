//! What the terminal shows beside the model: where one is, what one writes, which dialog is open.

use std::collections::BTreeMap;

use undertone_engine::{ChatId, ChatState};
use undertone_wire::{ids::AccountId, time::Timestamp};

use super::{
    editor::Editor,
    model::{ChatEntry, Command, Found, Model, RequestEntry},
};
use crate::when::Zone;

/// A row of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A stranger who asks.
    Request(ChatId),
    /// A chat.
    Chat(ChatId),
}

/// What the keys work on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The list.
    List,
    /// The conversation: what one writes.
    Conversation,
}

/// What lies over the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialog {
    /// The keys.
    Help,
    /// A link is asked for.
    Add(Editor),
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
    /// Words to find.
    Search {
        /// The words.
        words: Editor,
        /// What was found.
        found: Vec<Found>,
        /// Which of it is chosen.
        chosen: usize,
    },
    /// Something that cannot be taken back.
    Confirm {
        /// What would happen.
        question: String,
        /// What does it.
        command: Command,
    },
}

/// The state of the terminal.
#[derive(Debug, Clone)]
pub struct State {
    /// What the engine said last.
    pub model: Model,
    /// The row that is chosen.
    pub chosen: Option<Row>,
    /// What the keys work on.
    pub focus: Focus,
    /// What is being written, by chat.
    pub drafts: BTreeMap<ChatId, Editor>,
    /// Rows between the bottom of the conversation and the last that is shown.
    pub scroll: usize,
    /// A message to go to once it is there.
    pub go_to: Option<u64>,
    /// What lies over the rest.
    pub dialog: Option<Dialog>,
    /// Something to read, until the next key.
    pub said: Option<String>,
    /// Who writes, until when that is believed.
    pub typing: BTreeMap<ChatId, Timestamp>,
    /// Whom it was told that one writes, and when.
    pub told_typing: Option<(ChatId, Timestamp)>,
    /// Up to where chats were marked as read.
    pub marked: BTreeMap<ChatId, u64>,
    /// Whether the terminal is looked at, as far as it tells.
    pub looked_at: bool,
    /// Its size in columns and rows.
    pub size: (u16, u16),
    /// The local time.
    pub zone: Zone,
    /// Now.
    pub now: Timestamp,
}

impl State {
    /// Before the engine has said anything.
    pub fn new(size: (u16, u16), zone: Zone, now: Timestamp, chat: Option<ChatId>) -> Self {
        Self {
            model: Model::default(),
            chosen: chat.map(Row::Chat),
            focus: if chat.is_some() {
                Focus::Conversation
            } else {
                Focus::List
            },
            drafts: BTreeMap::new(),
            scroll: 0,
            go_to: None,
            dialog: None,
            said: None,
            typing: BTreeMap::new(),
            told_typing: None,
            marked: BTreeMap::new(),
            looked_at: true,
            size,
            zone,
            now,
        }
    }

    /// The rows of the list: requests first.
    pub fn rows(&self) -> Vec<Row> {
        let requests = self
            .model
            .requests
            .iter()
            .map(|entry| Row::Request(entry.request));
        let chats = self.model.chats.iter().map(|entry| Row::Chat(entry.chat));
        requests.chain(chats).collect()
    }

    /// The chat that is chosen.
    pub fn chat(&self) -> Option<&ChatEntry> {
        match self.chosen {
            Some(Row::Chat(chat)) => self.model.chats.iter().find(|entry| entry.chat == chat),
            _ => None,
        }
    }

    /// The request that is chosen.
    pub fn request(&self) -> Option<&RequestEntry> {
        match self.chosen {
            Some(Row::Request(request)) => self
                .model
                .requests
                .iter()
                .find(|entry| entry.request == request),
            _ => None,
        }
    }

    /// The chat that is chosen, if one can write to it.
    pub fn writable(&self) -> Option<ChatId> {
        self.chat()
            .filter(|entry| matches!(entry.state, ChatState::Active | ChatState::Adding))
            .map(|entry| entry.chat)
    }

    /// What is being written to the chosen chat.
    pub fn draft(&self) -> Option<&Editor> {
        self.drafts.get(&self.writable()?)
    }

    /// Whether the other of the chosen chat writes now.
    pub fn is_typing(&self) -> bool {
        self.chat()
            .and_then(|entry| self.typing.get(&entry.chat))
            .is_some_and(|until| *until > self.now)
    }
}

//! What a page asks of the engine, and what it is answered.

use serde::{Deserialize, Serialize};

use crate::{
    devices::{DeviceChange, Devices},
    ids::{ChatKey, MessageKey, PersonKey},
    view::{Encryption, Found, Group, Link, Overview, Page, Person, SafetyNumber},
};

/// What a page asks. Each may be carried out twice with the effect of once, because a question is asked again when the
/// tab that held the engine is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Make an account on the server that this page came from, or ask it again with another invite code.
    CreateAccount {
        /// What contacts will see.
        name: String,
        /// For servers that want one.
        invite: Option<String>,
    },
    /// All that is in the list. Answered by [`Answer::Overview`].
    Overview,
    /// A stretch of a chat's history. Answered by [`Answer::Page`].
    History {
        /// The chat.
        chat: ChatKey,
        /// From which message on.
        from: Stretch,
        /// How many messages at most.
        limit: u32,
    },
    /// Write a text.
    Send {
        /// Where.
        chat: ChatKey,
        /// Its id, drawn by the page.
        id: MessageKey,
        /// What.
        text: String,
    },
    /// Try a failed message again.
    Retry {
        /// Its number.
        seq: u64,
    },
    /// All up to message `seq` was on the screen.
    MarkRead {
        /// The chat.
        chat: ChatKey,
        /// The number.
        seq: u64,
    },
    /// The user writes, or has stopped.
    Typing {
        /// Where.
        chat: ChatKey,
        /// Whether they write.
        active: bool,
    },
    /// Keep what is written and not sent; empty to forget it.
    SaveDraft {
        /// Where.
        chat: ChatKey,
        /// What.
        text: String,
    },
    /// What was written in a chat and not sent. Answered by [`Answer::Draft`].
    Draft {
        /// Where.
        chat: ChatKey,
    },
    /// The reusable link. Answered by [`Answer::Link`].
    MyLink,
    /// Make a single-use link. Answered by [`Answer::Link`].
    NewOnceLink {
        /// Days for which it can be used.
        days: u32,
    },
    /// Make another reusable link; the one before leads nowhere. Answered by [`Answer::Link`].
    ResetLink,
    /// Follow somebody's link. Answered by [`Answer::Chat`].
    AddContact {
        /// As it was pasted.
        link: String,
    },
    /// Let a stranger write to me, and me to them.
    AcceptRequest {
        /// The request.
        request: ChatKey,
    },
    /// Forget a request; its sender is told nothing.
    DeleteRequest {
        /// The request.
        request: ChatKey,
    },
    /// Forget a request and take none of its sender again.
    BlockRequest {
        /// The request.
        request: ChatKey,
    },
    /// All contacts. Answered by [`Answer::People`].
    People,
    /// Take nothing from a contact any more.
    BlockContact {
        /// Who.
        person: PersonKey,
    },
    /// Take messages from them again.
    UnblockContact {
        /// Who.
        person: PersonKey,
    },
    /// The safety number with a contact. Answered by [`Answer::SafetyNumber`].
    SafetyNumber {
        /// Who.
        person: PersonKey,
    },
    /// Note whether safety numbers were compared.
    SetVerified {
        /// Who.
        person: PersonKey,
        /// Whether they were.
        verified: bool,
    },
    /// Chats and messages that hold all of these words. Answered by [`Answer::Found`].
    Search {
        /// The words.
        words: String,
    },
    /// Be called something else by my contacts.
    SetName {
        /// The name.
        name: String,
    },
    /// Let contacts add the user to groups, or have them ask first.
    SetAddedByContacts {
        /// Whether they may.
        allowed: bool,
    },
    /// One's devices, one being linked, histories on their way. Answered by [`Answer::Devices`].
    Devices,
    /// Change something about devices.
    ChangeDevices(DeviceChange),
    /// Found a group.
    CreateGroup {
        /// Its name here, drawn by the page.
        chat: ChatKey,
        /// What it is called.
        title: String,
        /// Who is to be added.
        members: Vec<PersonKey>,
    },
    /// A group with its members. Answered by [`Answer::Group`].
    Group {
        /// The group.
        chat: ChatKey,
    },
    /// Change a group.
    ChangeGroup {
        /// The group.
        chat: ChatKey,
        /// What is to be changed.
        change: GroupChange,
    },
    /// Answer an invitation to a group.
    AnswerInvitation {
        /// The invitation.
        id: MessageKey,
        /// Whether the user wants to be added.
        accept: bool,
    },
    /// How a conversation is encrypted. Answered by [`Answer::Encryption`].
    Encryption {
        /// The chat.
        chat: ChatKey,
    },
    /// The browser says that it has a network, or has none.
    Network {
        /// Whether it has.
        there: bool,
    },
}

impl Ask {
    /// Whether it has to be carried out after those that were asked before it, as messages are: a page asks such a
    /// question only when the one before is answered, so that another leader cannot turn them around.
    pub fn is_in_order(&self) -> bool {
        !matches!(
            self,
            Self::Overview
                | Self::History { .. }
                | Self::Draft { .. }
                | Self::MyLink
                | Self::People
                | Self::Devices
                | Self::Group { .. }
                | Self::Encryption { .. }
                | Self::SafetyNumber { .. }
                | Self::Search { .. }
                | Self::Typing { .. }
                | Self::Network { .. }
        )
    }
}

/// What is to be changed in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GroupChange {
    /// Add a contact.
    Add(PersonKey),
    /// Remove somebody.
    Remove(PersonKey),
    /// Make somebody an admin, or no admin any more.
    Admin(PersonKey, bool),
    /// Call it something else.
    Title(String),
    /// Describe it.
    Description(String),
    /// Allow what this names to everybody, or to admins alone.
    Rule(String, bool),
    /// Be called something else in it.
    MyName(String),
    /// Found it anew, where somebody broke it.
    Renew,
    /// Leave it.
    Leave,
    /// End it for everybody.
    Dissolve,
}

/// From where on a stretch of history is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stretch {
    /// The newest messages.
    Newest,
    /// Those right before a message.
    Before(u64),
    /// Those right after a message.
    After(u64),
    /// Those around a message.
    Around(u64),
}

/// What a page is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is done, and durable.
    Done,
    /// All that is in the list.
    Overview(Overview),
    /// A stretch of history.
    Page(Page),
    /// What was written and not sent.
    Draft(String),
    /// A link of one's own.
    Link(Link),
    /// The chat that the link led to.
    Chat(ChatKey),
    /// All contacts, by name.
    People(Vec<Person>),
    /// A safety number.
    SafetyNumber(SafetyNumber),
    /// A group.
    Group(Group),
    /// One's devices.
    Devices(Devices),
    /// How a conversation is encrypted.
    Encryption(Encryption),
    /// What was found, chats first.
    Found(Vec<Found>),
    /// Nothing was done.
    Refused(Refusal),
}

/// Why nothing was done. The page has a sentence for each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// There is no account here yet.
    NoAccount,
    /// There is one already.
    AccountExists,
    /// The name is empty or too long, or has characters that nobody sees.
    Name,
    /// The text is empty.
    Empty,
    /// The text is too long; how many bytes it may have.
    TooLong(u32),
    /// Not a contact link.
    NotALink,
    /// Not a code of a device.
    NotACode,
    /// A link of a newer version.
    NewerLink,
    /// A link of one's own.
    OwnLink,
    /// A link to an account of another server; its address.
    OtherServer(String),
    /// What it names is not here, or no more.
    Unknown,
    /// The chat or message is not in a state for it, or its rules do not allow it.
    NotNow,
    /// The store on this device failed: its disk is full or damaged.
    Store,
}

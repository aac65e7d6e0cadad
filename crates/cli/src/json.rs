//! What is printed with `--json`, field by field; `docs/cli.md` describes it, and scripts rely on it.

use std::collections::BTreeMap;

use serde::Serialize;
use undertone_engine::{
    AccountView, CardKind, Change, ChatKind, ChatState, ChatView, ContactView, EncryptionView,
    GroupView, InvitationView, MemberView, MessageKind, MessageRow, MessageState, Refused,
    RequestView, WishKind, change_in, mentioned,
};
use undertone_wire::ids::AccountId;

use crate::{hex, when::rfc3339, words};

mod devices;

pub use devices::{Code, Device, Joined, Linked, Transfer};

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

/// `account groups`.
#[derive(Debug, Serialize)]
pub struct AddedByWhom {
    pub groups: &'static str,
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
                CardKind::Contacts
                | CardKind::Admission
                | CardKind::OwnDevice
                | CardKind::Newcomer
                | CardKind::Rescue => "contacts",
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
                ChatKind::Group => "group",
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
    /// Where no message stands, but that something changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<&'static str>,
    /// About whom it is, if about somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Whom it mentions; `everybody` for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mentions_me: bool,
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
            change: change_in(row).map(|change| change_name(&change)),
            about: change_in(row)
                .and_then(|change| change.about())
                .map(|account| hex::person(&account)),
            mentions: mentioned(row)
                .iter()
                .map(|mention| match &mention.account {
                    Some(account) => hex::person(account),
                    None => "everybody".to_owned(),
                })
                .collect(),
            mentions_me: mentioned(row)
                .iter()
                .any(|mention| mention.account.is_none_or(|account| account == *own)),
        }
    }
}

/// What changed in a conversation, within `receive`.
#[derive(Debug, Serialize)]
pub struct Changed {
    pub change: &'static str,
    pub by: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// `group create`.
#[derive(Debug, Serialize)]
pub struct GroupMade {
    pub chat: String,
}

/// `group show`.
#[derive(Debug, Serialize)]
pub struct Group {
    pub chat: String,
    pub name: String,
    pub description: String,
    pub state: &'static str,
    pub people: u32,
    pub admin: bool,
    /// What is allowed to `all` or to `admins`.
    pub rules: BTreeMap<&'static str, &'static str>,
    pub changing: bool,
}

impl Group {
    pub fn new(view: &GroupView) -> Self {
        let rules = view
            .permissions
            .iter()
            .map(|(what, everybody)| (what.name(), if *everybody { "all" } else { "admins" }));
        Self {
            chat: hex::encode(view.chat.as_bytes()),
            name: view.title.clone(),
            description: view.description.clone(),
            state: chat_state(view.state),
            people: view.people,
            admin: view.admin,
            rules: rules.collect(),
            changing: view.changing,
        }
    }
}

/// `group members`.
#[derive(Debug, Serialize)]
pub struct Member {
    pub contact: String,
    pub name: String,
    pub role: &'static str,
    pub devices: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub me: bool,
    /// That they are about to be added or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<&'static str>,
}

impl Member {
    pub fn new(view: &MemberView) -> Self {
        Self {
            contact: hex::person(&view.account),
            name: view.name.clone(),
            role: if view.admin { "admin" } else { "member" },
            devices: view.devices,
            me: view.me,
            pending: view.wished.map(|wish| match wish {
                WishKind::Add => "adding",
                _ => "removing",
            }),
        }
    }
}

/// `invitations`.
#[derive(Debug, Serialize)]
pub struct Invitation {
    pub id: String,
    pub group_size: u32,
    pub from: String,
    pub received_at: String,
}

impl Invitation {
    pub fn new(view: &InvitationView) -> Self {
        Self {
            id: hex::encode(view.id.as_bytes()),
            group_size: view.group_size,
            from: hex::person(&view.from),
            received_at: rfc3339(view.received_at),
        }
    }
}

/// `encryption`.
#[derive(Debug, Serialize)]
pub struct Encryption {
    pub chat: String,
    pub protocol: &'static str,
    pub post_quantum: bool,
    pub epoch: u64,
    pub keys_changed_at: String,
    pub authenticator: String,
    pub devices: Vec<DeviceInChat>,
}

/// A device in `encryption`.
#[derive(Debug, Serialize)]
pub struct DeviceInChat {
    pub contact: String,
    pub device: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub this_device: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bot: bool,
    /// Missing where it was there before this device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

impl Encryption {
    pub fn new(chat: &ChatView, view: &EncryptionView) -> Self {
        let devices = view.devices.iter().map(|device| DeviceInChat {
            contact: hex::person(&device.account),
            device: hex::encode(device.serial.as_bytes()),
            this_device: device.this_device,
            bot: device.bot,
            since: device.since.map(rfc3339),
        });
        Self {
            chat: hex::encode(chat.chat.as_bytes()),
            protocol: "MLS (RFC 9420)",
            post_quantum: view.post_quantum,
            epoch: view.epoch,
            keys_changed_at: rfc3339(view.keys_changed_at),
            authenticator: hex::encode(&view.authenticator),
            devices: devices.collect(),
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
        /// Written on another device of one's own.
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        mine: bool,
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
    Change {
        chat: String,
        #[serde(flatten)]
        change: Changed,
    },
    Invitation {
        #[serde(flatten)]
        invitation: Invitation,
    },
    Registered,
    Refused {
        reason: &'static str,
    },
    Devices,
    Transfer {
        #[serde(flatten)]
        transfer: Transfer,
    },
    #[serde(rename = "signed_out")]
    SignedOut,
}

/// The word for what changed.
pub fn change_name(change: &Change) -> &'static str {
    match change {
        Change::Founded => "founded",
        Change::Joined => "joined",
        Change::Added(_) => "added",
        Change::Removed(_) => "removed",
        Change::Left(_) => "left",
        Change::LeftMyself => "left-myself",
        Change::RemovedMyself => "removed-myself",
        Change::Title(_) => "title",
        Change::Description(_) => "description",
        Change::Admin(_) => "admin",
        Change::NoAdmin(_) => "no-admin",
        Change::Permission(..) => "rules",
        Change::Dissolved => "dissolved",
        Change::Refused(_) => "refused",
        Change::GivenUp(..) => "given-up",
        Change::Invited(_) => "invited",
        Change::Declined(_) => "declined",
        Change::Renewed => "renewed",
        Change::DeviceAdded(_) => "device-added",
        Change::DeviceRemoved(_) => "device-removed",
        Change::OwnDeviceLinked(_) => "own-device-linked",
        Change::OwnDeviceRemoved(_) => "own-device-removed",
        Change::Readded(_) => "readded",
        Change::ReaddedMyself => "readded-myself",
        Change::Forked(_) => "forked",
        Change::Newer => "newer",
    }
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
        ChatState::Left => "left",
        ChatState::Removed => "removed",
        ChatState::Dissolved => "dissolved",
    }
}

/// The word for why a server took no account.
pub fn refused(refused: Refused) -> &'static str {
    match refused {
        Refused::Closed => "closed",
        Refused::Invite => "invite",
    }
}

//! What is shown: names and texts as they were written, numbers and times as they are. Words for them are the page's.

use serde::{Deserialize, Serialize};

use crate::ids::{ChatKey, MessageKey, PersonKey};

/// How the engine is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Line {
    /// Not yet.
    #[default]
    Connecting,
    /// In step with the server.
    Online,
    /// The server cannot be reached; tried again by itself.
    Offline,
}

/// Why the server took no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// It takes no new accounts.
    Closed,
    /// It wants an invite code, and was given none or one that is not valid.
    Invite,
}

/// The account of this browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub person: PersonKey,
    /// What contacts see.
    pub name: String,
    /// The server's address.
    pub server: String,
    /// Whether contacts may add it to groups without asking first.
    pub added_by_contacts: bool,
    /// Whether the server knows it.
    pub registered: bool,
    /// Why the server refused it, if it did.
    pub refused: Option<Refused>,
}

/// All that is in the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Overview {
    /// The account, if there is one.
    pub account: Option<Account>,
    /// How the engine is connected.
    pub line: Line,
    /// The strangers who ask, newest first.
    pub requests: Vec<RequestEntry>,
    /// Invitations to groups, newest first.
    pub invitations: Vec<InvitationEntry>,
    /// The chats, last changed first.
    pub chats: Vec<ChatEntry>,
    /// Whether this device was linked and the account's other devices have not let it in yet.
    pub outside: bool,
    /// Where there is no account: when this device was signed out from another, in milliseconds since 1970.
    pub signed_out_at: Option<u64>,
}

/// By which card a stranger came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CameBy {
    /// The reusable link.
    Link,
    /// A single-use link.
    Once,
    /// As a contact.
    Contact,
}

/// A stranger who asks: nothing of theirs but how and when they came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    /// The request, which becomes the chat when it is accepted.
    pub request: ChatKey,
    /// The card that they hold.
    pub came_by: Option<CameBy>,
    /// When it arrived, in milliseconds since 1970.
    pub received_at: u64,
}

/// What sort of chat it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatKind {
    /// With oneself.
    Notes,
    /// With one other person.
    Direct,
    /// With any number of people.
    Group,
}

/// How a chat stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatState {
    /// Their link is being followed; what is written waits.
    Adding,
    /// One can write.
    Active,
    /// Their link did not work.
    Failed,
    /// The other is blocked.
    Blocked,
    /// A group that one has left.
    Left,
    /// A group that one was removed from.
    Removed,
    /// A group that was ended.
    Dissolved,
}

/// A chat in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatEntry {
    /// The chat.
    pub chat: ChatKey,
    /// What sort it is.
    pub kind: ChatKind,
    /// How it stands.
    pub state: ChatState,
    /// Why it failed, in English; else empty.
    pub reason: String,
    /// The other's name; empty while they have told none.
    pub name: String,
    /// The other, once known.
    pub person: Option<PersonKey>,
    /// Whether safety numbers were compared.
    pub verified: bool,
    /// Messages that the user has not seen.
    pub unread: u64,
    /// Number of the newest message that the user has seen.
    pub read_up_to: u64,
    /// Its newest message.
    pub last: Option<Preview>,
    /// What is written and not sent; at most its beginning.
    pub draft: String,
    /// When it last changed, in milliseconds since 1970.
    pub last_at: u64,
    /// Whether this device has no place in it yet, though the account has: what is written waits.
    pub waits: bool,
}

/// The newest message of a chat, as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The beginning of its text.
    pub text: String,
    /// How far it has come.
    pub mark: Mark,
    /// When it was said, in milliseconds since 1970.
    pub sent_at: u64,
    /// Who said it, if in a group somebody else did; empty while that is not known.
    pub from: String,
    /// Where nothing was said, but something changed.
    pub change: Option<Change>,
}

/// What changed in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What.
    pub what: Changed,
    /// Who did it; none if the user did.
    pub by: Option<String>,
    /// About whom it is; empty for nobody, or somebody without a name.
    pub about: String,
    /// Whether it is about the user.
    pub about_me: bool,
    /// A title or description, or the name of a rule.
    pub text: String,
}

/// What sort of change it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changed {
    /// The group was founded.
    Founded,
    /// The user came into it.
    Joined,
    /// Somebody was added.
    Added,
    /// Somebody was removed.
    Removed,
    /// Somebody left; only admins are told.
    Left,
    /// The user left.
    LeftMyself,
    /// The user was removed.
    RemovedMyself,
    /// It is called something else.
    Title,
    /// Its description is another.
    Description,
    /// Somebody is an admin.
    Admin,
    /// Somebody is no admin any more.
    NoAdmin,
    /// Something is allowed to everybody.
    Allowed,
    /// Something is allowed to admins alone.
    Restricted,
    /// It was ended.
    Dissolved,
    /// Somebody tried what is not allowed.
    Refused,
    /// What the user wished is not allowed any more.
    NotAllowed,
    /// What the user wished cannot be.
    Impossible,
    /// Whom the user wished to add cannot be reached.
    Unreachable,
    /// Somebody is asked whether they want to be added.
    Invited,
    /// They do not want to be.
    Declined,
    /// An admin founded the group anew.
    Renewed,
    /// Somebody uses one more device.
    DeviceAdded,
    /// Somebody uses a device less.
    DeviceRemoved,
    /// One uses one more device oneself; the text is its name.
    OwnDeviceLinked,
    /// A device of one's own was signed out; the text is its name.
    OwnDeviceRemoved,
    /// A device of somebody's had fallen behind and was added anew.
    Readded,
    /// This device had fallen behind and was added anew.
    ReaddedMyself,
    /// Somebody's device does not see the same conversation as this one.
    Forked,
    /// Something of a newer version.
    Newer,
}

/// How far a message has come. Each implies those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// Durable on this device, not at the server.
    Queued,
    /// Durable at the server.
    Sent,
    /// Durable at a device of the other.
    Delivered,
    /// Seen by the other.
    Read,
    /// Will not be sent unless the user tries again.
    Failed,
    /// Somebody else's.
    Received,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number on this device: the order of history.
    pub seq: u64,
    /// Its id.
    pub id: MessageKey,
    /// The text; none if only a newer version can show it.
    pub text: Option<String>,
    /// When it was said, by its sender's clock, in milliseconds since 1970.
    pub sent_at: u64,
    /// How far it has come; everything but [`Mark::Received`] is one's own.
    pub mark: Mark,
    /// Who said it, if in a group somebody else did.
    pub from: Option<Sender>,
    /// Where nothing was said, but something changed.
    pub change: Option<Change>,
    /// The stretches of the text that mention somebody, in order.
    pub mentions: Vec<Mentioned>,
}

/// A stretch of a text that mentions somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mentioned {
    /// Where it begins, in bytes.
    pub start: usize,
    /// Its bytes.
    pub length: usize,
    /// Whether it means the user, alone or among everybody.
    pub me: bool,
}

/// Who said something in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Who.
    pub person: PersonKey,
    /// What they are called; empty while that is not known.
    pub name: String,
}

/// A group with all who are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The chat.
    pub chat: ChatKey,
    /// What it is called.
    pub title: String,
    /// What it says of itself.
    pub description: String,
    /// How it stands.
    pub state: ChatState,
    /// Whether the user governs it.
    pub admin: bool,
    /// What the user is called in it, if otherwise than everywhere; else empty.
    pub my_name: String,
    /// What is allowed to everybody (`true`) or to admins alone.
    pub rules: Vec<(String, bool)>,
    /// Whether the user may add people.
    pub may_add: bool,
    /// Whether the user may change title and description.
    pub may_edit: bool,
    /// Whether the user may write.
    pub may_send: bool,
    /// Who is in it, and who is about to be.
    pub members: Vec<Member>,
}

/// Somebody in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub person: PersonKey,
    /// What they are called; empty while that is not known.
    pub name: String,
    /// Whether it is the user.
    pub me: bool,
    /// Whether they govern the group.
    pub admin: bool,
    /// With how many devices they are in it.
    pub devices: u32,
    /// That they are about to be added (`true`) or removed, by the user's wish.
    pub wished: Option<bool>,
}

/// An invitation to a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationEntry {
    /// Names it in the answer.
    pub id: MessageKey,
    /// Who invites.
    pub from: String,
    /// How many people are in the group.
    pub people: u32,
    /// When it came, in milliseconds since 1970.
    pub received_at: u64,
}

/// How a conversation is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// The chat.
    pub chat: ChatKey,
    /// How often keys and members have changed.
    pub epoch: u64,
    /// When they last did, in milliseconds since 1970.
    pub changed_at: u64,
    /// What all who are in the same state see alike, and nobody else.
    pub authenticator: Vec<u8>,
    /// Who can read along.
    pub people: Vec<Reader>,
}

/// Somebody who can read a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reader {
    /// What they are called; empty while that is not known.
    pub name: String,
    /// Of each of their devices since when, in milliseconds since 1970; 0 if it was there before this one.
    pub since: Vec<u64>,
}

/// A stretch of a chat's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The chat.
    pub chat: ChatKey,
    /// Oldest first.
    pub messages: Vec<Message>,
    /// Whether there are older ones.
    pub older: bool,
    /// Whether there are newer ones.
    pub newer: bool,
}

/// A contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub person: PersonKey,
    /// Their name; empty while they have told none.
    pub name: String,
    /// Whether safety numbers were compared.
    pub verified: bool,
    /// Whether they are blocked.
    pub blocked: bool,
    /// The chat with them.
    pub chat: Option<ChatKey>,
}

/// A link of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The link.
    pub link: String,
    /// Whether one person only can use it.
    pub once: bool,
    /// Whether the server has what it leads to, so that others can use it.
    pub ready: bool,
}

/// The safety number with a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SafetyNumber {
    /// With whom.
    pub person: PersonKey,
    /// Twelve groups of five digits.
    pub groups: Vec<String>,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The chat.
    pub chat: ChatKey,
    /// The message; none if it is the chat itself.
    pub message: Option<Message>,
}

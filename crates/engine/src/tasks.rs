//! The requests that may be unanswered on each connection. They live in memory only: after a loss they are made
//! again from what is durable, and the server takes the same request twice as once.

use undertone_store::chats::ChatId;
use undertone_store::outbox::ReceiptKind;
use undertone_wire::{
    entry::Place,
    ids::{Alias, ContentId, EntryId},
    reach::ReachSecret,
    time::Timestamp,
    token::TokenBatch,
};

/// On the account connection.
pub(crate) enum AccountTask {
    Register,
    Authenticate,
    IssueTokens(TokenBatch),
    UpdateDevices(Vec<u8>),
}

/// On the connection where devices meet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LinkTask {
    Open,
    Join,
    Pass,
}

/// On the queue connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum QueueTask {
    Create,
    Attach,
    RegisterAlias(Alias),
    DropAlias(Alias),
    List,
    Fetch,
    FetchPayload(Place),
    Acknowledge(Vec<EntryId>),
    Barrier,
}

/// On the sending connection.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum SendTask {
    Open,
    PutCard(ReachSecret),
    DropCard(ReachSecret),
    ReadCard(ChatId),
    ReadContactCard(u64),
    Leave(ChatId),
    CreateHandle(Vec<u8>),
    Commit {
        group_id: Vec<u8>,
        epoch: u64,
    },
    FetchCommit {
        group_id: Vec<u8>,
        epoch: u64,
    },
    Deliver {
        chat: ChatId,
        seq: u64,
        group_id: Vec<u8>,
        epoch: u64,
        /// The list that the server has at hand once it has accepted.
        list: Option<[u8; 32]>,
    },
    TellReceipts {
        chat: ChatId,
        receipts: Vec<(ReceiptKind, ContentId)>,
    },
    Type(ChatId),
    AskToJoin,
    CallForHelp(Vec<u8>),
    PutOutside(Vec<u8>),
    GetOutside,
    PutArchive(ContentId),
    GetArchive(ContentId),
    DropArchive(ContentId),
}

/// Something that is not tried again before a time, because the server refused or could not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Hold {
    Registration,
    Tokens,
    Queue,
    Alias(Alias),
    Card([u8; 32]),
    Add(ChatId),
    Group(Vec<u8>),
    Chat(ChatId),
    Wish(u64),
    Sending,
    Devices,
    Joining,
    Help(Vec<u8>),
    Outside,
    Transfer(ContentId),
}

/// How long after refusals: doubles from two seconds to five minutes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeldUntil {
    pub(crate) until: Timestamp,
    pub(crate) times: u32,
}

//! Requests whose form is proved: every field has its type, every size is within its limit.

use std::sync::Arc;

use bytes::Bytes;
use undertone_wire::{
    identity::DeviceList,
    ids::{
        AccountId, Alias, BlobName, CardId, CardOwnerKey, CommitKey, DeviceKey, EntryId, Handle,
        QueueId, QueueKey, ReaderNonce, SealingKey, SendKeyHash, SignatureBytes, SlotId,
    },
    limits::LINK_MAILBOX_BYTES,
    proto::{self, CardItem, VaultKind},
    token::Token,
};

use crate::core::Service;

/// One request that a [`crate::session::Session`] has checked; only the core looks inside.
#[derive(Debug)]
pub struct Operation {
    pub(crate) request: u64,
    pub(crate) body: Body,
}

impl Operation {
    /// The number under which the client waits for the answer.
    pub fn request(&self) -> u64 {
        self.request
    }

    /// The service that it is for.
    pub fn service(&self) -> Service {
        match self.body {
            Body::Account(_) => Service::Account,
            Body::Queue(_) => Service::Queue,
            Body::Send(_) => Service::Send,
            Body::Link(_) => Service::Link,
        }
    }
}

#[derive(Debug)]
pub(crate) enum Body {
    Account(AccountOperation),
    Queue(QueueOperation),
    Send(SendOperation),
    Link(LinkOperation),
}

/// On the connection where two devices meet.
#[derive(Debug)]
pub(crate) enum LinkOperation {
    Open([u8; LINK_MAILBOX_BYTES]),
    Join([u8; LINK_MAILBOX_BYTES]),
    Pass(Vec<u8>),
}

#[derive(Debug)]
pub(crate) enum AccountOperation {
    /// The list holds one certificate, verified; `device` is its key.
    Register {
        devices: Box<DeviceList>,
        device: DeviceKey,
        invite_code: String,
        signature: SignatureBytes,
    },
    Authenticate {
        account: AccountId,
        device: DeviceKey,
        signature: SignatureBytes,
    },
    /// Verified in itself.
    UpdateDevices(Box<DeviceList>),
    GetDevices,
    IssueTokens(proto::IssueTokens),
    PutVault {
        vault: VaultName,
        sealed: Vec<u8>,
    },
    GetVault(VaultName),
}

/// Which of an account's vaults.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VaultName {
    pub kind: VaultKind,
    pub version: u32,
}

#[derive(Debug)]
pub(crate) enum QueueOperation {
    Create(Box<NewQueue>),
    Attach {
        queue: QueueId,
        signature: SignatureBytes,
    },
    RegisterAlias {
        alias: Alias,
        handle: Option<Handle>,
    },
    DropAlias(Alias),
    List,
    Fetch(Vec<EntryId>),
    Acknowledge {
        entries: Vec<EntryId>,
        slots: Vec<SlotId>,
    },
    Barrier,
    FetchPayload(SlotId),
    Delete,
}

#[derive(Debug)]
pub(crate) struct NewQueue {
    pub queue: QueueId,
    pub verification_key: QueueKey,
    pub sealing_key: SealingKey,
    /// As many as the price.
    pub tokens: Vec<Token>,
    pub signature: SignatureBytes,
}

#[derive(Debug)]
pub(crate) enum SendOperation {
    Open(Token),
    Deliver(Delivery),
    Commit(Box<Commit>),
    CreateHandle {
        handle: Handle,
        epoch: u64,
        keys: EpochKeys,
        token: Token,
    },
    FetchCommit {
        handle: Handle,
        epoch: u64,
        send_key: SendKeyHash,
    },
    CardPut(Box<CardChange>),
    CardRead {
        card: CardId,
        reader: ReaderNonce,
        token: Token,
    },
    CardDrop {
        card: CardId,
        digest: [u8; 32],
        signature: SignatureBytes,
    },
    BlobPut(Box<BlobChunk>),
    BlobGet {
        name: BlobName,
        index: u32,
    },
    BlobDrop {
        name: BlobName,
        drop_key_hash: [u8; 32],
    },
    Rescue {
        alias: Alias,
        payload: Bytes,
        token: Token,
    },
}

#[derive(Debug)]
pub(crate) struct Delivery {
    pub to: Recipients,
    pub payload: Bytes,
    pub guard: Option<Guard>,
    pub live: bool,
}

/// To whom a delivery goes.
#[derive(Debug, Clone)]
pub(crate) enum Recipients {
    /// Distinct, at least one.
    Aliases(Arc<[Alias]>),
    /// Those of a list that was delivered to before.
    List([u8; 32]),
}

/// The epoch at which a delivery is meant; the send key already hashed, as the sequencer compares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Guard {
    pub handle: Handle,
    pub epoch: u64,
    pub send_key: SendKeyHash,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EpochKeys {
    pub commit_key: CommitKey,
    pub send_key: SendKeyHash,
}

#[derive(Debug)]
pub(crate) struct Commit {
    pub handle: Handle,
    /// Less than `u64::MAX`, so that there is a next one.
    pub epoch: u64,
    pub payload: Bytes,
    /// Distinct.
    pub aliases: Vec<Alias>,
    pub welcomes: Vec<Welcome>,
    pub next: EpochKeys,
    /// What the commit key signs, and what makes a repeat the same commit.
    pub digest: [u8; 32],
    pub signature: SignatureBytes,
}

#[derive(Debug)]
pub(crate) struct Welcome {
    pub alias: Alias,
    pub payload: Bytes,
}

/// A change of a card whose signature by `owner_key` is verified; whether that key owns the card is the core's to see.
#[derive(Debug)]
pub(crate) struct CardChange {
    pub card: CardId,
    pub owner_key: CardOwnerKey,
    /// Empty: stays as it is.
    pub head: Vec<u8>,
    /// Distinct by slot and week.
    pub items: Vec<CardItem>,
    pub lease_weeks: u32,
    pub tokens: Vec<Token>,
    pub digest: [u8; 32],
}

#[derive(Debug)]
pub(crate) struct BlobChunk {
    pub name: BlobName,
    pub index: u32,
    pub chunk: Bytes,
    pub expiry_day: u32,
    pub drop_key_hash: [u8; 32],
    /// As many as the price of this chunk.
    pub tokens: Vec<Token>,
}

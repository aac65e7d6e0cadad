//! A server on which something of each kind exists, and requests to it that are right but for one thing.

use bytes::Bytes;
use prost::Message as _;
use undertone_server::core::{ConnectionId, Service};
use undertone_wire::{
    digest::{card_drop_digest, card_put_digest},
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, CardId, DeviceKey, Serial},
    limits,
    proto::{
        self, AccountAnswer, ErrorKind, LinkAnswer, QueueAnswer, SendAnswer, account_request,
        link_request, queue_request, send_answer, send_request,
    },
    signing::{Purpose, SecretKey},
    time::DAY_MS,
};

use crate::harness::*;

use account_request::Body as A;
use link_request::Body as Meet;
use queue_request::Body as Q;
use send_request::Body as S;

/// A request that must be refused.
pub enum Bad {
    Account(ConnectionId, A),
    Queue(ConnectionId, Q),
    Send(ConnectionId, S),
    Link(ConnectionId, Meet),
    Frame(Service, ConnectionId, Bytes),
}

/// A server on which something of each kind exists.
pub struct Fixture {
    pub world: World,
    pub account: Account,
    pub account_connection: ConnectionId,
    pub queue: Queue,
    pub alias: Alias,
    pub other_queue: Queue,
    pub sender: ConnectionId,
    pub meeting: ConnectionId,
    pub conversation: Conversation,
    pub card: CardId,
    pub card_owner: SecretKey,
    pub used_up_card: CardId,
    pub blob: [u8; 32],
    pub stale_token: Vec<u8>,
    pub spent_token: Vec<u8>,
    pub released_slot: Vec<u8>,
    pub dropped_alias: Alias,
}

pub const DROP_KEY: [u8; 32] = [9; 32];

impl Fixture {
    pub fn new() -> Self {
        let mut world = World::new();
        let stale_token = world.token();
        world.later(2 * DAY_MS);
        let (account, account_connection) = world.registered();
        let queue = world.queue();
        let alias = world.alias(&queue, None);
        let dropped_alias = world.alias(&queue, None);
        world.queue_call(queue.connection, drop_alias(&dropped_alias));
        let other_queue = world.queue();
        let sender = world.sender();
        let (meeting, _) = world.connect(Service::Link);
        let first = world.conversation(sender);
        let conversation = world.next(&first);
        let commit = first.commit(&conversation, b"commit", &[alias], &[]);
        assert_eq!(world.send_call(sender, commit), ACCEPTED);
        world.deliver(sender, &[alias], &[7; 10_000]);
        let waiting = world.waiting(&queue);
        world.acknowledge(&queue, &waiting);
        let Carried::Slot(released_slot) = waiting[1].payload.clone() else {
            panic!("a large payload is shared");
        };
        let spent_token = world.token();
        let rescue = S::Rescue(proto::Rescue {
            alias: alias.to_vec(),
            payload: b"rescue"[..].into(),
            token: spent_token.clone(),
        });
        assert_eq!(world.send_call(sender, rescue), ACCEPTED);
        let card = CardId::random(&mut world.rng);
        let card_owner = SecretKey::random(&mut world.rng);
        let used_up_card = CardId::random(&mut world.rng);
        let blob = world.random();
        let mut fixture = Self {
            world,
            account,
            account_connection,
            queue,
            alias,
            other_queue,
            sender,
            meeting,
            conversation,
            card,
            card_owner,
            used_up_card,
            blob,
            stale_token,
            spent_token,
            released_slot,
            dropped_alias,
        };
        let put = fixture.card_put(4, |_| {});
        fixture.done(put);
        let put = fixture.card_put(4, |put| {
            put.card = used_up_card.to_vec();
            put.items[0].week = 0;
        });
        fixture.done(put);
        let read = fixture.card_read(|read| read.card = used_up_card.to_vec());
        assert_eq!(fixture.send(read).refused(), None);
        let put = fixture.blob_put(0, |_| {});
        fixture.done(put);
        fixture
    }

    pub fn send(&mut self, body: S) -> send_answer::Body {
        self.world.send_call(self.sender, body)
    }

    pub fn done(&mut self, body: S) {
        assert_eq!(self.send(body), send_answer::Body::Done(proto::Done {}));
    }

    // ---- requests that would be right, but for what `spoil` does to them

    pub fn register(&mut self, spoil: impl FnOnce(&mut proto::Register, &proto::Challenge)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Account);
        let account = self.world.new_account();
        let A::Register(mut register) = account.register(&challenge, "") else {
            unreachable!()
        };
        spoil(&mut register, &challenge);
        Bad::Account(c, A::Register(register))
    }

    pub fn authenticate(&mut self, spoil: impl FnOnce(&mut proto::Authenticate)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Account);
        let A::Authenticate(mut authenticate) = self.account.authenticate(&challenge) else {
            unreachable!()
        };
        spoil(&mut authenticate);
        Bad::Account(c, A::Authenticate(authenticate))
    }

    pub fn account(&self, body: A) -> Bad {
        Bad::Account(self.account_connection, body)
    }

    pub fn update(&self, list: proto::DeviceList) -> Bad {
        self.account(A::UpdateDevices(proto::UpdateDevices {
            devices: Some(list),
        }))
    }

    pub fn issue(&mut self, spoil: impl FnOnce(&mut proto::IssueTokens)) -> Bad {
        let day = self.world.now.day();
        let (_, mut request) =
            undertone_wire::token::TokenBatch::blind(day, &mut self.world.rng).unwrap();
        spoil(&mut request);
        self.account(A::IssueTokens(request))
    }

    pub fn put_vault(&self, spoil: impl FnOnce(&mut proto::PutVault)) -> Bad {
        let mut put = proto::PutVault {
            kind: proto::VaultKind::State as i32,
            version: 0,
            sealed: vec![1; 100],
        };
        spoil(&mut put);
        self.account(A::PutVault(put))
    }

    pub fn create(&mut self, spoil: impl FnOnce(&mut proto::CreateQueue, &mut Self)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Queue);
        let queue = Queue {
            connection: c,
            id: undertone_wire::ids::QueueId::random(&mut self.world.rng),
            key: SecretKey::random(&mut self.world.rng),
            unsealing: undertone_wire::entry::UnsealingKey::random(&mut self.world.rng).unwrap(),
        };
        let tokens = self.world.tokens(4);
        let Q::Create(mut create) = queue.create(&challenge, tokens) else {
            unreachable!()
        };
        spoil(&mut create, self);
        Bad::Queue(c, Q::Create(create))
    }

    pub fn attach(&mut self, spoil: impl FnOnce(&mut proto::Attach)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Queue);
        let Q::Attach(mut attach) = self.queue.attach(&challenge) else {
            unreachable!()
        };
        spoil(&mut attach);
        Bad::Queue(c, Q::Attach(attach))
    }

    pub fn queue(&self, body: Q) -> Bad {
        Bad::Queue(self.queue.connection, body)
    }

    pub fn too_early_queue(&mut self, body: Q) -> Bad {
        let (c, _) = self.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }

    pub fn too_early_account(&mut self, body: A) -> Bad {
        let (c, _) = self.world.connect(Service::Account);
        Bad::Account(c, body)
    }

    pub fn too_early_send(&mut self, body: S) -> Bad {
        let (c, _) = self.world.connect(Service::Send);
        Bad::Send(c, body)
    }

    pub fn sent(&self, body: S) -> Bad {
        Bad::Send(self.sender, body)
    }

    pub fn deliver(&self, spoil: impl FnOnce(&mut proto::Deliver)) -> S {
        let S::Deliver(mut deliver) =
            deliver(&[self.alias], b"payload", Some(self.conversation.guard()))
        else {
            unreachable!()
        };
        spoil(&mut deliver);
        S::Deliver(deliver)
    }

    /// Spoilt before it is signed.
    pub fn commit(&mut self, spoil: impl FnOnce(&mut proto::Commit)) -> S {
        let next = self.world.next(&self.conversation);
        let S::Commit(mut commit) = self.conversation.commit(&next, b"next", &[self.alias], &[])
        else {
            unreachable!()
        };
        spoil(&mut commit);
        let digest = undertone_wire::digest::commit_digest(&commit);
        let key = &self.conversation.commit_key;
        commit.signature = key.sign(Purpose::SequencedCommit, &[&digest]).to_vec();
        S::Commit(commit)
    }

    pub fn resigned_commit(&mut self, spoil: impl FnOnce(&mut proto::Commit)) -> S {
        let S::Commit(mut commit) = self.commit(|_| {}) else {
            unreachable!()
        };
        spoil(&mut commit);
        S::Commit(commit)
    }

    pub fn create_handle(&mut self, spoil: impl FnOnce(&mut proto::CreateHandle, &mut Self)) -> S {
        let mut create = proto::CreateHandle {
            handle: self.world.random::<32>().to_vec(),
            epoch: 0,
            keys: Some(self.conversation.keys()),
            token: self.world.token(),
        };
        spoil(&mut create, self);
        S::CreateHandle(create)
    }

    pub fn fetch_commit(&self, spoil: impl FnOnce(&mut proto::FetchCommit)) -> S {
        let mut fetch = proto::FetchCommit {
            handle: self.conversation.handle.to_vec(),
            epoch: 1,
            send_key: vec![1; 32],
        };
        spoil(&mut fetch);
        S::FetchCommit(fetch)
    }

    /// Spoilt before it is signed.
    pub fn card_put(&mut self, tokens: usize, spoil: impl FnOnce(&mut proto::CardPut)) -> S {
        let mut put = proto::CardPut {
            card: self.card.to_vec(),
            owner_key: self.card_owner.public().to_vec(),
            head: b"head".to_vec(),
            items: vec![proto::CardItem {
                slot: 0,
                week: self.world.now.week().0,
                sealed: b"key package".to_vec(),
            }],
            lease_weeks: 10,
            tokens: self.world.tokens(tokens),
            signature: Vec::new(),
        };
        spoil(&mut put);
        let digest = card_put_digest(&put);
        put.signature = self
            .card_owner
            .sign(Purpose::CardChange, &[&digest])
            .to_vec();
        S::CardPut(put)
    }

    pub fn resigned_card_put(&mut self, spoil: impl FnOnce(&mut proto::CardPut)) -> S {
        let S::CardPut(mut put) = self.card_put(1, |_| {}) else {
            unreachable!()
        };
        spoil(&mut put);
        S::CardPut(put)
    }

    pub fn card_read(&mut self, spoil: impl FnOnce(&mut proto::CardRead)) -> S {
        let mut read = proto::CardRead {
            card: self.card.to_vec(),
            reader: self.world.random::<16>().to_vec(),
            token: self.world.token(),
        };
        spoil(&mut read);
        S::CardRead(read)
    }

    pub fn card_drop(&mut self, spoil: impl FnOnce(&mut proto::CardDrop)) -> S {
        let digest = card_drop_digest(self.card.as_bytes());
        let mut drop = proto::CardDrop {
            card: self.card.to_vec(),
            signature: self
                .card_owner
                .sign(Purpose::CardChange, &[&digest])
                .to_vec(),
        };
        spoil(&mut drop);
        S::CardDrop(drop)
    }

    pub fn blob_put(&mut self, index: u32, spoil: impl FnOnce(&mut proto::BlobPut)) -> S {
        let tokens = usize::from(index.is_multiple_of(4));
        let mut put = proto::BlobPut {
            name: self.blob.to_vec(),
            index,
            chunk: b"chunk"[..].into(),
            expiry_day: self.world.now.day().0 + 10,
            drop_key_hash: undertone_wire::digest::drop_key_hash(&DROP_KEY).to_vec(),
            tokens: self.world.tokens(tokens),
        };
        spoil(&mut put);
        S::BlobPut(put)
    }

    pub fn rescue(&mut self, spoil: impl FnOnce(&mut proto::Rescue)) -> S {
        let mut rescue = proto::Rescue {
            alias: self.alias.to_vec(),
            payload: b"another rescue"[..].into(),
            token: self.world.token(),
        };
        spoil(&mut rescue);
        S::Rescue(rescue)
    }

    pub fn forged(&mut self) -> Vec<u8> {
        let mut token = self.world.token();
        token[40] ^= 1;
        token
    }
}

pub fn too_long() -> Vec<Vec<u8>> {
    (0..=limits::ALIASES_PER_DELIVERY as u32)
        .map(|number| [number.to_be_bytes().as_slice(), &[0; 28]].concat())
        .collect()
}

pub fn ids(length: usize, number: usize) -> Vec<Vec<u8>> {
    (0..number as u32)
        .map(|number| [number.to_be_bytes().as_slice(), &vec![0; length - 4]].concat())
        .collect()
}

pub fn certificate(root: &SecretKey, seed: u8, capability: Capability) -> Certificate {
    let device = DeviceKey::new(SecretKey::from_seed(&[seed; 32]).public());
    Certificate::issue(root, device, Serial::new([seed; 16]), capability)
}

pub fn grown(account: &Account, number: u8) -> proto::DeviceList {
    let mut list = account.list.to_proto();
    for seed in 1..=number {
        let more = DeviceList::new(certificate(&account.root, seed, Capability::Full)).to_proto();
        list.certificates.extend(more.certificates);
    }
    list
}

pub fn signed(list: &DeviceList, spoil: impl FnOnce(&mut proto::Signed)) -> proto::DeviceList {
    let mut list = list.to_proto();
    spoil(&mut list.certificates[0]);
    list
}

pub type Case = (&'static str, ErrorKind, fn(&mut Fixture) -> Bad);

pub const M: ErrorKind = ErrorKind::Malformed;
pub const L: ErrorKind = ErrorKind::TooLarge;
pub const U: ErrorKind = ErrorKind::Unauthorised;
pub const O: ErrorKind = ErrorKind::OutOfOrder;
pub const N: ErrorKind = ErrorKind::NotFound;
pub const C: ErrorKind = ErrorKind::Conflict;
pub const T: ErrorKind = ErrorKind::TokenInvalid;
pub const D: ErrorKind = ErrorKind::TokenSpent;

impl Fixture {
    pub fn refused(&mut self, bad: Bad) -> Option<ErrorKind> {
        match bad {
            Bad::Account(c, body) => self.world.account_call(c, body).refused(),
            Bad::Queue(c, body) => self.world.queue_call(c, body).refused(),
            Bad::Send(c, body) => self.world.send_call(c, body).refused(),
            Bad::Link(c, body) => self.world.link_call(c, body).refused(),
            Bad::Frame(service, c, frame) => {
                let refusal = self.world.receive(c, frame).unwrap_err();
                match service {
                    Service::Account => AccountAnswer::decode(refusal.frame)
                        .unwrap()
                        .body
                        .unwrap()
                        .refused(),
                    Service::Queue => QueueAnswer::decode(refusal.frame)
                        .unwrap()
                        .body
                        .unwrap()
                        .refused(),
                    Service::Send => SendAnswer::decode(refusal.frame)
                        .unwrap()
                        .body
                        .unwrap()
                        .refused(),
                    Service::Link => LinkAnswer::decode(refusal.frame)
                        .unwrap()
                        .body
                        .unwrap()
                        .refused(),
                }
            }
        }
    }
}

//! Bad input of every kind: each gets its error, and changes nothing on the disk.

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
enum Bad {
    Account(ConnectionId, A),
    Queue(ConnectionId, Q),
    Send(ConnectionId, S),
    Link(ConnectionId, Meet),
    Frame(Service, ConnectionId, Bytes),
}

/// A server on which something of each kind exists.
struct Fixture {
    world: World,
    account: Account,
    account_connection: ConnectionId,
    queue: Queue,
    alias: Alias,
    other_queue: Queue,
    sender: ConnectionId,
    meeting: ConnectionId,
    conversation: Conversation,
    card: CardId,
    card_owner: SecretKey,
    used_up_card: CardId,
    blob: [u8; 32],
    stale_token: Vec<u8>,
    spent_token: Vec<u8>,
    released_slot: Vec<u8>,
    dropped_alias: Alias,
}

const DROP_KEY: [u8; 32] = [9; 32];

impl Fixture {
    fn new() -> Self {
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

    fn send(&mut self, body: S) -> send_answer::Body {
        self.world.send_call(self.sender, body)
    }

    fn done(&mut self, body: S) {
        assert_eq!(self.send(body), send_answer::Body::Done(proto::Done {}));
    }

    // ---- requests that would be right, but for what `spoil` does to them

    fn register(&mut self, spoil: impl FnOnce(&mut proto::Register, &proto::Challenge)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Account);
        let account = self.world.new_account();
        let A::Register(mut register) = account.register(&challenge, "") else {
            unreachable!()
        };
        spoil(&mut register, &challenge);
        Bad::Account(c, A::Register(register))
    }

    fn authenticate(&mut self, spoil: impl FnOnce(&mut proto::Authenticate)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Account);
        let A::Authenticate(mut authenticate) = self.account.authenticate(&challenge) else {
            unreachable!()
        };
        spoil(&mut authenticate);
        Bad::Account(c, A::Authenticate(authenticate))
    }

    fn account(&self, body: A) -> Bad {
        Bad::Account(self.account_connection, body)
    }

    fn update(&self, list: proto::DeviceList) -> Bad {
        self.account(A::UpdateDevices(proto::UpdateDevices {
            devices: Some(list),
        }))
    }

    fn issue(&mut self, spoil: impl FnOnce(&mut proto::IssueTokens)) -> Bad {
        let day = self.world.now.day();
        let (_, mut request) =
            undertone_wire::token::TokenBatch::blind(day, &mut self.world.rng).unwrap();
        spoil(&mut request);
        self.account(A::IssueTokens(request))
    }

    fn put_vault(&self, spoil: impl FnOnce(&mut proto::PutVault)) -> Bad {
        let mut put = proto::PutVault {
            kind: proto::VaultKind::State as i32,
            version: 0,
            sealed: vec![1; 100],
        };
        spoil(&mut put);
        self.account(A::PutVault(put))
    }

    fn create(&mut self, spoil: impl FnOnce(&mut proto::CreateQueue, &mut Self)) -> Bad {
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

    fn attach(&mut self, spoil: impl FnOnce(&mut proto::Attach)) -> Bad {
        let (c, challenge) = self.world.connect(Service::Queue);
        let Q::Attach(mut attach) = self.queue.attach(&challenge) else {
            unreachable!()
        };
        spoil(&mut attach);
        Bad::Queue(c, Q::Attach(attach))
    }

    fn queue(&self, body: Q) -> Bad {
        Bad::Queue(self.queue.connection, body)
    }

    fn too_early_queue(&mut self, body: Q) -> Bad {
        let (c, _) = self.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }

    fn too_early_account(&mut self, body: A) -> Bad {
        let (c, _) = self.world.connect(Service::Account);
        Bad::Account(c, body)
    }

    fn too_early_send(&mut self, body: S) -> Bad {
        let (c, _) = self.world.connect(Service::Send);
        Bad::Send(c, body)
    }

    fn sent(&self, body: S) -> Bad {
        Bad::Send(self.sender, body)
    }

    fn deliver(&self, spoil: impl FnOnce(&mut proto::Deliver)) -> S {
        let S::Deliver(mut deliver) =
            deliver(&[self.alias], b"payload", Some(self.conversation.guard()))
        else {
            unreachable!()
        };
        spoil(&mut deliver);
        S::Deliver(deliver)
    }

    /// Spoilt before it is signed.
    fn commit(&mut self, spoil: impl FnOnce(&mut proto::Commit)) -> S {
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

    fn resigned_commit(&mut self, spoil: impl FnOnce(&mut proto::Commit)) -> S {
        let S::Commit(mut commit) = self.commit(|_| {}) else {
            unreachable!()
        };
        spoil(&mut commit);
        S::Commit(commit)
    }

    fn create_handle(&mut self, spoil: impl FnOnce(&mut proto::CreateHandle, &mut Self)) -> S {
        let mut create = proto::CreateHandle {
            handle: self.world.random::<32>().to_vec(),
            epoch: 0,
            keys: Some(self.conversation.keys()),
            token: self.world.token(),
        };
        spoil(&mut create, self);
        S::CreateHandle(create)
    }

    fn fetch_commit(&self, spoil: impl FnOnce(&mut proto::FetchCommit)) -> S {
        let mut fetch = proto::FetchCommit {
            handle: self.conversation.handle.to_vec(),
            epoch: 1,
            send_key: vec![1; 32],
        };
        spoil(&mut fetch);
        S::FetchCommit(fetch)
    }

    /// Spoilt before it is signed.
    fn card_put(&mut self, tokens: usize, spoil: impl FnOnce(&mut proto::CardPut)) -> S {
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

    fn resigned_card_put(&mut self, spoil: impl FnOnce(&mut proto::CardPut)) -> S {
        let S::CardPut(mut put) = self.card_put(1, |_| {}) else {
            unreachable!()
        };
        spoil(&mut put);
        S::CardPut(put)
    }

    fn card_read(&mut self, spoil: impl FnOnce(&mut proto::CardRead)) -> S {
        let mut read = proto::CardRead {
            card: self.card.to_vec(),
            reader: self.world.random::<16>().to_vec(),
            token: self.world.token(),
        };
        spoil(&mut read);
        S::CardRead(read)
    }

    fn card_drop(&mut self, spoil: impl FnOnce(&mut proto::CardDrop)) -> S {
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

    fn blob_put(&mut self, index: u32, spoil: impl FnOnce(&mut proto::BlobPut)) -> S {
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

    fn rescue(&mut self, spoil: impl FnOnce(&mut proto::Rescue)) -> S {
        let mut rescue = proto::Rescue {
            alias: self.alias.to_vec(),
            payload: b"another rescue"[..].into(),
            token: self.world.token(),
        };
        spoil(&mut rescue);
        S::Rescue(rescue)
    }

    fn forged(&mut self) -> Vec<u8> {
        let mut token = self.world.token();
        token[40] ^= 1;
        token
    }
}

fn too_long() -> Vec<Vec<u8>> {
    (0..=limits::ALIASES_PER_DELIVERY as u32)
        .map(|number| [number.to_be_bytes().as_slice(), &[0; 28]].concat())
        .collect()
}

fn ids(length: usize, number: usize) -> Vec<Vec<u8>> {
    (0..number as u32)
        .map(|number| [number.to_be_bytes().as_slice(), &vec![0; length - 4]].concat())
        .collect()
}

fn certificate(root: &SecretKey, seed: u8, capability: Capability) -> Certificate {
    let device = DeviceKey::new(SecretKey::from_seed(&[seed; 32]).public());
    Certificate::issue(root, device, Serial::new([seed; 16]), capability)
}

fn grown(account: &Account, number: u8) -> proto::DeviceList {
    let mut list = account.list.to_proto();
    for seed in 1..=number {
        let more = DeviceList::new(certificate(&account.root, seed, Capability::Full)).to_proto();
        list.certificates.extend(more.certificates);
    }
    list
}

fn signed(list: &DeviceList, spoil: impl FnOnce(&mut proto::Signed)) -> proto::DeviceList {
    let mut list = list.to_proto();
    spoil(&mut list.certificates[0]);
    list
}

type Case = (&'static str, ErrorKind, fn(&mut Fixture) -> Bad);

const M: ErrorKind = ErrorKind::Malformed;
const L: ErrorKind = ErrorKind::TooLarge;
const U: ErrorKind = ErrorKind::Unauthorised;
const O: ErrorKind = ErrorKind::OutOfOrder;
const N: ErrorKind = ErrorKind::NotFound;
const C: ErrorKind = ErrorKind::Conflict;
const T: ErrorKind = ErrorKind::TokenInvalid;
const D: ErrorKind = ErrorKind::TokenSpent;

fn frame(f: &Fixture, service: Service, frame: Vec<u8>) -> Bad {
    let c = match service {
        Service::Account => f.account_connection,
        Service::Queue => f.queue.connection,
        Service::Send => f.sender,
        Service::Link => f.meeting,
    };
    Bad::Frame(service, c, frame.into())
}

const FRAMES: &[Case] = &[
    ("account: too large", L, |f| {
        frame(f, Service::Account, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("queue: too large", L, |f| {
        frame(f, Service::Queue, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("send: too large", L, |f| {
        frame(f, Service::Send, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("account: no protobuf", M, |f| {
        frame(f, Service::Account, vec![0xff; 9])
    }),
    ("queue: no protobuf", M, |f| {
        frame(f, Service::Queue, vec![0xff; 9])
    }),
    ("send: no protobuf", M, |f| {
        frame(f, Service::Send, vec![0xff; 9])
    }),
    ("account: nothing to do", M, |f| {
        frame(f, Service::Account, vec![8, 1])
    }),
    ("queue: nothing to do", M, |f| {
        frame(f, Service::Queue, vec![8, 1])
    }),
    ("send: nothing to do", M, |f| {
        frame(f, Service::Send, vec![8, 1])
    }),
    ("link: too large", L, |f| {
        frame(f, Service::Link, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("link: no protobuf", M, |f| {
        frame(f, Service::Link, vec![0xff; 9])
    }),
    ("link: nothing to do", M, |f| {
        frame(f, Service::Link, vec![8, 1])
    }),
    ("link: a short name", M, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES - 1];
        Bad::Link(f.meeting, Meet::Open(proto::LinkOpen { mailbox }))
    }),
    ("link: a long name", M, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES + 1];
        Bad::Link(f.meeting, Meet::Join(proto::LinkJoin { mailbox }))
    }),
    ("link: nobody there", N, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES];
        Bad::Link(f.meeting, Meet::Join(proto::LinkJoin { mailbox }))
    }),
    ("link: nothing passed", M, |f| {
        let payload = Vec::new();
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("link: too much passed", L, |f| {
        let payload = vec![1; limits::LINK_PAYLOAD_BYTES + 1];
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("link: passed to nobody", O, |f| {
        let payload = vec![1];
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("account: empty", M, |f| frame(f, Service::Account, vec![])),
    ("account: number 0", M, |f| {
        let request = proto::AccountRequest {
            request: 0,
            body: Some(A::GetDevices(proto::GetDevices {})),
        };
        frame(f, Service::Account, request.encode_to_vec())
    }),
    ("queue: number 0", M, |f| {
        let request = proto::QueueRequest {
            request: 0,
            body: Some(Q::Barrier(proto::Barrier {})),
        };
        frame(f, Service::Queue, request.encode_to_vec())
    }),
    ("send: number 0", M, |f| {
        let request = proto::SendRequest {
            request: 0,
            body: Some(f.deliver(|_| {})),
        };
        frame(f, Service::Send, request.encode_to_vec())
    }),
    ("a cut frame", M, |f| {
        let request = proto::SendRequest {
            request: 1,
            body: Some(f.deliver(|_| {})),
        };
        let mut bytes = request.encode_to_vec();
        bytes.pop();
        frame(f, Service::Send, bytes)
    }),
];

const ACCOUNTS: &[Case] = &[
    ("register: no devices", M, |f| {
        f.register(|r, _| r.devices = None)
    }),
    ("register: an empty list", M, |f| {
        f.register(|r, _| r.devices = Some(proto::DeviceList::default()))
    }),
    ("register: two certificates", M, |f| {
        f.register(|r, _| {
            let account = SecretKey::from_seed(&[1; 32]);
            let mut list = DeviceList::new(certificate(&account, 1, Capability::Full));
            list.merge(&DeviceList::new(certificate(&account, 2, Capability::Full)))
                .unwrap();
            r.devices = Some(list.to_proto());
        })
    }),
    ("register: a revoked device", M, |f| {
        f.register(|r, _| {
            let root = SecretKey::from_seed(&[1; 32]);
            let list = DeviceList::new(certificate(&root, 1, Capability::Full));
            r.devices = Some(revoked(&list, &root, [1; 16]));
        })
    }),
    ("register: a damaged certificate", U, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].signature[0] ^= 1;
        })
    }),
    ("register: a certificate without a signature", U, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0]
                .signature
                .clear();
        })
    }),
    ("register: a certificate that cannot be read", M, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].body = vec![0xff; 20];
        })
    }),
    ("register: a certificate that is too long", M, |f| {
        f.register(|r, _| {
            r.devices.as_mut().unwrap().certificates[0].body =
                vec![0; limits::DEVICE_RECORD_BYTES + 1];
        })
    }),
    (
        "register: a certificate of a later version",
        ErrorKind::Version,
        |f| {
            let root = SecretKey::from_seed(&[1; 32]);
            let body = proto::DeviceCertificate {
                version: 2,
                root_key: root.public().to_vec(),
                device_key: vec![1; 32],
                serial: vec![1; 16],
                capability: proto::Capability::Full as i32,
            }
            .encode_to_vec();
            let signature = root.sign(Purpose::DeviceCertificate, &[&body]).to_vec();
            f.register(|r, _| {
                r.devices.as_mut().unwrap().certificates[0] = proto::Signed { body, signature };
            })
        },
    ),
    ("register: a short signature", M, |f| {
        f.register(|r, _| {
            r.signature.pop();
        })
    }),
    ("register: another device's signature", U, |f| {
        f.register(|r, _| r.signature = vec![1; 64])
    }),
    ("register: an answer to another challenge", U, |f| {
        let (_, challenge) = f.world.connect(Service::Account);
        let account = f.world.new_account();
        let register = account.register(&challenge, "");
        let (c, _) = f.world.connect(Service::Account);
        Bad::Account(c, register)
    }),
    ("register: an answer for another host", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        let account = f.world.new_account();
        let A::Register(mut register) = account.register(&challenge, "") else {
            unreachable!()
        };
        let id = account.list.account();
        let parts: [&[u8]; 4] = [
            &challenge.nonce,
            b"evil.example",
            id.as_bytes(),
            &account.device.public(),
        ];
        register.signature = account
            .device
            .sign(Purpose::AccountConnection, &parts)
            .to_vec();
        Bad::Account(c, A::Register(register))
    }),
    ("register: an invite code that is too long", L, |f| {
        f.register(|r, _| {
            r.invite_code = "x".repeat(limits::INVITE_CODE_BYTES + 1);
        })
    }),
    (
        "register: an account that is there with another device",
        C,
        |f| {
            let (c, challenge) = f.world.connect(Service::Account);
            let device = SecretKey::from_seed(&[3; 32]);
            let other = Account {
                root: f.account.root.clone(),
                list: DeviceList::new(certificate(&f.account.root, 3, Capability::Full)),
                device,
            };
            Bad::Account(c, other.register(&challenge, ""))
        },
    ),
    ("register: on a connection that is authenticated", O, |f| {
        let Bad::Account(_, body) = f.register(|_, _| {}) else {
            unreachable!()
        };
        f.account(body)
    }),
    ("authenticate: twice", O, |f| {
        let Bad::Account(_, body) = f.authenticate(|_| {}) else {
            unreachable!()
        };
        f.account(body)
    }),
    ("authenticate: an account id of another length", M, |f| {
        f.authenticate(|a| {
            a.account.pop();
        })
    }),
    ("authenticate: a device key of another length", M, |f| {
        f.authenticate(|a| a.device_key.push(0))
    }),
    ("authenticate: no signature", M, |f| {
        f.authenticate(|a| a.signature.clear())
    }),
    ("authenticate: a damaged signature", U, |f| {
        f.authenticate(|a| a.signature[3] ^= 1)
    }),
    ("authenticate: the answer to another challenge", U, |f| {
        let Bad::Account(_, body) = f.authenticate(|_| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Account);
        Bad::Account(c, body)
    }),
    ("authenticate: an account that is not there", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        Bad::Account(c, f.world.new_account().authenticate(&challenge))
    }),
    ("authenticate: a device of another account", U, |f| {
        let (c, challenge) = f.world.connect(Service::Account);
        let stranger = f.world.new_account();
        let mixed = Account {
            list: f.account.list.clone(),
            ..stranger
        };
        Bad::Account(c, mixed.authenticate(&challenge))
    }),
    ("devices before authentication", O, |f| {
        f.too_early_account(A::GetDevices(proto::GetDevices {}))
    }),
    ("tokens before authentication", O, |f| {
        let Bad::Account(_, body) = f.issue(|_| {}) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("an update before authentication", O, |f| {
        let list = f.account.list.to_proto();
        let Bad::Account(_, body) = f.update(list) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("a vault put before authentication", O, |f| {
        let Bad::Account(_, body) = f.put_vault(|_| {}) else {
            unreachable!()
        };
        f.too_early_account(body)
    }),
    ("a vault read before authentication", O, |f| {
        f.too_early_account(A::GetVault(proto::GetVault {
            kind: 1,
            version: 0,
        }))
    }),
    ("update: no list", M, |f| {
        f.account(A::UpdateDevices(proto::UpdateDevices { devices: None }))
    }),
    ("update: another account's list", U, |f| {
        let list = f.world.new_account().list.to_proto();
        f.update(list)
    }),
    ("update: two accounts in one list", U, |f| {
        let mut list = f.account.list.to_proto();
        list.certificates
            .extend(f.world.new_account().list.to_proto().certificates);
        f.update(list)
    }),
    ("update: a revocation by a stranger", U, |f| {
        let stranger = SecretKey::from_seed(&[8; 32]);
        let list = revoked(&f.account.list, &stranger, [1; 16]);
        f.update(list)
    }),
    ("update: a revocation by a shared computer", U, |f| {
        let mut list = f.account.list.clone();
        list.merge(&DeviceList::new(certificate(
            &f.account.root,
            4,
            Capability::Shared,
        )))
        .unwrap();
        let shared = SecretKey::from_seed(&[4; 32]);
        let list = revoked(&list, &shared, [1; 16]);
        f.update(list)
    }),
    ("update: a damaged certificate", U, |f| {
        let list = signed(&f.account.list, |signed| signed.body[10] ^= 1);
        f.update(list)
    }),
    (
        "update: more certificates than an account may have",
        L,
        |f| {
            let list = grown(&f.account, limits::DEVICE_CERTIFICATES as u8);
            f.update(list)
        },
    ),
    ("tokens: a batch of 31", M, |f| {
        f.issue(|i| {
            i.blinded.pop();
        })
    }),
    ("tokens: a batch of 33", M, |f| {
        f.issue(|i| i.blinded.push(vec![0; 32]))
    }),
    ("tokens: an element of 31 bytes", M, |f| {
        f.issue(|i| {
            i.blinded[0].pop();
        })
    }),
    ("tokens: no element of the group", M, |f| {
        f.issue(|i| i.blinded[5] = vec![0xff; 32])
    }),
    ("tokens: of yesterday", T, |f| f.issue(|i| i.day -= 1)),
    ("tokens: of tomorrow", T, |f| f.issue(|i| i.day += 1)),
    ("vault: no kind", M, |f| f.put_vault(|v| v.kind = 0)),
    ("vault: an unknown kind", M, |f| f.put_vault(|v| v.kind = 9)),
    ("vault: an eighth version", L, |f| {
        f.put_vault(|v| v.version = limits::VAULT_VERSIONS)
    }),
    ("vault: a second root vault", L, |f| {
        f.put_vault(|v| {
            v.kind = proto::VaultKind::Root as i32;
            v.version = 1;
        })
    }),
    ("vault: empty", M, |f| f.put_vault(|v| v.sealed.clear())),
    ("vault: too large", L, |f| {
        f.put_vault(|v| v.sealed = vec![1; limits::VAULT_BYTES + 1])
    }),
    ("vault: not there", N, |f| {
        f.account(A::GetVault(proto::GetVault {
            kind: 2,
            version: 0,
        }))
    }),
    ("vault: an unknown kind is asked for", M, |f| {
        f.account(A::GetVault(proto::GetVault {
            kind: 0,
            version: 0,
        }))
    }),
];

const QUEUES: &[Case] = &[
    ("create: a queue id of another length", M, |f| {
        f.create(|q, _| {
            q.queue.pop();
        })
    }),
    ("create: a verification key of another length", M, |f| {
        f.create(|q, _| q.verification_key.push(1))
    }),
    ("create: a sealing key of another length", M, |f| {
        f.create(|q, _| q.sealing_key.clear())
    }),
    ("create: a sealing key that cannot be used", M, |f| {
        f.create(|q, _| q.sealing_key = vec![0; 32])
    }),
    ("create: a signature of another length", M, |f| {
        f.create(|q, _| q.signature.push(1))
    }),
    ("create: a damaged signature", U, |f| {
        f.create(|q, _| q.signature[9] ^= 1)
    }),
    ("create: a weak verification key", U, |f| {
        f.create(|q, _| q.verification_key = vec![0; 32])
    }),
    ("create: the answer to another challenge", U, |f| {
        let Bad::Queue(_, body) = f.create(|_, _| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }),
    ("create: no tokens", M, |f| {
        f.create(|q, _| q.tokens.clear())
    }),
    ("create: three tokens", M, |f| {
        f.create(|q, _| {
            q.tokens.pop();
        })
    }),
    ("create: five tokens", M, |f| {
        f.create(|q, f| q.tokens.push(f.world.token()))
    }),
    ("create: one token four times", M, |f| {
        f.create(|q, _| q.tokens = vec![q.tokens[0].clone(); 4])
    }),
    ("create: a short token", M, |f| {
        f.create(|q, _| {
            q.tokens[0].pop();
        })
    }),
    ("create: a forged token", T, |f| {
        f.create(|q, f| q.tokens[3] = f.forged())
    }),
    ("create: a token of the day before yesterday", T, |f| {
        f.create(|q, f| q.tokens[0] = f.stale_token.clone())
    }),
    ("create: a token of a day to come", T, |f| {
        f.create(|q, _| q.tokens[0][..4].fill(0x7f))
    }),
    ("create: a spent token", D, |f| {
        f.create(|q, f| q.tokens[1] = f.spent_token.clone())
    }),
    ("create: a queue that is there with another key", C, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let tokens = f.world.tokens(4);
        let other = Queue {
            connection: c,
            id: f.queue.id,
            key: f.queue.key.clone(),
            unsealing: f.other_queue.unsealing.clone(),
        };
        Bad::Queue(c, other.create(&challenge, tokens))
    }),
    ("create: somebody else's queue", C, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let tokens = f.world.tokens(4);
        let thief = Queue {
            connection: c,
            id: f.queue.id,
            key: f.other_queue.key.clone(),
            unsealing: f.queue.unsealing.clone(),
        };
        Bad::Queue(c, thief.create(&challenge, tokens))
    }),
    ("create: when attached", O, |f| {
        let Bad::Queue(_, body) = f.create(|_, _| {}) else {
            unreachable!()
        };
        f.queue(body)
    }),
    ("attach: when attached", O, |f| {
        let Bad::Queue(_, body) = f.attach(|_| {}) else {
            unreachable!()
        };
        f.queue(body)
    }),
    ("attach: a queue id of another length", M, |f| {
        f.attach(|a| {
            a.queue.pop();
        })
    }),
    ("attach: a signature of another length", M, |f| {
        f.attach(|a| {
            a.signature.pop();
        })
    }),
    ("attach: a queue that is not there", N, |f| {
        f.attach(|a| a.queue[0] ^= 1)
    }),
    ("attach: a damaged signature", U, |f| {
        f.attach(|a| a.signature[0] ^= 1)
    }),
    ("attach: another queue's key", U, |f| {
        let (c, challenge) = f.world.connect(Service::Queue);
        let thief = Queue {
            connection: c,
            id: f.queue.id,
            key: f.other_queue.key.clone(),
            unsealing: f.queue.unsealing.clone(),
        };
        Bad::Queue(c, thief.attach(&challenge))
    }),
    ("attach: the answer to another challenge", U, |f| {
        let Bad::Queue(_, body) = f.attach(|_| {}) else {
            unreachable!()
        };
        let (c, _) = f.world.connect(Service::Queue);
        Bad::Queue(c, body)
    }),
    ("an alias before attaching", O, |f| {
        let alias = f.alias;
        f.too_early_queue(register_alias(&alias, None))
    }),
    ("a dropped alias before attaching", O, |f| {
        let alias = f.alias;
        f.too_early_queue(drop_alias(&alias))
    }),
    ("a list before attaching", O, |f| {
        f.too_early_queue(Q::List(proto::ListEntries {}))
    }),
    ("entries before attaching", O, |f| {
        f.too_early_queue(Q::Fetch(proto::FetchEntries::default()))
    }),
    ("an acknowledgement before attaching", O, |f| {
        f.too_early_queue(Q::Acknowledge(proto::Acknowledge::default()))
    }),
    ("a barrier before attaching", O, |f| {
        f.too_early_queue(Q::Barrier(proto::Barrier {}))
    }),
    ("a payload before attaching", O, |f| {
        f.too_early_queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 32] }))
    }),
    ("a deletion before attaching", O, |f| {
        f.too_early_queue(Q::Delete(proto::DeleteQueue {}))
    }),
    ("alias: another length", M, |f| {
        f.queue(Q::RegisterAlias(proto::RegisterAlias {
            alias: vec![1; 31],
            handle: vec![],
        }))
    }),
    ("alias: a handle of another length", M, |f| {
        f.queue(Q::RegisterAlias(proto::RegisterAlias {
            alias: vec![1; 32],
            handle: vec![1; 31],
        }))
    }),
    ("alias: of another queue", C, |f| {
        Bad::Queue(f.other_queue.connection, register_alias(&f.alias, None))
    }),
    ("alias: dropped by another queue", C, |f| {
        Bad::Queue(
            f.other_queue.connection,
            register_alias(&f.dropped_alias, None),
        )
    }),
    ("alias: dropped by this queue", C, |f| {
        f.queue(register_alias(&f.dropped_alias, None))
    }),
    ("dropped alias: another length", M, |f| {
        f.queue(Q::DropAlias(proto::DropAlias { alias: vec![] }))
    }),
    ("fetch: an id of another length", M, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: ids(15, 1),
        }))
    }),
    ("fetch: too many", L, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: ids(16, limits::ENTRIES_PER_REQUEST + 1),
        }))
    }),
    ("fetch: one twice", M, |f| {
        f.queue(Q::Fetch(proto::FetchEntries {
            entries: vec![vec![1; 16]; 2],
        }))
    }),
    ("acknowledge: an id of another length", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: ids(17, 1),
            slots: vec![],
        }))
    }),
    ("acknowledge: a slot of another length", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![],
            slots: ids(31, 1),
        }))
    }),
    ("acknowledge: one twice", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![vec![1; 16]; 10],
            slots: vec![],
        }))
    }),
    ("acknowledge: a slot twice", M, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: vec![],
            slots: vec![vec![1; 32]; 2],
        }))
    }),
    ("acknowledge: too many together", L, |f| {
        f.queue(Q::Acknowledge(proto::Acknowledge {
            entries: ids(16, limits::ENTRIES_PER_REQUEST),
            slots: ids(32, 1),
        }))
    }),
    ("payload: a slot of another length", M, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 16] }))
    }),
    ("payload: a slot that is not there", N, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload { slot: vec![1; 32] }))
    }),
    ("payload: a slot that was let go", N, |f| {
        f.queue(Q::FetchPayload(proto::FetchPayload {
            slot: f.released_slot.clone(),
        }))
    }),
];

const SENDING: &[Case] = &[
    ("open: a token of another length", M, |f| {
        f.too_early_send(S::Open(proto::Open { token: vec![1; 99] }))
    }),
    ("open: a forged token", T, |f| {
        let token = f.forged();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: a token that is too old", T, |f| {
        let token = f.stale_token.clone();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: a spent token", D, |f| {
        let token = f.spent_token.clone();
        f.too_early_send(S::Open(proto::Open { token }))
    }),
    ("open: twice", O, |f| {
        let token = f.world.token();
        f.sent(S::Open(proto::Open { token }))
    }),
    ("a delivery before opening", O, |f| {
        let body = f.deliver(|_| {});
        f.too_early_send(body)
    }),
    ("a commit before opening", O, |f| {
        let body = f.commit(|_| {});
        f.too_early_send(body)
    }),
    ("a handle before opening", O, |f| {
        let body = f.create_handle(|_, _| {});
        f.too_early_send(body)
    }),
    ("a stored commit before opening", O, |f| {
        let body = f.fetch_commit(|_| {});
        f.too_early_send(body)
    }),
    ("a card put before opening", O, |f| {
        let body = f.card_put(4, |_| {});
        f.too_early_send(body)
    }),
    ("a card read before opening", O, |f| {
        let body = f.card_read(|_| {});
        f.too_early_send(body)
    }),
    ("a card dropped before opening", O, |f| {
        let body = f.card_drop(|_| {});
        f.too_early_send(body)
    }),
    ("a chunk put before opening", O, |f| {
        let body = f.blob_put(0, |_| {});
        f.too_early_send(body)
    }),
    ("a chunk read before opening", O, |f| {
        let name = f.blob.to_vec();
        f.too_early_send(S::BlobGet(proto::BlobGet { name, index: 0 }))
    }),
    ("a blob dropped before opening", O, |f| {
        let name = f.blob.to_vec();
        f.too_early_send(S::BlobDrop(proto::BlobDrop {
            name,
            drop_key: DROP_KEY.to_vec(),
        }))
    }),
    ("a rescue before opening", O, |f| {
        let body = f.rescue(|_| {});
        f.too_early_send(body)
    }),
    ("deliver: to nobody", M, |f| {
        f.sent(f.deliver(|d| d.aliases.clear()))
    }),
    ("deliver: to aliases and to a list", M, |f| {
        f.sent(f.deliver(|d| d.list = vec![1; 32]))
    }),
    ("deliver: a list's hash of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.aliases.clear();
            d.list = vec![1; 31];
        }))
    }),
    (
        "deliver: a list that is not at hand",
        ErrorKind::ListUnknown,
        |f| {
            f.sent(f.deliver(|d| {
                d.aliases.clear();
                d.list = vec![1; 32];
            }))
        },
    ),
    ("deliver: an alias of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.aliases[0].pop();
        }))
    }),
    ("deliver: an alias twice", M, |f| {
        f.sent(f.deliver(|d| d.aliases.push(d.aliases[0].clone())))
    }),
    ("deliver: too many aliases", L, |f| {
        f.sent(f.deliver(|d| d.aliases = too_long()))
    }),
    ("deliver: nothing", M, |f| {
        f.sent(f.deliver(|d| d.payload.clear()))
    }),
    ("deliver: too large", L, |f| {
        f.sent(f.deliver(|d| d.payload = vec![1; limits::PAYLOAD_BYTES + 1].into()))
    }),
    ("deliver: a handle of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.guard.as_mut().unwrap().handle.pop();
        }))
    }),
    ("deliver: a send key of another length", M, |f| {
        f.sent(f.deliver(|d| {
            d.guard.as_mut().unwrap().send_key.pop();
        }))
    }),
    ("deliver: a conversation that is not there", N, |f| {
        f.sent(f.deliver(|d| d.guard.as_mut().unwrap().handle[0] ^= 1))
    }),
    ("deliver: another send key", U, |f| {
        f.sent(f.deliver(|d| d.guard.as_mut().unwrap().send_key[0] ^= 1))
    }),
    ("deliver live: another send key", U, |f| {
        f.sent(f.deliver(|d| {
            d.live = true;
            d.guard.as_mut().unwrap().send_key[0] ^= 1;
        }))
    }),
    ("commit: a handle of another length", M, |f| {
        let body = f.commit(|c| {
            c.handle.pop();
        });
        f.sent(body)
    }),
    ("commit: the last epoch of all", M, |f| {
        let body = f.commit(|c| c.epoch = u64::MAX);
        f.sent(body)
    }),
    ("commit: nothing", M, |f| {
        let body = f.commit(|c| c.payload.clear());
        f.sent(body)
    }),
    ("commit: too large", L, |f| {
        let body = f.commit(|c| c.payload = vec![1; limits::PAYLOAD_BYTES + 1].into());
        f.sent(body)
    }),
    ("commit: an alias twice", M, |f| {
        let body = f.commit(|c| c.aliases.push(c.aliases[0].clone()));
        f.sent(body)
    }),
    ("commit: too many aliases", L, |f| {
        let body = f.commit(|c| c.aliases = too_long());
        f.sent(body)
    }),
    ("commit: too many Welcomes", L, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, 1); limits::WELCOMES_PER_COMMIT + 1]);
        f.sent(body)
    }),
    ("commit: a Welcome to an alias of another length", M, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(31, 1)]);
        f.sent(body)
    }),
    ("commit: an empty Welcome", M, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, 0)]);
        f.sent(body)
    }),
    ("commit: a Welcome that is too large", L, |f| {
        let body = f.commit(|c| c.welcomes = vec![welcome(32, limits::PAYLOAD_BYTES + 1)]);
        f.sent(body)
    }),
    ("commit: no next keys", M, |f| {
        let body = f.commit(|c| c.next = None);
        f.sent(body)
    }),
    ("commit: a next key of another length", M, |f| {
        let body = f.commit(|c| {
            c.next.as_mut().unwrap().commit_key.pop();
        });
        f.sent(body)
    }),
    ("commit: a next hash of another length", M, |f| {
        let body = f.commit(|c| {
            c.next.as_mut().unwrap().send_key_hash.pop();
        });
        f.sent(body)
    }),
    ("commit: a signature of another length", M, |f| {
        let body = f.resigned_commit(|c| {
            c.signature.pop();
        });
        f.sent(body)
    }),
    ("commit: a damaged signature", U, |f| {
        let body = f.resigned_commit(|c| c.signature[7] ^= 1);
        f.sent(body)
    }),
    ("commit: another payload than was signed", U, |f| {
        let body = f.resigned_commit(|c| c.payload = b"other"[..].into());
        f.sent(body)
    }),
    ("commit: other recipients than were signed", U, |f| {
        let body = f.resigned_commit(|c| c.aliases[0][0] ^= 1);
        f.sent(body)
    }),
    ("commit: other next keys than were signed", U, |f| {
        let body = f.resigned_commit(|c| c.next.as_mut().unwrap().send_key_hash[0] ^= 1);
        f.sent(body)
    }),
    ("commit: signed by a stranger", U, |f| {
        let stranger = Conversation {
            commit_key: SecretKey::from_seed(&[5; 32]),
            ..f.conversation.clone()
        };
        let next = f.world.next(&stranger);
        f.sent(stranger.commit(&next, b"next", &[f.alias], &[]))
    }),
    ("commit: a conversation that is not there", N, |f| {
        let body = f.commit(|c| c.handle[0] ^= 1);
        f.sent(body)
    }),
    ("handle: another length", M, |f| {
        let body = f.create_handle(|h, _| {
            h.handle.pop();
        });
        f.sent(body)
    }),
    ("handle: no keys", M, |f| {
        let body = f.create_handle(|h, _| h.keys = None);
        f.sent(body)
    }),
    ("handle: a commit key of another length", M, |f| {
        let body = f.create_handle(|h, _| h.keys.as_mut().unwrap().commit_key.push(0));
        f.sent(body)
    }),
    ("handle: no token", M, |f| {
        let body = f.create_handle(|h, _| h.token.clear());
        f.sent(body)
    }),
    ("handle: a forged token", T, |f| {
        let body = f.create_handle(|h, f| h.token = f.forged());
        f.sent(body)
    }),
    ("handle: a token that is too old", T, |f| {
        let body = f.create_handle(|h, f| h.token = f.stale_token.clone());
        f.sent(body)
    }),
    ("handle: a spent token", D, |f| {
        let body = f.create_handle(|h, f| h.token = f.spent_token.clone());
        f.sent(body)
    }),
    ("handle: there with another epoch", C, |f| {
        let body = f.create_handle(|h, f| h.handle = f.conversation.handle.to_vec());
        f.sent(body)
    }),
    ("stored commit: a handle of another length", M, |f| {
        f.sent(f.fetch_commit(|c| {
            c.handle.pop();
        }))
    }),
    ("stored commit: a send key of another length", M, |f| {
        f.sent(f.fetch_commit(|c| {
            c.send_key.pop();
        }))
    }),
    ("stored commit: another send key", N, |f| {
        f.sent(f.fetch_commit(|_| {}))
    }),
    ("stored commit: of an epoch that has not ended", N, |f| {
        f.sent(f.fetch_commit(|c| c.epoch = 2))
    }),
    ("stored commit: of no conversation", N, |f| {
        f.sent(f.fetch_commit(|c| c.handle[0] ^= 1))
    }),
    ("card: an id of another length", M, |f| {
        let body = f.card_put(1, |c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card: an owner key of another length", M, |f| {
        let body = f.card_put(1, |c| c.owner_key.push(0));
        f.sent(body)
    }),
    ("card: a head that is too large", L, |f| {
        let body = f.card_put(1, |c| c.head = vec![1; limits::CARD_ITEM_BYTES + 1]);
        f.sent(body)
    }),
    ("card: new and without a head", M, |f| {
        let body = f.card_put(4, |c| {
            c.card[0] ^= 1;
            c.head.clear();
        });
        f.sent(body)
    }),
    ("card: a ninth slot", L, |f| {
        let body = f.card_put(1, |c| c.items[0].slot = limits::CARD_SLOTS);
        f.sent(body)
    }),
    ("card: an empty item", M, |f| {
        let body = f.card_put(1, |c| c.items[0].sealed.clear());
        f.sent(body)
    }),
    ("card: an item that is too large", L, |f| {
        let body = f.card_put(1, |c| {
            c.items[0].sealed = vec![1; limits::CARD_ITEM_BYTES + 1]
        });
        f.sent(body)
    }),
    ("card: too many items", L, |f| {
        let body = f.card_put(1, |c| {
            c.items = vec![c.items[0].clone(); limits::CARD_ITEMS + 1]
        });
        f.sent(body)
    }),
    ("card: two items of one week", M, |f| {
        let body = f.card_put(1, |c| c.items.push(c.items[0].clone()));
        f.sent(body)
    }),
    ("card: an item for too late a week", L, |f| {
        let body = f.card_put(1, |c| c.items[0].week += limits::CARD_LEASE_WEEKS + 1);
        f.sent(body)
    }),
    ("card: no lease", M, |f| {
        let body = f.card_put(1, |c| c.lease_weeks = 0);
        f.sent(body)
    }),
    ("card: too long a lease", L, |f| {
        let body = f.card_put(1, |c| c.lease_weeks = limits::CARD_LEASE_WEEKS + 1);
        f.sent(body)
    }),
    ("card: no token", M, |f| {
        let body = f.card_put(0, |_| {});
        f.sent(body)
    }),
    ("card: more tokens than any price", M, |f| {
        let body = f.card_put(5, |_| {});
        f.sent(body)
    }),
    ("card: new for the price of a change", T, |f| {
        let body = f.card_put(1, |c| c.card[0] ^= 1);
        f.sent(body)
    }),
    ("card: a forged token", T, |f| {
        let token = f.forged();
        let body = f.card_put(0, |c| c.tokens = vec![token]);
        f.sent(body)
    }),
    ("card: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.card_put(0, |c| c.tokens = vec![token]);
        f.sent(body)
    }),
    ("card: a short signature", M, |f| {
        let body = f.resigned_card_put(|c| {
            c.signature.pop();
        });
        f.sent(body)
    }),
    ("card: a damaged signature", U, |f| {
        let body = f.resigned_card_put(|c| c.signature[0] ^= 1);
        f.sent(body)
    }),
    ("card: another head than was signed", U, |f| {
        let body = f.resigned_card_put(|c| c.head = b"other".to_vec());
        f.sent(body)
    }),
    ("card: of another owner", U, |f| {
        f.card_owner = SecretKey::from_seed(&[6; 32]);
        let body = f.card_put(1, |_| {});
        f.card_owner = SecretKey::from_seed(&[0; 32]);
        f.sent(body)
    }),
    ("card read: an id of another length", M, |f| {
        let body = f.card_read(|c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card read: a nonce of another length", M, |f| {
        let body = f.card_read(|c| c.reader.push(0));
        f.sent(body)
    }),
    ("card read: no token", M, |f| {
        let body = f.card_read(|c| c.token.clear());
        f.sent(body)
    }),
    ("card read: a forged token", T, |f| {
        let token = f.forged();
        let body = f.card_read(|c| c.token = token);
        f.sent(body)
    }),
    ("card read: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.card_read(|c| c.token = token);
        f.sent(body)
    }),
    ("card read: not there", N, |f| {
        let body = f.card_read(|c| c.card[0] ^= 1);
        f.sent(body)
    }),
    ("card read: used up", N, |f| {
        let card = f.used_up_card;
        let body = f.card_read(|c| c.card = card.to_vec());
        f.sent(body)
    }),
    ("card drop: an id of another length", M, |f| {
        let body = f.card_drop(|c| {
            c.card.pop();
        });
        f.sent(body)
    }),
    ("card drop: a signature of another length", M, |f| {
        let body = f.card_drop(|c| c.signature.push(0));
        f.sent(body)
    }),
    ("card drop: by another", U, |f| {
        let body = f.card_drop(|c| c.signature = vec![3; 64]);
        f.sent(body)
    }),
    ("blob: a name of another length", M, |f| {
        let body = f.blob_put(0, |b| {
            b.name.pop();
        });
        f.sent(body)
    }),
    ("blob: too many chunks", L, |f| {
        let body = f.blob_put(limits::BLOB_CHUNKS, |_| {});
        f.sent(body)
    }),
    ("blob: an empty chunk", M, |f| {
        let body = f.blob_put(0, |b| b.chunk.clear());
        f.sent(body)
    }),
    ("blob: a chunk that is too large", L, |f| {
        let body = f.blob_put(0, |b| {
            b.chunk = vec![1; limits::BLOB_CHUNK_BYTES + 1].into()
        });
        f.sent(body)
    }),
    ("blob: over since yesterday", M, |f| {
        let body = f.blob_put(0, |b| b.expiry_day -= 11);
        f.sent(body)
    }),
    ("blob: too long a life", L, |f| {
        let body = f.blob_put(0, |b| b.expiry_day += limits::BLOB_DAYS);
        f.sent(body)
    }),
    ("blob: a drop key hash of another length", M, |f| {
        let body = f.blob_put(0, |b| {
            b.drop_key_hash.pop();
        });
        f.sent(body)
    }),
    ("blob: no token", M, |f| {
        let body = f.blob_put(0, |b| b.tokens.clear());
        f.sent(body)
    }),
    ("blob: a token where none is due", M, |f| {
        let token = f.world.token();
        let body = f.blob_put(1, |b| b.tokens = vec![token]);
        f.sent(body)
    }),
    ("blob: a forged token", T, |f| {
        let token = f.forged();
        let body = f.blob_put(0, |b| {
            b.name[0] ^= 1;
            b.tokens = vec![token];
        });
        f.sent(body)
    }),
    ("blob: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.blob_put(0, |b| {
            b.name[0] ^= 1;
            b.tokens = vec![token];
        });
        f.sent(body)
    }),
    ("blob: a gap", O, |f| {
        let body = f.blob_put(2, |_| {});
        f.sent(body)
    }),
    ("blob: another chunk in the same place", C, |f| {
        let body = f.blob_put(0, |b| b.chunk = b"other"[..].into());
        f.sent(body)
    }),
    ("blob: another drop key", U, |f| {
        let body = f.blob_put(1, |b| b.drop_key_hash[0] ^= 1);
        f.sent(body)
    }),
    ("blob: another day", C, |f| {
        let body = f.blob_put(1, |b| b.expiry_day += 1);
        f.sent(body)
    }),
    ("blob read: not there", N, |f| {
        f.sent(S::BlobGet(proto::BlobGet {
            name: f.blob.to_vec(),
            index: 1,
        }))
    }),
    ("blob read: a name of another length", M, |f| {
        f.sent(S::BlobGet(proto::BlobGet {
            name: vec![1; 31],
            index: 0,
        }))
    }),
    ("blob drop: another drop key", U, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: f.blob.to_vec(),
            drop_key: vec![1; 32],
        }))
    }),
    ("blob drop: a drop key of another length", M, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: f.blob.to_vec(),
            drop_key: vec![1; 31],
        }))
    }),
    ("blob drop: a name of another length", M, |f| {
        f.sent(S::BlobDrop(proto::BlobDrop {
            name: vec![],
            drop_key: vec![1; 32],
        }))
    }),
    ("rescue: an alias of another length", M, |f| {
        let body = f.rescue(|r| {
            r.alias.pop();
        });
        f.sent(body)
    }),
    ("rescue: nothing", M, |f| {
        let body = f.rescue(|r| r.payload.clear());
        f.sent(body)
    }),
    ("rescue: too large", L, |f| {
        let body = f.rescue(|r| r.payload = vec![1; limits::PAYLOAD_BYTES + 1].into());
        f.sent(body)
    }),
    ("rescue: no token", M, |f| {
        let body = f.rescue(|r| r.token.clear());
        f.sent(body)
    }),
    ("rescue: a forged token", T, |f| {
        let token = f.forged();
        let body = f.rescue(|r| r.token = token);
        f.sent(body)
    }),
    ("rescue: a spent token", D, |f| {
        let token = f.spent_token.clone();
        let body = f.rescue(|r| r.token = token);
        f.sent(body)
    }),
];

fn welcome(alias: usize, payload: usize) -> proto::WelcomeDelivery {
    proto::WelcomeDelivery {
        alias: vec![1; alias],
        payload: vec![1; payload].into(),
    }
}

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    let mut fixture = Fixture::new();
    let cases: Vec<_> = [FRAMES, ACCOUNTS, QUEUES, SENDING].concat();
    assert!(cases.len() >= 100, "{}", cases.len());
    for (name, expected, prepare) in cases {
        let bad = prepare(&mut fixture);
        let before = fixture.world.rows();
        let found = fixture.refused(bad);
        assert_eq!(found, Some(expected), "{name}");
        assert_eq!(fixture.world.rows(), before, "{name}");
    }
}

impl Fixture {
    fn refused(&mut self, bad: Bad) -> Option<ErrorKind> {
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

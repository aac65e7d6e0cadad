//! Clients that speak frames: accounts, queues and conversations, and what they ask for.

use std::net::IpAddr;

use prost::Message as _;
use undertone_server::core::{ConnectionId, Service};
use undertone_wire::{
    entry::{EntryKeys, Place, UnsealingKey},
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, DeviceKey, EntryId, Handle, QueueId, Serial},
    proto::{
        self, QueueAnswer, account_answer, account_request, entry_body, queue_answer,
        queue_request, send_answer, send_request,
    },
    signing::{Purpose, SecretKey},
    token::{Token, TokenBatch},
};

use super::{AUTHORITY, World};

/// A client's account.
pub struct Account {
    pub root: SecretKey,
    pub device: SecretKey,
    pub list: DeviceList,
}

/// A client's queue with the connection attached to it.
pub struct Queue {
    pub connection: ConnectionId,
    pub id: QueueId,
    pub key: SecretKey,
    pub unsealing: UnsealingKey,
}

/// An entry as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub id: EntryId,
    pub place: Place,
    pub alias: Alias,
    pub payload: Carried,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Carried {
    Inline(Vec<u8>),
    Slot(Vec<u8>),
}

/// A conversation as its members know it.
#[derive(Clone)]
pub struct Conversation {
    pub handle: Handle,
    pub epoch: u64,
    pub commit_key: SecretKey,
    pub send_key: [u8; 32],
}

impl World {
    pub fn new_account(&mut self) -> Account {
        let root = SecretKey::random(&mut self.rng);
        let device = SecretKey::random(&mut self.rng);
        let certificate = Certificate::issue(
            &root,
            DeviceKey::new(device.public()),
            Serial::random(&mut self.rng),
            Capability::Full,
        );
        Account {
            root,
            device,
            list: DeviceList::new(certificate),
        }
    }

    /// Registers and stays connected.
    pub fn registered(&mut self) -> (Account, ConnectionId) {
        self.registered_from(Some("192.0.2.7".parse().unwrap()))
    }

    pub fn registered_from(&mut self, address: Option<IpAddr>) -> (Account, ConnectionId) {
        let account = self.new_account();
        let (c, event) = self.opened_from(Service::Account, address);
        self.apply(vec![event]);
        let challenge = self.challenge(c, Service::Account);
        let register = account.register(&challenge, "");
        assert_eq!(
            self.account_call(c, register),
            account_answer::Body::Done(proto::Done {})
        );
        (account, c)
    }

    /// Tokens of today, from an account made for them.
    pub fn tokens(&mut self, number: usize) -> Vec<Vec<u8>> {
        let today = self.now.day();
        self.purse.retain(|token| token.day() == today);
        if self.purse.len() < number {
            let (c, event) = self.opened_from(Service::Account, None);
            self.apply(vec![event]);
            let challenge = self.challenge(c, Service::Account);
            let account = self.new_account();
            let register = account.register(&challenge, "");
            self.account_call(c, register);
            while self.purse.len() < number {
                let tokens = self.issue(c, &challenge);
                self.purse.extend(tokens);
            }
            self.close(c);
        }
        let rest = self.purse.split_off(number);
        let taken = std::mem::replace(&mut self.purse, rest);
        taken
            .iter()
            .map(|token| token.as_bytes().to_vec())
            .collect()
    }

    pub fn token(&mut self) -> Vec<u8> {
        self.tokens(1).remove(0)
    }

    /// One batch of today's tokens.
    pub fn issue(&mut self, c: ConnectionId, challenge: &proto::Challenge) -> Vec<Token> {
        let today = self.now.day();
        let key = challenge
            .token_keys
            .iter()
            .find(|key| key.day == today.0)
            .unwrap();
        let (batch, request) = TokenBatch::blind(today, &mut self.rng).unwrap();
        match self.account_call(c, account_request::Body::IssueTokens(request)) {
            account_answer::Body::Tokens(issued) => batch.finish(&issued, &key.public_key).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    // ------------------------------------------------------------ queues

    /// Makes a queue and stays attached.
    pub fn queue(&mut self) -> Queue {
        let (connection, challenge) = self.connect(Service::Queue);
        let queue = Queue {
            connection,
            id: QueueId::random(&mut self.rng),
            key: SecretKey::random(&mut self.rng),
            unsealing: UnsealingKey::random(&mut self.rng).unwrap(),
        };
        let tokens = self.tokens(4);
        let create = queue.create(&challenge, tokens);
        assert_eq!(
            self.queue_call(connection, create),
            queue_answer::Body::Done(proto::Done {})
        );
        queue
    }

    /// Attaches on a new connection.
    pub fn attach(&mut self, queue: &mut Queue) {
        let (connection, challenge) = self.connect(Service::Queue);
        queue.connection = connection;
        let attach = queue.attach(&challenge);
        assert_eq!(
            self.queue_call(connection, attach),
            queue_answer::Body::Done(proto::Done {})
        );
    }

    pub fn alias(&mut self, queue: &Queue, handle: Option<&Handle>) -> Alias {
        let alias = Alias::random(&mut self.rng);
        let done = self.queue_call(queue.connection, register_alias(&alias, handle));
        assert_eq!(done, queue_answer::Body::Done(proto::Done {}));
        alias
    }

    /// The entries that were pushed since the last look.
    pub fn pushed(&mut self, queue: &Queue) -> Vec<Opened> {
        let mut entries = Vec::new();
        while let Some(frame) = self.next_frame(queue.connection) {
            let answer = QueueAnswer::decode(frame).unwrap();
            assert_eq!(answer.request, 0);
            match answer.body {
                Some(queue_answer::Body::Entry(entry)) => entries.push(queue.open(&entry)),
                other => panic!("{other:?}"),
            }
        }
        entries
    }

    /// All entries that wait, in their order.
    pub fn waiting(&mut self, queue: &Queue) -> Vec<Opened> {
        let list = match self.queue_call(
            queue.connection,
            queue_request::Body::List(proto::ListEntries {}),
        ) {
            queue_answer::Body::List(list) => list,
            other => panic!("{other:?}"),
        };
        let ids: Vec<_> = list.runs.into_iter().flat_map(|run| run.entries).collect();
        let mut entries = Vec::new();
        for ids in ids.chunks(undertone_wire::limits::ENTRIES_PER_REQUEST) {
            let fetch = queue_request::Body::Fetch(proto::FetchEntries {
                entries: ids.to_vec(),
            });
            match self.queue_call(queue.connection, fetch) {
                queue_answer::Body::Entries(found) => {
                    entries.extend(found.entries.iter().map(|entry| queue.open(entry)));
                }
                other => panic!("{other:?}"),
            }
        }
        entries.sort_by_key(|entry| entry.place);
        entries
    }

    pub fn acknowledge(&mut self, queue: &Queue, entries: &[Opened]) {
        let slots = entries.iter().filter_map(|entry| match &entry.payload {
            Carried::Slot(slot) => Some(slot.clone()),
            Carried::Inline(_) => None,
        });
        let acknowledge = queue_request::Body::Acknowledge(proto::Acknowledge {
            entries: entries.iter().map(|entry| entry.id.to_vec()).collect(),
            slots: slots.collect(),
        });
        let done = self.queue_call(queue.connection, acknowledge);
        assert_eq!(done, queue_answer::Body::Done(proto::Done {}));
    }

    // ------------------------------------------------------------ sending

    /// A sending connection that is open.
    pub fn sender(&mut self) -> ConnectionId {
        let (c, _) = self.connect(Service::Send);
        let token = self.token();
        match self.send_call(c, send_request::Body::Open(proto::Open { token })) {
            send_answer::Body::Opened(_) => c,
            other => panic!("{other:?}"),
        }
    }

    pub fn deliver(&mut self, c: ConnectionId, aliases: &[Alias], payload: &[u8]) {
        let answer = self.send_call(c, deliver(aliases, payload, None));
        assert_eq!(answer, ACCEPTED);
    }

    pub fn conversation(&mut self, c: ConnectionId) -> Conversation {
        let conversation = Conversation {
            handle: Handle::random(&mut self.rng),
            epoch: 1,
            commit_key: SecretKey::random(&mut self.rng),
            send_key: self.random(),
        };
        let token = self.token();
        let create = send_request::Body::CreateHandle(proto::CreateHandle {
            handle: conversation.handle.to_vec(),
            epoch: conversation.epoch,
            keys: Some(conversation.keys()),
            token,
        });
        assert_eq!(
            self.send_call(c, create),
            send_answer::Body::Done(proto::Done {})
        );
        conversation
    }

    /// The next epoch of a conversation.
    pub fn next(&mut self, conversation: &Conversation) -> Conversation {
        Conversation {
            handle: conversation.handle,
            epoch: conversation.epoch + 1,
            commit_key: SecretKey::random(&mut self.rng),
            send_key: self.random(),
        }
    }
}

pub const ACCEPTED: send_answer::Body = send_answer::Body::Accepted(proto::Accepted {});

impl Account {
    pub fn signature(&self, device: &SecretKey, challenge: &proto::Challenge) -> Vec<u8> {
        let (account, key) = (self.list.account(), device.public());
        let parts: [&[u8]; 4] = [
            &challenge.nonce,
            AUTHORITY.as_bytes(),
            account.as_bytes(),
            &key,
        ];
        device.sign(Purpose::AccountConnection, &parts).to_vec()
    }

    pub fn register(
        &self,
        challenge: &proto::Challenge,
        invite_code: &str,
    ) -> account_request::Body {
        account_request::Body::Register(proto::Register {
            devices: Some(self.list.to_proto()),
            invite_code: invite_code.to_owned(),
            signature: self.signature(&self.device, challenge),
        })
    }

    pub fn authenticate(&self, challenge: &proto::Challenge) -> account_request::Body {
        account_request::Body::Authenticate(proto::Authenticate {
            account: self.list.account().to_vec(),
            device_key: self.device.public().to_vec(),
            signature: self.signature(&self.device, challenge),
        })
    }
}

impl Queue {
    pub fn signature(&self, challenge: &proto::Challenge) -> Vec<u8> {
        let parts: [&[u8]; 3] = [&challenge.nonce, AUTHORITY.as_bytes(), self.id.as_bytes()];
        self.key.sign(Purpose::QueueConnection, &parts).to_vec()
    }

    pub fn create(
        &self,
        challenge: &proto::Challenge,
        tokens: Vec<Vec<u8>>,
    ) -> queue_request::Body {
        queue_request::Body::Create(proto::CreateQueue {
            queue: self.id.to_vec(),
            verification_key: self.key.public().to_vec(),
            sealing_key: self.unsealing.public().to_vec(),
            tokens,
            signature: self.signature(challenge),
        })
    }

    pub fn attach(&self, challenge: &proto::Challenge) -> queue_request::Body {
        queue_request::Body::Attach(proto::Attach {
            queue: self.id.to_vec(),
            signature: self.signature(challenge),
        })
    }

    pub fn open(&self, entry: &proto::Entry) -> Opened {
        let keys = EntryKeys::open(&self.unsealing, &entry.encapsulated).unwrap();
        let id = EntryId::try_from(entry.entry.as_slice()).unwrap();
        let body = keys.unseal(&id, &entry.sealed).unwrap();
        let body = proto::EntryBody::decode(body.as_slice()).unwrap();
        Opened {
            place: keys.place(&id).unwrap(),
            id,
            alias: Alias::try_from(body.alias.as_slice()).unwrap(),
            payload: match body.payload.unwrap() {
                entry_body::Payload::Inline(payload) => Carried::Inline(payload),
                entry_body::Payload::Slot(slot) => Carried::Slot(slot),
            },
        }
    }
}

impl Conversation {
    pub fn keys(&self) -> proto::EpochKeys {
        proto::EpochKeys {
            commit_key: self.commit_key.public().to_vec(),
            send_key_hash: undertone_wire::digest::send_key_hash(&self.send_key).to_vec(),
        }
    }

    pub fn guard(&self) -> proto::Guard {
        proto::Guard {
            handle: self.handle.to_vec(),
            epoch: self.epoch,
            send_key: self.send_key.to_vec(),
        }
    }

    /// A commit that leads from this epoch to `next`.
    pub fn commit(
        &self,
        next: &Self,
        payload: &[u8],
        aliases: &[Alias],
        welcomes: &[(Alias, Vec<u8>)],
    ) -> send_request::Body {
        let mut commit = proto::Commit {
            handle: self.handle.to_vec(),
            epoch: self.epoch,
            payload: payload.to_vec().into(),
            aliases: aliases.iter().map(Alias::to_vec).collect(),
            welcomes: welcomes
                .iter()
                .map(|(alias, payload)| proto::WelcomeDelivery {
                    alias: alias.to_vec(),
                    payload: payload.clone().into(),
                })
                .collect(),
            next: Some(next.keys()),
            signature: Vec::new(),
        };
        let digest = undertone_wire::digest::commit_digest(&commit);
        commit.signature = self
            .commit_key
            .sign(Purpose::SequencedCommit, &[&digest])
            .to_vec();
        send_request::Body::Commit(commit)
    }
}

/// The list with one revocation more, whoever signed it.
pub fn revoked(list: &DeviceList, signer: &SecretKey, serial: [u8; 16]) -> proto::DeviceList {
    let body = proto::DeviceRevocation {
        version: 1,
        root_key: list.root_key().to_vec(),
        serial: serial.to_vec(),
        signer_key: signer.public().to_vec(),
    }
    .encode_to_vec();
    let signature = signer.sign(Purpose::DeviceRevocation, &[&body]).to_vec();
    let mut list = list.to_proto();
    list.revocations.push(proto::Signed { body, signature });
    list
}

pub fn register_alias(alias: &Alias, handle: Option<&Handle>) -> queue_request::Body {
    queue_request::Body::RegisterAlias(proto::RegisterAlias {
        alias: alias.to_vec(),
        handle: handle.map(Handle::to_vec).unwrap_or_default(),
    })
}

pub fn drop_alias(alias: &Alias) -> queue_request::Body {
    queue_request::Body::DropAlias(proto::DropAlias {
        alias: alias.to_vec(),
    })
}

pub fn deliver(
    aliases: &[Alias],
    payload: &[u8],
    guard: Option<proto::Guard>,
) -> send_request::Body {
    send_request::Body::Deliver(proto::Deliver {
        aliases: aliases.iter().map(Alias::to_vec).collect(),
        payload: payload.to_vec().into(),
        guard,
        live: false,
        list: Vec::new(),
    })
}

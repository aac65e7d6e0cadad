//! The whole client against a hostile server and a hostile contact: whatever they send, the engine takes it without an
//! error, comes to rest, and can show all it has.

use std::{cell::LazyCell, fs};

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _},
};
use prost::Message as _;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use tempfile::TempDir;
use undertone_content::content::{Body, Content, SignedContent};
use undertone_engine::{ChatId, Input, Service};
use undertone_mls::{Change, Opened, Snapshot, VerifiedKeyPackage, seal_welcome};
use undertone_wire::{
    identity::DeviceList,
    ids::{AccountId, Alias, ContentId},
    link::{ContactLink, ServerUrl},
    padding::pad,
    proto::{self, EntryBody, entry_body::Payload, send_answer},
    reach::{ReachSecret, SymmetricKey},
};

use crate::{
    client::{Client, Sealing, contents},
    cut::Cut,
    edit::edited,
    envelope::{opened, seal},
    peer::{GROUP, Peer},
    profile::in_memory,
    tokens::DAY,
};

const SERVER: &str = "https://fuzz.example";

/// Alice has an account, a contact (Mallory), and follows a link (Eve's) whose card she has not seen yet.
struct Stage {
    folder: TempDir,
    /// Her store.
    store: Vec<u8>,
    sealing: Sealing,
    /// Reaches her.
    link: ReachSecret,
    /// Of the KeyPackage on her link, and of her leaf with Mallory.
    aliases: [Alias; 2],
    chat: ChatId,
    /// A Welcome for her from one more stranger.
    welcome: Vec<u8>,
    mallory: Snapshot,
    eve: EveCard,
}

/// What stands on the card that Alice waits for.
struct EveCard {
    key: SymmetricKey,
    head: Vec<u8>,
    key_package: Vec<u8>,
}

thread_local! {
    static STAGE: LazyCell<Stage> = LazyCell::new(Stage::set);
}

/// A script of what comes from outside, step by step.
pub fn engine(script: &[u8]) -> bool {
    STAGE.with(|stage| {
        let path = stage.folder.path().join("played");
        fs::write(&path, &stage.store).expect("written");
        let mut play = Play {
            stage,
            client: Client::open(&path, DAY.start()),
            mallory: Peer::new(2),
        };
        play.mallory.restore(&stage.mallory);
        play.client.go_online();
        let mut script = Cut::new(script);
        while !script.is_empty() {
            let kind = script.byte();
            play.step(kind, script.part());
        }
        play.client.shows_everything();
        play.client.engine.status().expect("a status").synced
    })
}

struct Play<'a> {
    stage: &'a Stage,
    client: Client,
    mallory: Peer,
}

impl Play<'_> {
    fn step(&mut self, kind: u8, bytes: &[u8]) {
        let [by_link, by_leaf] = self.stage.aliases;
        let mut input = Cut::new(bytes);
        match kind % 16 {
            // The server says anything.
            0 => self.server_says(Service::Account, bytes),
            1 => self.server_says(Service::Queue, bytes),
            2 => self.server_says(Service::Send, bytes),
            3 => self.client.receives_entry(&self.stage.sealing, bytes),
            4 => self.reads_card(&mut input),
            // Strangers.
            5 => self.receives(by_link, bytes.to_vec(), false),
            6 => {
                let welcome = edited(&self.stage.welcome, bytes);
                self.knocks(welcome);
            }
            // A contact.
            7 => self.receives(by_leaf, bytes.to_vec(), true),
            8 => {
                let sequenced = input.byte() & 1 == 1;
                self.receives_sealed(input.rest().to_vec(), sequenced);
            }
            9 => {
                let key = self.mallory.envelope_key();
                let commit = self.mallory.commits(Change::default()).envelope;
                self.mallory.with(|group, provider, _, _| {
                    group.discard_pending(provider).expect("discarded");
                });
                let sequenced = input.byte() & 1 == 0;
                let body = edited(&opened(&key, &commit), input.rest());
                self.receives_sealed(body, sequenced);
            }
            10 => {
                let signal = self.mallory.signals(bytes);
                self.receives(by_leaf, signal, false);
            }
            11 => {
                let message = self.mallory.encrypts(bytes);
                self.receives(by_leaf, message, false);
            }
            12 => {
                if let Some(content) = signed(&self.mallory, bytes) {
                    let message = self.mallory.encrypts(&content);
                    self.receives(by_leaf, message, false);
                }
            }
            13 => self.receives_shared(bytes),
            // What the network and the user do.
            14 => match input.byte() % 4 {
                0 => self.client.tick(),
                1 => self.client.input(Input::Disconnected(Service::Account)),
                2 => self.client.input(Input::Disconnected(Service::Queue)),
                _ => self.client.input(Input::Disconnected(Service::Send)),
            },
            _ => {
                let text = String::from_utf8_lossy(bytes);
                let (chat, now) = (self.stage.chat, self.client.now);
                let _ = self.client.engine.send_text(&chat, &text, now);
                self.client.settle();
            }
        }
    }

    fn server_says(&mut self, service: Service, bytes: &[u8]) {
        let frame = self.client.server.says(service, bytes);
        self.client.input(Input::Frame(service, frame));
    }

    fn receives(&mut self, alias: Alias, payload: Vec<u8>, sequenced: bool) {
        let sealing = &self.stage.sealing;
        self.client.receives(sealing, alias, payload, sequenced);
    }

    /// Something under the key of the conversation's envelopes.
    fn receives_sealed(&mut self, body: Vec<u8>, sequenced: bool) {
        if let Ok(padded) = pad(body) {
            let envelope = seal(&self.mallory.envelope_key(), padded);
            self.receives(self.stage.aliases[1], envelope, sequenced);
        }
    }

    /// A message that lies apart from its entry.
    fn receives_shared(&mut self, bytes: &[u8]) {
        let content = signed(&self.mallory, bytes).unwrap_or_else(|| bytes.to_vec());
        self.client.server.shared = self.mallory.encrypts(&content);
        let body = EntryBody {
            alias: self.stage.aliases[1].to_vec(),
            payload: Some(Payload::Slot(vec![9; 32])),
            sequenced: false,
        };
        let sealing = &self.stage.sealing;
        self.client.receives_entry(sealing, &body.encode_to_vec());
    }

    fn knocks(&mut self, welcome: Vec<u8>) {
        let mut rng = ChaCha20Rng::from_seed([8; 32]);
        if let Ok(knock) = seal_welcome(&self.stage.link.knock_key(), welcome, &mut rng) {
            self.receives(self.stage.aliases[0], knock, false);
        }
    }

    /// The card of who is being added: its head is the true one, or any bytes under its key.
    fn reads_card(&mut self, input: &mut Cut<'_>) {
        let eve = &self.stage.eve;
        let head = match input.byte() % 3 {
            0 => eve.head.clone(),
            _ => edited(&eve.head, input.part()),
        };
        let item = proto::CardItem {
            slot: input.byte().into(),
            week: input.byte().into(),
            sealed: seal_on_card(&eve.key, &edited(&eve.key_package, input.rest())),
        };
        let answer = proto::SendAnswer {
            request: 1,
            body: Some(send_answer::Body::Card(proto::Card {
                head: seal_on_card(&eve.key, &head),
                items: vec![item],
            })),
        };
        self.server_says(Service::Send, &answer.encode_to_vec());
    }
}

impl Stage {
    fn set() -> Self {
        let folder = in_memory();
        let path = folder.path().join("stage");
        let mut alice = Client::open(&path, DAY.start());
        let made = alice.engine.create_account(SERVER, "Alice", "", alice.now);
        made.expect("an account");
        alice.go_online();
        let sealing = Sealing::begin(&alice.server);
        let link = alice.engine.link().expect("a link").secret;
        let mut offered = on_card(&alice, &link).into_iter();
        let (for_mallory, for_frank) = (offered.next(), offered.next());
        let (for_mallory, for_frank) = (for_mallory.expect("one"), for_frank.expect("another"));
        let alias_of = |bytes: &[u8]| {
            let offered = VerifiedKeyPackage::verify(bytes).expect("a sound KeyPackage");
            offered.device().leaf.alias
        };

        // Mallory comes by the link, and is accepted.
        let mut mallory = Peer::new(2);
        let welcome = mallory
            .founds(&for_mallory)
            .welcome
            .expect("Alice is added");
        let mut rng = ChaCha20Rng::from_seed([9; 32]);
        let knock = seal_welcome(&link.knock_key(), welcome, &mut rng).expect("a knock");
        alice.receives(&sealing, alias_of(&for_mallory), knock, false);
        let chat = alice.engine.requests().expect("requests")[0].request;
        let accepted = alice.engine.accept_request(&chat, alice.now);
        accepted.expect("accepted");
        alice.settle();
        // Her leaf gets an alias of its own, by a commit that comes back to both.
        while let Some(commit) = alice.server.commits.pop() {
            let payload = commit.payload.to_vec();
            mallory.with(|group, provider, _, _| {
                let Ok(Opened::Commit(theirs)) = group.open(provider, &payload) else {
                    panic!("a commit of Alice's");
                };
                group.merge(provider, *theirs).expect("merged");
            });
            alice.receives(&sealing, alias_of(&for_mallory), payload, true);
        }
        let by_leaf = mallory.with(|group, _, identity, _| {
            let members = group.members().expect("members");
            let other = |key| key != identity.certificate.device_key;
            let alice = members
                .iter()
                .find(|member| other(member.certificate.device_key));
            alice.expect("Alice").leaf.alias
        });
        assert_ne!(by_leaf, alias_of(&for_mallory));
        let message = mallory.encrypts(&signed(&mallory, &hello()).expect("content"));
        alice.receives(&sealing, by_leaf, message, false);
        let said = alice
            .engine
            .history(&chat, u64::MAX, 10)
            .expect("a history");
        assert_eq!(said.len(), 1, "what follows would reach nothing");

        let eve = EveCard::new(&mut Peer::new(3));
        let secret = ReachSecret::new([11; 32]);
        let theirs = ContactLink::new(
            ServerUrl::parse(SERVER).expect("an address"),
            secret,
            &eve_account(),
        );
        let added = alice.engine.add_contact(&theirs.to_string(), alice.now);
        added.expect("Eve is being added");
        alice.settle();
        drop(alice);
        Self {
            store: contents(&path),
            sealing,
            link,
            aliases: [alias_of(&for_frank), by_leaf],
            chat,
            welcome: Peer::new(4)
                .founds(&for_frank)
                .welcome
                .expect("Alice is added"),
            mallory: mallory.store.snapshot(),
            eve,
            folder,
        }
    }
}

impl EveCard {
    fn new(eve: &mut Peer) -> Self {
        let devices = DeviceList::new(eve.identity.certificate.clone());
        let head = proto::CardHead {
            version: 1,
            root_key: devices.root_key().to_vec(),
            devices: Some(devices.to_proto()),
        };
        Self {
            key: ReachSecret::new([11; 32]).card_key(),
            head: head.encode_to_vec(),
            key_package: eve.offers(undertone_mls::CardKind::Link, true).bytes,
        }
    }
}

/// Content as a peer's device signs it.
fn signed(peer: &Peer, body: &[u8]) -> Option<Vec<u8>> {
    let key = &peer.identity.key;
    let signed = SignedContent::sign(body.to_vec(), GROUP.as_bytes(), key);
    signed.ok().map(|signed| signed.encode())
}

fn hello() -> Vec<u8> {
    let content = Content {
        id: ContentId::new([4; 16]),
        sent_at: DAY.start(),
        body: Body::Text("hello".into()),
    };
    content.encode().expect("content")
}

fn eve_account() -> AccountId {
    Peer::new(3).identity.certificate.account()
}

/// The KeyPackages on a card that a client has put.
fn on_card(client: &Client, secret: &ReachSecret) -> Vec<Vec<u8>> {
    let id = secret.card_id();
    let cards = client.server.cards.iter();
    let puts = cards.filter(|put| put.card == id.as_bytes());
    puts.flat_map(|put| &put.items)
        .map(|item| open_on_card(&secret.card_key(), &item.sealed))
        .collect()
}

fn seal_on_card(key: &SymmetricKey, content: &[u8]) -> Vec<u8> {
    let nonce = [12; 24];
    let sealed = XChaCha20Poly1305::new(key.as_bytes().into())
        .encrypt(XNonce::from_slice(&nonce), content)
        .expect("sealed");
    [nonce.as_slice(), &sealed].concat()
}

fn open_on_card(key: &SymmetricKey, sealed: &[u8]) -> Vec<u8> {
    let (nonce, sealed) = sealed.split_at(24);
    XChaCha20Poly1305::new(key.as_bytes().into())
        .decrypt(XNonce::from_slice(nonce), sealed)
        .expect("it lies under the card's key")
}

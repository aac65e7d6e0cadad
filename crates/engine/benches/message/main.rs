//! What one message of a conversation of two costs a client with its encrypted store on disk: the steps of
//! `send_message.rs` and `receive_entry.rs`, each in one durable transaction, without the server in between. CPU time
//! of the process as Linux counts it, and wall time; `cargo bench -p undertone-engine --bench message [-- FOLDER]`. With a
//! number, as `-- 1536`, in a group of so many devices, and what changes of that group cost.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

mod cost;
mod large_group;

use std::path::PathBuf;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_content::content::{Body, Content, SignedContent};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, Invitation, KeyValue, LeafInfo, Opened,
    Provider, Rules, VerifiedKeyPackage, make_key_package,
};
use undertone_store::{
    Location, Store, StoreError, StoreKey, WriteTx,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    messages::{MessageKind, MessageRow, MessageState},
    outbox::ReceiptKind,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{Alias, ContentId, DeviceKey, EntryId, Handle, Serial},
    signing::SecretKey,
    time::Timestamp,
};

use cost::Cost;

const MESSAGES: usize = 1_000;
const BODY: usize = 1_024;
const GROUP: GroupId = GroupId::new([8; 32]);
const HANDLE: Handle = Handle::new([7; 32]);
const CHAT: ChatId = ChatId::new([6; 16]);
const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// MLS state inside a transaction, as in the engine's `step.rs`.
struct Keys<'a>(&'a WriteTx<'a>);

impl KeyValue for Keys<'_> {
    type Error = StoreError;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.kv_get(key)?.map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.0.kv_put(key, value)
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.0.kv_delete(key)
    }
}

struct Client {
    store: Store,
    identity: DeviceIdentity,
    rng: ChaCha20Rng,
    alias: Alias,
    /// The group as it is kept loaded between steps, as in the engine's `loaded_groups.rs`.
    group: Option<Group>,
}

impl Client {
    fn new(file: PathBuf, person: u8) -> Self {
        let seed = [person; 32];
        let key = SecretKey::from_seed(&[person + 100; 32]);
        let certificate = Certificate::issue(
            &SecretKey::from_seed(&seed),
            DeviceKey::new(key.public()),
            Serial::new([person; 16]),
            Capability::Full,
        );
        let mut rng = ChaCha20Rng::from_seed(seed);
        Self {
            store: Store::open(Location::File(file), &StoreKey::from_bytes(&seed)).unwrap(),
            identity: DeviceIdentity { certificate, key },
            alias: Alias::random(&mut rng),
            rng,
            group: None,
        }
    }

    fn leaf(&self, card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: self.alias,
            rescue_key: [5; 32],
            card,
            name: String::new(),
        }
    }

    /// Runs one durable transaction.
    fn step<T>(
        &mut self,
        work: impl FnOnce(&WriteTx<'_>, &DeviceIdentity, &mut ChaCha20Rng) -> T,
    ) -> T {
        let (identity, rng) = (&self.identity, &mut self.rng);
        let done = self
            .store
            .write(|tx| Ok::<_, StoreError>(work(tx, identity, rng)));
        done.unwrap()
    }

    /// What the lists hold of the conversation.
    fn enter(&mut self) {
        let alias = self.alias;
        self.step(|tx, _, _| {
            tx.put_chat(&ChatRow {
                chat: CHAT,
                kind: ChatKind::Direct,
                account: vec![2; 32],
                state: ChatState::Active,
                reason: String::new(),
                group_id: GROUP.as_bytes().to_vec(),
                came_by: None,
                devices: vec![0; 300],
                created_at: NOW,
                last_at: NOW,
                read_up_to: 0,
                title: String::new(),
                thread: Vec::new(),
            })
            .unwrap();
            tx.put_group(&GroupRow {
                group_id: GROUP.as_bytes().to_vec(),
                chat: CHAT,
                handle: HANDLE,
                own_alias: alias,
                handle_made: true,
                handle_token: Vec::new(),
                wants_leaf: false,
                leaf_at: NOW,
                predecessor: Vec::new(),
                behind: 0,
                leaf_due: Timestamp(0),
                name: String::new(),
                epoch_at: NOW,
            })
            .unwrap();
        });
    }

    /// Puts a text into history, search index and outbox.
    fn write(&mut self, text: &str) {
        self.step(|tx, identity, rng| {
            let id = ContentId::random(rng);
            let content = Content {
                id,
                sent_at: NOW,
                body: Body::Text(text.into()),
            };
            let body = content.encode().unwrap();
            let chat = tx.chat(&CHAT).unwrap().unwrap();
            tx.add_message(&MessageRow {
                seq: 0,
                chat: CHAT,
                sender: identity.certificate.account(),
                content_id: id,
                kind: MessageKind::Text,
                text: text.to_owned(),
                sent_at: NOW,
                stored_at: NOW,
                state: MessageState::Queued,
                signed: Vec::new(),
                group_id: Vec::new(),
                mentions: Vec::new(),
            })
            .unwrap();
            tx.add_to_outbox(&CHAT, &id, &body).unwrap();
            tx.put_chat(&chat).unwrap();
        });
    }

    /// Signs and encrypts what waits, and keeps the envelope.
    fn encrypt(&mut self) -> Vec<u8> {
        let kept = self.group.take();
        let (envelope, group) = self.step(|tx, identity, rng| {
            let item = tx.outbox_heads().unwrap().remove(0);
            let row = tx.group(GROUP.as_bytes()).unwrap().unwrap();
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let mut group = kept.unwrap_or_else(|| load(&provider));
            group.addresses().unwrap();
            let signed = SignedContent::sign(item.body, &row.group_id, &identity.key).unwrap();
            let signed = signed.encode();
            let envelope = group.encrypt(&provider, identity, &signed, rng).unwrap();
            tx.set_envelope(item.seq, &row.group_id, group.epoch(), &envelope)
                .unwrap();
            let account = identity.certificate.account();
            tx.set_signed(&account, &item.content_id, &signed, &row.group_id)
                .unwrap();
            (envelope, group)
        });
        self.group = Some(group);
        envelope
    }

    /// What happens when the server has the item.
    fn delivered(&mut self) {
        self.step(|tx, identity, _| {
            let item = tx.outbox_heads().unwrap().remove(0);
            tx.delete_from_outbox(item.seq).unwrap();
            let account = identity.certificate.account();
            let sent = MessageState::Sent;
            tx.advance_message(&account, &item.content_id, sent)
                .unwrap();
            tx.add_event(2, CHAT.as_bytes(), &[0; 9]).unwrap();
        });
    }

    /// Opens an envelope, keeps the message and notes its entry as dealt with.
    fn receive(&mut self, envelope: &[u8]) {
        let (alias, kept) = (self.alias, self.group.take());
        let group = self.step(|tx, _, rng| {
            let entry = EntryId::random(rng);
            assert!(!tx.is_dealt_with(&entry).unwrap());
            let row = tx.groups_at(&alias).unwrap().remove(0);
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let mut group = kept.unwrap_or_else(|| load(&provider));
            let Opened::Application { sender, content } = group.open(&provider, envelope).unwrap()
            else {
                panic!("a message was sent");
            };
            let device = &sender.certificate.device_key;
            let signed = SignedContent::verify(&content, &row.group_id, device).unwrap();
            let Body::Text(text) = &signed.content().body else {
                panic!("a text was sent");
            };
            let chat = tx.chat(&CHAT).unwrap().unwrap();
            let id = signed.content().id;
            tx.add_message(&MessageRow {
                seq: 0,
                chat: CHAT,
                sender: sender.account,
                content_id: id,
                kind: MessageKind::Text,
                text: text.text.clone(),
                sent_at: NOW,
                stored_at: NOW,
                state: MessageState::Received,
                signed: signed.encode(),
                group_id: row.group_id,
                mentions: Vec::new(),
            })
            .unwrap();
            tx.add_receipt(&CHAT, &sender.account, &id, ReceiptKind::Delivered, NOW)
                .unwrap();
            tx.add_event(1, CHAT.as_bytes(), &[0; 8]).unwrap();
            tx.put_chat(&chat).unwrap();
            tx.deal_with(&entry, None).unwrap();
            group
        });
        self.group = Some(group);
    }
}

fn load(provider: &Provider<'_, Keys<'_>>) -> Group {
    Group::load(provider, GROUP).unwrap().unwrap()
}

/// Alice founds the conversation and adds Bob.
fn introduce(alice: &mut Client, bob: &mut Client) {
    let (own, link) = (alice.leaf(CardKind::OwnDevice), bob.leaf(CardKind::Link));
    let card = bob.step(|tx, identity, _| {
        let keys = Keys(tx);
        make_key_package(&Provider::new(&keys), identity, &link, false).unwrap()
    });
    let welcome = alice.step(|tx, identity, rng| {
        let keys = Keys(tx);
        let provider = Provider::new(&keys);
        let rules = Rules::direct(HANDLE);
        let mut group = Group::found(&provider, identity, GROUP, rules, &own).unwrap();
        let change = Change {
            add: vec![VerifiedKeyPackage::verify(&card.bytes).unwrap()],
            ..Change::default()
        };
        let pending = group.commit(&provider, identity, change, rng).unwrap();
        group.merge_own_pending(&provider).unwrap();
        pending.welcome.unwrap()
    });
    bob.step(|tx, _, _| {
        let keys = Keys(tx);
        let provider = Provider::new(&keys);
        let invitation = Invitation::read(&provider, &welcome).unwrap();
        invitation.accept(&provider).unwrap();
    });
    alice.enter();
    bob.enter();
}

fn main() {
    let arguments = std::env::args().skip(1);
    let (mut devices, mut folder) = (2, None);
    for argument in arguments.filter(|argument| !argument.starts_with("--")) {
        match argument.parse() {
            Ok(number) => devices = number,
            Err(_) => folder = Some(argument),
        }
    }
    let temporary = match folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    }
    .unwrap();
    let mut alice = Client::new(temporary.path().join("alice"), 1);
    let mut bob = Client::new(temporary.path().join("bob"), 2);
    if devices > 2 {
        large_group::found(&mut alice, &mut bob, devices);
    } else {
        introduce(&mut alice, &mut bob);
    }
    let messages = if devices > 2 { MESSAGES / 10 } else { MESSAGES };
    println!("{messages} messages of {BODY} bytes; SQLCipher, WAL, synchronous=FULL");
    let text = "a few words, ".repeat(BODY / 13);
    let (mut write, mut encrypt) = (Cost::default(), Cost::default());
    let (mut delivered, mut receive) = (Cost::default(), Cost::default());
    let (mut first_encrypt, mut first_receive) = (Cost::default(), Cost::default());
    for number in 0..messages {
        // As after a start, or where many other conversations came in between.
        let loads = number % 10 == 0;
        if loads {
            (alice.group, bob.group) = (None, None);
        }
        write.of(|| alice.write(&text));
        let cost = if loads {
            &mut first_encrypt
        } else {
            &mut encrypt
        };
        let envelope = cost.of(|| alice.encrypt());
        let cost = if loads {
            &mut first_receive
        } else {
            &mut receive
        };
        cost.of(|| bob.receive(&envelope));
        delivered.of(|| alice.delivered());
    }
    write.print("write: history, search, outbox");
    first_encrypt.print("encrypt: load, sign, encrypt, keep");
    encrypt.print("the same, the group loaded before");
    delivered.print("note that the server has it");
    first_receive.print("receive: load, decrypt, verify, keep, index");
    receive.print("the same, the group loaded before");
}

//! An engine with a server that says yes to everything.

use std::{fs, path::Path};

use bytes::Bytes;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_engine::{Effect, Engine, Input, Location, Service, Store, StoreKey};
use undertone_wire::{
    entry::{EntryKeys, Place},
    frame,
    ids::Alias,
    proto::{self, EntryBody, entry_body::Payload, queue_answer},
    time::Timestamp,
};

use crate::server_double::ServerDouble;

/// Effects that one input may lead to, by far.
const EFFECTS: usize = 10_000;

/// A client and its server.
pub struct Client {
    /// The client.
    pub engine: Engine,
    /// The server.
    pub server: ServerDouble,
    /// The time of both.
    pub now: Timestamp,
    entries: u64,
}

/// The keys that seal entries of a queue, and what lets its owner find them.
pub struct Sealing {
    keys: EntryKeys,
    encapsulated: [u8; 32],
}

impl Client {
    /// A client whose store lies at `path`, or is made there.
    pub fn open(path: &Path, now: Timestamp) -> Self {
        let location = Location::File(path.to_owned());
        let store = Store::open(location, &StoreKey::from_bytes(&[7; 32])).expect("a store");
        let rng = Box::new(ChaCha20Rng::from_seed([6; 32]));
        Self {
            engine: Engine::open(store, rng).expect("the store is in order"),
            server: ServerDouble::default(),
            now,
            entries: 0,
        }
    }

    /// Tells the engine something and carries out all that follows.
    pub fn input(&mut self, input: Input) {
        let taken = self.engine.input(input, self.now);
        taken.expect("nothing from the network is an error");
        self.settle();
    }

    /// Lets time go on to when the engine wants to be called; to the next minute if it does not.
    pub fn tick(&mut self) {
        let wake = self.engine.wake_at();
        self.now = wake.unwrap_or(self.now.plus(60_000)).max(self.now);
        self.engine.tick(self.now).expect("the store holds");
        self.settle();
    }

    /// Connects, and does all that is to be done at once.
    pub fn go_online(&mut self) {
        self.engine.go_online(self.now).expect("the store holds");
        self.settle();
    }

    /// Carries out what the engine asks for.
    pub fn settle(&mut self) {
        for _ in 0..EFFECTS {
            let input = match self.engine.next_effect() {
                None => return,
                Some(Effect::Disconnect(_)) => continue,
                Some(Effect::Connect(service)) => {
                    self.tell(Input::Connected(service));
                    Input::Frame(service, ServerDouble::challenge(service))
                }
                Some(Effect::Send(service, bytes)) => match self.server.answer(service, bytes) {
                    None => continue,
                    Some(answer) => Input::Frame(service, answer),
                },
            };
            self.tell(input);
        }
        panic!("the engine goes in circles");
    }

    fn tell(&mut self, input: Input) {
        let taken = self.engine.input(input, self.now);
        taken.expect("nothing from the network is an error");
    }

    /// A payload comes by an alias.
    pub fn receives(&mut self, sealing: &Sealing, alias: Alias, payload: Vec<u8>, sequenced: bool) {
        let body = EntryBody {
            alias: alias.to_vec(),
            payload: Some(Payload::Inline(payload)),
            sequenced,
        };
        self.receives_entry(sealing, &prost::Message::encode_to_vec(&body));
    }

    /// An entry comes, whatever stands in it.
    pub fn receives_entry(&mut self, sealing: &Sealing, body: &[u8]) {
        self.entries += 1;
        let place = Place {
            run: 1,
            number: self.entries,
        };
        let id = sealing.keys.entry_id(place);
        let entry = proto::Entry {
            entry: id.to_vec(),
            encapsulated: sealing.encapsulated.to_vec(),
            sealed: sealing.keys.seal(&id, body).into(),
        };
        let frame: Bytes = frame::encode(&proto::QueueAnswer {
            request: 0,
            body: Some(queue_answer::Body::Entry(entry)),
        });
        self.input(Input::Frame(Service::Queue, frame));
    }

    /// Everything that can be shown, is.
    pub fn shows_everything(&self) {
        let engine = &self.engine;
        engine.status().expect("a status");
        engine.account_view().expect("an account");
        engine.events(0, 1_000).expect("events");
        engine.contacts().expect("contacts");
        engine.requests().expect("requests");
        engine.search("hello", 100).expect("a search");
        for chat in engine.chats().expect("chats") {
            engine
                .history(&chat.chat, u64::MAX, 1_000)
                .expect("a history");
        }
    }
}

impl Sealing {
    /// A run of the server that begins with what it knows of a queue.
    pub fn begin(server: &ServerDouble) -> Self {
        let key = server.sealing_key.expect("a queue");
        let (keys, encapsulated) = EntryKeys::encapsulate(&key).expect("a sound key");
        Self { keys, encapsulated }
    }
}

/// What a store's file holds.
pub fn contents(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

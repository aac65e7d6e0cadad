//! A world with one core and its clock, to which frames are sent.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::IpAddr,
};

use bytes::Bytes;
use prost::Message as _;
use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};
use tempfile::TempDir;
use undertone_server::{
    core::{ConnectionId, Core, CoreSettings, Event, Location, OpenError, Output, Service},
    session::{Refusal, Session},
};
use undertone_wire::{
    proto::{
        self, AccountAnswer, AccountRequest, ErrorKind, LinkAnswer, LinkRequest, QueueAnswer,
        QueueRequest, SendAnswer, SendRequest, account_answer, account_request, link_answer,
        link_request, queue_answer, queue_request, send_answer, send_request,
    },
    time::{DAY_MS, Timestamp},
    token::Token,
};

#[path = "harness/clients.rs"]
mod clients;
#[path = "harness/disk.rs"]
mod disk;

pub use self::{clients::*, disk::*};

pub const AUTHORITY: &str = "chat.example:443";
/// A day in 2026, at noon.
pub const NOON: Timestamp = Timestamp(20_700 * DAY_MS + DAY_MS / 2);

pub struct World {
    pub core: Core,
    pub now: Timestamp,
    pub rng: ChaCha20Rng,
    pub folder: TempDir,
    settings: CoreSettings,
    sessions: HashMap<ConnectionId, Session>,
    frames: HashMap<ConnectionId, VecDeque<Bytes>>,
    closed: HashSet<ConnectionId>,
    connections: u64,
    requests: u64,
    runs: u64,
    purse: Vec<Token>,
}

impl World {
    pub fn new() -> Self {
        Self::with(CoreSettings {
            tokens_per_day: u32::MAX,
            ..CoreSettings::default()
        })
    }

    pub fn with(settings: CoreSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let core = open(&folder, &settings, 0, NOON).unwrap();
        Self {
            core,
            now: NOON,
            rng: ChaCha20Rng::seed_from_u64(1_000),
            folder,
            settings,
            sessions: HashMap::new(),
            frames: HashMap::new(),
            closed: HashSet::new(),
            connections: 0,
            requests: 0,
            runs: 0,
            purse: Vec::new(),
        }
    }

    /// Drops the core and opens it again; all connections are gone.
    pub fn restart(&mut self) {
        self.restart_with(self.settings.clone());
    }

    pub fn restart_with(&mut self, settings: CoreSettings) {
        self.settings = settings;
        self.core = self.reopen().unwrap();
        self.sessions.clear();
        self.frames.clear();
        self.closed.clear();
    }

    /// Another core on the same files. The old one is not told, as if it had been killed.
    pub fn reopen(&mut self) -> Result<Core, OpenError> {
        self.runs += 1;
        open(&self.folder, &self.settings, self.runs, self.now)
    }

    pub fn later(&mut self, ms: u64) {
        self.now = self.now.plus(ms);
    }

    pub fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    // ------------------------------------------------------------ events and frames

    pub fn opened(&mut self, service: Service) -> (ConnectionId, Event) {
        self.opened_from(service, Some("192.0.2.7".parse().unwrap()))
    }

    pub fn opened_from(
        &mut self,
        service: Service,
        address: Option<IpAddr>,
    ) -> (ConnectionId, Event) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        self.sessions.insert(connection, Session::new(service));
        let event = Event::Opened {
            connection,
            service,
            authority: AUTHORITY.to_owned(),
            address,
        };
        (connection, event)
    }

    pub fn apply(&mut self, events: Vec<Event>) {
        for output in self.core.apply(events, self.now) {
            match output {
                Output::Frame(connection, frame) => {
                    assert!(!self.closed.contains(&connection), "a frame after the end");
                    self.frames.entry(connection).or_default().push_back(frame);
                }
                Output::Close(connection) => {
                    assert!(self.closed.insert(connection), "ended twice");
                }
            }
        }
    }

    pub fn next_frame(&mut self, connection: ConnectionId) -> Option<Bytes> {
        self.frames.get_mut(&connection)?.pop_front()
    }

    pub fn is_closed(&self, connection: ConnectionId) -> bool {
        self.closed.contains(&connection)
    }

    pub fn close(&mut self, connection: ConnectionId) {
        self.apply(vec![Event::Closed { connection }]);
    }

    /// What the session makes of a frame.
    pub fn receive(&mut self, connection: ConnectionId, frame: Bytes) -> Result<Event, Refusal> {
        let session = self.sessions.get_mut(&connection).unwrap();
        let operation = session.receive(frame)?;
        Ok(Event::Received {
            connection,
            operation,
        })
    }

    fn request(&mut self) -> u64 {
        self.requests += 1;
        self.requests
    }

    pub fn account_event(
        &mut self,
        c: ConnectionId,
        body: account_request::Body,
    ) -> Result<Event, Refusal> {
        let request = self.request();
        let frame = AccountRequest {
            request,
            body: Some(body),
        };
        self.receive(c, frame.encode_to_vec().into())
    }

    pub fn queue_event(
        &mut self,
        c: ConnectionId,
        body: queue_request::Body,
    ) -> Result<Event, Refusal> {
        let request = self.request();
        let frame = QueueRequest {
            request,
            body: Some(body),
        };
        self.receive(c, frame.encode_to_vec().into())
    }

    pub fn send_event(
        &mut self,
        c: ConnectionId,
        body: send_request::Body,
    ) -> Result<Event, Refusal> {
        let request = self.request();
        let frame = SendRequest {
            request,
            body: Some(body),
        };
        self.receive(c, frame.encode_to_vec().into())
    }

    pub fn link_event(
        &mut self,
        c: ConnectionId,
        body: link_request::Body,
    ) -> Result<Event, Refusal> {
        let request = self.request();
        let frame = LinkRequest {
            request,
            body: Some(body),
        };
        self.receive(c, frame.encode_to_vec().into())
    }

    /// The bytes of the answer, past everything that was pushed before it (which is dropped).
    fn answer(&mut self, c: ConnectionId, event: Result<Event, Refusal>) -> Bytes {
        match event {
            Ok(event) => self.apply(vec![event]),
            Err(refusal) => return refusal.frame,
        }
        self.frames.get_mut(&c).unwrap().pop_back().unwrap()
    }

    pub fn account_call(
        &mut self,
        c: ConnectionId,
        body: account_request::Body,
    ) -> account_answer::Body {
        let event = self.account_event(c, body);
        let answer = AccountAnswer::decode(self.answer(c, event)).unwrap();
        assert_eq!(answer.request, self.requests);
        answer.body.unwrap()
    }

    pub fn queue_call(&mut self, c: ConnectionId, body: queue_request::Body) -> queue_answer::Body {
        let event = self.queue_event(c, body);
        let answer = QueueAnswer::decode(self.answer(c, event)).unwrap();
        assert_eq!(answer.request, self.requests);
        answer.body.unwrap()
    }

    pub fn send_call(&mut self, c: ConnectionId, body: send_request::Body) -> send_answer::Body {
        let event = self.send_event(c, body);
        let answer = SendAnswer::decode(self.answer(c, event)).unwrap();
        assert_eq!(answer.request, self.requests);
        answer.body.unwrap()
    }

    pub fn link_call(&mut self, c: ConnectionId, body: link_request::Body) -> link_answer::Body {
        let event = self.link_event(c, body);
        let answer = LinkAnswer::decode(self.answer(c, event)).unwrap();
        assert_eq!(answer.request, self.requests);
        answer.body.unwrap()
    }

    // ------------------------------------------------------------ accounts and tokens

    /// A new connection, and the challenge that it got.
    pub fn connect(&mut self, service: Service) -> (ConnectionId, proto::Challenge) {
        let (connection, event) = self.opened(service);
        self.apply(vec![event]);
        let challenge = self.challenge(connection, service);
        (connection, challenge)
    }

    pub fn challenge(&mut self, connection: ConnectionId, service: Service) -> proto::Challenge {
        let frame = self.next_frame(connection).unwrap();
        match service {
            Service::Account => match AccountAnswer::decode(frame).unwrap().body {
                Some(account_answer::Body::Challenge(challenge)) => challenge,
                other => panic!("{other:?}"),
            },
            Service::Queue => match QueueAnswer::decode(frame).unwrap().body {
                Some(queue_answer::Body::Challenge(challenge)) => challenge,
                other => panic!("{other:?}"),
            },
            Service::Send => match SendAnswer::decode(frame).unwrap().body {
                Some(send_answer::Body::Challenge(challenge)) => challenge,
                other => panic!("{other:?}"),
            },
            Service::Link => match LinkAnswer::decode(frame).unwrap().body {
                Some(link_answer::Body::Challenge(challenge)) => challenge,
                other => panic!("{other:?}"),
            },
        }
    }
}

fn open(
    folder: &TempDir,
    settings: &CoreSettings,
    seed: u64,
    now: Timestamp,
) -> Result<Core, OpenError> {
    let location = Location::Folder(folder.path().join("data"));
    let rng = Box::new(ChaCha20Rng::seed_from_u64(seed));
    Core::open(&location, settings.clone(), rng, now)
}

/// The kind of the error in an answer of any service.
pub trait Refused {
    fn refused(&self) -> Option<ErrorKind>;
}

impl Refused for account_answer::Body {
    fn refused(&self) -> Option<ErrorKind> {
        match self {
            Self::Error(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl Refused for queue_answer::Body {
    fn refused(&self) -> Option<ErrorKind> {
        match self {
            Self::Error(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl Refused for link_answer::Body {
    fn refused(&self) -> Option<ErrorKind> {
        match self {
            Self::Error(error) => Some(error.kind()),
            _ => None,
        }
    }
}

impl Refused for send_answer::Body {
    fn refused(&self) -> Option<ErrorKind> {
        match self {
            Self::Error(error) => Some(error.kind()),
            _ => None,
        }
    }
}

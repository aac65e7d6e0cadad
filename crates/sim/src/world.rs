//! The world: people, the network and the server, moved on event by event in virtual time.

mod fork;
mod meddle;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::atomic::{AtomicU64, Ordering},
};

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use rand_core::RngCore as _;
use undertone_engine::{CommandError, Effect, Engine, EngineError, Input, Service};
use undertone_server::core::{ConnectionId, Event, Output};
use undertone_store::StoreError;
use undertone_wire::time::Timestamp;

use self::{fork::Fork, meddle::Meddling};
use crate::{
    faults::Faults,
    network::{Network, server_service},
    person::Person,
    server::Server,
};

/// When every simulation begins: 2026-11-23 12:00 UTC.
pub const BEGIN_MS: u64 = 1_795_435_200_000;
/// The server's name, as links show it.
pub const AUTHORITY: &str = "sim.example";
/// Events that no simulation should exceed: beyond, something runs in circles.
const MAX_EVENTS: u64 = 3_000_000;

/// Numbers worlds, for the names of their storages alone.
static WORLDS: AtomicU64 = AtomicU64::new(0);

/// Alters what one person's device sends on the way to the server.
pub type Tamper = Box<dyn FnMut(Bytes) -> Bytes>;

enum Happening {
    Opened(ConnectionId),
    Refused(usize, Service),
    Up(ConnectionId, Bytes),
    Down(ConnectionId, Bytes),
    LostAtServer(ConnectionId),
    LostAtPerson(usize, Service, ConnectionId),
    Batch(usize),
    Tick(usize),
    StartServer,
    StartPerson(usize),
}

/// Everything there is.
pub struct World {
    /// Virtual time in milliseconds.
    pub now: u64,
    /// All that chance decides beside the engines' and the server's own.
    pub rng: ChaCha20Rng,
    /// How bad the day is.
    pub faults: Faults,
    /// The people.
    pub people: Vec<Person>,
    /// Frames that people have sent, by person and connection.
    pub sent: BTreeMap<(usize, Service), u64>,
    /// Whose frames on the sending connection are altered, and how.
    pub tampers: BTreeMap<usize, Tamper>,
    /// How many of the next entries the server withholds from whom, for good.
    pub withholds: BTreeMap<usize, u32>,
    /// How many pairs of the next entries the server pushes to whom in the other order.
    pub swaps: BTreeMap<usize, u32>,
    /// What the server pushed to whom it means to push it again ([`World::push_again`]).
    pub keeps: BTreeMap<usize, Vec<Bytes>>,
    /// What went wrong so far, for the report.
    pub accidents: BTreeMap<&'static str, u64>,
    meddling: Meddling,
    /// The server that all reach; where it has forked, the second after it.
    servers: Vec<Server>,
    fork: Fork,
    network: Network,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    next: u64,
    seed: u64,
}

impl World {
    /// A world of `people`, all off, with a server that is up.
    pub fn new(seed: u64, people: usize) -> Result<Self> {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        // Worlds of one process share SQLite's memory: the same seed may run twice at once.
        let name = format!("sim-{}", WORLDS.fetch_add(1, Ordering::Relaxed));
        let people = (0..people)
            .map(|index| {
                // Most clocks are minutes off, some a day and more.
                let widest: u64 = if rng.next_u32().is_multiple_of(4) {
                    36 * 3_600_000
                } else {
                    180_000
                };
                let skew = (rng.next_u64() % (2 * widest)).cast_signed() - widest.cast_signed();
                Person::new(&name, index, seed, skew)
            })
            .collect::<Result<_>>()?;
        let mut world = Self {
            now: BEGIN_MS,
            rng,
            faults: Faults::NONE,
            people,
            sent: BTreeMap::new(),
            tampers: BTreeMap::new(),
            withholds: BTreeMap::new(),
            swaps: BTreeMap::new(),
            keeps: BTreeMap::new(),
            accidents: BTreeMap::new(),
            meddling: Meddling::default(),
            servers: vec![Server::new(format!("{name}-server"))?],
            fork: Fork::default(),
            network: Network::default(),
            agenda: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            next: 0,
            seed,
        };
        world.start_servers()?;
        for person in 0..world.people.len() {
            world.start_person(person)?;
        }
        Ok(world)
    }

    /// Does something with a person's engine, if it runs, and carries out what follows; `None` if it is off or died.
    pub fn with<T>(
        &mut self,
        person: usize,
        act: impl FnOnce(&mut Engine, Timestamp) -> Result<T, CommandError>,
    ) -> Result<Option<T>> {
        let now = self.now;
        let Some(one) = self.people.get_mut(person) else {
            return Ok(None);
        };
        let clock = one.clock(now);
        let Some(engine) = &mut one.engine else {
            return Ok(None);
        };
        let result = match act(engine, clock) {
            Ok(value) => Some(value),
            Err(CommandError::Engine(EngineError::Store(StoreError::Crashed))) => {
                self.bury(person);
                return Ok(None);
            }
            Err(error) => {
                return Err(error)
                    .with_context(|| format!("person {person} at {}", now - BEGIN_MS));
            }
        };
        self.carry_out(person)?;
        Ok(result)
    }

    /// Moves on to `until`, event by event.
    pub fn run_until(&mut self, until: u64) -> Result<()> {
        while let Some(Reverse((at, _))) = self.agenda.peek().copied() {
            if at > until {
                break;
            }
            self.step()?;
        }
        self.now = self.now.max(until);
        Ok(())
    }

    /// Ends all faults and brings up whatever is down.
    pub fn heal(&mut self) -> Result<()> {
        self.faults = Faults::NONE;
        self.start_servers()?;
        for person in 0..self.people.len() {
            // A new life also takes the crash points away.
            self.bury(person);
            self.start_person(person)?;
        }
        Ok(())
    }

    /// Lets the server tidy up.
    pub fn maintain(&mut self) -> Result<()> {
        let now = Timestamp(self.now);
        self.servers
            .iter_mut()
            .try_for_each(|server| server.maintain(now))
    }

    fn step(&mut self) -> Result<()> {
        let Some(Reverse((at, number))) = self.agenda.pop() else {
            return Ok(());
        };
        if self.next > MAX_EVENTS {
            bail!("more than {MAX_EVENTS} events: something runs in circles");
        }
        self.now = self.now.max(at);
        match self.happenings.remove(&number) {
            Some(Happening::Opened(id)) => self.opened(id),
            Some(Happening::Refused(person, service)) => {
                self.tell(person, Input::Disconnected(service))
            }
            Some(Happening::Up(id, bytes)) => self.up(id, bytes),
            Some(Happening::Down(id, bytes)) => self.down(id, bytes),
            Some(Happening::LostAtServer(id)) => {
                self.closed(id);
                Ok(())
            }
            Some(Happening::LostAtPerson(person, service, id)) => self.lost(person, service, id),
            Some(Happening::Batch(server)) => self.batch(server),
            Some(Happening::Tick(person)) => self.tick(person),
            Some(Happening::StartServer) => self.start_servers(),
            Some(Happening::StartPerson(person)) => self.start_person(person),
            None => Ok(()),
        }
    }

    fn plan(&mut self, at: u64, happening: Happening) {
        self.next += 1;
        self.agenda.push(Reverse((at, self.next)));
        self.happenings.insert(self.next, happening);
    }

    fn chance(&mut self, in_a_thousand: u32, what: &'static str) -> bool {
        let strikes = in_a_thousand > 0 && self.rng.next_u32() % 1_000 < in_a_thousand;
        if strikes {
            *self.accidents.entry(what).or_default() += 1;
        }
        strikes
    }

    fn delay(&mut self) -> u64 {
        1 + self.rng.next_u64() % self.faults.delay_ms
    }

    fn start_servers(&mut self) -> Result<()> {
        for server in self.servers.iter_mut().filter(|server| !server.is_up()) {
            server.start(self.seed, Timestamp(self.now))?;
        }
        Ok(())
    }

    /// Where there are two, both are on one machine.
    fn kill_servers(&mut self) {
        self.servers.iter_mut().for_each(Server::kill);
        for id in self.network.all(None) {
            self.cut(id);
        }
        let back = self.now + 50 + self.rng.next_u64() % 8_000;
        self.plan(back, Happening::StartServer);
    }

    fn start_person(&mut self, person: usize) -> Result<()> {
        let (now, crash) = (self.now, self.faults.crash_person);
        if let Some(one) = self.people.get_mut(person)
            && one.engine.is_none()
        {
            one.start(crash, now)?;
            if one.engine.is_none() {
                self.bury(person);
                return Ok(());
            }
        }
        self.carry_out(person)
    }

    /// A device has died: its connections break, and after a while it is started again.
    fn bury(&mut self, person: usize) {
        let Some(one) = self.people.get_mut(person) else {
            return;
        };
        one.engine = None;
        one.connections.clear();
        for id in self.network.all(Some(person)) {
            self.network.cut(id);
            let at = self.now + self.delay();
            self.plan(at, Happening::LostAtServer(id));
        }
        if self.faults.crash_person > 0 {
            *self.accidents.entry("a person's device died").or_default() += 1;
        }
        let back = self.now + 10 + self.rng.next_u64() % 6_000;
        self.plan(back, Happening::StartPerson(person));
    }

    fn tell(&mut self, person: usize, input: Input) -> Result<()> {
        self.with(person, |engine, clock| Ok(engine.input(input, clock)?))
            .map(|_| ())
    }

    fn tick(&mut self, person: usize) -> Result<()> {
        if let Some(one) = self.people.get_mut(person) {
            one.tick_at = None;
        }
        self.with(person, |engine, clock| Ok(engine.tick(clock)?))
            .map(|_| ())
    }

    /// Carries out what an engine asks for, and plans its next tick.
    fn carry_out(&mut self, person: usize) -> Result<()> {
        let now = self.now;
        loop {
            let effect = self
                .people
                .get_mut(person)
                .and_then(|one| one.engine.as_mut())
                .and_then(Engine::next_effect);
            match effect {
                None => break,
                Some(Effect::Connect(service)) => self.connect(person, service),
                Some(Effect::Disconnect(service)) => {
                    let known = self
                        .people
                        .get_mut(person)
                        .and_then(|one| one.connections.remove(&service));
                    if let Some(id) = known
                        && self.network.cut(id).is_some()
                    {
                        let at = now + self.delay();
                        self.plan(at, Happening::LostAtServer(id));
                    }
                }
                Some(Effect::Send(service, bytes)) => self.send_up(person, service, bytes),
            }
        }
        let Some(one) = self.people.get_mut(person) else {
            return Ok(());
        };
        let Some(engine) = &one.engine else {
            return Ok(());
        };
        if let Some(wake) = engine.wake_at() {
            // From the person's clock back to the world's; never in the past, or time would stand still.
            let at = wake.0.saturating_add_signed(-one.skew_ms).max(now + 1);
            if one.tick_at.is_none_or(|planned| at < planned) {
                one.tick_at = Some(at);
                self.plan(at, Happening::Tick(person));
            }
        }
        Ok(())
    }

    fn connect(&mut self, person: usize, service: Service) {
        let at = self.now + self.delay();
        let server = self.fork.server_of(person);
        if !self.servers.get(server).is_some_and(Server::is_up) {
            self.plan(at, Happening::Refused(person, service));
            return;
        }
        let id = self.network.connect(person, service, server);
        if let Some(one) = self.people.get_mut(person) {
            one.connections.insert(service, id);
        }
        self.plan(at, Happening::Opened(id));
    }

    fn opened(&mut self, id: ConnectionId) -> Result<()> {
        let Some(link) = self.network.link(id) else {
            return Ok(());
        };
        let (person, service, server) = (link.person, link.service, link.server);
        self.note_opened(server, id, service);
        self.open_shadow(id, service, server);
        self.tell(person, Input::Connected(service))
    }

    fn send_up(&mut self, person: usize, service: Service, bytes: Bytes) {
        let known = self
            .people
            .get(person)
            .and_then(|one| one.connections.get(&service).copied());
        *self.sent.entry((person, service)).or_default() += 1;
        let Some(id) = known else { return };
        let bytes = match self.tampers.get_mut(&person) {
            Some(alter) if service == Service::Send => alter(bytes),
            _ => bytes,
        };
        if self.chance(self.faults.lose_frame, "a frame to the server was lost") {
            self.cut(id);
            return;
        }
        let at = self.now + self.delay();
        if let Some(link) = self.network.link(id) {
            link.up_at = link.up_at.max(at);
            let at = link.up_at;
            self.plan(at, Happening::Up(id, bytes));
        }
    }

    fn up(&mut self, id: ConnectionId, bytes: Bytes) -> Result<()> {
        self.note_asked(id, &bytes);
        let Some(link) = self.network.link(id) else {
            return Ok(());
        };
        let server = link.server;
        match link.session.receive(bytes.clone()) {
            Ok(operation) => {
                let connection = id;
                self.note(
                    server,
                    Event::Received {
                        connection,
                        operation,
                    },
                );
                self.pass_on(id, server, bytes)
            }
            // Engines keep to the protocol: a refusal of form is a defect of one side.
            Err(_) => bail!(
                "the server could not read a frame of person {}",
                link.person
            ),
        }
    }

    fn note(&mut self, server: usize, event: Event) {
        let up = self.servers.get_mut(server).filter(|server| server.is_up());
        if up.is_some_and(|up| up.note(event)) {
            let at = self.now + self.rng.next_u64() % self.faults.batch_ms;
            self.plan(at, Happening::Batch(server));
        }
    }

    fn note_opened(&mut self, server: usize, connection: ConnectionId, service: Service) {
        let event = Event::Opened {
            connection,
            service: server_service(service),
            authority: AUTHORITY.to_owned(),
            address: None,
        };
        self.note(server, event);
    }

    /// A connection is gone, whichever server had it.
    fn closed(&mut self, id: ConnectionId) {
        let shadow = self.fork.forget_shadow(id);
        for connection in [Some(id), shadow].into_iter().flatten() {
            for server in 0..self.servers.len() {
                self.note(server, Event::Closed { connection });
            }
        }
    }

    fn batch(&mut self, server: usize) -> Result<()> {
        if !self.servers.get(server).is_some_and(Server::is_up) {
            return Ok(());
        }
        if self.chance(self.faults.crash_server, "the server died before a commit") {
            self.kill_servers();
            return Ok(());
        }
        let now = Timestamp(self.now);
        let applied = self.servers.get_mut(server).map(|server| server.apply(now));
        let outputs = applied.unwrap_or_default();
        if self.chance(self.faults.crash_server, "the server died after a commit") {
            self.kill_servers();
            return Ok(());
        }
        for output in outputs {
            match output {
                Output::Frame(id, bytes) => self.send_down(id, bytes),
                Output::Close(id) => {
                    // The time of a shadow is over: both begin anew.
                    if let Some(of) = self.fork.shadowed_by(id) {
                        self.cut(of);
                    }
                    if let Some(at) = self.network.link(id).map(|link| link.down_at) {
                        self.close_later(id, at);
                    }
                }
            }
        }
        Ok(())
    }

    fn send_down(&mut self, id: ConnectionId, bytes: Bytes) {
        if self.chance(self.faults.lose_frame, "a frame from the server was lost") {
            self.cut(id);
            self.closed(id);
            return;
        }
        for bytes in self.meddle(id, bytes) {
            let again = meddle::is_push(&bytes)
                && self.chance(self.faults.repeat_push, "an entry was pushed twice");
            let at = self.now + self.delay();
            let Some(link) = self.network.link(id) else {
                return;
            };
            link.down_at = link.down_at.max(at);
            let at = link.down_at;
            if again {
                self.plan(at, Happening::Down(id, bytes.clone()));
            }
            self.plan(at, Happening::Down(id, bytes));
        }
    }

    fn down(&mut self, id: ConnectionId, bytes: Bytes) -> Result<()> {
        let Some(link) = self.network.link(id) else {
            return Ok(());
        };
        let (person, service) = (link.person, link.service);
        self.tell(person, Input::Frame(service, bytes))
    }

    /// The server ends a connection after what it has said on it.
    fn close_later(&mut self, id: ConnectionId, at: u64) {
        if let Some(link) = self.network.link(id) {
            let (person, service) = (link.person, link.service);
            let at = at.max(self.now) + 1;
            self.plan(at, Happening::LostAtPerson(person, service, id));
            self.closed(id);
        }
    }

    /// Cuts a connection in the middle: both sides see it, later.
    fn cut(&mut self, id: ConnectionId) {
        let Some(link) = self.network.cut(id) else {
            return;
        };
        let (a, b) = (self.now + self.delay(), self.now + self.delay());
        self.plan(a, Happening::LostAtServer(id));
        self.plan(b, Happening::LostAtPerson(link.person, link.service, id));
    }

    fn lost(&mut self, person: usize, service: Service, id: ConnectionId) -> Result<()> {
        self.network.cut(id);
        let Some(one) = self.people.get_mut(person) else {
            return Ok(());
        };
        if one.connections.get(&service) != Some(&id) {
            return Ok(());
        }
        one.connections.remove(&service);
        self.tell(person, Input::Disconnected(service))
    }
}

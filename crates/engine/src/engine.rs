//! The engine: takes what the network and the user say, keeps it, and says what to send.
//!
//! It does no I/O and never asks for the time. All work is found anew from what is durable ([`Engine::work`]); what is
//! only in memory (connections, unanswered requests) may be lost at any moment without harm.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, VecDeque},
};

use bytes::Bytes;
use rand_core::CryptoRngCore;
use undertone_store::{Store, survey::Survey};
use undertone_wire::{
    frame,
    ids::Alias,
    proto,
    time::{Day, SECOND_MS, Timestamp, Week},
};

use crate::{
    arrivals::Arrivals,
    connection::Connection,
    error::EngineError,
    event::{self, Event, NumberedEvent},
    io::{Effect, Input, Service},
    linking::Linking,
    loaded_groups::LoadedGroups,
    me::Me,
    outside::Fetching,
    receive_entry::Doubt,
    share_own_state::SharedAt,
    step::Step,
    tasks::{AccountTask, HeldUntil, Hold, LinkTask, QueueTask, SendTask},
};

/// First and longest wait after a refusal.
const HOLD_MIN_MS: u64 = 2 * SECOND_MS;
const HOLD_MAX_MS: u64 = 300 * SECOND_MS;

/// What is due within so long is as good as begun.
const SOON_MS: u64 = 10 * SECOND_MS;

/// Rounds of work after one input; what is left then waits for the next.
const WORK_ROUNDS: usize = 16;

/// How far the engine is with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// There is an account in this profile.
    pub account: bool,
    /// The server knows the account and its queue.
    pub registered: bool,
    /// The queue is attached and all that waited in it has been dealt with.
    pub synced: bool,
    /// Nothing waits to be sent, told, registered or acknowledged.
    pub idle: bool,
    /// A connection was lost or could not be made and none has stood since.
    pub failing: bool,
}

/// How the engine is connected, told from memory alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// No connection was lost or refused, and what waits has not all been taken.
    Connecting,
    /// The queue is attached and all that waited in it has been dealt with.
    Online,
    /// A connection was lost or could not be made and none has stood since, or none is wanted.
    Offline,
}

/// The engine of one profile.
pub struct Engine {
    pub(crate) store: Store,
    pub(crate) rng: Box<dyn CryptoRngCore + Send>,
    pub(crate) me: Option<Me>,
    pub(crate) groups: RefCell<LoadedGroups>,
    pub(crate) online: bool,
    pub(crate) account: Connection<AccountTask>,
    pub(crate) queue: Connection<QueueTask>,
    pub(crate) send: Connection<SendTask>,
    pub(crate) meeting: Connection<LinkTask>,
    pub(crate) linking: Option<Linking>,
    pub(crate) nonces: BTreeMap<Service, Vec<u8>>,
    pub(crate) token_keys: Vec<proto::TokenKey>,
    pub(crate) server_ahead_ms: i64,
    pub(crate) arrivals: Arrivals,
    pub(crate) doubt: Option<Doubt>,
    pub(crate) fetching: VecDeque<Fetching>,
    pub(crate) lists: BTreeSet<[u8; 32]>,
    pub(crate) synced: bool,
    pub(crate) idle: bool,
    pub(crate) registered: Vec<Alias>,
    pub(crate) shared: SharedAt,
    pub(crate) survey: Survey,
    worked_at: Timestamp,
    pub(crate) typing: BTreeMap<undertone_store::chats::ChatId, bool>,
    holds: BTreeMap<Hold, HeldUntil>,
    effects: VecDeque<Effect>,
    passing: VecDeque<Event>,
}

impl Engine {
    /// An engine on an open store. It stays offline until [`Engine::go_online`].
    ///
    /// # Errors
    /// [`EngineError`] if the store fails or is damaged.
    pub fn open(store: Store, rng: Box<dyn CryptoRngCore + Send>) -> Result<Self, EngineError> {
        let account = store.read(|tx| tx.account())?;
        let me = account.as_ref().map(Me::load).transpose()?;
        Ok(Self {
            store,
            rng,
            me,
            groups: RefCell::default(),
            online: false,
            account: Connection::new(),
            queue: Connection::new(),
            send: Connection::new(),
            meeting: Connection::new(),
            linking: None,
            nonces: BTreeMap::new(),
            token_keys: Vec::new(),
            server_ahead_ms: 0,
            arrivals: Arrivals::default(),
            doubt: None,
            fetching: VecDeque::new(),
            lists: BTreeSet::new(),
            synced: false,
            idle: false,
            registered: Vec::new(),
            shared: SharedAt::default(),
            survey: Survey::default(),
            worked_at: Timestamp(0),
            typing: BTreeMap::new(),
            holds: BTreeMap::new(),
            effects: VecDeque::new(),
            passing: VecDeque::new(),
        })
    }

    /// Begins to connect, now and after every loss; also tries at once what waits for another try.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn go_online(&mut self, now: Timestamp) -> Result<(), EngineError> {
        self.online = true;
        self.holds.clear();
        self.account.hurry();
        self.queue.hurry();
        self.send.hurry();
        self.meeting.hurry();
        if self.me.is_some() {
            self.ask_again(now)?;
        }
        self.work(now)
    }

    /// Closes all connections and makes none.
    pub fn go_offline(&mut self) {
        self.online = false;
        for service in Service::ALL {
            self.close(service);
        }
    }

    /// Takes what the driver saw.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails; nothing that came from the network causes one.
    pub fn input(&mut self, input: Input, now: Timestamp) -> Result<(), EngineError> {
        match input {
            Input::Connected(service) => match service {
                Service::Account => self.account.connected(now),
                Service::Queue => self.queue.connected(now),
                Service::Send => self.send.connected(now),
                Service::Link => self.meeting.connected(now),
            },
            Input::Disconnected(service) => self.lost(service, now),
            Input::Frame(service, bytes) => self.frame(service, bytes, now)?,
        }
        self.work(now)
    }

    /// To be called when [`Engine::wake_at`] has come.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn tick(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let dead = [
            (Service::Account, self.account.is_dead(now)),
            (Service::Queue, self.queue.is_dead(now)),
            (Service::Send, self.send.is_dead(now)),
            (Service::Link, self.meeting.is_dead(now)),
        ];
        for (service, is_dead) in dead {
            if is_dead {
                self.effects.push_back(Effect::Disconnect(service));
                self.lost(service, now);
            }
        }
        self.work(now)
    }

    /// The next thing for the driver to do.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When to call [`Engine::tick`], if nothing happens before.
    pub fn wake_at(&self) -> Option<Timestamp> {
        if !self.online {
            return None;
        }
        if self.me.is_none() {
            return self.linking_wakes_at();
        }
        let retries = [
            (!self.idle).then(|| self.account.retry_at()).flatten(),
            self.queue.retry_at(),
            (!self.idle).then(|| self.send.retry_at()).flatten(),
        ];
        let connections = [
            self.account.wake_at(),
            self.queue.wake_at(),
            self.send.wake_at(),
            self.linking_wakes_at(),
            self.shared.due(),
            self.doubt.as_ref().and_then(Doubt::ends_at),
        ];
        let survey = &self.survey;
        let due = [
            survey.receipt_at,
            survey.renew_at,
            survey.retire_at,
            survey.card_expires_at,
            survey.leaf_due_at,
            survey.wish_at,
            survey.call_at,
            survey.found_anew_at,
        ]
        .map(|at| (at != Timestamp(0)).then_some(at));
        let holds = self.holds.values().map(|hold| Some(hold.until));
        // What was due when the engine last worked, and is not done, waits for something else than time.
        let later = |at: &Timestamp| *at > self.worked_at;
        connections
            .into_iter()
            .chain(retries)
            .chain(due)
            .chain(holds)
            .flatten()
            .filter(later)
            .min()
    }

    /// What has not been shown yet, oldest first, after number `after`.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn events(&self, after: u64, limit: usize) -> Result<Vec<NumberedEvent>, EngineError> {
        let rows = self.store.read(|tx| tx.events(after, limit))?;
        Ok(rows.iter().filter_map(event::read).collect())
    }

    /// Marks events up to `number` as shown.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn shown(&mut self, number: u64) -> Result<(), EngineError> {
        Ok(self.store.write(|tx| tx.delete_events(number))?)
    }

    /// Events that are never stored, such as somebody typing.
    pub fn next_passing(&mut self) -> Option<Event> {
        self.passing.pop_front()
    }

    /// How far the engine is.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn status(&self) -> Result<Status, EngineError> {
        let survey = self.store.read(|tx| tx.survey(0))?;
        Ok(Status {
            account: self.me.is_some(),
            registered: survey.registered && survey.queue_made,
            synced: self.synced,
            idle: self.synced && self.idle && self.unanswered() == 0,
            failing: self.is_failing(),
        })
    }

    /// How often something was written since the engine was opened: what was shown is true as long as this is the same.
    pub fn writes(&self) -> u64 {
        self.store.writes()
    }

    /// How the engine is connected.
    pub fn line(&self) -> Line {
        if self.synced {
            Line::Online
        } else if !self.online || self.is_failing() {
            Line::Offline
        } else {
            Line::Connecting
        }
    }

    /// Where connections are to be made: the account's server, or the one where this device is linked.
    pub fn server(&self) -> Option<String> {
        let own = self.me.as_ref().map(|me| me.server.as_str().to_owned());
        own.or_else(|| self.linking.as_ref().and_then(Linking::server))
    }

    fn is_failing(&self) -> bool {
        self.queue.is_failing() || self.account.is_failing() || self.send.is_failing()
    }

    /// Runs an operation in one transaction.
    pub(crate) fn step<T, E: From<undertone_store::StoreError> + From<EngineError>>(
        &mut self,
        now: Timestamp,
        work: impl FnOnce(&mut Step<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(me) = &self.me else {
            return Err(EngineError::Damaged("no account").into());
        };
        let rng = &mut *self.rng;
        let mut signed_out = false;
        // Gone if the step fails: then they may not be as the store has them.
        let groups = RefCell::new(self.groups.take());
        let done = self.store.write(|tx| {
            let mut step = Step {
                tx,
                rng,
                me,
                now,
                groups: &groups,
                signed_out: false,
            };
            let done = work(&mut step);
            signed_out = step.signed_out;
            done
        });
        if done.is_ok() {
            self.groups = groups;
        }
        if signed_out && done.is_ok() {
            self.be_nobody();
        }
        done
    }

    /// Finds all there is to do and does what can be done now.
    pub(crate) fn work(&mut self, now: Timestamp) -> Result<(), EngineError> {
        if !self.online {
            return Ok(());
        }
        self.worked_at = now;
        self.work_on_meeting(now);
        if self.me.is_none() {
            return Ok(());
        }
        // What one kind of work writes may be work of another kind.
        for _ in 0..WORK_ROUNDS {
            let (writes, first_day) = (self.store.writes(), self.first_token_day(now));
            self.survey = self.store.read(|tx| tx.survey(first_day))?;
            self.send_grant(now);
            self.share_own_state(now)?;
            let account_busy = self.work_on_account(now)?;
            self.work_on_queue(now)?;
            let send_busy = self.work_on_sending(now)?;
            // What is due in a moment counts as begun: whoever waits for nothing to be left waits for it too.
            let soon = [self.survey.wish_at, self.survey.leaf_due_at]
                .iter()
                .any(|at| *at != Timestamp(0) && *at <= now.plus(SOON_MS));
            let busy = account_busy || send_busy || soon || self.shared.due().is_some();
            self.idle = !busy && !self.survey.aliases && !self.survey.acks;
            if self.store.writes() == writes {
                break;
            }
        }
        Ok(())
    }

    fn frame(&mut self, service: Service, bytes: Bytes, now: Timestamp) -> Result<(), EngineError> {
        let handled = match service {
            Service::Account => match frame::decode(bytes) {
                Ok(answer) => self.account_answer(answer, now)?,
                Err(_) => false,
            },
            Service::Queue => match frame::decode(bytes) {
                Ok(answer) => self.queue_answer(answer, now)?,
                Err(_) => false,
            },
            Service::Send => match frame::decode(bytes) {
                Ok(answer) => self.send_answer(answer, now)?,
                Err(_) => false,
            },
            Service::Link => match frame::decode(bytes) {
                Ok(answer) => self.meeting_answer(answer, now)?,
                Err(_) => false,
            },
        };
        if !handled {
            // A server that does not keep to the protocol: start anew rather than guess.
            self.effects.push_back(Effect::Disconnect(service));
            self.lost(service, now);
        }
        Ok(())
    }

    /// The challenge that opens every connection.
    pub(crate) fn greeted(
        &mut self,
        service: Service,
        challenge: proto::Challenge,
        now: Timestamp,
    ) -> bool {
        if challenge.version != undertone_wire::PROTOCOL_VERSION || challenge.nonce.len() != 32 {
            return false;
        }
        self.server_ahead_ms = challenge
            .server_time_ms
            .cast_signed()
            .saturating_sub(now.0.cast_signed());
        self.token_keys = challenge.token_keys;
        self.nonces.insert(service, challenge.nonce);
        match service {
            Service::Account => self.account.greeted(),
            Service::Queue => self.queue.greeted(),
            Service::Send => self.send.greeted(),
            Service::Link => self.meeting.greeted(),
        }
        true
    }

    /// Opens the connection if it is closed and may be tried.
    pub(crate) fn connect(&mut self, service: Service, now: Timestamp) {
        let begun = match service {
            Service::Account => self.account.begin(now),
            Service::Queue => self.queue.begin(now),
            Service::Send => self.send.begin(now),
            Service::Link => self.meeting.begin(now),
        };
        if begun {
            self.effects.push_back(Effect::Connect(service));
        }
    }

    /// Closes a connection that has nothing more to do.
    pub(crate) fn close(&mut self, service: Service) {
        let closed = match service {
            Service::Account => self.account.is_closed(),
            Service::Queue => self.queue.is_closed(),
            Service::Send => self.send.is_closed(),
            Service::Link => self.meeting.is_closed(),
        };
        if closed {
            return;
        }
        match service {
            Service::Account => self.account.closed_by_us(),
            Service::Queue => {
                self.queue.closed_by_us();
                self.arrivals = Arrivals::default();
                self.synced = false;
            }
            Service::Send => self.send.closed_by_us(),
            Service::Link => self.meeting.closed_by_us(),
        }
        self.effects.push_back(Effect::Disconnect(service));
    }

    fn lost(&mut self, service: Service, now: Timestamp) {
        match service {
            Service::Account => self.account.ended(now, &mut *self.rng),
            Service::Queue => {
                self.queue.ended(now, &mut *self.rng);
                self.arrivals = Arrivals::default();
                self.synced = false;
            }
            Service::Send => self.send.ended(now, &mut *self.rng),
            Service::Link => {
                self.meeting.ended(now, &mut *self.rng);
                self.meeting_lost();
            }
        }
    }

    pub(crate) fn ask_account(
        &mut self,
        body: proto::account_request::Body,
        task: AccountTask,
        now: Timestamp,
    ) {
        let request = self.account.ask(task, now);
        let bytes = frame::encode(&proto::AccountRequest {
            request,
            body: Some(body),
        });
        self.effects
            .push_back(Effect::Send(Service::Account, bytes));
    }

    pub(crate) fn ask_queue(
        &mut self,
        body: proto::queue_request::Body,
        task: QueueTask,
        now: Timestamp,
    ) {
        let request = self.queue.ask(task, now);
        let bytes = frame::encode(&proto::QueueRequest {
            request,
            body: Some(body),
        });
        self.effects.push_back(Effect::Send(Service::Queue, bytes));
    }

    pub(crate) fn ask_sending(
        &mut self,
        body: proto::send_request::Body,
        task: SendTask,
        now: Timestamp,
    ) {
        let request = self.send.ask(task, now);
        let bytes = frame::encode(&proto::SendRequest {
            request,
            body: Some(body),
        });
        self.effects.push_back(Effect::Send(Service::Send, bytes));
    }

    pub(crate) fn ask_meeting(
        &mut self,
        body: proto::link_request::Body,
        task: LinkTask,
        now: Timestamp,
    ) {
        let request = self.meeting.ask(task, now);
        let bytes = frame::encode(&proto::LinkRequest {
            request,
            body: Some(body),
        });
        self.effects.push_back(Effect::Send(Service::Link, bytes));
    }

    pub(crate) fn pass(&mut self, event: Event) {
        self.passing.push_back(event);
    }

    /// Does not try `what` again for a while, longer after each refusal; or for as long as the server said.
    pub(crate) fn hold(&mut self, what: Hold, error: &proto::ServiceError, now: Timestamp) {
        let times = self.holds.get(&what).map_or(0, |hold| hold.times);
        let wait = (HOLD_MIN_MS << times.min(8))
            .min(HOLD_MAX_MS)
            .max(error.retry_after_ms.min(24 * 3_600_000));
        self.holds.insert(
            what,
            HeldUntil {
                until: now.plus(wait),
                times: times.saturating_add(1),
            },
        );
    }

    pub(crate) fn release(&mut self, what: &Hold) {
        self.holds.remove(what);
    }

    pub(crate) fn is_held(&self, what: &Hold, now: Timestamp) -> bool {
        self.holds.get(what).is_some_and(|hold| hold.until > now)
    }

    /// The server's clock, which decides days of tokens and weeks of cards.
    pub(crate) fn server_now(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0.saturating_add_signed(self.server_ahead_ms))
    }

    pub(crate) fn server_week(&self, now: Timestamp) -> Week {
        self.server_now(now).week()
    }

    /// The first day whose tokens are still accepted.
    pub(crate) fn first_token_day(&self, now: Timestamp) -> u32 {
        let Day(today) = self.server_now(now).day();
        today.saturating_sub(1)
    }

    fn unanswered(&self) -> usize {
        self.account.unanswered().count()
            + self.queue.unanswered().count()
            + self.send.unanswered().count()
    }
}

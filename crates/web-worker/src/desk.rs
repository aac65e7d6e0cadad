//! The engine of the leading tab, with all that is decided around it: who is answered what, when to look again, and
//! what to do when the store fails. The browser only carries things to it and from it.

use rand_core::CryptoRngCore;
use undertone_engine::{Effect, Engine, EngineError, Input, Line, Service, Store};
use undertone_web_messages::{Answer, News, Question};
use undertone_wire::{
    limits::HEARTBEAT_SECONDS,
    time::{SECOND_MS, Timestamp},
};

use crate::{
    answer::answer,
    answered::{Answered, only_looks},
    gather_news::Gatherer,
    keys::TabId,
};

/// However often the engine wants to look again, it is not more often than this.
const SHORTEST_SLEEP_MS: u64 = 100;
/// However long the engine wants to sleep, it is not longer: the clock may be set meanwhile, and the device sleep.
const LONGEST_SLEEP_MS: u64 = 30 * SECOND_MS;
/// Who wakes so much later than planned has slept with the device, and its connections are dead more often than not.
const SUSPENDED_MS: u64 = 60 * SECOND_MS;
/// The server asks a silent client whether it is there, but a browser does not say so: after so long without a frame
/// it is asked itself.
const SILENCE_MS: u64 = 5 * HEARTBEAT_SECONDS * SECOND_MS / 2;
/// After a failure of the store the engine stays away from the network for so long.
const STORE_REST_MS: u64 = 30 * SECOND_MS;

/// The engine and what is around it.
pub struct Desk {
    pub(crate) engine: Engine,
    /// The address of the server that the page came from.
    pub(crate) server: String,
    pub(crate) gatherer: Gatherer,
    answered: Answered,
    network: bool,
    ticked_at: Timestamp,
    heard_at: Timestamp,
    rests_until: Option<Timestamp>,
    /// When the account that was here before was signed out from another device.
    signed_out_at: Option<Timestamp>,
}

impl Desk {
    /// Opens the engine on a store and goes online.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails or is damaged.
    pub fn open(
        store: Store,
        rng: Box<dyn CryptoRngCore + Send>,
        server: String,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        let mut engine = Engine::open(store, rng)?;
        engine.go_online(now)?;
        let gatherer = Gatherer::after(engine.signed_out_at()?.is_some());
        Ok(Self {
            engine,
            server,
            gatherer,
            answered: Answered::default(),
            network: true,
            ticked_at: now,
            heard_at: now,
            rests_until: None,
            signed_out_at: None,
        })
    }

    /// The store was begun anew after this device was signed out from another.
    #[must_use]
    pub fn signed_out(mut self, at: Option<Timestamp>) -> Self {
        self.signed_out_at = at;
        self
    }

    /// When this device was signed out, if nobody has heard of it: the store holds nothing any more, and its key is to
    /// go too.
    pub fn take_signed_out(&mut self) -> Option<Timestamp> {
        let told = self.gatherer.take_signed_out();
        let at = told.then(|| self.engine.signed_out_at());
        at.and_then(Result::ok).flatten()
    }

    /// When this device was signed out, now or before the store was begun anew.
    pub(crate) fn signed_out_at(&self) -> Option<Timestamp> {
        let now = self.engine.signed_out_at().ok().flatten();
        now.or(self.signed_out_at)
    }

    /// Answers a question of a tab's page. One that changes something and was answered before is answered alike.
    pub fn answer(&mut self, tab: TabId, question: &Question, now: Timestamp) -> Answer {
        let Question { number, ask } = question;
        if let Some(answer) = self.answered.recall(tab, *number) {
            return answer.clone();
        }
        let answer = answer(self, tab.request(*number), ask, now).unwrap_or_else(Answer::Refused);
        if !only_looks(ask) {
            self.answered.note(tab, *number, answer.clone());
        }
        answer
    }

    /// Takes what a connection says.
    pub fn input(&mut self, input: Input, now: Timestamp) {
        if matches!(input, Input::Frame(Service::Queue, _)) {
            self.heard_at = now;
        }
        let taken = self.engine.input(input, now);
        self.rest_if_failed(taken, now);
    }

    /// To be called after [`Desk::sleep_ms`], if nothing happens before.
    pub fn tick(&mut self, now: Timestamp) {
        let ticked = self.look(now);
        self.ticked_at = now;
        self.rest_if_failed(ticked, now);
    }

    fn look(&mut self, now: Timestamp) -> Result<(), EngineError> {
        if let Some(until) = self.rests_until {
            if until > now {
                return Ok(());
            }
            self.rests_until = None;
            if self.network {
                self.engine.go_online(now)?;
            }
        }
        if self.network && now.since(self.ticked_at) >= LONGEST_SLEEP_MS + SUSPENDED_MS {
            self.heard_at = now;
            self.engine.reconnect(now)?;
        } else if now.since(self.heard_at) >= SILENCE_MS {
            self.heard_at = now;
            self.engine.probe(now);
        }
        self.engine.tick(now)
    }

    /// The browser says whether it has a network. Each tab tells, so that the same comes more than once.
    pub(crate) fn network(&mut self, there: bool, now: Timestamp) -> Result<(), EngineError> {
        self.network = there;
        match (there, self.engine.line()) {
            (false, _) => self.engine.go_offline(),
            (true, Line::Online) => self.engine.probe(now),
            // What waits to be tried again later is tried now.
            (true, Line::Offline | Line::Connecting) => self.engine.go_online(now)?,
        }
        Ok(())
    }

    /// Nothing of a failed step was kept, and what the engine holds in memory may be ahead of the store: it closes its
    /// connections, on which all that rests, and finds its work anew later.
    fn rest_if_failed(&mut self, result: Result<(), EngineError>, now: Timestamp) {
        if result.is_err() {
            self.engine.go_offline();
            self.rests_until = Some(now.plus(STORE_REST_MS));
        }
    }

    /// The next thing that the engine wants done.
    pub fn next_effect(&mut self) -> Option<Effect> {
        self.engine.next_effect()
    }

    /// What happened since the last time.
    pub fn news(&mut self, now: Timestamp) -> Vec<News> {
        let (news, gathered) = self.gatherer.gather(&mut self.engine);
        self.rest_if_failed(gathered, now);
        news
    }

    /// In how many milliseconds to call [`Desk::tick`], whatever happens until then.
    pub fn sleep_ms(&self, now: Timestamp) -> u64 {
        let earliest = self.ticked_at.plus(SHORTEST_SLEEP_MS);
        let latest = self.ticked_at.plus(LONGEST_SLEEP_MS);
        let wanted = [self.engine.wake_at(), self.rests_until];
        let wake = wanted.into_iter().flatten().min().unwrap_or(latest);
        wake.clamp(earliest, latest).since(now)
    }
}

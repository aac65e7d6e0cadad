//! The state of one connection: when to open it, when to try again, what is unanswered on it.

use std::collections::BTreeMap;

use rand_core::RngCore;
use undertone_wire::time::{SECOND_MS, Timestamp};

/// Shortest wait before the first new try.
const BACKOFF_MIN_MS: u64 = SECOND_MS;
/// Longest wait between tries.
const BACKOFF_MAX_MS: u64 = 60 * SECOND_MS;
/// A request that is unanswered for so long means that the connection is dead.
const ANSWER_MS: u64 = 30 * SECOND_MS;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed { retry_at: Timestamp },
    Connecting { since: Timestamp },
    Greeting { since: Timestamp },
    Open,
}

/// One connection, with the requests that wait for their answer.
#[derive(Debug)]
pub(crate) struct Connection<P> {
    state: State,
    failures: u32,
    ready: bool,
    next_request: u64,
    unanswered: BTreeMap<u64, (Timestamp, P)>,
}

impl<P> Connection<P> {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Closed {
                retry_at: Timestamp(0),
            },
            failures: 0,
            ready: false,
            next_request: 1,
            unanswered: BTreeMap::new(),
        }
    }

    /// Whether requests may go out.
    pub(crate) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether it is neither open nor about to be.
    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// Whether tries have failed since it last stood.
    pub(crate) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// Begins to connect if it is closed and the time for it has come; tells whether it did.
    pub(crate) fn begin(&mut self, now: Timestamp) -> bool {
        let due = matches!(self.state, State::Closed { retry_at } if retry_at <= now);
        if due {
            self.state = State::Connecting { since: now };
        }
        due
    }

    /// The transport stands; the server's challenge comes next.
    pub(crate) fn connected(&mut self, now: Timestamp) {
        if matches!(self.state, State::Connecting { .. }) {
            self.state = State::Greeting { since: now };
        }
    }

    /// The challenge came: requests may go out.
    pub(crate) fn greeted(&mut self) {
        if matches!(self.state, State::Greeting { .. }) {
            self.state = State::Open;
        }
    }

    /// The server knows who is there: requests of all kinds may go out, and the next failure starts from the
    /// shortest wait.
    pub(crate) fn ready(&mut self) {
        self.ready = true;
        self.failures = 0;
    }

    /// Whether [`Connection::ready`] was said since it stands.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready && self.is_open()
    }

    /// The connection ended; what was unanswered on it is given up (and asked again from what is durable).
    /// After failures the next try waits longer and longer, half of it by chance, so that clients do not return all at once.
    pub(crate) fn ended(&mut self, now: Timestamp, rng: &mut (impl RngCore + ?Sized)) {
        if self.is_closed() {
            return;
        }
        self.unanswered.clear();
        self.ready = false;
        let wait = (BACKOFF_MIN_MS << self.failures.min(6)).min(BACKOFF_MAX_MS);
        self.failures = self.failures.saturating_add(1);
        let jitter = rng.next_u64() % (wait / 2 + 1);
        self.state = State::Closed {
            retry_at: now.plus(wait / 2 + jitter),
        };
    }

    /// Closed because there is nothing to do: may be opened again at once.
    pub(crate) fn closed_by_us(&mut self) {
        self.unanswered.clear();
        self.ready = false;
        self.state = State::Closed {
            retry_at: Timestamp(0),
        };
    }

    /// Notes a request and gives it its number.
    pub(crate) fn ask(&mut self, pending: P, now: Timestamp) -> u64 {
        let request = self.next_request;
        self.next_request += 1;
        self.unanswered.insert(request, (now, pending));
        request
    }

    /// The request that an answer belongs to.
    pub(crate) fn answered(&mut self, request: u64) -> Option<P> {
        self.unanswered.remove(&request).map(|(_, pending)| pending)
    }

    /// Requests that wait.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = &P> {
        self.unanswered.values().map(|(_, pending)| pending)
    }

    /// When it is worth looking again: to try anew, or to give up waiting.
    pub(crate) fn wake_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Closed { .. } => None,
            State::Connecting { since } | State::Greeting { since } => Some(since.plus(ANSWER_MS)),
            State::Open => self
                .unanswered
                .values()
                .map(|(asked, _)| asked.plus(ANSWER_MS))
                .min(),
        }
    }

    /// When a closed connection may be tried again.
    pub(crate) fn retry_at(&self) -> Option<Timestamp> {
        match self.state {
            State::Closed { retry_at } => Some(retry_at),
            _ => None,
        }
    }

    /// Whether the other side has been silent for too long.
    pub(crate) fn is_dead(&self, now: Timestamp) -> bool {
        self.wake_at().is_some_and(|at| at <= now)
    }

    /// Tries again at once, e.g. because the user asks for it.
    pub(crate) fn hurry(&mut self) {
        if let State::Closed { retry_at } = &mut self.state {
            *retry_at = Timestamp(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};

    #[test]
    fn failures_wait_longer_and_success_resets() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut connection = Connection::<()>::new();
        let mut now = Timestamp(1_000_000);
        for failures in 0..10 {
            assert!(connection.begin(now));
            connection.ended(now, &mut rng);
            let wait = connection.retry_at().map_or(0, |at| at.since(now));
            let most = (BACKOFF_MIN_MS << failures.min(6)).min(BACKOFF_MAX_MS);
            assert!((most / 2..=most).contains(&wait), "{failures}: {wait}");
            assert!(!connection.begin(now));
            now = now.plus(wait);
        }
        assert!(connection.begin(now));
        connection.connected(now);
        connection.greeted();
        connection.ready();
        connection.ended(now, &mut rng);
        assert!(
            connection
                .retry_at()
                .is_some_and(|at| at.since(now) <= BACKOFF_MIN_MS)
        );
    }

    #[test]
    fn an_unanswered_request_means_the_connection_is_dead() {
        let mut connection = Connection::new();
        let now = Timestamp(5);
        connection.begin(now);
        connection.connected(now);
        connection.greeted();
        assert!(!connection.is_dead(now.plus(ANSWER_MS)));
        let request = connection.ask("a", now);
        assert!(!connection.is_dead(now.plus(ANSWER_MS - 1)));
        assert!(connection.is_dead(now.plus(ANSWER_MS)));
        assert_eq!(connection.answered(request), Some("a"));
        assert_eq!(connection.answered(request), None);
        assert!(!connection.is_dead(now.plus(ANSWER_MS)));
    }
}

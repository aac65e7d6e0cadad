//! When a connection is asked whether its client is there, and when it is given up.

use std::time::Duration;

use tokio::time::Instant;
use undertone_wire::limits::{AUTHENTICATE_SECONDS, HEARTBEAT_SECONDS};

use super::metered::Traffic;

const AUTHENTICATE: Duration = Duration::from_secs(AUTHENTICATE_SECONDS);
const SILENCE: Duration = Duration::from_secs(HEARTBEAT_SECONDS);

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    /// Nothing until then.
    Wait(Instant),
    /// A ping, and nothing further until then.
    Ping(Instant),
    /// The client did not answer the ping.
    Silent,
    /// The client did not authenticate in time.
    Unauthenticated,
}

/// The clock of one connection.
#[derive(Debug)]
pub struct Heartbeat {
    opened: Instant,
    authenticated: bool,
    heard: Instant,
    pinged: bool,
    seen: Traffic,
}

impl Heartbeat {
    /// Of a connection that opens now.
    pub fn new(now: Instant) -> Self {
        Self {
            opened: now,
            authenticated: false,
            heard: now,
            pinged: false,
            seen: Traffic::default(),
        }
    }

    /// When [`Self::beat`] is due first.
    pub fn first(&self) -> Instant {
        self.opened + AUTHENTICATE
    }

    /// Whether [`Self::authenticate`] was called.
    pub fn is_authenticated(&self) -> bool {
        self.authenticated
    }

    /// The client authenticated.
    pub fn authenticate(&mut self) {
        self.authenticated = true;
    }

    /// A frame came; `traffic` is what passed until then.
    pub fn hear(&mut self, now: Instant, traffic: Traffic) {
        self.heard = now;
        self.seen = traffic;
        self.pinged = false;
    }

    /// Decides what is due. `sending`: frames wait that the socket did not take yet. A large frame on a slow line is
    /// not silence: whatever moves counts, upwards always, downwards while something waits.
    pub fn beat(&mut self, now: Instant, traffic: Traffic, sending: bool) -> Beat {
        if !self.authenticated {
            let deadline = self.first();
            return if now < deadline {
                Beat::Wait(deadline)
            } else {
                Beat::Unauthenticated
            };
        }
        let quiet_until = self.heard + SILENCE;
        if now < quiet_until {
            return Beat::Wait(quiet_until);
        }
        let moved =
            traffic.read != self.seen.read || (sending && traffic.written != self.seen.written);
        if moved {
            self.hear(now, traffic);
            return Beat::Wait(now + SILENCE);
        }
        if self.pinged {
            return Beat::Silent;
        }
        self.pinged = true;
        self.heard = now;
        Beat::Ping(now + SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(read: u64, written: u64) -> Traffic {
        Traffic { read, written }
    }

    #[test]
    fn who_does_not_authenticate_in_time_is_given_up() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start);
        assert_eq!(
            beat.beat(start, traffic(0, 0), false),
            Beat::Wait(start + AUTHENTICATE)
        );
        // Talking does not help.
        beat.hear(start + AUTHENTICATE, traffic(9, 9));
        assert_eq!(
            beat.beat(start + AUTHENTICATE, traffic(9, 9), false),
            Beat::Unauthenticated
        );
    }

    #[test]
    fn silence_is_asked_about_once_and_then_given_up() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start);
        beat.authenticate();
        let mut now = start + SILENCE;
        let idle = Traffic::default();
        assert_eq!(beat.beat(now, idle, false), Beat::Ping(now + SILENCE));
        now += SILENCE / 2;
        assert!(matches!(beat.beat(now, idle, false), Beat::Wait(_)));
        let answered = traffic(6, 2);
        beat.hear(now, answered);
        now += SILENCE;
        assert_eq!(beat.beat(now, answered, false), Beat::Ping(now + SILENCE));
        now += SILENCE;
        assert_eq!(beat.beat(now, answered, false), Beat::Silent);
    }

    #[test]
    fn a_slow_transfer_is_no_silence() {
        let start = Instant::now();
        let mut beat = Heartbeat::new(start);
        beat.authenticate();
        let mut now = start;
        for step in 1..10 {
            now += SILENCE;
            assert!(matches!(
                beat.beat(now, traffic(step, 0), false),
                Beat::Wait(_)
            ));
        }
        for step in 1..10 {
            now += SILENCE;
            assert!(matches!(
                beat.beat(now, traffic(9, step), true),
                Beat::Wait(_)
            ));
        }
        now += SILENCE;
        assert!(matches!(beat.beat(now, traffic(9, 9), true), Beat::Ping(_)));
        now += SILENCE;
        // What the system takes of small pushes does not show that anybody is there.
        assert_eq!(beat.beat(now, traffic(9, 10), false), Beat::Silent);
    }
}

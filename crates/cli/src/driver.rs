//! Drives the engine: carries out its effects over the network, feeds it what arrives, and watches the clock for it.
//!
//! The engine and its store stay on the thread that calls [`Driver::turn`]; connections are tasks that talk to it by
//! channels.

pub mod connection;
pub mod endpoint;
pub mod network;
mod tls;

use std::{path::PathBuf, time::Duration};

use tokio::time::{Instant, sleep_until};
use undertone_engine::{Effect, Engine, EngineError, Refused};
use undertone_store::ProfileLock;
use undertone_wire::time::Timestamp;

use crate::{clock::now, failure::Failure, profile::Profile};

use endpoint::{ConnectError, Endpoint};
use network::Network;

/// However often the engine wants to look again, it is not more often than this: a driver must not spin.
const SHORTEST_SLEEP: Duration = Duration::from_millis(100);
/// However long the engine wants to sleep, it is not longer: the system's clock may be set meanwhile.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// What is due within this time is waited for before the end: receipts are, by their jitter.
const SOON_MS: u64 = 1_000;

/// An engine with its network.
pub struct Driver {
    engine: Engine,
    network: Option<Network>,
    ca_file: Option<PathBuf>,
    last_tick: Option<Instant>,
    // Dropped last.
    _lock: ProfileLock,
}

impl Driver {
    /// Drives the engine of a profile; offline until [`Driver::go_online`].
    pub fn new(profile: Profile, ca_file: Option<PathBuf>) -> Self {
        Self {
            engine: profile.engine,
            network: None,
            ca_file,
            last_tick: None,
            _lock: profile.lock,
        }
    }

    /// The engine, to be asked.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The engine, to be told what the user wants.
    pub fn engine_mut(&mut self) -> &mut Engine {
        &mut self.engine
    }

    /// Begins to connect to the account's server, or to the one where this device is being linked.
    ///
    /// # Errors
    /// [`Failure`] if there is no account, or the file of certificates cannot be used.
    pub fn go_online(&mut self) -> Result<(), Failure> {
        let server = self.engine.server().ok_or(Failure::NoProfile)?;
        let endpoint = Endpoint::new(&server, self.ca_file.as_deref())?;
        self.network = Some(Network::new(endpoint));
        self.engine.go_online(now())?;
        Ok(())
    }

    /// Does what the engine wants done, waits for one thing to happen, and tells the engine. Nothing is lost if this
    /// is given up while it waits.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub async fn turn(&mut self) -> Result<(), EngineError> {
        self.carry_out();
        let wake = self.wake_at();
        let arrived = match &mut self.network {
            Some(network) => tokio::select! {
                input = network.next() => Some(input),
                () = sleep_until(wake) => None,
            },
            None => {
                sleep_until(wake).await;
                None
            }
        };
        match arrived {
            Some(input) => self.engine.input(input, now())?,
            None => {
                self.last_tick = Some(Instant::now());
                self.engine.tick(now())?;
            }
        }
        self.carry_out();
        Ok(())
    }

    /// Whether no connection has stood yet and one could not be made.
    pub fn is_unreachable(&self) -> bool {
        self.network.as_ref().is_some_and(Network::is_unreachable)
    }

    /// Whether a connection has stood.
    pub fn has_reached(&self) -> bool {
        self.network.as_ref().is_some_and(Network::has_reached)
    }

    /// Why the last connection could not be made, if none has stood since.
    pub fn connect_error(&self) -> Option<ConnectError> {
        self.network.as_ref().and_then(Network::error)
    }

    /// Why the server took no account, if it said so.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn refused(&self) -> Result<Option<Refused>, EngineError> {
        Ok(self.engine.account_view()?.and_then(|view| view.refused))
    }

    /// When this device was signed out from another, if it was and has not been linked again.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn signed_out(&self) -> Result<Option<Timestamp>, EngineError> {
        // Who has an account, or is about to join one, has left that behind.
        match self.engine.server() {
            Some(_) => Ok(None),
            None => self.engine.signed_out_at(),
        }
    }

    /// Whether all is told to the server, and nothing will be due in a moment.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn is_settled(&self) -> Result<bool, EngineError> {
        let now = now();
        let due_soon = self
            .engine
            .wake_at()
            .is_some_and(|at| at > now && at.since(now) <= SOON_MS);
        Ok(self.engine.status()?.idle && !due_soon)
    }

    /// Ends the connections in an orderly way.
    pub async fn close(&mut self) {
        self.engine.go_offline();
        self.carry_out();
        if let Some(mut network) = self.network.take() {
            network.close().await;
        }
    }

    fn carry_out(&mut self) {
        while let Some(effect) = self.engine.next_effect() {
            let Some(network) = &mut self.network else {
                continue;
            };
            match effect {
                Effect::Connect(service) => network.connect(service),
                Effect::Send(service, bytes) => network.send(service, bytes),
                Effect::Disconnect(service) => network.disconnect(service),
            }
        }
    }

    fn wake_at(&self) -> Instant {
        let wanted = self
            .engine
            .wake_at()
            .map_or(LONGEST_SLEEP, |at| Duration::from_millis(at.since(now())));
        let wake = Instant::now() + wanted.min(LONGEST_SLEEP);
        match self.last_tick {
            Some(last) => wake.max(last + SHORTEST_SLEEP),
            None => wake,
        }
    }
}

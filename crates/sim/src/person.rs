//! A person in the simulation: an engine on a store that outlives its crashes, and what they meant to say.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use rand_core::RngCore as _;
use undertone_engine::{Engine, Location, Service, Store, StoreKey};
use undertone_server::core::ConnectionId;
use undertone_wire::time::Timestamp;

/// One person with one device.
pub struct Person {
    /// Their name.
    pub name: String,
    /// How far their clock is off, in milliseconds.
    pub skew_ms: i64,
    /// The engine while the device runs.
    pub engine: Option<Engine>,
    /// When a tick is planned, so that only one is.
    pub tick_at: Option<u64>,
    /// How often the store of this person could have died so far.
    pub strikes: Arc<AtomicU64>,
    /// Dies at this one of them, whatever chance says.
    pub dies_at: Option<u64>,
    /// The connections as this person sees them.
    pub connections: BTreeMap<Service, ConnectionId>,
    store: String,
    _keeper: Store,
    lives: u64,
    seed: u64,
}

impl Person {
    /// A person whose device has never run.
    pub fn new(world: &str, index: usize, seed: u64, skew_ms: i64) -> Result<Self> {
        let store = format!("{world}-person-{index}");
        let keeper = Store::open(Location::SharedMemory(store.clone()), &key())?;
        let seed = seed.wrapping_mul(100).wrapping_add(index as u64);
        let name = format!("person {index}");
        Ok(Self {
            name,
            skew_ms,
            engine: None,
            tick_at: None,
            connections: BTreeMap::new(),
            strikes: Arc::default(),
            dies_at: None,
            store,
            _keeper: keeper,
            lives: 0,
            seed,
        })
    }

    /// The time by their clock.
    pub fn clock(&self, now: u64) -> Timestamp {
        Timestamp(now.saturating_add_signed(self.skew_ms))
    }

    /// Another handle on the device's store, for whoever has the device in their hands.
    pub fn open_store(&self) -> Result<Store> {
        Ok(Store::open(
            Location::SharedMemory(self.store.clone()),
            &key(),
        )?)
    }

    /// Starts the device. `crash` in a thousand commits of its store kills it, before or after.
    pub fn start(&mut self, crash: u32, now: u64) -> Result<()> {
        self.lives += 1;
        let seed = self.seed.wrapping_mul(1_000).wrapping_add(self.lives);
        let mut store = Store::open(Location::SharedMemory(self.store.clone()), &key())?;
        let mut dice = ChaCha20Rng::seed_from_u64(seed ^ 0xdead);
        let (strikes, dies_at) = (Arc::clone(&self.strikes), self.dies_at);
        store.set_crash_point(move || {
            let strike = strikes.fetch_add(1, Ordering::Relaxed);
            dies_at == Some(strike) || crash > 0 && dice.next_u32() % 1_000 < crash
        });
        let mut engine = Engine::open(store, Box::new(ChaCha20Rng::seed_from_u64(seed)))
            .context("opening the engine")?;
        let clock = self.clock(now);
        let started = engine.go_online(clock);
        self.engine = Some(engine);
        self.tick_at = None;
        self.connections.clear();
        if started.is_err() {
            self.engine = None;
        }
        Ok(())
    }
}

fn key() -> StoreKey {
    StoreKey::from_bytes(&[7; 32])
}

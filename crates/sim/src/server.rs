//! The server in the simulation: the real core, with a storage that outlives its crashes.

use anyhow::Result;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_server::core::{Core, CoreSettings, Event, Location, MemoryKeeper, Output};
use undertone_wire::time::Timestamp;

/// The server, up or down.
pub struct Server {
    name: String,
    keeper: MemoryKeeper,
    core: Option<Core>,
    inbox: Vec<Event>,
    run: u64,
}

impl Server {
    /// A server with an empty storage of this name, down.
    pub fn new(name: String) -> Result<Self> {
        let keeper = MemoryKeeper::new(&name)?;
        Ok(Self {
            name,
            keeper,
            core: None,
            inbox: Vec::new(),
            run: 0,
        })
    }

    /// Another over a copy of the storage, down.
    pub fn copied(&self, name: String) -> Result<Self> {
        Ok(Self {
            keeper: self.keeper.copied(&name)?,
            name,
            core: None,
            inbox: Vec::new(),
            run: self.run,
        })
    }

    /// The name of its storage.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Brings it up.
    pub fn start(&mut self, seed: u64, now: Timestamp) -> Result<()> {
        self.run += 1;
        let rng = ChaCha20Rng::seed_from_u64(seed.wrapping_mul(1_000).wrapping_add(self.run));
        let location = Location::Memory(self.name.clone());
        let settings = CoreSettings {
            registrations_per_hour: 1_000,
            ..CoreSettings::default()
        };
        self.core = Some(Core::open(&location, settings, Box::new(rng), now)?);
        Ok(())
    }

    /// Whether it is up.
    pub fn is_up(&self) -> bool {
        self.core.is_some()
    }

    /// Kills it. What it had not committed is gone.
    pub fn kill(&mut self) {
        self.core = None;
        self.inbox.clear();
    }

    /// Notes what happened at a connection, for the next batch; tells whether it is the first.
    pub fn note(&mut self, event: Event) -> bool {
        self.inbox.push(event);
        self.inbox.len() == 1
    }

    /// Applies the batch.
    pub fn apply(&mut self, now: Timestamp) -> Vec<Output> {
        let events = std::mem::take(&mut self.inbox);
        self.core
            .as_mut()
            .map(|core| core.apply(events, now))
            .unwrap_or_default()
    }

    /// Lets it tidy up.
    pub fn maintain(&mut self, now: Timestamp) -> Result<()> {
        if let Some(core) = &mut self.core {
            core.maintain(now)?;
        }
        Ok(())
    }
}

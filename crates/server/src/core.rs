//! What the server decides and stores: one synchronous state machine for all services.
//!
//! Events go in, frames come out, and everything that a batch of events changes is one transaction, durable before any
//! of its frames may be sent. The core has no sockets, no clock and no randomness of its own, so that the production
//! front and the simulator run the very same code.

mod accounts;
mod acknowledge;
mod aliases;
mod attach;
mod authenticate;
mod batch;
mod blobs;
mod card_record;
mod commit;
mod connections;
mod create_handle;
mod create_queue;
mod decoys;
mod delete_queue;
mod deliver;
mod drop_alias;
mod drop_card;
mod failure;
mod fan_out;
mod fetch_commit;
mod fetch_payload;
mod generations;
mod invites;
mod issue_tokens;
mod issuers;
mod lease;
mod link;
mod list_entries;
mod maintain;
mod open_sending;
mod payloads;
mod put_card;
mod queues;
mod rates;
mod read_card;
mod rearrange;
mod register;
mod register_alias;
mod rescue;
mod sealed;
mod sequencer;
mod spend;
mod statements;
mod store;
mod sweep;
mod update_devices;
mod vaults;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use rand_core::CryptoRngCore;
use undertone_wire::{ids::Alias, limits, time::Timestamp};

use crate::session::Operation;

pub use store::{Location, MemoryKeeper, OpenError, StoreError};

use self::{
    aliases::Aliases, connections::Connections, decoys::Decoys, generations::Generations,
    issuers::Issuers, link::Meetings, maintain::Maintenance, queues::Queues, rates::Rates,
    sequencer::Sequencer, store::Store,
};

/// Who may make an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RegistrationPolicy {
    /// Everybody.
    #[default]
    Open,
    /// Who has an invite code.
    Invite,
    /// Nobody.
    Closed,
}

/// What an operator chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoreSettings {
    /// Who may make an account.
    pub registration: RegistrationPolicy,
    /// Tokens that one account is issued a day; whole batches are counted.
    pub tokens_per_day: u32,
    /// Registrations from one address in an hour.
    pub registrations_per_hour: u32,
    /// Queues whose sealing keys stay in memory (about 1 KiB each).
    pub cached_queues: usize,
    /// Aliases, and conversations at the sequencer, that stay in memory (about 200 bytes each).
    pub cached_addresses: usize,
}

impl Default for CoreSettings {
    fn default() -> Self {
        Self {
            registration: RegistrationPolicy::Open,
            tokens_per_day: limits::TOKENS_PER_DAY,
            registrations_per_hour: limits::REGISTRATIONS_PER_HOUR,
            cached_queues: 65_536,
            cached_addresses: 262_144,
        }
    }
}

/// The kinds of connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// `/v1/account`
    Account,
    /// `/v1/queue`
    Queue,
    /// `/v1/send`
    Send,
    /// `/v1/link`
    Link,
}

/// Names a connection; the front never uses a number twice in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(pub u64);

/// What happens at a connection.
#[derive(Debug)]
pub enum Event {
    /// It is there. The core answers with a challenge.
    Opened {
        /// Names it from now on.
        connection: ConnectionId,
        /// What it speaks.
        service: Service,
        /// The Host header in lower case, which clients sign in the challenge.
        authority: String,
        /// Where it comes from, for the limit of registrations; kept in memory only, while it is open.
        address: Option<IpAddr>,
    },
    /// A request came that a [`crate::session::Session`] of the same service has checked.
    Received {
        /// On which connection.
        connection: ConnectionId,
        /// The request.
        operation: Operation,
    },
    /// It is gone.
    Closed {
        /// Which.
        connection: ConnectionId,
    },
}

/// What the front does after a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Send this frame.
    Frame(ConnectionId, Bytes),
    /// Send what is waiting, then end the connection.
    Close(ConnectionId),
}

/// Plain numbers for whoever operates the server, since this core was opened. None can be broken down further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counters {
    /// Connections that are open now.
    pub connections_open: u64,
    /// Queues that have a connection attached now.
    pub queues_attached: u64,
    /// Batches that were committed.
    pub batches: u64,
    /// Batches that the storage refused.
    pub batches_failed: u64,
    /// Requests that were refused.
    pub refusals: u64,
    /// Accounts that were made.
    pub registrations: u64,
    /// Tokens that were issued.
    pub tokens_issued: u64,
    /// Tokens that were spent.
    pub tokens_spent: u64,
    /// Queues that were made.
    pub queues_created: u64,
    /// Deliveries that were accepted, those marked live included.
    pub deliveries: u64,
    /// Commits that won their epoch.
    pub commits: u64,
    /// Deliveries and commits that came for another epoch than the sequencer's.
    pub stale: u64,
    /// Entries that were stored for a queue.
    pub entries_stored: u64,
    /// Entries that their queue acknowledged.
    pub entries_acknowledged: u64,
    /// Entries and signals that were pushed.
    pub pushes: u64,
}

/// All services over one storage.
pub struct Core {
    store: Store,
    settings: CoreSettings,
    rng: Box<dyn CryptoRngCore + Send>,
    connections: Connections,
    meetings: Meetings,
    queues: Queues,
    aliases: Aliases,
    sequencer: Sequencer,
    lists: Generations<[u8; 32], Arc<[Alias]>>,
    issuers: Issuers,
    decoys: Decoys,
    rates: Rates,
    maintenance: Maintenance,
    counters: Counters,
}

impl Core {
    /// Opens the storage, makes it if it is new, and begins a new run of the server.
    ///
    /// # Errors
    /// [`OpenError`] if the storage cannot be used.
    pub fn open(
        location: &Location,
        settings: CoreSettings,
        mut rng: Box<dyn CryptoRngCore + Send>,
        now: Timestamp,
    ) -> Result<Self, OpenError> {
        let store = Store::open(location)?;
        let run = queues::begin_run(&store)?;
        let mut issuers = Issuers::default();
        issuers.renew(&store, now.day(), &mut *rng)?;
        Ok(Self {
            connections: Connections::default(),
            meetings: Meetings::default(),
            queues: Queues::new(run, settings.cached_queues),
            aliases: Aliases::new(settings.cached_addresses),
            sequencer: Sequencer::new(settings.cached_addresses),
            lists: Generations::new(limits::NAMED_LISTS),
            issuers,
            decoys: Decoys::new(run, &mut *rng)?,
            rates: Rates::new(&mut *rng),
            maintenance: Maintenance::new(now),
            counters: Counters::default(),
            store,
            settings,
            rng,
        })
    }

    /// What happened since the core was opened, in numbers.
    pub fn counters(&self) -> Counters {
        Counters {
            connections_open: self.connections.open(),
            queues_attached: self.connections.attached(),
            ..self.counters
        }
    }
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Core(…)")
    }
}

//! What memory holds of queues: the keys that seal their entries, and where the next entry stands.

use std::collections::{HashMap, VecDeque};

use rand_core::CryptoRngCore;
use undertone_wire::{
    entry::{EntryError, EntryKeys, Place},
    ids::{EntryId, QueueId, QueueKey, SealingKey},
    limits::{ALIASES_PER_QUEUE, ENTRIES_PER_QUEUE},
    proto,
    sealed_row::{RowKey, Table, UnsealError, row_key},
    signing::hash_parts,
};

use super::{
    StoreError,
    failure::{Outcome, readable},
    generations::Generations,
    sealed::Secret,
    statements::{
        ENTRY_COUNT, ENTRY_DROP, ENTRY_OF_OTHER_RUN, ENTRY_PUT, QUEUE_GET, QUEUE_PUT, RUN_NEXT,
    },
    store::Store,
};

/// Begins a run of the server; its number is greater than all before.
pub(super) fn begin_run(store: &Store) -> Result<u32, StoreError> {
    let key = hash_parts("undertone/1 row run", &[]);
    store
        .first(RUN_NEXT, (key,), |row| row.get(0))?
        .ok_or(StoreError::Damaged)
}

/// What is stored of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct QueueRecord {
    pub verification_key: QueueKey,
    pub sealing_key: SealingKey,
}

impl QueueRecord {
    /// With the week until which it is leased.
    pub fn read(store: &Store, queue: &QueueId) -> Outcome<Option<(Self, u32)>> {
        let row = store.get_with_end(QUEUE_GET, secret(&[queue.as_bytes()]))?;
        row.map(|(value, lease_week)| Ok((Self::decode(&value)?, lease_week)))
            .transpose()
    }

    fn decode(value: &[u8]) -> Result<Self, UnsealError> {
        let (verification_key, sealing_key) = value.split_at_checked(32).ok_or(UnsealError)?;
        Ok(Self {
            verification_key: verification_key.try_into().map_err(|_| UnsealError)?,
            sealing_key: sealing_key.try_into().map_err(|_| UnsealError)?,
        })
    }

    pub fn store(
        &self,
        store: &Store,
        queue: &QueueId,
        lease_week: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let value = [
            *self.verification_key.as_bytes(),
            *self.sealing_key.as_bytes(),
        ]
        .concat();
        store.put(
            QUEUE_PUT,
            secret(&[queue.as_bytes()]),
            lease_week,
            &value,
            rng,
        )
    }
}

fn secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Queue,
        parts,
    }
}

/// Where a queue stands among the queues.
pub(super) fn queue_row(queue: &QueueId) -> RowKey {
    row_key(Table::Queue, &[queue.as_bytes()])
}

/// Where a queue's entries stand: another hash than the queue's own.
pub(super) fn entries_row(queue: &QueueId) -> RowKey {
    row_key(Table::Entry, &[queue.as_bytes()])
}

/// What seals a queue's entries and stores them.
pub(super) struct EntrySealer {
    row: RowKey,
    keys: EntryKeys,
    pub encapsulated: [u8; 32],
}

impl EntrySealer {
    pub fn new(row: RowKey, sealing_key: &SealingKey) -> Result<Self, EntryError> {
        let (keys, encapsulated) = EntryKeys::encapsulate(sealing_key)?;
        Ok(Self {
            row,
            keys,
            encapsulated,
        })
    }

    /// Seals and stores an entry. A place is used once in the server's life, or two bodies would have one nonce.
    pub fn store(
        &self,
        store: &Store,
        place: Place,
        expiry_day: u32,
        body: &[u8],
    ) -> Result<(EntryId, Vec<u8>), StoreError> {
        let id = self.keys.entry_id(place);
        let sealed = self.keys.seal(&id, body);
        store.execute(
            ENTRY_PUT,
            (
                self.row,
                id.as_bytes(),
                self.encapsulated,
                expiry_day,
                &sealed,
            ),
        )?;
        Ok((id, sealed))
    }

    /// Deletes an entry; tells whether it was there.
    pub fn drop_entry(&self, store: &Store, entry: &EntryId) -> Result<bool, StoreError> {
        Ok(store.execute(ENTRY_DROP, (self.row, entry.as_bytes()))? > 0)
    }
}

/// One queue that was delivered to in this run.
pub(super) struct QueueState {
    sealer: EntrySealer,
    run: u32,
    /// Entries on the disk; too high after expiry has deleted some.
    stored: usize,
    counted_at: u64,
    /// No entry of these keys stands before this number.
    oldest: u64,
    /// Entries of other keys, which are older, to be deleted when there are too many.
    older: VecDeque<EntryId>,
    older_are_gone: bool,
}

impl QueueState {
    /// Deletes the oldest entries beyond the limit.
    fn make_room(
        &mut self,
        store: &Store,
        expiry_passes: u64,
        next: u64,
    ) -> Result<(), StoreError> {
        if self.stored >= ENTRIES_PER_QUEUE && self.counted_at != expiry_passes {
            self.stored = count(store, &self.sealer.row)?;
            self.counted_at = expiry_passes;
        }
        while self.stored >= ENTRIES_PER_QUEUE {
            let Some(victim) = self.next_victim(store, next)? else {
                return Ok(());
            };
            if self.sealer.drop_entry(store, &victim)? {
                self.stored -= 1;
            }
        }
        Ok(())
    }

    fn next_victim(&mut self, store: &Store, next: u64) -> Result<Option<EntryId>, StoreError> {
        if self.older.is_empty() && !self.older_are_gone {
            self.older = entries_of_other_keys(store, &self.sealer)?;
            self.older_are_gone = self.older.is_empty();
        }
        if let Some(victim) = self.older.pop_front() {
            return Ok(Some(victim));
        }
        if self.oldest >= next {
            return Ok(None);
        }
        let place = Place {
            run: self.run,
            number: self.oldest,
        };
        self.oldest += 1;
        Ok(Some(self.sealer.keys.entry_id(place)))
    }
}

fn count(store: &Store, row: &RowKey) -> Result<usize, StoreError> {
    let limit = i64::try_from(ENTRIES_PER_QUEUE).unwrap_or(i64::MAX);
    let count = store.first(ENTRY_COUNT, (row, limit), |row| row.get::<_, i64>(0))?;
    Ok(count.map_or(0, |count| usize::try_from(count).unwrap_or(0)))
}

fn entries_of_other_keys(
    store: &Store,
    sealer: &EntrySealer,
) -> Result<VecDeque<EntryId>, StoreError> {
    let mut statement = store.statement(ENTRY_OF_OTHER_RUN)?;
    let mut rows = statement.query((sealer.row, sealer.encapsulated))?;
    let mut found = VecDeque::new();
    while let Some(row) = rows.next()? {
        let id = EntryId::try_from(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
        found.extend(id.ok());
    }
    Ok(found)
}

/// All of them.
pub(super) struct Queues {
    pub run: u32,
    states: Generations<QueueId, Box<QueueState>>,
    /// The number of the next entry by queue, never forgotten in a run: the keys may be made anew, places may not.
    next: HashMap<QueueId, u64>,
    /// Aliases made in this run, by queue. In memory only: a number on the disk would change together with the rows
    /// of the aliases, and show which queue they are of.
    new_aliases: HashMap<QueueId, u32>,
    /// How often expiry has deleted entries.
    pub expiry_passes: u64,
}

impl Queues {
    pub fn new(run: u32, capacity: usize) -> Self {
        Self {
            run,
            states: Generations::new(capacity),
            next: HashMap::new(),
            new_aliases: HashMap::new(),
            expiry_passes: 0,
        }
    }

    /// The state of a queue, unless there is no such queue that could be read.
    pub fn state(
        &mut self,
        store: &Store,
        queue: &QueueId,
    ) -> Result<Option<&mut QueueState>, StoreError> {
        if self.states.get(queue).is_none() {
            let Some((record, _)) = readable(QueueRecord::read(store, queue))? else {
                return Ok(None);
            };
            let row = entries_row(queue);
            let Ok(sealer) = EntrySealer::new(row, &record.sealing_key) else {
                return Ok(None);
            };
            let state = QueueState {
                sealer,
                run: self.run,
                stored: count(store, &row)?,
                counted_at: self.expiry_passes,
                oldest: self.next.get(queue).copied().unwrap_or(0),
                older: VecDeque::new(),
                older_are_gone: false,
            };
            self.states.insert(*queue, Box::new(state));
        }
        Ok(self.states.get(queue).map(|state| &mut **state))
    }

    /// Stores an entry in a queue, in the next place; gives it as it is to be pushed, or nothing if there is no such
    /// queue.
    pub fn store_entry(
        &mut self,
        store: &Store,
        queue: &QueueId,
        expiry_day: u32,
        body: &[u8],
    ) -> Result<Option<proto::Entry>, StoreError> {
        let (run, expiry_passes) = (self.run, self.expiry_passes);
        let number = self.next.get(queue).copied().unwrap_or(0);
        let Some(state) = self.state(store, queue)? else {
            return Ok(None);
        };
        state.make_room(store, expiry_passes, number)?;
        let place = Place { run, number };
        let (id, sealed) = state.sealer.store(store, place, expiry_day, body)?;
        state.stored += 1;
        let encapsulated = state.sealer.encapsulated.to_vec();
        self.next.insert(*queue, number + 1);
        Ok(Some(proto::Entry {
            entry: id.to_vec(),
            encapsulated,
            sealed: sealed.into(),
        }))
    }

    /// Entries of a queue were acknowledged.
    pub fn entries_dropped(&mut self, queue: &QueueId, number: usize) {
        if let Some(state) = self.states.get(queue) {
            state.stored = state.stored.saturating_sub(number);
        }
    }

    /// Counts one more new alias of a queue; tells whether it is within the limit.
    pub fn count_new_alias(&mut self, queue: &QueueId) -> bool {
        let count = self.new_aliases.entry(*queue).or_default();
        *count = count.saturating_add(1);
        *count <= ALIASES_PER_QUEUE
    }

    /// The queue is gone. Its places stay used.
    pub fn dropped(&mut self, queue: &QueueId) {
        self.states.remove(queue);
    }

    /// Forgets what may not be stored. Places stay used: two bodies must never be sealed in the same one.
    pub fn forget(&mut self) {
        self.states.clear();
    }
}

//! What waits in a queue: the names of all entries, and the entries themselves by name.

use std::collections::BTreeMap;

use undertone_wire::{
    ids::{EntryId, QueueId},
    proto::{Entries, Entry, EntryList, EntryRun, queue_answer},
};

use super::{
    batch::Batch,
    failure::Outcome,
    queues::entries_row,
    statements::{ENTRY_GET, ENTRY_LIST},
};

impl Batch<'_> {
    pub fn list_entries(&self, queue: &QueueId) -> Outcome<queue_answer::Body> {
        let mut runs: BTreeMap<Vec<u8>, Vec<Vec<u8>>> = BTreeMap::new();
        let mut statement = self.core.store.statement(ENTRY_LIST)?;
        let mut rows = statement.query((entries_row(queue),))?;
        while let Some(row) = rows.next()? {
            runs.entry(row.get(0)?).or_default().push(row.get(1)?);
        }
        let runs = runs
            .into_iter()
            .map(|(encapsulated, entries)| EntryRun {
                encapsulated,
                entries,
            })
            .collect();
        Ok(queue_answer::Body::List(EntryList { runs }))
    }

    /// Those that are there, in the order asked.
    pub fn fetch_entries(
        &self,
        queue: &QueueId,
        entries: &[EntryId],
    ) -> Outcome<queue_answer::Body> {
        let row = entries_row(queue);
        let mut found = Vec::with_capacity(entries.len());
        for id in entries {
            let entry = self
                .core
                .store
                .first(ENTRY_GET, (row, id.as_bytes()), |row| {
                    Ok(Entry {
                        entry: id.to_vec(),
                        encapsulated: row.get(0)?,
                        sealed: row.get::<_, Vec<u8>>(1)?.into(),
                    })
                })?;
            found.extend(entry);
        }
        Ok(queue_answer::Body::Entries(Entries { entries: found }))
    }
}

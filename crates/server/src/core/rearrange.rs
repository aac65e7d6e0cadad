//! Registries put into the order of their keys: within a page of a file, rows lie in the order in which they came, and
//! two registries that grew in the same order would tell which rows of the one belong to which of the other.

use std::collections::BTreeMap;

use rusqlite::types::Value;

use super::{Core, StoreError, statements::REGISTRIES};

/// Rows that one call moves. A registry up to this size is in order after one call; larger ones are walked.
const ROWS: u32 = 256;

/// Tables whose rows stay for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Registry {
    Accounts,
    Invites,
    Queues,
    Aliases,
    Handles,
    Cards,
    CardItems,
}

/// How a registry is read and written: key, plain column, value.
pub(super) struct Arranged {
    pub registry: Registry,
    pub select: &'static str,
    pub delete: &'static str,
    pub insert: &'static str,
}

/// How far the walk of each registry is.
#[derive(Default)]
pub(super) struct Rearrangement {
    after: BTreeMap<Registry, Vec<u8>>,
}

impl Core {
    pub(super) fn rearrange(&mut self, registry: Registry) -> Result<(), StoreError> {
        let Some(table) = REGISTRIES.iter().find(|table| table.registry == registry) else {
            return Ok(());
        };
        let after = self.maintenance.rearrangement.after.remove(&registry);
        let mut rows: Vec<(Vec<u8>, Value, Value)> = Vec::new();
        {
            let mut statement = self.store.statement(table.select)?;
            let mut found = statement.query((after.unwrap_or_default(), ROWS))?;
            while let Some(row) = found.next()? {
                rows.push((row.get(0)?, row.get(1)?, row.get(2)?));
            }
        }
        let more = rows.len() == ROWS as usize;
        for (key, _, _) in &rows {
            self.store.execute(table.delete, (key,))?;
        }
        if let Some((last, _, _)) = rows.last().filter(|_| more) {
            let after = &mut self.maintenance.rearrangement.after;
            after.insert(registry, last.clone());
            self.maintenance.changed(registry);
        }
        for row in rows {
            self.store.execute(table.insert, row)?;
        }
        Ok(())
    }
}

//! Expiry: each day, every table is walked once in the order of its keys, a bounded number of rows at a time.
//!
//! An index by day would be a second write for every entry, for a deletion that most never need.

use undertone_wire::time::{Day, Timestamp};

use super::{Core, StoreError, statements::SWEPT};

/// Rows that one call looks at.
const ROWS: u32 = 512;

/// The end of a row, by the column that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `expiry_day`: the last day.
    Day,
    /// `lease_week`: the last week.
    Week,
    /// `period` of a token: it is valid on the day after, too.
    TokenDay,
}

/// How a table is walked.
pub(super) struct Swept {
    /// Two parts of the key and the end, for the rows after a key.
    pub select: &'static str,
    pub delete: &'static str,
    pub end: End,
    pub memory: Memory,
}

/// The key of a row, in two parts; the second is empty where the key is one column.
type Key = (Vec<u8>, Vec<u8>);

/// What memory holds of a table's rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Memory {
    Nothing,
    Aliases,
    Handles,
    EntryCounts,
}

/// How far the walk of the day is.
#[derive(Default)]
pub(super) struct Sweep {
    walked: Option<Day>,
    table: usize,
    after: Key,
}

impl Core {
    pub(super) fn sweep(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let today = now.day();
        let sweep = &self.maintenance.sweep;
        if sweep.walked == Some(today) {
            return Ok(());
        }
        let Some(table) = SWEPT.get(sweep.table) else {
            self.maintenance.sweep = Sweep {
                walked: Some(today),
                ..Sweep::default()
            };
            return Ok(());
        };
        let (rows, last) = self.rows_after(table.select, now, table.end)?;
        let expired = rows.iter().filter(|row| row.expired);
        let mut deleted = 0;
        for row in expired {
            deleted += self.store.execute(table.delete, (&row.key.0, &row.key.1))?;
        }
        if deleted > 0 {
            match table.memory {
                Memory::Nothing => {}
                Memory::Aliases => self.aliases.forget(),
                Memory::Handles => self.sequencer.forget(),
                Memory::EntryCounts => self.queues.expiry_passes += 1,
            }
        }
        let sweep = &mut self.maintenance.sweep;
        match last {
            Some(last) => sweep.after = last,
            None => {
                sweep.table += 1;
                sweep.after = Default::default();
            }
        }
        Ok(())
    }

    /// The next rows of a table, and the key to go on after if there may be more.
    fn rows_after(
        &self,
        select: &'static str,
        now: Timestamp,
        end: End,
    ) -> Result<(Vec<Row>, Option<Key>), StoreError> {
        let (first, second) = &self.maintenance.sweep.after;
        let mut statement = self.store.statement(select)?;
        let mut found = statement.query((first, second, ROWS))?;
        let mut rows = Vec::new();
        while let Some(row) = found.next()? {
            let value: u32 = row.get(2)?;
            rows.push(Row {
                key: (row.get(0)?, row.get(1)?),
                expired: end.is_over(value, now),
            });
        }
        let last = rows.last().filter(|_| rows.len() == ROWS as usize);
        let last = last.map(|row| row.key.clone());
        Ok((rows, last))
    }
}

struct Row {
    key: Key,
    expired: bool,
}

impl End {
    fn is_over(self, value: u32, now: Timestamp) -> bool {
        match self {
            Self::Day => value < now.day().0,
            Self::Week => value < now.week().0,
            Self::TokenDay => value.saturating_add(1) < now.day().0,
        }
    }
}

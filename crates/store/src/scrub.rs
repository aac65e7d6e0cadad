//! Removes what deleted rows leave behind.

use crate::store::{Store, StoreError};

impl Store {
    /// Takes the traces of deleted rows out of the file: the words of removed messages from the search index, and old
    /// pages from the log. Deleting already overwrote the rows themselves. This rewrites the whole index: run it now
    /// and then, not after each deletion.
    ///
    /// # Errors
    /// [`StoreError`]; deleted rows stay deleted all the same.
    pub fn scrub(&mut self) -> Result<(), StoreError> {
        let in_browser = cfg!(target_family = "wasm");
        if in_browser {
            // Makes the commit cut the journal, which otherwise keeps its length and old pages with it.
            self.connection
                .pragma_update(None, "journal_size_limit", 0)?;
        }
        self.write(|tx| tx.search_scrub())?;
        if in_browser {
            self.connection
                .pragma_update(None, "journal_size_limit", -1)?;
        } else {
            // Moves the log into the database and cuts it to nothing.
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(())
    }
}

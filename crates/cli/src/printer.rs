//! Where results go: one JSON object a line, or words.

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

use crate::failure::Failure;

/// Prints results on the standard output and remarks on the standard error.
#[derive(Debug, Clone, Copy)]
pub struct Printer {
    json: bool,
}

impl Printer {
    /// Prints JSON or words.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Prints one result and hands it to whoever reads.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn show<T: Serialize>(
        self,
        value: &T,
        words: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string(value).map_err(io::Error::from)?
        } else {
            words()
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{text}")?;
        Ok(out.flush()?)
    }

    /// Remarks something while the command goes on.
    pub fn remark(self, note: &str) {
        remark(self.json, note);
    }

    /// Asks something whose answer is read from the standard input.
    pub fn ask(self, question: &str) {
        if self.json {
            return self.remark(question);
        }
        let mut err = io::stderr().lock();
        // Without a standard error nobody sees the question; the answer is then most likely no.
        let _ = write!(err, "{question} ").and_then(|()| err.flush());
    }

    /// Whether a person reads words in a terminal.
    pub fn is_read_in_a_terminal(self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// Says something to a person who reads results in words, where JSON would say nothing.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn say(self, words: &str) -> Result<(), Failure> {
        if !self.json {
            writeln!(io::stdout(), "{words}")?;
        }
        Ok(())
    }
}

/// A remark as JSON.
#[derive(Debug, Serialize)]
struct Remark<'a> {
    note: &'a str,
}

/// Remarks while a command goes on; nobody has to read them.
pub fn remark(json: bool, note: &str) {
    let words = if json {
        serde_json::to_string(&Remark { note }).unwrap_or_default()
    } else {
        format!("undertone: {note}")
    };
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr(), "{words}");
}

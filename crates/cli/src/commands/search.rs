//! `search`: messages that hold all the words.

use super::Context;
use crate::{
    commands::history::{Shown, own_account},
    failure::Failure,
    resolve::Names,
};

/// More than anybody reads.
const MOST: u32 = 200;

/// Shows what is found, the newest first.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn run(context: &Context, words: &str) -> Result<(), Failure> {
    let own = own_account(context)?;
    let engine = context.driver.engine();
    let found = engine.search(words, MOST)?;
    if found.is_empty() {
        return context.printer.say("Nothing found.");
    }
    let shown = Shown::new(context.printer, own, Names::read(engine, own)?);
    found.iter().try_for_each(|message| shown.print(message))
}

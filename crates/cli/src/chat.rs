//! `chat`: the conversation in the terminal. The engine works on a thread of its own; this one draws and never waits
//! for the network.

mod areas;
mod editor;
mod engine_thread;
#[cfg(test)]
mod fixture;
mod keys;
mod model;
mod snapshot;
mod state;
mod status;
mod terminal;
mod theme;
mod update;
mod view;
mod wrap;

use std::{sync::mpsc, thread};

use tokio::sync::mpsc::unbounded_channel;

use crate::{driver::Driver, failure::Failure, resolve};

/// Talks until the user leaves.
///
/// # Errors
/// [`Failure`] if there is no account, no such chat or no terminal, or the store fails.
pub fn run(driver: Driver, chat: Option<&str>) -> Result<(), Failure> {
    if driver.engine().account_view()?.is_none() {
        return Err(Failure::NoProfile);
    }
    let chat = chat
        .map(|typed| resolve::chat(driver.engine(), typed))
        .transpose()?
        .map(|view| view.chat);
    terminal::check()?;
    let (to_terminal, incoming) = mpsc::channel();
    let (commands, to_carry_out) = unbounded_channel();
    let updates = to_terminal.clone();
    let engine = thread::spawn(move || engine_thread::run(driver, to_carry_out, &updates));
    let shown = terminal::run(&incoming, to_terminal, &commands, chat);
    // Without a sender the engine's thread ends, too.
    drop(commands);
    let served = engine
        .join()
        .unwrap_or_else(|_| Err(Failure::Usage("the engine has failed".to_owned())));
    shown.and(served)
}

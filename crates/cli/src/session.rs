//! What commands that need the server have in common: to let the engine work until something is so.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use undertone_engine::Engine;

use crate::{driver::Driver, failure::Failure};

/// How long receipts and the outbox may take to go out when a command is done otherwise.
pub const PARTING: Duration = Duration::from_secs(5);

/// What to do when the server cannot be reached at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenUnreachable {
    /// Fail at once.
    GiveUp,
    /// Try on until the time runs out.
    TryOn,
}

/// Lets the engine work until `done`; the deadline is looked at only when there is nothing to do.
///
/// # Errors
/// [`Failure::Offline`], [`Failure::TimedOut`], [`Failure::Registration`], or what `done` fails with.
pub async fn work_until(
    driver: &mut Driver,
    deadline: Instant,
    when_unreachable: WhenUnreachable,
    mut done: impl FnMut(&mut Engine) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    loop {
        if done(driver.engine_mut())? {
            return Ok(());
        }
        if let Some(refused) = driver.refused()? {
            return Err(Failure::Registration(refused));
        }
        if when_unreachable == WhenUnreachable::GiveUp && driver.is_unreachable() {
            return Err(Failure::Offline(driver.connect_error()));
        }
        match timeout_at(deadline, driver.turn()).await {
            Ok(turned) => turned?,
            Err(_) => return Err(Failure::TimedOut(driver.connect_error())),
        }
    }
}

/// Goes online and lets the engine work until it has told the server all there is to tell.
///
/// # Errors
/// As [`work_until`].
pub async fn tell_server(driver: &mut Driver, wait: Duration) -> Result<(), Failure> {
    driver.go_online()?;
    let deadline = Instant::now() + wait;
    work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        Ok(engine.status()?.idle)
    })
    .await
}

/// Lets receipts that are due soon and the rest of the outbox go out, for a short while and as far as it works.
///
/// # Errors
/// [`Failure::Command`] if the store fails.
pub async fn part(driver: &mut Driver) -> Result<(), Failure> {
    let deadline = Instant::now() + PARTING;
    while driver.has_reached() && !driver.is_settled()? {
        match timeout_at(deadline, driver.turn()).await {
            Ok(turned) => turned?,
            Err(_) => break,
        }
    }
    driver.close().await;
    Ok(())
}

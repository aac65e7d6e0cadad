//! What commands that need the server have in common: to let the engine work until something is so.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use undertone_engine::Engine;

use crate::{driver::Driver, failure::Failure};

/// How often it is looked whether nothing has happened for a while.
const LOOK: Duration = Duration::from_millis(250);

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
/// [`Failure::Offline`], [`Failure::TimedOut`], [`Failure::Registration`], [`Failure::SignedOut`], or what `done` fails
/// with.
pub async fn work_until(
    driver: &mut Driver,
    deadline: Instant,
    when_unreachable: WhenUnreachable,
    mut done: impl FnMut(&mut Engine) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    loop {
        // Of one that was signed out meanwhile nothing is left to be asked.
        check_signed_in(driver)?;
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

/// Lets the engine work until nothing was written here for as long as `calm` says, which says nothing while something is
/// still missing. For what only other devices know whether more of it comes.
///
/// # Errors
/// [`Failure::TimedOut`], [`Failure::SignedOut`], or what `calm` fails with.
pub async fn work_until_calm(
    driver: &mut Driver,
    deadline: Instant,
    mut calm: impl FnMut(&mut Engine) -> Result<Option<Duration>, Failure>,
) -> Result<(), Failure> {
    let (mut writes, mut since) = (driver.engine().writes(), Instant::now());
    loop {
        check_signed_in(driver)?;
        let now = Instant::now();
        if driver.engine().writes() != writes {
            (writes, since) = (driver.engine().writes(), now);
        }
        if calm(driver.engine_mut())?.is_some_and(|calm| now - since >= calm) {
            return Ok(());
        }
        if now >= deadline {
            return Err(Failure::TimedOut(driver.connect_error()));
        }
        if let Ok(turned) = timeout_at(deadline.min(now + LOOK), driver.turn()).await {
            turned?;
        }
    }
}

/// Fails if this device was signed out from another.
///
/// # Errors
/// [`Failure::SignedOut`].
pub fn check_signed_in(driver: &Driver) -> Result<(), Failure> {
    match driver.signed_out()? {
        Some(at) => Err(Failure::SignedOut(at)),
        None => Ok(()),
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
    while driver.has_reached() && driver.signed_out()?.is_none() && !driver.is_settled()? {
        match timeout_at(deadline, driver.turn()).await {
            Ok(turned) => turned?,
            Err(_) => break,
        }
    }
    driver.close().await;
    Ok(())
}

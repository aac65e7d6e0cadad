//! `receive`: prints what is new once it is durable, and lets what waits go out.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};
use undertone_engine::{Event, NumberedEvent};
use undertone_wire::ids::AccountId;

use super::{Context, history::own_account, report_event::report};
use crate::{
    failure::Failure,
    json::Event::SignedOut,
    session::{PARTING, check_signed_in, part},
};

/// Events that are printed before they are marked as shown.
const BATCH: usize = 100;
/// How long the first synchronisation may take when nothing else is said.
const SYNC: Duration = Duration::from_secs(60);

/// Prints new events until the time runs out or `count` messages came.
///
/// # Errors
/// [`Failure::Offline`] or [`Failure::TimedOut`] if the server was not reached in that time, [`Failure::SignedOut`] if
/// another device has signed this one out.
pub async fn run(context: &mut Context, wait: Duration, count: Option<u64>) -> Result<(), Failure> {
    let own = own_account(context)?;
    context.driver.go_online()?;
    let started = Instant::now();
    let mut synced_at = None;
    let mut printing = Printing {
        own,
        left: count.unwrap_or(u64::MAX),
        any: false,
    };
    let outcome = loop {
        printing.print(context)?;
        let driver = &mut context.driver;
        if let Err(signed_out) = check_signed_in(driver) {
            break Err(signed_out);
        }
        let status = driver.engine().status()?;
        if status.synced && synced_at.is_none() {
            synced_at = Some(Instant::now());
        }
        let deadline = match synced_at {
            Some(at) => at + wait,
            None if wait.is_zero() => started + SYNC,
            None => started + wait,
        };
        let done = synced_at.is_some() && wait.is_zero() && status.idle;
        if done || printing.left == 0 {
            break Ok(());
        }
        if let Some(refused) = driver.refused()? {
            break Err(Failure::Registration(refused));
        }
        if wait.is_zero() && driver.is_unreachable() {
            break Err(Failure::Offline(driver.connect_error()));
        }
        // Once in step with the server and without more time, what still has to go out gets the time to part.
        let deadline = if synced_at.is_some() && wait.is_zero() {
            deadline + PARTING
        } else {
            deadline
        };
        match timeout_at(deadline, driver.turn()).await {
            Ok(turned) => turned?,
            Err(_) if synced_at.is_some() => break Ok(()),
            Err(_) if driver.has_reached() => {
                break Err(Failure::TimedOut(driver.connect_error()));
            }
            Err(_) => break Err(Failure::Offline(driver.connect_error())),
        }
    };
    part(&mut context.driver).await?;
    // What came while receipts went out.
    printing.print(context)?;
    if let Err(signed_out) = check_signed_in(&context.driver) {
        context
            .printer
            .show(&SignedOut, || "This device was signed out.".to_owned())?;
        return Err(signed_out);
    }
    if outcome.is_ok() && !printing.any {
        context.printer.say("Nothing new.")?;
    }
    outcome
}

struct Printing {
    own: AccountId,
    /// Messages that may still be printed.
    left: u64,
    any: bool,
}

impl Printing {
    /// Prints what is new and marks it as shown; what a crash keeps from being marked is printed again next time.
    fn print(&mut self, context: &mut Context) -> Result<(), Failure> {
        while self.left > 0 {
            let events = context.driver.engine().events(0, BATCH)?;
            if events.is_empty() {
                return Ok(());
            }
            let mut last = 0;
            for NumberedEvent { number, event } in events {
                if self.left == 0 {
                    break;
                }
                report(context.driver.engine(), context.printer, self.own, event)?;
                if matches!(event, Event::Message { .. }) {
                    self.left = self.left.saturating_sub(1);
                }
                self.any = true;
                last = number;
            }
            context.driver.engine_mut().shown(last)?;
        }
        Ok(())
    }
}

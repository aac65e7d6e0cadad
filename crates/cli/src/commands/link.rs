//! `link show`, `link new --once` and `link reset`.

use std::time::Duration;

use tokio::time::Instant;
use undertone_wire::{link::ContactLink, time::Timestamp};

use super::Context;
use crate::{
    clock::now,
    failure::Failure,
    json::Link,
    session::{self, WhenUnreachable, work_until},
};

const REUSABLE: &str = "Whoever has this link can ask to write to you:";
const ONCE: &str = "Give this link to one person. Who uses it first is accepted at once:";

/// Shows the reusable link.
///
/// # Errors
/// [`Failure`] if there is no account.
pub fn show(context: &Context) -> Result<(), Failure> {
    let link = context.driver.engine().link()?;
    print(context, &link, REUSABLE)
}

/// Makes a link for one person.
///
/// # Errors
/// [`Failure`]; of those of the network, the link works later.
pub async fn new_once(
    context: &mut Context,
    expires: Duration,
    wait: Duration,
) -> Result<(), Failure> {
    let now = now();
    let ms = u64::try_from(expires.as_millis()).unwrap_or(u64::MAX);
    let expires_at: Timestamp = now.plus(ms);
    let link = context.driver.engine_mut().new_once_link(expires_at, now)?;
    publish(context, &link, ONCE, wait).await
}

/// Makes another reusable link.
///
/// # Errors
/// [`Failure`]; of those of the network, the link works later.
pub async fn reset(context: &mut Context, wait: Duration) -> Result<(), Failure> {
    let link = context.driver.engine_mut().reset_link(now())?;
    publish(context, &link, REUSABLE, wait).await
}

/// Waits until the server has the card behind the link.
async fn publish(
    context: &mut Context,
    link: &ContactLink,
    words: &str,
    wait: Duration,
) -> Result<(), Failure> {
    let driver = &mut context.driver;
    driver.go_online()?;
    let deadline = Instant::now() + wait;
    let ready = work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        Ok(engine.link_is_ready(link)? && engine.status()?.idle)
    })
    .await;
    // It is kept, and printed even when it does not work yet.
    print(context, link, words)?;
    session::part(&mut context.driver).await?;
    ready
}

fn print(context: &Context, link: &ContactLink, words: &str) -> Result<(), Failure> {
    let link = Link {
        link: link.to_string(),
    };
    context
        .printer
        .show(&link, || format!("{words}\n  {}", link.link))
}

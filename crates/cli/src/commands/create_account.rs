//! `account create`: makes the account, and waits until the server knows it and its link can be used.

use std::time::Duration;

use tokio::time::Instant;
use undertone_content::content::check_name;
use undertone_engine::CommandError;
use undertone_wire::link::ServerUrl;

use super::{Context, describe_device};
use crate::{
    clock::now,
    failure::Failure,
    hex,
    json::Created,
    session::{self, WhenUnreachable, work_until},
};

/// Looks at address and name before anything is made on the disk.
///
/// # Errors
/// What is wrong with them.
pub fn check(server: &str, name: &str) -> Result<(), Failure> {
    ServerUrl::parse(server).map_err(CommandError::from)?;
    check_name(name).map_err(CommandError::from)?;
    Ok(())
}

/// Makes the account. It is there even if the server cannot be reached.
///
/// # Errors
/// [`Failure`]; of those of the network, the account is registered later.
pub async fn run(
    context: &mut Context,
    server: &str,
    name: &str,
    invite: &str,
    wait: Duration,
) -> Result<(), Failure> {
    let (driver, printer) = (&mut context.driver, context.printer);
    driver
        .engine_mut()
        .create_account(server, name, invite, now())?;
    describe_device(driver)?;
    let link = driver.engine().link()?;
    driver.go_online()?;
    let deadline = Instant::now() + wait;
    let registered = work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        let status = engine.status()?;
        Ok(status.registered && status.idle && engine.link_is_ready(&link)?)
    })
    .await;
    if let Err(Failure::Registration(_)) = registered {
        session::part(driver).await?;
        return registered;
    }
    let view = driver.engine().account_view()?.ok_or(Failure::NoProfile)?;
    let created = Created {
        account: hex::person(&view.account),
        link: link.to_string(),
    };
    let usable = if registered.is_ok() {
        "Your contact link. Whoever has it can ask to write to you:"
    } else {
        "Your contact link. It can be used as soon as the server has been reached:"
    };
    printer.show(&created, || {
        format!("Your account is made.\n\n{usable}\n  {}", created.link)
    })?;
    if registered.is_ok() {
        // All that has happened so far is what was just said.
        let events = driver.engine().events(0, usize::MAX)?;
        if let Some(last) = events.last() {
            driver.engine_mut().shown(last.number)?;
        }
    }
    session::part(driver).await?;
    registered
}

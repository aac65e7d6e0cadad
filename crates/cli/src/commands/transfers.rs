//! `transfers` and `transfer cancel`: the histories that went to one's other devices or came from them.

use std::time::Duration;

use undertone_engine::{TransferState, TransferView};
use undertone_wire::ids::ContentId;

use super::Context;
use crate::{clock::now, failure::Failure, json::Transfer, resolve, session, words};

/// Lists them, the newest first.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn list(context: &Context) -> Result<(), Failure> {
    let transfers = context.driver.engine().transfers()?;
    if transfers.is_empty() {
        return context
            .printer
            .say("No history went to another device of yours, or came from one.");
    }
    transfers.iter().try_for_each(|view| print(context, view))
}

/// Stops one that is under way.
///
/// # Errors
/// [`Failure`]; of those of the network, the other device hears of it later.
pub async fn cancel(context: &mut Context, id: &str, wait: Duration) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let transfer = resolve::transfer(engine, id)?;
    engine.cancel_transfer(&transfer.id, now())?;
    if let Some(view) = find(context, &transfer.id)? {
        print(context, &view)?;
    }
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

fn find(context: &Context, id: &ContentId) -> Result<Option<TransferView>, Failure> {
    let transfers = context.driver.engine().transfers()?;
    Ok(transfers.into_iter().find(|view| view.id == *id))
}

fn print(context: &Context, view: &TransferView) -> Result<(), Failure> {
    let transfer = Transfer::new(view);
    context
        .printer
        .show(&transfer, || format!("{}  {}", transfer.id, words(view)))
}

/// How far a history is, and whereto, in words.
pub fn words(view: &TransferView) -> String {
    let way = if view.giving { "to" } else { "from" };
    let state = match view.state {
        TransferState::UnderWay => "under way",
        TransferState::Done => "complete",
        TransferState::Cancelled => "stopped",
    };
    format!(
        "History {way} {}: {} of {} messages, {} bytes, {state}",
        words::device_name(&view.name),
        view.messages,
        view.total,
        view.bytes
    )
}

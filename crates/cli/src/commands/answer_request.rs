//! `request accept`, `request delete` and `request block`.

use std::time::Duration;

use super::Context;
use crate::{clock::now, failure::Failure, hex, json::Answered, resolve, session};

/// Accepts, and lets the acceptance go out.
///
/// # Errors
/// [`Failure`]; of those of the network, they hear of it later.
pub async fn accept(context: &mut Context, id: &str, wait: Duration) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let request = resolve::request(engine, id)?;
    engine.accept_request(&request, now())?;
    let words = "Accepted. They are a contact now and see your name.";
    print(context, request.as_bytes(), "accepted", words)?;
    tell(context, wait).await
}

/// Deletes; nobody is told, so there is nothing to send.
///
/// # Errors
/// [`Failure`] if there is no such request.
pub fn delete(context: &mut Context, id: &str) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let request = resolve::request(engine, id)?;
    engine.delete_request(&request, now())?;
    let words = "Deleted, with all that came with it. They are told nothing, and can ask again.";
    print(context, request.as_bytes(), "deleted", words)
}

/// Blocks, and lets the server know which ways to one are closed now.
///
/// # Errors
/// [`Failure`]; of those of the network, the server is told later.
pub async fn block(context: &mut Context, id: &str, wait: Duration) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let request = resolve::request(engine, id)?;
    engine.block_request(&request, now())?;
    let words = "Blocked. They are told nothing, and nothing of theirs arrives any more.";
    print(context, request.as_bytes(), "blocked", words)?;
    tell(context, wait).await
}

async fn tell(context: &mut Context, wait: Duration) -> Result<(), Failure> {
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

fn print(context: &Context, id: &[u8], state: &'static str, words: &str) -> Result<(), Failure> {
    let answered = Answered {
        id: hex::encode(id),
        state,
    };
    context.printer.show(&answered, || words.to_owned())
}

//! `send`: writes a message, and with `--wait` sees it to the server.

use std::time::Duration;

use tokio::time::Instant;
use undertone_engine::{Engine, MessageState};

use super::Context;
use crate::{
    clock::now,
    failure::Failure,
    hex,
    json::{Sent, message_state},
    resolve,
    session::{self, WhenUnreachable, work_until},
};

/// Writes a message. It is durable here whatever happens then.
///
/// # Errors
/// [`Failure`]; of those of the network, the message is sent later.
pub async fn run(
    context: &mut Context,
    chat: &str,
    text: &str,
    wait: Option<Duration>,
) -> Result<(), Failure> {
    let driver = &mut context.driver;
    let chat = resolve::chat(driver.engine(), chat)?;
    let written = driver.engine_mut().send_text(&chat.chat, text, now())?;
    let outcome = match wait {
        Some(wait) if written.state == MessageState::Queued => {
            driver.go_online()?;
            let deadline = Instant::now() + wait;
            work_until(
                driver,
                deadline,
                WhenUnreachable::TryOn,
                |engine| match state(engine, written.seq)? {
                    MessageState::Queued => Ok(false),
                    MessageState::Failed => Err(Failure::MessageFailed),
                    _ => Ok(true),
                },
            )
            .await
        }
        _ => Ok(()),
    };
    let state = state(driver.engine(), written.seq)?;
    let sent = Sent {
        message: hex::encode(written.id.as_bytes()),
        state: message_state(state),
    };
    context.printer.show(&sent, || {
        match state {
            MessageState::Queued => "Kept here; it is sent when a command connects.",
            MessageState::Failed => "Not sent.",
            _ => "Sent.",
        }
        .to_owned()
    })?;
    if wait.is_some() {
        session::part(&mut context.driver).await?;
    }
    outcome
}

fn state(engine: &Engine, seq: u64) -> Result<MessageState, Failure> {
    let message = engine.message(seq)?;
    Ok(message.map_or(MessageState::Failed, |message| message.state))
}

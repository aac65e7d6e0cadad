//! `contact add`: follows a link until the conversation is founded or it is clear that it leads nowhere.

use std::time::Duration;

use tokio::time::Instant;
use undertone_engine::{ChatId, ChatState, Engine};

use super::Context;
use crate::{
    clock::now,
    failure::Failure,
    hex,
    json::Added,
    session::{self, WhenUnreachable, work_until},
};

/// Follows the link.
///
/// # Errors
/// [`Failure::Link`] if it leads nowhere; of those of the network, it is followed later.
pub async fn run(context: &mut Context, link: &str, wait: Duration) -> Result<(), Failure> {
    // A link that was copied out of a narrow window comes in several lines.
    let link: String = link.split_whitespace().collect();
    let driver = &mut context.driver;
    let added = driver.engine_mut().add_contact(&link, now())?;
    driver.go_online()?;
    let deadline = Instant::now() + wait;
    let founded = work_until(
        driver,
        deadline,
        WhenUnreachable::GiveUp,
        |engine| match state(engine, &added.chat)? {
            Some((ChatState::Failed, reason)) => Err(Failure::Link(reason)),
            Some((ChatState::Adding, _)) => Ok(false),
            _ => Ok(engine.status()?.idle),
        },
    )
    .await;
    if !matches!(founded, Err(Failure::Link(_))) {
        let shown = Added {
            contact: hex::encode(&added.contact),
            chat: hex::encode(added.chat.as_bytes()),
        };
        context.printer.show(&shown, || {
            format!(
                "Contact {}\nChat    {}\nWhat you write there is sent as soon as that is possible.",
                shown.contact, shown.chat
            )
        })?;
    }
    session::part(&mut context.driver).await?;
    founded
}

fn state(engine: &Engine, chat: &ChatId) -> Result<Option<(ChatState, String)>, Failure> {
    let chats = engine.chats()?;
    let found = chats.into_iter().find(|view| view.chat == *chat);
    Ok(found.map(|view| (view.state, view.reason)))
}

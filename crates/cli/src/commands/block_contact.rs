//! `contact block`.

use std::time::Duration;

use super::Context;
use crate::{clock::now, failure::Failure, hex, json::Blocked, resolve, safe_text, session, words};

/// Blocks a contact; that holds at once, and the server is told as soon as it can be reached.
///
/// # Errors
/// [`Failure`]; of those of the network, the server is told later.
pub async fn run(context: &mut Context, contact: &str, wait: Duration) -> Result<(), Failure> {
    let driver = &mut context.driver;
    let contact = resolve::contact(driver.engine(), contact)?;
    driver.engine_mut().block_contact(&contact.account, now())?;
    let blocked = Blocked {
        contact: hex::person(&contact.account),
        blocked: true,
    };
    context.printer.show(&blocked, || {
        format!(
            "{} is blocked. They are told nothing, and nothing of theirs arrives any more.",
            safe_text::line(words::or_no_name(&contact.name))
        )
    })?;
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

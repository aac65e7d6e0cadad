//! `contacts`, `requests` and `chats`.

use super::Context;
use crate::{
    failure::Failure,
    json::{Chat, Contact, Request},
    safe_text,
    when::Zone,
    words,
};

/// Lists the contacts, by name.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn contacts(context: &Context) -> Result<(), Failure> {
    let contacts = context.driver.engine().contacts()?;
    if contacts.is_empty() {
        return context.printer.say(
            "No contacts yet. Give somebody your link (`undertone link show`), or add theirs.",
        );
    }
    for view in contacts {
        let contact = Contact::new(&view);
        context.printer.show(&contact, || {
            let mut line = format!(
                "{}  {}",
                contact.contact,
                safe_text::line(words::or_no_name(&view.name))
            );
            if view.verified {
                line.push_str("  (verified)");
            }
            if view.blocked {
                line.push_str("  (blocked)");
            }
            line
        })?;
    }
    Ok(())
}

/// Lists the strangers who ask.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn requests(context: &Context) -> Result<(), Failure> {
    let requests = context.driver.engine().requests()?;
    if requests.is_empty() {
        return context.printer.say("Nobody asks to write to you.");
    }
    let zone = Zone::of_system();
    for view in requests {
        let request = Request::new(&view);
        context.printer.show(&request, || {
            format!(
                "{}  came {} on {}",
                request.id,
                words::came_by(view.came_by),
                zone.day_and_minute(view.received_at)
            )
        })?;
    }
    Ok(())
}

/// Lists the chats.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn chats(context: &Context) -> Result<(), Failure> {
    for view in context.driver.engine().chats()? {
        let chat = Chat::new(&view);
        context.printer.show(&chat, || {
            let mut line = format!(
                "{}  {}",
                chat.chat,
                safe_text::line(words::or_no_name(&chat.name))
            );
            if view.unread > 0 {
                line.push_str(&format!("  {} new", view.unread));
            }
            if let Some(state) = words::chat_state(&view) {
                line.push_str(&format!("  ({state})"));
            }
            line
        })?;
    }
    Ok(())
}

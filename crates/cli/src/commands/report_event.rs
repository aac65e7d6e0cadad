//! One line of `receive`: an event as JSON and as words.

use undertone_engine::{
    ChatState, ContactView, Engine, Event as Happened, MessageState, change_in,
};
use undertone_wire::ids::AccountId;

use crate::{
    commands::{history::Shown, transfers},
    failure::Failure,
    hex,
    json::{
        Changed, Event, Invitation, Request, Transfer, change_name, chat_state, message_state,
        refused, text,
    },
    printer::Printer,
    resolve::Names,
    safe_text, when, words,
};

/// Characters of one's own message that are repeated when it comes further.
const BEGINNING: usize = 40;

/// Prints an event. Of what is gone meanwhile, nothing is printed.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn report(
    engine: &Engine,
    printer: Printer,
    own: AccountId,
    happened: Happened,
) -> Result<(), Failure> {
    let Some((event, words)) = read(engine, printer, own, happened)? else {
        return Ok(());
    };
    printer.show(&event, || words)
}

fn read(
    engine: &Engine,
    printer: Printer,
    own: AccountId,
    happened: Happened,
) -> Result<Option<(Event, String)>, Failure> {
    Ok(match happened {
        Happened::Message { seq, .. } => engine
            .message(seq)?
            .map(|row| {
                let event = Event::Message {
                    chat: hex::encode(row.chat.as_bytes()),
                    from: hex::person(&row.sender),
                    id: hex::encode(row.content_id.as_bytes()),
                    mine: row.sender == own,
                    text: text(&row),
                    sent_at: when::rfc3339(row.sent_at),
                };
                (event, row)
            })
            .map(|(event, row)| {
                let names = Names::read(engine, own)?;
                let words = Shown::new(printer, own, names).words(&row);
                Ok::<_, Failure>((event, words))
            })
            .transpose()?,
        Happened::MessageState { chat, seq, state } => engine.message(seq)?.map(|row| {
            let event = Event::State {
                chat: hex::encode(chat.as_bytes()),
                message: hex::encode(row.content_id.as_bytes()),
                state: message_state(state),
            };
            let words = format!("{}: {}", progress(state), beginning(words::text(&row)));
            (event, words)
        }),
        Happened::Request { chat } => {
            let requests = engine.requests()?;
            let request = requests.iter().find(|request| request.request == chat);
            request.map(|view| {
                let request = Request::new(view);
                let words = format!(
                    "Somebody asks to write to you. They came {}. Request {}",
                    words::came_by(view.came_by),
                    request.id
                );
                (Event::Request { request }, words)
            })
        }
        Happened::Chat { chat } => {
            let chats = engine.chats()?;
            let contacts = engine.contacts()?;
            let view = chats.into_iter().find(|view| view.chat == chat);
            view.map(|view| {
                let event = Event::Chat {
                    chat: hex::encode(chat.as_bytes()),
                    name: words::chat_name(&view),
                    state: chat_state(view.state),
                };
                let words = format!(
                    "Chat with {}: {}",
                    name_with_verification(&view.name, &contacts, &chat),
                    match view.state {
                        ChatState::Active => "open".to_owned(),
                        _ => words::chat_state(&view).unwrap_or_default(),
                    }
                );
                (event, words)
            })
        }
        Happened::Change { seq, .. } => match engine.message(seq)? {
            Some(row) => {
                let names = Names::read(engine, own)?;
                let event = change_in(&row).map(|change| Event::Change {
                    chat: hex::encode(row.chat.as_bytes()),
                    change: Changed {
                        change: change_name(&change),
                        by: hex::person(&row.sender),
                        about: change.about().map(|account| hex::person(&account)),
                    },
                });
                event.zip(names.change(&row))
            }
            None => None,
        },
        Happened::Invitation { id } => {
            let invitations = engine.invitations()?;
            let names = Names::read(engine, own)?;
            let view = invitations.iter().find(|invitation| invitation.id == id);
            view.map(|view| {
                let invitation = Invitation::new(view);
                let words = format!(
                    "{} invites you to a group of {} people. Invitation {}",
                    names.of(&view.from),
                    view.group_size,
                    invitation.id
                );
                (Event::Invitation { invitation }, words)
            })
        }
        Happened::Registered => Some((
            Event::Registered,
            "The server knows your account now.".to_owned(),
        )),
        Happened::RegistrationRefused => {
            let view = engine.account_view()?;
            view.and_then(|view| view.refused).map(|why| {
                let reason = refused(why);
                (
                    Event::Refused { reason },
                    "The server took no account.".to_owned(),
                )
            })
        }
        Happened::Devices => Some((
            Event::Devices,
            "Something about your devices changed; see `undertone devices`.".to_owned(),
        )),
        Happened::Transfer { id } => {
            let views = engine.transfers()?;
            let view = views.iter().find(|view| view.id == id);
            view.map(|view| {
                let transfer = Transfer::new(view);
                (Event::Transfer { transfer }, transfers::words(view))
            })
        }
        // Of being signed out nothing is stored: `receive` sees that for itself.
        Happened::Typing { .. } | Happened::Link | Happened::SignedOut => None,
    })
}

fn name_with_verification(
    name: &str,
    contacts: &[ContactView],
    chat: &undertone_engine::ChatId,
) -> String {
    let name = safe_text::line(words::or_no_name(name));
    let verified = contacts
        .iter()
        .any(|contact| contact.chat == Some(*chat) && contact.verified);
    if verified {
        format!("{name} (verified)")
    } else {
        name
    }
}

fn progress(state: MessageState) -> &'static str {
    match state {
        MessageState::Queued => "Waits again",
        MessageState::Sent => "Sent",
        MessageState::Delivered => "Delivered",
        MessageState::Read => "Read",
        MessageState::Failed => "Not sent",
        MessageState::Received => "Received",
    }
}

fn beginning(text: &str) -> String {
    let mut characters = text.chars();
    let beginning: String = characters.by_ref().take(BEGINNING).collect();
    let more = if characters.next().is_some() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", safe_text::line(&beginning))
}

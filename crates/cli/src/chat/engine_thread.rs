//! The engine's thread: carries out what the terminal asks, and says what is to be shown.

use std::{sync::mpsc::Sender, time::Duration};

use tokio::{
    runtime,
    sync::mpsc::UnboundedReceiver,
    time::{Instant, sleep_until, timeout_at},
};
use undertone_engine::{Change, CommandError, Engine, Event, MessageState, change_in};
use undertone_wire::time::WEEK_MS;

use super::{
    model::{Command, Found, Update},
    snapshot::{self, Viewing},
    terminal::Incoming,
};
use crate::{
    clock::now, driver::Driver, failure::Failure, safe_text, session::check_signed_in, words,
};

/// What changes within this time is shown together.
const TOGETHER: Duration = Duration::from_millis(40);
/// How long the last messages may take to go out when the user leaves.
const PARTING: Duration = Duration::from_secs(2);
/// Events that are taken at once.
const BATCH: usize = 500;
/// Messages that a search finds at most.
const FOUND: u32 = 50;

/// Runs until the terminal quits.
///
/// # Errors
/// [`Failure`] if the store fails.
pub fn run(
    mut driver: Driver,
    mut commands: UnboundedReceiver<Command>,
    updates: &Sender<Incoming>,
) -> Result<(), Failure> {
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let result = runtime.block_on(async {
        let served = tokio::select! {
            served = serve(&mut driver, &mut commands, updates) => served,
            () = asked_to_end() => Ok(()),
        };
        part(&mut driver).await?;
        served
    });
    runtime.shutdown_background();
    // If the terminal has gone already, nobody needs to know.
    let _ = updates.send(Incoming::Update(Update::Ended));
    result
}

async fn serve(
    driver: &mut Driver,
    commands: &mut UnboundedReceiver<Command>,
    updates: &Sender<Incoming>,
) -> Result<(), Failure> {
    let mut viewing = Viewing::default();
    let mut thread = Thread {
        updates,
        show_at: Some(Instant::now()),
        line: None,
    };
    driver.go_online()?;
    loop {
        let show_at = thread.show_at;
        let due = async {
            match show_at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            command = commands.recv() => match command {
                None | Some(Command::Quit) => return Ok(()),
                Some(command) => {
                    match carry_out(driver, &mut viewing, command) {
                        Ok(Some(update)) => thread.tell(update),
                        Ok(None) => {}
                        Err(Failure::Command(error)) if !matches!(error, CommandError::Engine(_)) => {
                            thread.tell(Update::Said(error.to_string()));
                        }
                        Err(failure) => return Err(failure),
                    }
                    thread.show_soon();
                }
            },
            () = due => {
                thread.show_at = None;
                let model = snapshot::take(driver.engine(), &viewing)?;
                thread.line = Some(model.line);
                thread.tell(Update::Model(model));
            }
            turned = driver.turn() => turned?,
        }
        check_signed_in(driver)?;
        thread.notice(driver)?;
    }
}

struct Thread<'a> {
    updates: &'a Sender<Incoming>,
    show_at: Option<Instant>,
    line: Option<super::model::Line>,
}

impl Thread<'_> {
    fn tell(&self, update: Update) {
        // If the terminal has gone, its end of the commands is closed too, and that ends the thread.
        let _ = self.updates.send(Incoming::Update(update));
    }

    fn show_soon(&mut self) {
        self.show_at
            .get_or_insert_with(|| Instant::now() + TOGETHER);
    }

    /// Looks what has happened, and whether it changes what is shown.
    fn notice(&mut self, driver: &mut Driver) -> Result<(), Failure> {
        while let Some(event) = driver.engine_mut().next_passing() {
            if let Event::Typing { chat, active, .. } = event {
                self.tell(Update::Typing(chat, active));
            }
        }
        let events = driver.engine().events(0, BATCH)?;
        for event in &events {
            if let Some(words) = about_own_devices(driver.engine(), event.event)? {
                self.tell(Update::Said(words));
            }
        }
        if let Some(last) = events.last() {
            // The history has it all: whatever is shown from it needs no event.
            driver.engine_mut().shown(last.number)?;
            self.show_soon();
        }
        if self.line != Some(snapshot::line(driver.engine())?) {
            self.show_soon();
        }
        Ok(())
    }
}

/// That a device was linked or signed out is said wherever one is: it may not have been oneself.
fn about_own_devices(engine: &Engine, event: Event) -> Result<Option<String>, Failure> {
    let Event::Change { seq, .. } = event else {
        return Ok(None);
    };
    let change = engine.message(seq)?.as_ref().and_then(change_in);
    let change = change.filter(|change| {
        matches!(
            change,
            Change::OwnDeviceLinked(_) | Change::OwnDeviceRemoved(_)
        )
    });
    Ok(change.map(|change| safe_text::cell_line(&words::change(&change, "", ""))))
}

fn carry_out(
    driver: &mut Driver,
    viewing: &mut Viewing,
    command: Command,
) -> Result<Option<Update>, Failure> {
    let engine = driver.engine_mut();
    let now = now();
    match command {
        Command::Open(chat, seq) => viewing.open(chat, seq),
        Command::More => viewing.more(),
        Command::Send(chat, text) => {
            engine.send_text(&chat, &text, now)?;
        }
        Command::Retry(chat) => {
            let messages = engine.history(&chat, u64::MAX, viewing.messages())?;
            for message in messages {
                if message.state == MessageState::Failed {
                    engine.retry_message(message.seq, now)?;
                }
            }
        }
        Command::MarkRead(chat, seq) => engine.mark_read(&chat, seq, now)?,
        Command::Typing(chat, active) => engine.set_typing(&chat, active, now)?,
        Command::Accept(request) => engine.accept_request(&request, now)?,
        Command::Delete(request) => engine.delete_request(&request, now)?,
        Command::BlockRequest(request) => engine.block_request(&request, now)?,
        Command::BlockContact(contact) => engine.block_contact(&contact, now)?,
        Command::Add(link) => return Ok(Some(Update::Added(engine.add_contact(&link, now)?.chat))),
        Command::ShowLink => {
            let link = engine.link()?.to_string();
            return Ok(Some(Update::Link { link, once: false }));
        }
        Command::NewLink => {
            let link = engine.new_once_link(now.plus(WEEK_MS), now)?.to_string();
            return Ok(Some(Update::Link { link, once: true }));
        }
        Command::ShowSafetyNumber(contact) => {
            let number = engine.safety_number(&contact)?.to_string();
            let contacts = engine.contacts()?;
            let view = contacts.iter().find(|view| view.account == contact);
            return Ok(view.map(|view| Update::SafetyNumber {
                contact,
                name: safe_text::cell_line(words::or_no_name(&view.name)),
                number,
                verified: view.verified,
            }));
        }
        Command::SetVerified(contact, verified) => engine.set_verified(&contact, verified)?,
        Command::Search(words) => return Ok(Some(Update::Found(find(driver, &words)?))),
        Command::Quit => {}
    }
    Ok(None)
}

/// Chats by their name first, then messages.
fn find(driver: &Driver, words: &str) -> Result<Vec<Found>, Failure> {
    let engine = driver.engine();
    if words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let chats = engine.chats()?;
    let name_of = |chat: &undertone_engine::ChatView| {
        safe_text::cell_line(words::or_no_name(&words::chat_name(chat)))
    };
    let sought = words.trim().to_lowercase();
    let mut found: Vec<Found> = chats
        .iter()
        .filter(|chat| words::chat_name(chat).to_lowercase().contains(&sought))
        .map(|chat| Found {
            chat: chat.chat,
            seq: None,
            name: name_of(chat),
            text: String::new(),
        })
        .collect();
    for message in engine.search(words, FOUND)? {
        let chat = chats.iter().find(|chat| chat.chat == message.chat);
        found.extend(chat.map(|chat| Found {
            chat: message.chat,
            seq: Some(message.seq),
            name: name_of(chat),
            text: safe_text::cell_line(words::text(&message)),
        }));
    }
    Ok(found)
}

/// Lets what was just written go out, and says goodbye.
async fn part(driver: &mut Driver) -> Result<(), Failure> {
    let deadline = Instant::now() + PARTING;
    while driver.has_reached() && driver.signed_out()?.is_none() && !driver.engine().status()?.idle
    {
        match timeout_at(deadline, driver.turn()).await {
            Ok(turned) => turned?,
            Err(_) => break,
        }
    }
    driver.close().await;
    Ok(())
}

/// The system asks programs to end before it cuts them off; the terminal is then left in order.
#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut hang_up)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = hang_up.recv() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    std::future::pending().await
}

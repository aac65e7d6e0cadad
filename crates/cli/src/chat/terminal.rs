//! The terminal: taken over, drawn on, and given back as it was.

use std::{
    io::{self, IsTerminal as _},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use ratatui::{
    DefaultTerminal,
    crossterm::{
        event::{
            self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste,
            EnableFocusChange, Event as TerminalEvent,
        },
        execute,
    },
};
use tokio::sync::mpsc::UnboundedSender;
use undertone_engine::ChatId;

use super::{
    model::{Command, Update},
    state::State,
    theme::Theme,
    update::{Event, update},
    view,
};
use crate::{clock::now, failure::Failure, when::Zone};

/// How often the screen is looked over although nothing happens.
const TICK: Duration = Duration::from_secs(1);

/// What comes to the terminal's thread.
#[derive(Debug)]
pub enum Incoming {
    /// From the keyboard and the window.
    Terminal(TerminalEvent),
    /// From the engine.
    Update(Update),
}

/// Fails if there is no terminal to take over.
///
/// # Errors
/// [`Failure::Usage`].
pub fn check() -> Result<(), Failure> {
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        Ok(())
    } else {
        Err(Failure::Usage(
            "`undertone chat` needs a terminal; `undertone receive` and `undertone send` do not"
                .to_owned(),
        ))
    }
}

/// Shows the conversation until the user leaves or the engine ends.
///
/// # Errors
/// [`Failure::Output`] if the terminal fails.
pub fn run(
    incoming: &Receiver<Incoming>,
    sender: Sender<Incoming>,
    commands: &UnboundedSender<Command>,
    chat: Option<ChatId>,
) -> Result<(), Failure> {
    let mut terminal = ratatui::try_init()?;
    let outcome = execute!(io::stdout(), EnableBracketedPaste, EnableFocusChange)
        .map_err(Failure::from)
        .and_then(|()| {
            read_keys(sender);
            converse(&mut terminal, incoming, commands, chat)
        });
    // The terminal is given back whatever happened; a failure of that has nobody left to be told.
    let _ = execute!(io::stdout(), DisableFocusChange, DisableBracketedPaste);
    ratatui::restore();
    outcome
}

fn converse(
    terminal: &mut DefaultTerminal,
    incoming: &Receiver<Incoming>,
    commands: &UnboundedSender<Command>,
    chat: Option<ChatId>,
) -> Result<(), Failure> {
    let theme = Theme::from_environment();
    let size = terminal.size()?;
    let mut state = State::new((size.width, size.height), Zone::of_system(), now(), chat);
    if let Some(chat) = chat {
        // Should the engine have ended already, its last word is on its way.
        let _ = commands.send(Command::Open(chat, None));
    }
    loop {
        terminal.draw(|frame| view::draw(frame, &state, theme))?;
        let first = match incoming.recv_timeout(TICK) {
            Ok(first) => Some(first),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        // All that is there is taken before the screen is drawn again.
        let mut events: Vec<Event> = first.into_iter().filter_map(read).collect();
        events.extend(incoming.try_iter().filter_map(read));
        if events.is_empty() {
            events.push(Event::Tick);
        }
        for event in events {
            for command in update(&mut state, event, now()) {
                let quits = command == Command::Quit;
                let ended = commands.send(command).is_err();
                if quits || ended {
                    return Ok(());
                }
            }
        }
    }
}

fn read(incoming: Incoming) -> Option<Event> {
    Some(match incoming {
        Incoming::Update(update) => Event::Update(update),
        Incoming::Terminal(TerminalEvent::Key(key)) => Event::Key(key),
        Incoming::Terminal(TerminalEvent::Paste(text)) => Event::Paste(text),
        Incoming::Terminal(TerminalEvent::Resize(width, height)) => Event::Resized(width, height),
        Incoming::Terminal(TerminalEvent::FocusGained) => Event::LookedAt(true),
        Incoming::Terminal(TerminalEvent::FocusLost) => Event::LookedAt(false),
        Incoming::Terminal(TerminalEvent::Mouse(_)) => return None,
    })
}

/// Reads the keyboard on a thread of its own, which ends with the program.
fn read_keys(sender: Sender<Incoming>) {
    thread::spawn(move || {
        while let Ok(event) = event::read() {
            if sender.send(Incoming::Terminal(event)).is_err() {
                return;
            }
        }
        // A terminal that is gone: the same as if the user had left.
        let _ = sender.send(Incoming::Update(Update::Ended));
    });
}

//! What all tabs are told of what happened in the engine.

use undertone_engine::{Engine, EngineError, Event, MessageState};
use undertone_web_messages::{Line, News};

use crate::{keys::chat_key, views};

/// Events that are read at once.
const AT_ONCE: usize = 500;

/// Remembers what was told.
#[derive(Default)]
pub(crate) struct Gatherer {
    line: Line,
    waiting: Vec<News>,
    overview: bool,
    devices: bool,
    signed_out: bool,
}

impl Gatherer {
    /// The first of a store; whether it says that this device was signed out.
    pub(crate) fn after(signed_out: bool) -> Self {
        Self {
            signed_out,
            ..Self::default()
        }
    }

    /// The list looks different, by what a page asked for.
    pub(crate) fn list_changed(&mut self) {
        self.overview = true;
    }

    /// A page did something that all tabs are told, and that the list shows.
    pub(crate) fn tell(&mut self, news: News) {
        self.overview = true;
        self.waiting.push(news);
    }

    /// Whether this device was signed out since the last time this was asked.
    pub(crate) fn take_signed_out(&mut self) -> bool {
        std::mem::take(&mut self.signed_out)
    }

    /// All that happened since the last time, the list at most once and last; and whether the store failed meanwhile.
    pub(crate) fn gather(&mut self, engine: &mut Engine) -> (Vec<News>, Result<(), EngineError>) {
        let read = self.read(engine);
        while let Some(event) = engine.next_passing() {
            self.take(event, true);
        }
        let line = views::line(engine.line());
        if std::mem::replace(&mut self.line, line) != line {
            self.waiting.push(News::Line(line));
        }
        // A history on its way tells of each of its parts.
        if std::mem::take(&mut self.devices) {
            self.waiting.push(News::Devices);
        }
        if std::mem::take(&mut self.overview) {
            self.waiting.push(News::Overview);
        }
        (std::mem::take(&mut self.waiting), read)
    }

    /// The history has it all: whatever is shown from it needs no event a second time.
    fn read(&mut self, engine: &mut Engine) -> Result<(), EngineError> {
        loop {
            let events = engine.events(0, AT_ONCE)?;
            let Some(last) = events.last() else {
                return Ok(());
            };
            engine.shown(last.number)?;
            for event in &events {
                let received = match event.event {
                    Event::Message { seq, .. } => is_received(engine, seq),
                    _ => true,
                };
                self.take(event.event, received);
            }
        }
    }

    /// `received` tells of a message whether it is somebody else's.
    fn take(&mut self, event: Event, received: bool) {
        match event {
            Event::Message { chat, seq } => self.tell(News::Message {
                chat: chat_key(&chat),
                seq,
                received,
            }),
            Event::MessageState { chat, seq, state } => self.tell(News::Mark {
                chat: chat_key(&chat),
                seq,
                mark: views::mark(state),
            }),
            Event::Change { chat, seq } => self.tell(News::Message {
                chat: chat_key(&chat),
                seq,
                received: false,
            }),
            Event::Typing { chat, active, .. } => self.waiting.push(News::Typing {
                chat: chat_key(&chat),
                active,
            }),
            Event::Request { .. }
            | Event::Invitation { .. }
            | Event::Chat { .. }
            | Event::Registered
            | Event::RegistrationRefused => self.list_changed(),
            Event::Devices | Event::Transfer { .. } => {
                self.devices = true;
                self.list_changed();
            }
            Event::Link => self.devices = true,
            Event::SignedOut => {
                self.devices = true;
                self.signed_out = true;
                self.list_changed();
            }
        }
    }
}

/// What one wrote on another device arrives as messages do, and is nothing that one has not seen.
fn is_received(engine: &Engine, seq: u64) -> bool {
    let row = engine.message(seq).ok().flatten();
    row.is_none_or(|row| row.state == MessageState::Received)
}

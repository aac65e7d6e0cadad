//! What all tabs are told of what happened in the engine.

use undertone_engine::{Engine, EngineError, Event};
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
}

impl Gatherer {
    /// The list looks different, by what a page asked for.
    pub(crate) fn list_changed(&mut self) {
        self.overview = true;
    }

    /// A page did something that all tabs are told, and that the list shows.
    pub(crate) fn tell(&mut self, news: News) {
        self.overview = true;
        self.waiting.push(news);
    }

    /// All that happened since the last time, the list at most once and last; and whether the store failed meanwhile.
    pub(crate) fn gather(&mut self, engine: &mut Engine) -> (Vec<News>, Result<(), EngineError>) {
        let read = self.read(engine);
        while let Some(event) = engine.next_passing() {
            self.take(event);
        }
        let line = views::line(engine.line());
        if std::mem::replace(&mut self.line, line) != line {
            self.waiting.push(News::Line(line));
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
                self.take(event.event);
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Message { chat, seq } => self.tell(News::Message {
                chat: chat_key(&chat),
                seq,
                received: true,
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
            Event::Devices | Event::Transfer { .. } | Event::Link | Event::SignedOut => {
                self.waiting.push(News::Devices);
                self.list_changed();
            }
        }
    }
}

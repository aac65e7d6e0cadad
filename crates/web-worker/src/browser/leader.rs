//! The part of a tab that leads: the engine with its connections.

use undertone_engine::Service;
use undertone_web_messages::{News, Question, Reply};
use undertone_web_worker::{Desk, TabId};
use undertone_wire::time::Timestamp;

use super::{
    scope::{now, origin},
    sockets::{Sockets, Tell, Told},
};

/// The engine with its connections.
pub struct Leader {
    desk: Desk,
    sockets: Sockets,
}

impl Leader {
    /// Connections tell what happens to them by `tell`.
    pub fn new(desk: Desk, tell: Tell) -> Self {
        Self {
            desk,
            sockets: Sockets::new(&origin(), tell),
        }
    }

    /// Answers a question of a tab.
    pub fn answer(&mut self, tab: TabId, question: &Question) -> Reply {
        Reply {
            number: question.number,
            answer: self.desk.answer(tab, question, now()),
        }
    }

    /// A connection tells something.
    pub fn hear(&mut self, service: Service, generation: u64, told: Told) {
        if let Some(input) = self.sockets.hear(service, generation, told) {
            self.desk.input(input, now());
        }
    }

    /// The time has come to look again.
    pub fn tick(&mut self) {
        self.desk.tick(now());
    }

    /// Does what is to be done after anything has happened, and says what the tabs are to be told.
    pub fn finish(&mut self) -> Vec<News> {
        let news = self.desk.news(now());
        while let Some(effect) = self.desk.next_effect() {
            self.sockets.carry_out(effect);
        }
        news
    }

    /// When this device was signed out from another, if that is new.
    pub fn take_signed_out(&mut self) -> Option<Timestamp> {
        self.desk.take_signed_out()
    }

    /// When to look again, if nothing happens before.
    pub fn sleep_ms(&self) -> u64 {
        self.desk.sleep_ms(now())
    }
}

//! The channels between the tabs of one browser.

use std::collections::BTreeMap;

use undertone_web_messages::Reply;
use undertone_web_worker::{TabId, ToLeader, ToTabs};
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

use super::frames::{post_to_channel, read};

const QUESTIONS: &str = "undertone/questions";
const NEWS: &str = "undertone/news";
const REPLIES: &str = "undertone/replies/";
/// Channels to other tabs that are kept open; tabs come and go.
const KEPT: usize = 32;

/// The ends of one tab.
pub struct Channels {
    questions: BroadcastChannel,
    news: BroadcastChannel,
    // Held, because it hears only while it is there.
    _replies: BroadcastChannel,
    others: BTreeMap<TabId, BroadcastChannel>,
}

/// What a tab hears.
pub enum Heard {
    /// Another tab says something to the leader.
    ToLeader(ToLeader),
    /// The leader says something to all.
    ToTabs(ToTabs),
    /// The leader answers this tab.
    Reply(Reply),
}

impl Channels {
    /// Opens the channels; `hear` is called with whatever comes.
    ///
    /// # Errors
    /// Those of a browser without such channels.
    pub fn open(own: TabId, hear: impl Fn(Heard) + Clone + 'static) -> Result<Self, JsValue> {
        let questions = BroadcastChannel::new(QUESTIONS)?;
        let news = BroadcastChannel::new(NEWS)?;
        let replies = BroadcastChannel::new(&format!("{REPLIES}{}", own.to_hex()))?;
        let (to_leader, to_tabs, reply) = (hear.clone(), hear.clone(), hear);
        on_message(&questions, move |event| {
            if let Some(said) = read(event) {
                to_leader(Heard::ToLeader(said));
            }
        });
        on_message(&news, move |event| {
            if let Some(said) = read(event) {
                to_tabs(Heard::ToTabs(said));
            }
        });
        on_message(&replies, move |event| {
            if let Some(said) = read(event) {
                reply(Heard::Reply(said));
            }
        });
        Ok(Self {
            questions,
            news,
            _replies: replies,
            others: BTreeMap::new(),
        })
    }

    /// Says something to whoever leads.
    pub fn to_leader(&self, message: &ToLeader) {
        post_to_channel(&self.questions, message);
    }

    /// Says something to all other tabs.
    pub fn to_tabs(&self, message: &ToTabs) {
        post_to_channel(&self.news, message);
    }

    /// Answers another tab.
    pub fn reply(&mut self, tab: TabId, reply: &Reply) {
        if self.others.len() >= KEPT && !self.others.contains_key(&tab) {
            for channel in std::mem::take(&mut self.others).values() {
                channel.close();
            }
        }
        if let Some(channel) = self.others.get(&tab) {
            post_to_channel(channel, reply);
        } else if let Ok(channel) = BroadcastChannel::new(&format!("{REPLIES}{}", tab.to_hex())) {
            post_to_channel(&channel, reply);
            self.others.insert(tab, channel);
        }
    }
}

fn on_message(channel: &BroadcastChannel, hear: impl Fn(&MessageEvent) + 'static) {
    let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event| hear(&event));
    channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    // For as long as the Worker lives.
    heard.forget();
}

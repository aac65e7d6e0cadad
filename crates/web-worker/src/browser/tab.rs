//! One tab's Worker: between its page and whoever leads, which may be itself.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use undertone_web_messages::{FromWorker, News, Question, Reply, ToWorker, Unusable};
use undertone_web_worker::{Desk, Epoch, Pending, TabId, ToLeader, ToTabs};
use undertone_wire::time::Timestamp;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::MessageEvent;

use super::{
    alarm::Alarm,
    channels::{Channels, Heard},
    frames::{post_to_page, read},
    leader::Leader,
    scope::{now, scope},
};

/// The list that changes within this time is told once.
const TOGETHER_MS: u64 = 40;

/// A tab, as its handlers hold it.
pub type Shared = Rc<RefCell<Tab>>;

/// A tab's Worker.
pub struct Tab {
    id: TabId,
    channels: Channels,
    /// Of the leader that was heard last.
    epoch: Epoch,
    /// What the page asked and nobody answered.
    pending: Pending,
    leader: Option<Leader>,
    unusable: Option<Unusable>,
    wake: Alarm,
    list: Alarm,
    /// Begins the store anew after this device was signed out.
    renew: Box<dyn Fn(Timestamp)>,
}

impl Tab {
    /// Begins to listen to the page and to other tabs.
    ///
    /// `renew` begins the store anew after this device was signed out.
    ///
    /// # Errors
    /// Those of a browser without channels between tabs.
    pub fn start(id: TabId, renew: fn(Shared, Timestamp)) -> Result<Shared, JsValue> {
        // Handlers are made before what they act on.
        let slot: Rc<OnceCell<Shared>> = Rc::default();
        let alarm = |ring: fn(&mut Self)| {
            let slot = Rc::clone(&slot);
            Alarm::new(Rc::new(move || act(slot.get(), ring)))
        };
        let (heard, asked, gone) = (Rc::clone(&slot), Rc::clone(&slot), Rc::clone(&slot));
        let tab = Rc::new(RefCell::new(Self {
            id,
            channels: Channels::open(id, move |said| {
                act(heard.get(), |tab| tab.hear(said));
            })?,
            epoch: Epoch::default(),
            pending: Pending::new(),
            leader: None,
            unusable: None,
            wake: alarm(Self::wake),
            list: alarm(Self::tell_list),
            renew: Box::new(move |at| {
                if let Some(tab) = gone.get() {
                    renew(Rc::clone(tab), at);
                }
            }),
        }));
        let _ = slot.set(Rc::clone(&tab));
        let from_page = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(ToWorker::Question(question)) = read(&event) {
                act(asked.get(), |tab| tab.ask(question));
            }
        });
        scope().set_onmessage(Some(from_page.as_ref().unchecked_ref()));
        // For as long as the Worker lives.
        from_page.forget();
        act(Some(&tab), |tab| {
            tab.channels.to_leader(&ToLeader::WhoLeads)
        });
        Ok(tab)
    }

    /// The latest leader that was heard of.
    pub fn epoch(shared: &Shared) -> Epoch {
        let tab = shared.try_borrow();
        tab.map(|tab| tab.epoch).unwrap_or_default()
    }

    /// This tab leads from now on.
    pub fn lead(shared: &Shared, desk: Desk, epoch: Epoch) {
        let told = Rc::downgrade(shared);
        let tell = move |service, generation, what| {
            act(told.upgrade().as_ref(), |tab| {
                if let Some(leader) = &mut tab.leader {
                    leader.hear(service, generation, what);
                }
                tab.finish();
            });
        };
        act(Some(shared), |tab| {
            tab.epoch.hear(epoch);
            tab.leader = Some(Leader::new(desk, Rc::new(tell)));
            tab.channels.to_tabs(&ToTabs::Leads(epoch));
            post_to_page(&FromWorker::Anew);
            for question in tab.pending.all(now()) {
                tab.answer_page(&question);
            }
            tab.finish();
        });
    }

    /// This tab should lead and cannot; nor could another.
    pub fn give_up(shared: &Shared, unusable: Unusable) {
        act(Some(shared), |tab| {
            tab.unusable = Some(unusable);
            tab.channels.to_tabs(&ToTabs::Unusable(unusable));
            post_to_page(&FromWorker::Unusable(unusable));
        });
    }

    /// The page asks.
    fn ask(&mut self, question: Question) {
        if self.leader.is_some() {
            self.answer_page(&question);
            self.finish();
            return;
        }
        // Before anybody leads there is nobody to ask: it waits until somebody says so.
        if self.epoch != Epoch::default() {
            self.pass_on(question.clone());
        }
        self.pending.note(question, now());
        self.set_wake();
    }

    fn pass_on(&self, question: Question) {
        let tab = self.id;
        self.channels
            .to_leader(&ToLeader::Question { tab, question });
    }

    fn answer_page(&mut self, question: &Question) {
        if let Some(leader) = &mut self.leader {
            let reply = leader.answer(self.id, question);
            self.pending.settle(reply.number);
            post_to_page(&FromWorker::Reply(reply));
        }
    }

    fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::ToLeader(said) => self.hear_tab(said),
            Heard::ToTabs(said) => self.hear_leader(said),
            Heard::Reply(reply) => self.hear_reply(reply),
        }
    }

    /// Another tab speaks to the leader.
    fn hear_tab(&mut self, said: ToLeader) {
        match (&mut self.leader, said) {
            (Some(leader), ToLeader::Question { tab, question }) => {
                let reply = leader.answer(tab, &question);
                self.channels.reply(tab, &reply);
                self.finish();
            }
            (Some(_), ToLeader::WhoLeads) => self.channels.to_tabs(&ToTabs::Leads(self.epoch)),
            (None, _) => {
                if let Some(unusable) = self.unusable {
                    self.channels.to_tabs(&ToTabs::Unusable(unusable));
                }
            }
        }
    }

    fn hear_leader(&mut self, said: ToTabs) {
        match said {
            ToTabs::Leads(epoch) => {
                if self.epoch.hear(epoch) {
                    post_to_page(&FromWorker::Anew);
                    for question in self.pending.all(now()) {
                        self.pass_on(question);
                    }
                    self.set_wake();
                }
            }
            ToTabs::News(news) => post_to_page(&FromWorker::News(news)),
            ToTabs::Unusable(unusable) => post_to_page(&FromWorker::Unusable(unusable)),
        }
    }

    /// Whichever leader it is from: it was durable when it was said.
    fn hear_reply(&mut self, reply: Reply) {
        if self.pending.settle(reply.number) {
            post_to_page(&FromWorker::Reply(reply));
        }
    }

    /// The alarm rings: there is something to ask again, or the engine wants to look again.
    fn wake(&mut self) {
        if let Some(leader) = &mut self.leader {
            leader.tick();
            self.finish();
            return;
        }
        for question in self.pending.overdue(now()) {
            self.pass_on(question);
        }
        self.set_wake();
    }

    /// After anything that the leader did: its connections, news, and when to look again.
    fn finish(&mut self) {
        let Some(leader) = &mut self.leader else {
            return;
        };
        let told = leader.finish();
        self.wake.set(leader.sleep_ms());
        let signed_out = leader.take_signed_out();
        for news in told {
            if news == News::Overview {
                self.list.set_if_silent(TOGETHER_MS);
            } else {
                self.tell(news);
            }
        }
        if let Some(at) = signed_out {
            // Closes the store, which holds nothing any more.
            self.leader = None;
            (self.renew)(at);
        }
    }

    fn tell_list(&mut self) {
        self.list.rang();
        self.tell(News::Overview);
    }

    fn tell(&self, news: News) {
        self.channels.to_tabs(&ToTabs::News(news.clone()));
        post_to_page(&FromWorker::News(news));
    }

    fn set_wake(&mut self) {
        match self.pending.wake_at() {
            Some(at) => self.wake.set(at.since(now())),
            None => self.wake.stop(),
        }
    }
}

/// Handlers run one after another, so that nobody else holds the tab. But a Worker that the page ends may be cut off in
/// the middle of a handler and still be called for what waits: half done as it is, it does nothing more.
fn act(tab: Option<&Shared>, act: impl FnOnce(&mut Tab)) {
    if let Some(Ok(mut tab)) = tab.map(|tab| tab.try_borrow_mut()) {
        act(&mut tab);
    }
}

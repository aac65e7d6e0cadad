//! What the whole page shares: where it is, what is in the list, and what is told to the user.

mod devices;

use std::collections::BTreeMap;

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{
    Account, Answer, Ask, ChatEntry, ChatKey, ChatKind, Devices, Group, GroupChange, Line, News,
    Overview, PersonKey, Refusal, Unusable,
};

use crate::{
    bridge::{self, Told},
    browser,
    link_in_address::{device_code_in, link_in},
    route::{Route, Settings},
};

/// How long it is believed that somebody writes who does not say that they have stopped.
const TYPING_MS: u64 = 8_000;

/// The state of the page. Copies are the same state.
#[derive(Clone, Copy)]
pub struct Page {
    /// What is shown.
    pub route: RwSignal<Route>,
    /// The list; none until the engine has answered.
    pub overview: RwSignal<Option<Overview>>,
    /// Why there is no engine.
    pub unusable: RwSignal<Option<Unusable>>,
    /// In which chats the other writes now, and until when that is believed.
    typing: RwSignal<BTreeMap<ChatKey, u64>>,
    /// Somebody's link that was opened and not yet followed.
    pub link: RwSignal<Option<String>>,
    /// A sentence that is said once.
    pub notice: RwSignal<Option<String>>,
    /// Whether the dialog that finds chats and messages is open.
    pub finding: RwSignal<bool>,
    /// Whether the list of keys is open.
    pub keys: RwSignal<bool>,
    /// A message to go to, once its chat is open.
    pub go_to: RwSignal<Option<(ChatKey, u64)>>,
    /// One's own devices, one being linked, histories on their way.
    pub devices: RwSignal<Devices>,
    /// The code of a device that was opened with its address.
    pub device_code: RwSignal<Option<String>>,
    /// Whether somebody who was signed out has read so, and begins anew.
    pub begins_anew: RwSignal<bool>,
    /// The group that is open.
    group: RwSignal<Option<Group>>,
    chats: Memo<BTreeMap<ChatKey, ChatEntry>>,
    reading: StoredValue<bool>,
    stale: StoredValue<bool>,
}

impl Page {
    /// The state as it is at the start; it follows what the Worker tells and what the browser's buttons do.
    pub fn begin() -> Self {
        let overview = RwSignal::new(None::<Overview>);
        let chats = Memo::new(move |_| {
            overview.with(|overview| {
                let chats = overview.iter().flat_map(|overview| &overview.chats);
                chats.map(|entry| (entry.chat, entry.clone())).collect()
            })
        });
        let page = Self {
            route: RwSignal::new(Route::parse(&browser::path())),
            overview,
            unusable: RwSignal::new(None),
            typing: RwSignal::new(BTreeMap::new()),
            link: RwSignal::new(None),
            notice: RwSignal::new(None),
            finding: RwSignal::new(false),
            keys: RwSignal::new(false),
            go_to: RwSignal::new(None),
            devices: RwSignal::new(Devices::default()),
            device_code: RwSignal::new(None),
            begins_anew: RwSignal::new(false),
            group: RwSignal::new(None),
            chats,
            reading: StoredValue::new(false),
            stale: StoredValue::new(false),
        };
        page.take_link();
        browser::on_event(&window(), "popstate", move |_| {
            page.take_link();
            page.route.set(Route::parse(&browser::path()));
        });
        browser::on_event(&window(), "hashchange", move |_| page.take_link());
        bridge::listen(move |told| page.hear(told));
        let open = Memo::new(move |_| {
            let entry = page.route.get().chat().and_then(|chat| page.chat(chat));
            let group = entry.filter(|entry| entry.kind == ChatKind::Group);
            // Whoever has just come into it knows only now who is in it.
            group.map(|entry| (entry.chat, entry.state, entry.waits))
        });
        Effect::new(move |_| {
            if let Some((chat, ..)) = open.get() {
                page.read_group(chat);
            }
        });
        page.follow_devices();
        page.refresh();
        page
    }

    /// The one of this page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Shows something else.
    pub fn go(self, route: Route) {
        if self.route.get_untracked() != route {
            browser::set_address(&route.path(), false);
            self.route.set(route);
        }
    }

    /// Shows something else in place of what is shown: Back does not lead here again.
    pub fn go_instead(self, route: Route) {
        browser::set_address(&route.path(), true);
        self.route.set(route);
    }

    /// Says a sentence, to ears too; it goes by itself.
    pub fn say(self, sentence: String) {
        self.notice.set(Some(sentence.clone()));
        set_timeout(
            move || {
                if self.notice.get_untracked().as_ref() == Some(&sentence) {
                    self.notice.set(None);
                }
            },
            std::time::Duration::from_secs(5),
        );
    }

    /// The account, if there is one.
    pub fn account(self) -> Option<Account> {
        self.overview
            .with(|overview| overview.as_ref()?.account.clone())
    }

    /// How the engine is connected.
    pub fn line(self) -> Line {
        self.overview.with(|overview| {
            overview
                .as_ref()
                .map_or(Line::Connecting, |overview| overview.line)
        })
    }

    /// A chat as the list has it.
    pub fn chat(self, chat: ChatKey) -> Option<ChatEntry> {
        self.chats.with(|chats| chats.get(&chat).cloned())
    }

    /// The chat with somebody.
    pub fn chat_with(self, person: PersonKey) -> Option<ChatEntry> {
        self.chats.with(|chats| {
            chats
                .values()
                .find(|chat| chat.person == Some(person))
                .cloned()
        })
    }

    /// A group, if it is open and was read.
    pub fn group(self, chat: ChatKey) -> Option<Group> {
        let open = self.group.get();
        open.filter(|group| group.chat == chat)
    }

    /// Reads a group anew.
    pub fn read_group(self, chat: ChatKey) {
        spawn_local(async move {
            if let Answer::Group(group) = bridge::ask(Ask::Group { chat }).await
                && self.route.get_untracked().chat() == Some(chat)
            {
                self.group.set(Some(group));
            }
        });
    }

    /// Changes a group, and shows it as it is then.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn change_group(self, chat: ChatKey, change: GroupChange) -> Result<(), Refusal> {
        let answer = bridge::ask(Ask::ChangeGroup { chat, change }).await;
        self.read_group(chat);
        match answer {
            Answer::Refused(why) => Err(why),
            _ => Ok(()),
        }
    }

    /// Whether this device has no place in a chat yet: what is written there waits.
    pub fn waits_for_place(self, chat: ChatKey) -> bool {
        self.chats
            .with(|chats| chats.get(&chat).is_some_and(|entry| entry.waits))
    }

    /// Whether the other writes in a chat now.
    pub fn is_typing(self, chat: ChatKey) -> bool {
        self.typing.with(|typing| typing.contains_key(&chat))
    }

    /// Reads the list anew; what changes while it is read is read once more afterwards.
    pub fn refresh(self) {
        if self.reading.get_value() {
            self.stale.set_value(true);
            return;
        }
        self.reading.set_value(true);
        spawn_local(async move {
            loop {
                self.stale.set_value(false);
                if let Answer::Overview(overview) = bridge::ask(Ask::Overview).await {
                    self.unusable.set(None);
                    self.overview.set(Some(overview));
                }
                if !self.stale.get_value() {
                    break;
                }
            }
            self.reading.set_value(false);
        });
    }

    fn hear(self, told: &Told) {
        match told {
            Told::News(News::Typing { chat, active }) => self.hear_typing(*chat, *active),
            Told::News(News::Line(line)) => self.overview.update(|overview| {
                if let Some(overview) = overview {
                    overview.line = *line;
                }
            }),
            Told::News(News::Message { chat, received, .. }) => {
                if *received {
                    self.hear_typing(*chat, false);
                } else {
                    self.read_open_group(*chat);
                }
                self.refresh();
            }
            Told::News(News::Overview | News::Mark { .. }) => self.refresh(),
            Told::News(News::Devices) => self.read_devices(),
            Told::Anew => {
                self.read_devices();
                if let Some(chat) = self.route.get_untracked().chat() {
                    self.read_open_group(chat);
                }
                self.refresh();
            }
            Told::Unusable(why) => self.unusable.set(Some(*why)),
        }
    }

    /// Something changed in a chat: if it is the group that is open, it is read anew.
    fn read_open_group(self, chat: ChatKey) {
        let open = self
            .group
            .with_untracked(|group| group.as_ref().map(|group| group.chat));
        if open == Some(chat) && self.route.get_untracked().chat() == open {
            self.read_group(chat);
        }
    }

    /// Believes that somebody writes until they have stopped, or for a while.
    fn hear_typing(self, chat: ChatKey, active: bool) {
        if !active {
            if self
                .typing
                .with_untracked(|typing| typing.contains_key(&chat))
            {
                self.typing.update(|typing| {
                    typing.remove(&chat);
                });
            }
            return;
        }
        let until = browser::now() + TYPING_MS;
        self.typing.update(|typing| {
            typing.insert(chat, until);
        });
        set_timeout(
            move || {
                if self
                    .typing
                    .with_untracked(|typing| typing.get(&chat) == Some(&until))
                {
                    self.hear_typing(chat, false);
                }
            },
            std::time::Duration::from_millis(TYPING_MS),
        );
    }

    /// Takes somebody's link out of the address, so that it stays in no history.
    fn take_link(self) {
        let found = link_in(&browser::origin(), &browser::path(), &browser::fragment());
        if let Some(link) = found {
            browser::set_address("/", true);
            self.link.set(Some(link));
        }
        if let Some(code) = device_code_in(&browser::fragment()) {
            let route = Route::Settings(Settings::Devices);
            browser::set_address(&route.path(), true);
            self.device_code.set(Some(code));
            self.route.set(route);
        }
    }
}

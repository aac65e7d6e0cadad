//! What a page is answered, from a real engine that has no network.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::sync::atomic::{AtomicU64, Ordering};

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_engine::{Effect, Location, Service, Store, StoreKey};
use undertone_web_messages::{
    Answer, Ask, ChatKey, ChatKind, Line, Mark, MessageKey, News, Overview, Page, Question,
    Refusal, Stretch,
};
use undertone_web_worker::{Desk, TabId};
use undertone_wire::time::Timestamp;

const SERVER: &str = "https://chat.example";
const NOW: Timestamp = Timestamp(1_800_000_000_000);

static STORES: AtomicU64 = AtomicU64::new(0);
static QUESTIONS: AtomicU64 = AtomicU64::new(1);

/// A store that outlives its desks, as a file does.
struct Device {
    name: String,
    _kept: Store,
}

impl Device {
    fn new() -> Self {
        let name = format!("desk {}", STORES.fetch_add(1, Ordering::Relaxed));
        let kept = open(&name);
        Self { name, _kept: kept }
    }

    /// The Worker of a tab begins to lead.
    fn lead(&self) -> Desk {
        self.lead_on(open(&self.name))
    }

    fn lead_on(&self, store: Store) -> Desk {
        let rng = ChaCha20Rng::seed_from_u64(STORES.fetch_add(1, Ordering::Relaxed));
        Desk::open(store, Box::new(rng), SERVER.into(), NOW).unwrap()
    }
}

fn open(name: &str) -> Store {
    let location = Location::SharedMemory(name.to_owned());
    Store::open(location, &StoreKey::from_bytes(&[7; 32])).unwrap()
}

fn tab() -> TabId {
    TabId::new([1; TabId::LEN])
}

fn ask(desk: &mut Desk, ask: Ask) -> Answer {
    let number = QUESTIONS.fetch_add(1, Ordering::Relaxed);
    desk.answer(tab(), &Question { number, ask }, NOW)
}

fn create_account(desk: &mut Desk) {
    let answer = ask(desk, account("Ada", None));
    assert_eq!(answer, Answer::Done);
}

fn account(name: &str, invite: Option<&str>) -> Ask {
    Ask::CreateAccount {
        name: name.into(),
        invite: invite.map(Into::into),
    }
}

fn overview(desk: &mut Desk) -> Overview {
    match ask(desk, Ask::Overview) {
        Answer::Overview(overview) => overview,
        other => panic!("{other:?}"),
    }
}

fn notes(desk: &mut Desk) -> ChatKey {
    overview(desk).chats[0].chat
}

fn send(desk: &mut Desk, chat: ChatKey, id: u8, text: &str) -> Answer {
    let id = MessageKey([id; 16]);
    ask(
        desk,
        Ask::Send {
            chat,
            id,
            text: text.into(),
        },
    )
}

fn history(desk: &mut Desk, chat: ChatKey, from: Stretch, limit: u32) -> Page {
    match ask(desk, Ask::History { chat, from, limit }) {
        Answer::Page(page) => page,
        other => panic!("{other:?}"),
    }
}

fn texts(page: &Page) -> (Vec<&str>, bool, bool) {
    let texts = page
        .messages
        .iter()
        .map(|message| message.text.as_deref().unwrap());
    (texts.collect(), page.older, page.newer)
}

#[test]
fn before_there_is_an_account_nothing_else_can_be_asked() {
    let mut desk = Device::new().lead();
    let shown = overview(&mut desk);
    assert_eq!((shown.account, shown.chats.len()), (None, 0));
    assert_eq!(
        ask(&mut desk, Ask::MyLink),
        Answer::Refused(Refusal::NoAccount)
    );
    for (name, refusal) in [("", Refusal::Name), ("a\u{7}", Refusal::Name)] {
        assert_eq!(
            ask(&mut desk, account(name, None)),
            Answer::Refused(refusal)
        );
    }
    assert!(desk.next_effect().is_none(), "nobody is spoken to");
}

#[test]
fn an_account_is_made_once_and_connects() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let shown = overview(&mut desk);
    let made = shown.account.unwrap();
    assert_eq!(
        (made.name.as_str(), made.server.as_str(), made.registered),
        ("Ada", SERVER, false)
    );
    assert_eq!(shown.chats.len(), 1);
    assert_eq!(shown.chats[0].kind, ChatKind::Notes);
    assert_eq!(desk.next_effect(), Some(Effect::Connect(Service::Account)));
    // Asked again by a tab whose answer was lost, and by one that wants another.
    assert_eq!(ask(&mut desk, account("Ada", None)), Answer::Done);
    assert_eq!(
        ask(&mut desk, account("Eve", None)),
        Answer::Refused(Refusal::AccountExists)
    );
    assert_eq!(overview(&mut desk).account.unwrap().person, made.person);
}

#[test]
fn a_message_is_written_once_however_often_it_is_asked_for() {
    let device = Device::new();
    let mut desk = device.lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    desk.news(NOW);
    assert_eq!(send(&mut desk, chat, 1, "hello"), Answer::Done);
    let news = desk.news(NOW);
    assert!(
        matches!(
            news[..],
            [
                News::Message {
                    received: false,
                    ..
                },
                News::Overview
            ]
        ),
        "{news:?}"
    );
    assert_eq!(send(&mut desk, chat, 1, "hello"), Answer::Done);
    drop(desk);
    let mut desk = device.lead();
    assert_eq!(send(&mut desk, chat, 1, "hello"), Answer::Done);
    assert_eq!(send(&mut desk, chat, 2, "there"), Answer::Done);
    let page = history(&mut desk, chat, Stretch::Newest, 10);
    assert_eq!(texts(&page), (vec!["hello", "there"], false, false));
    assert_eq!(page.messages[0].id, MessageKey([1; 16]));
    assert_eq!(page.messages[0].mark, Mark::Sent);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    let long = "a".repeat(65_537);
    for (chat, text, refusal) in [
        (chat, "", Refusal::Empty),
        (chat, long.as_str(), Refusal::TooLong(65_536)),
        (ChatKey([9; 16]), "hello", Refusal::Unknown),
    ] {
        assert_eq!(send(&mut desk, chat, 1, text), Answer::Refused(refusal));
    }
}

#[test]
fn history_comes_in_stretches_that_say_what_lies_beyond() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    let names = ["0", "1", "2", "3", "4", "5", "6", "7"];
    for (id, text) in (0..).zip(names) {
        send(&mut desk, chat, id, text);
    }
    let all = history(&mut desk, chat, Stretch::Newest, 100);
    assert_eq!(texts(&all), (names.to_vec(), false, false));
    let seq = |index: usize| all.messages[index].seq;
    let mut stretch = |from, limit| {
        let page = history(&mut desk, chat, from, limit);
        let (texts, older, newer) = texts(&page);
        (texts.concat(), older, newer)
    };
    let expected = |texts: &str, older, newer| (texts.to_owned(), older, newer);
    assert_eq!(stretch(Stretch::Newest, 3), expected("567", true, false));
    assert_eq!(
        stretch(Stretch::Before(seq(5)), 3),
        expected("234", true, true)
    );
    assert_eq!(
        stretch(Stretch::Before(seq(2)), 3),
        expected("01", false, true)
    );
    assert_eq!(
        stretch(Stretch::Before(seq(0)), 3),
        expected("", false, true)
    );
    assert_eq!(
        stretch(Stretch::After(seq(2)), 3),
        expected("345", true, true)
    );
    assert_eq!(
        stretch(Stretch::After(seq(5)), 3),
        expected("67", true, false)
    );
    assert_eq!(
        stretch(Stretch::After(seq(7)), 3),
        expected("", true, false)
    );
    assert_eq!(
        stretch(Stretch::Around(seq(3)), 4),
        expected("2345", true, true)
    );
    assert_eq!(
        stretch(Stretch::Around(seq(7)), 4),
        expected("4567", true, false)
    );
    assert_eq!(
        stretch(Stretch::Around(seq(0)), 4),
        expected("012", false, true)
    );
    assert_eq!(stretch(Stretch::Newest, 0), expected("7", true, false));
}

#[test]
fn a_draft_is_kept_until_an_empty_one_replaces_it() {
    let device = Device::new();
    let mut desk = device.lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    let save = |desk: &mut Desk, text: &str| {
        let text = text.to_owned();
        ask(desk, Ask::SaveDraft { chat, text })
    };
    let long = "ä".repeat(200);
    assert_eq!(save(&mut desk, &long), Answer::Done);
    send(&mut desk, chat, 1, "something else");
    drop(desk);
    let mut desk = device.lead();
    assert_eq!(
        ask(&mut desk, Ask::Draft { chat }),
        Answer::Draft(long.clone())
    );
    assert_eq!(overview(&mut desk).chats[0].draft, "ä".repeat(120));
    // What is sent is a draft no more.
    send(&mut desk, chat, 2, &long);
    assert_eq!(
        ask(&mut desk, Ask::Draft { chat }),
        Answer::Draft(String::new())
    );
    assert_eq!(save(&mut desk, &long), Answer::Done);
    assert_eq!(save(&mut desk, ""), Answer::Done);
    assert_eq!(
        ask(&mut desk, Ask::Draft { chat }),
        Answer::Draft(String::new())
    );
    assert_eq!(
        save(&mut desk, &"a".repeat(2_000_000)),
        Answer::Refused(Refusal::TooLong(1_048_576))
    );
}

#[test]
fn the_list_shows_what_was_said_last() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    assert_eq!(overview(&mut desk).chats[0].last, None);
    send(&mut desk, chat, 1, "first");
    send(&mut desk, chat, 2, &"long ".repeat(100));
    let shown = overview(&mut desk);
    let last = shown.chats[0].last.as_ref().unwrap();
    assert_eq!(last.text, "long ".repeat(24));
    assert_eq!((last.mark, last.sent_at), (Mark::Sent, NOW.0));
    assert_eq!(shown.chats[0].unread, 0);
}

#[test]
fn only_what_changes_is_news() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    send(&mut desk, chat, 1, "seen");
    let seq = history(&mut desk, chat, Stretch::Newest, 1).messages[0].seq;
    desk.news(NOW);
    let text = "draft".to_owned();
    for said in [Ask::MarkRead { chat, seq }, Ask::SaveDraft { chat, text }] {
        assert_eq!(ask(&mut desk, said.clone()), Answer::Done);
        assert_eq!(desk.news(NOW), [News::Overview]);
        assert_eq!(ask(&mut desk, said), Answer::Done);
        assert_eq!(desk.news(NOW), []);
    }
}

#[test]
fn what_was_said_is_found() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    send(&mut desk, chat, 1, "Crème brûlée");
    let found = |desk: &mut Desk, words: &str| match ask(
        desk,
        Ask::Search {
            words: words.into(),
        },
    ) {
        Answer::Found(found) => found.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(found(&mut desk, "creme bru"), 1);
    assert_eq!(found(&mut desk, "pie"), 0);
    assert_eq!(found(&mut desk, " "), 0);
}

#[test]
fn a_request_that_comes_twice_makes_one_link() {
    let device = Device::new();
    let mut desk = device.lead();
    create_account(&mut desk);
    let question = |number, ask| Question { number, ask };
    let once = question(1, Ask::NewOnceLink { days: 7 });
    let reset = question(2, Ask::ResetLink);
    let first = desk.answer(tab(), &once, NOW);
    let other = desk.answer(TabId::new([2; 16]), &once, NOW);
    assert_ne!(first, other, "another tab's first question is another");
    let new = desk.answer(tab(), &reset, NOW);
    for desk in [&mut desk, &mut device.lead()] {
        assert_eq!(desk.answer(tab(), &once, NOW), first);
        assert_eq!(desk.answer(tab(), &reset, NOW), new);
        assert_eq!(ask(desk, Ask::MyLink), new);
    }
}

#[test]
fn a_change_is_answered_as_before_and_a_look_as_things_are() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let chat = notes(&mut desk);
    let save = |number, text: &str| Question {
        number,
        ask: Ask::SaveDraft {
            chat,
            text: text.into(),
        },
    };
    let (early, late) = (save(u64::MAX - 1, "early"), save(u64::MAX, "late"));
    let look = Question {
        number: u64::MAX - 2,
        ask: Ask::Draft { chat },
    };
    desk.answer(tab(), &early, NOW);
    assert_eq!(
        desk.answer(tab(), &look, NOW),
        Answer::Draft("early".into())
    );
    desk.answer(tab(), &late, NOW);
    // The first comes again, because its answer was slow.
    assert_eq!(desk.answer(tab(), &early, NOW), Answer::Done);
    assert_eq!(desk.answer(tab(), &look, NOW), Answer::Draft("late".into()));
}

#[test]
fn a_request_that_is_gone_is_deleted_but_not_blocked() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let request = ChatKey([5; 16]);
    assert_eq!(ask(&mut desk, Ask::DeleteRequest { request }), Answer::Done);
    for unknown in [
        Ask::BlockRequest { request },
        Ask::AcceptRequest { request },
    ] {
        assert_eq!(ask(&mut desk, unknown), Answer::Refused(Refusal::Unknown));
    }
}

#[test]
fn a_link_followed_twice_leads_to_one_chat() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    let mut other = Device::new().lead();
    create_account(&mut other);
    let Answer::Link(link) = ask(&mut other, Ask::MyLink) else {
        panic!("no link");
    };
    let add = |desk: &mut Desk| {
        ask(
            desk,
            Ask::AddContact {
                link: link.link.clone(),
            },
        )
    };
    let first = add(&mut desk);
    assert!(matches!(first, Answer::Chat(_)), "{first:?}");
    assert_eq!(add(&mut desk), first);
    assert_eq!(add(&mut other), Answer::Refused(Refusal::OwnLink));
    let wrong = "https://chat.example/".to_owned();
    assert_eq!(
        ask(&mut desk, Ask::AddContact { link: wrong }),
        Answer::Refused(Refusal::NotALink)
    );
}

#[test]
fn without_a_network_nothing_is_tried() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    while desk.next_effect().is_some() {}
    assert_eq!(ask(&mut desk, Ask::Network { there: false }), Answer::Done);
    assert!(desk.news(NOW).contains(&News::Line(Line::Offline)));
    while desk.next_effect().is_some() {}
    let later = NOW.plus(600_000);
    desk.tick(later);
    assert!(desk.next_effect().is_none());
    assert_eq!(ask(&mut desk, Ask::Network { there: true }), Answer::Done);
    assert_eq!(desk.next_effect(), Some(Effect::Connect(Service::Account)));
}

#[test]
fn whatever_is_asked_meanwhile_it_looks_again_in_time() {
    let mut desk = Device::new().lead();
    assert_eq!(desk.sleep_ms(NOW), 30_000);
    overview(&mut desk);
    assert_eq!(desk.sleep_ms(NOW.plus(29_000)), 1_000);
    assert_eq!(desk.sleep_ms(NOW.plus(40_000)), 0);
    desk.tick(NOW.plus(40_000));
    assert_eq!(desk.sleep_ms(NOW.plus(40_000)), 30_000);
}

#[test]
fn who_slept_connects_anew() {
    let mut desk = Device::new().lead();
    create_account(&mut desk);
    while desk.next_effect().is_some() {}
    desk.tick(NOW.plus(20_000));
    assert_eq!(desk.next_effect(), None);
    desk.tick(NOW.plus(20_000 + 120_000));
    let effects: Vec<_> = std::iter::from_fn(|| desk.next_effect()).collect();
    assert_eq!(
        effects,
        [
            Effect::Disconnect(Service::Account),
            Effect::Connect(Service::Account)
        ]
    );
}

#[test]
fn a_store_that_fails_is_said_and_rested_from() {
    let device = Device::new();
    create_account(&mut device.lead());
    let mut store = open(&device.name);
    let commits = std::sync::Arc::new(AtomicU64::new(0));
    let seen = std::sync::Arc::clone(&commits);
    // The engine's start writes nothing; the first thing that a page does fails.
    store.set_crash_point(move || {
        seen.fetch_add(1, Ordering::Relaxed);
        true
    });
    let mut desk = device.lead_on(store);
    while desk.next_effect().is_some() {}
    let answer = ask(&mut desk, Ask::ResetLink);
    assert_eq!(answer, Answer::Refused(Refusal::Store));
    assert_eq!(commits.load(Ordering::Relaxed), 1);
    desk.tick(NOW.plus(1_000));
    let effects: Vec<_> = std::iter::from_fn(|| desk.next_effect()).collect();
    assert_eq!(effects, [Effect::Disconnect(Service::Account)]);
    assert!(desk.sleep_ms(NOW.plus(1_000)) > 20_000);
}

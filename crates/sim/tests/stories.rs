//! Stories through real engines and the real server core, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::sync::atomic::Ordering;

use undertone_engine::{ChatId, ChatState, CommandError, MessageState, Service};
use undertone_sim::{
    property,
    scenario::chat_between,
    world::{AUTHORITY, World},
};
use undertone_wire::time::{DAY_MS, Timestamp, WEEK_MS};

/// People with accounts whose links can be used.
fn people(seed: u64, count: usize) -> World {
    let mut world = World::new(seed, count).unwrap();
    for person in 0..count {
        create_account(&mut world, person);
    }
    pass(&mut world, 10_000);
    world
}

fn create_account(world: &mut World, person: usize) {
    let name = world.people[person].name.clone();
    world
        .with(person, |engine, now| {
            engine.create_account(&format!("https://{AUTHORITY}"), &name, "", now)
        })
        .unwrap();
}

fn pass(world: &mut World, ms: u64) {
    let until = world.now + ms;
    world.run_until(until).unwrap();
}

fn reusable_link(world: &mut World, person: usize) -> String {
    world
        .with(person, |engine, _| engine.link())
        .unwrap()
        .unwrap()
        .to_string()
}

fn once_link(world: &mut World, person: usize, expires_at: Timestamp) -> String {
    let link = world
        .with(person, |engine, now| engine.new_once_link(expires_at, now))
        .unwrap()
        .unwrap();
    pass(world, 5_000);
    assert_eq!(
        world
            .with(person, |engine, _| Ok(engine.link_is_ready(&link)?))
            .unwrap(),
        Some(true)
    );
    link.to_string()
}

fn add(world: &mut World, person: usize, link: &str) -> ChatId {
    let chat = world
        .with(person, |engine, now| engine.add_contact(link, now))
        .unwrap()
        .unwrap()
        .chat;
    pass(world, 5_000);
    chat
}

fn say(world: &mut World, person: usize, chat: ChatId, text: &str) {
    world
        .with(person, |engine, now| engine.send_text(&chat, text, now))
        .unwrap()
        .unwrap();
    pass(world, 5_000);
}

fn texts(world: &mut World, person: usize, chat: ChatId) -> Vec<(String, MessageState)> {
    let history = world
        .with(person, |engine, _| engine.history(&chat, u64::MAX, 1_000))
        .unwrap()
        .unwrap();
    history
        .into_iter()
        .map(|message| (message.text, message.state))
        .collect()
}

fn requests(world: &mut World, person: usize) -> Vec<ChatId> {
    let requests = world
        .with(person, |engine, _| Ok(engine.requests()?))
        .unwrap()
        .unwrap();
    requests
        .into_iter()
        .map(|request| request.request)
        .collect()
}

fn state(world: &mut World, person: usize, chat: ChatId) -> (ChatState, String) {
    let chats = world
        .with(person, |engine, _| Ok(engine.chats()?))
        .unwrap()
        .unwrap();
    let view = chats.into_iter().find(|view| view.chat == chat).unwrap();
    (view.state, view.reason)
}

fn sent(world: &World, person: usize) -> Vec<u64> {
    Service::ALL
        .iter()
        .map(|service| world.sent.get(&(person, *service)).copied().unwrap_or(0))
        .collect()
}

#[test]
fn a_single_use_link_leads_into_a_conversation_and_is_used_up() {
    let mut world = people(1, 3);
    let link = once_link(&mut world, 0, Timestamp(0));
    let chat = add(&mut world, 1, &link);
    say(&mut world, 1, chat, "hello");
    let back = chat_between(&mut world, 0, 1).unwrap().unwrap();
    say(&mut world, 0, back, "welcome");
    assert_eq!(property::check(&mut world, &[(0, 1)]).unwrap(), 2);

    let late = add(&mut world, 2, &link);
    say_queued(&mut world, 2, late, "too late");
    let (state, reason) = state(&mut world, 2, late);
    assert_eq!(state, ChatState::Failed);
    assert!(reason.contains("has been used"), "{reason}");
}

fn say_queued(world: &mut World, person: usize, chat: ChatId, text: &str) {
    let result = world.with(person, |engine, now| {
        match engine.send_text(&chat, text, now) {
            Err(CommandError::NotNow(_)) => Ok(()),
            other => other.map(|_| ()),
        }
    });
    result.unwrap();
}

#[test]
fn an_expired_or_reset_link_leads_nowhere() {
    let mut world = people(2, 2);
    let soon = Timestamp(world.people[0].clock(world.now).0 + DAY_MS);
    let once = once_link(&mut world, 0, soon);
    let reusable = reusable_link(&mut world, 0);
    pass(&mut world, 2 * DAY_MS);
    world
        .with(0, |engine, now| engine.reset_link(now))
        .unwrap()
        .unwrap();
    pass(&mut world, 10_000);
    for link in [once, reusable] {
        let chat = add(&mut world, 1, &link);
        assert_eq!(state(&mut world, 1, chat).0, ChatState::Failed);
    }
    let fresh = reusable_link(&mut world, 0);
    add(&mut world, 1, &fresh);
    assert_eq!(requests(&mut world, 0).len(), 1);
}

#[test]
fn a_stranger_learns_nothing_and_shows_nothing_until_accepted() {
    let mut world = people(3, 2);
    let link = reusable_link(&mut world, 0);
    // Whatever housekeeping there was is over: from here on every frame is counted.
    pass(&mut world, 120_000);
    let before = sent(&world, 0);
    let chat = add(&mut world, 1, &link);
    for number in 0..5 {
        say(&mut world, 1, chat, &format!("please {number}"));
    }
    pass(&mut world, 600_000);
    let after = sent(&world, 0);
    let (account, send) = (0, 2);
    assert_eq!(
        before[send], after[send],
        "something went out to a stranger"
    );
    assert_eq!(
        before[account], after[account],
        "something was fetched for a stranger"
    );

    let asked = requests(&mut world, 0);
    assert_eq!(asked.len(), 1);
    let shown = world.with(0, |engine, _| {
        Ok((
            engine.chats()?.len(),
            engine.search("please", 10)?.len(),
            engine.contacts()?.len(),
        ))
    });
    assert_eq!(
        shown.unwrap(),
        Some((1, 0, 0)),
        "only the chat with oneself is shown"
    );
    assert!(
        texts(&mut world, 1, chat)
            .iter()
            .all(|(_, state)| *state == MessageState::Sent)
    );

    world
        .with(0, |engine, now| engine.accept_request(&asked[0], now))
        .unwrap()
        .unwrap();
    pass(&mut world, 10_000);
    assert_eq!(texts(&mut world, 0, asked[0]).len(), 5);
    assert!(
        texts(&mut world, 1, chat)
            .iter()
            .all(|(_, state)| *state == MessageState::Delivered)
    );
    let contacts = world
        .with(0, |engine, _| Ok(engine.contacts()?))
        .unwrap()
        .unwrap();
    assert_eq!(contacts[0].name, "person 1");
    say(&mut world, 0, asked[0], "you may");
    assert_eq!(property::check(&mut world, &[(0, 1)]).unwrap(), 6);
}

#[test]
fn a_deleted_request_is_gone_and_the_stranger_cannot_tell() {
    let mut world = people(4, 2);
    let link = reusable_link(&mut world, 0);
    let chat = add(&mut world, 1, &link);
    say(&mut world, 1, chat, "hello");
    let asked = requests(&mut world, 0);
    pass(&mut world, 60_000);
    let before = sent(&world, 0)[2];
    world
        .with(0, |engine, now| engine.delete_request(&asked[0], now))
        .unwrap()
        .unwrap();
    say(&mut world, 1, chat, "are you there?");
    pass(&mut world, 60_000);
    assert_eq!(sent(&world, 0)[2], before);
    assert!(requests(&mut world, 0).is_empty());
    assert!(
        texts(&mut world, 1, chat)
            .iter()
            .all(|(_, state)| *state == MessageState::Sent)
    );
}

#[test]
fn a_blocked_contact_is_answered_as_before_and_heard_no_more() {
    let mut world = people(5, 3);
    let links = [
        once_link(&mut world, 0, Timestamp(0)),
        once_link(&mut world, 0, Timestamp(0)),
    ];
    let chat = add(&mut world, 1, &links[0]);
    let friend = add(&mut world, 2, &links[1]);
    say(&mut world, 1, chat, "before");
    let here = chat_between(&mut world, 0, 1).unwrap().unwrap();
    let account = world
        .with(1, |engine, _| Ok(engine.account_view()?))
        .unwrap()
        .unwrap()
        .unwrap()
        .account;
    world
        .with(0, |engine, now| engine.block_contact(&account, now))
        .unwrap()
        .unwrap();
    pass(&mut world, 10_000);
    say(&mut world, 1, chat, "after");
    assert_eq!(texts(&mut world, 0, here).len(), 1);
    assert_eq!(texts(&mut world, 1, chat)[1].1, MessageState::Sent);
    // They come again by the reusable link, and are not even a request.
    let link = reusable_link(&mut world, 0);
    world
        .with(1, |engine, now| engine.add_contact(&link, now))
        .unwrap()
        .unwrap();
    pass(&mut world, 10_000);
    assert!(requests(&mut world, 0).is_empty());
    // Others notice nothing.
    say(&mut world, 2, friend, "still here");
    let there = chat_between(&mut world, 0, 2).unwrap().unwrap();
    assert_eq!(texts(&mut world, 0, there).len(), 1);
}

#[test]
fn an_offline_recipient_gets_everything_in_order_later() {
    let mut world = people(6, 2);
    let link = once_link(&mut world, 0, Timestamp(0));
    let chat = add(&mut world, 1, &link);
    world
        .with(0, |engine, _| {
            engine.go_offline();
            Ok(())
        })
        .unwrap();
    for number in 0..80 {
        world
            .with(1, |engine, now| {
                engine.send_text(&chat, &format!("{number}"), now)
            })
            .unwrap()
            .unwrap();
    }
    pass(&mut world, 60_000);
    assert!(
        texts(&mut world, 1, chat)
            .iter()
            .all(|(_, state)| *state == MessageState::Sent)
    );
    world
        .with(0, |engine, now| Ok(engine.go_online(now)?))
        .unwrap();
    pass(&mut world, 30_000);
    assert_eq!(property::check(&mut world, &[(0, 1)]).unwrap(), 80);
}

#[test]
fn read_marks_are_told_when_the_user_has_seen_a_message() {
    let mut world = people(7, 2);
    let link = once_link(&mut world, 0, Timestamp(0));
    let chat = add(&mut world, 1, &link);
    say(&mut world, 1, chat, "seen?");
    assert_eq!(texts(&mut world, 1, chat)[0].1, MessageState::Delivered);
    let here = chat_between(&mut world, 0, 1).unwrap().unwrap();
    let last = world
        .with(0, |engine, _| engine.history(&here, u64::MAX, 1))
        .unwrap()
        .unwrap()[0]
        .seq;
    world
        .with(0, |engine, now| engine.mark_read(&here, last, now))
        .unwrap();
    pass(&mut world, 10_000);
    assert_eq!(texts(&mut world, 1, chat)[0].1, MessageState::Read);
}

#[test]
fn months_pass_and_links_and_conversations_still_work() {
    let mut world = people(8, 3);
    let link = reusable_link(&mut world, 0);
    let once = once_link(&mut world, 0, Timestamp(0));
    let chat = add(&mut world, 1, &once);
    for month in 0..4 {
        pass(&mut world, 4 * WEEK_MS);
        world.maintain().unwrap();
        say(&mut world, 1, chat, &format!("month {month}"));
    }
    let stranger = add(&mut world, 2, &link);
    say(&mut world, 2, stranger, "is this still you?");
    let asked = requests(&mut world, 0);
    world
        .with(0, |engine, now| engine.accept_request(&asked[0], now))
        .unwrap()
        .unwrap();
    pass(&mut world, 10_000);
    assert_eq!(property::check(&mut world, &[(0, 1), (0, 2)]).unwrap(), 5);
}

#[test]
fn both_see_one_safety_number() {
    let mut world = people(9, 2);
    let link = once_link(&mut world, 0, Timestamp(0));
    add(&mut world, 1, &link);
    let number = |world: &mut World, person: usize| {
        let contact = world
            .with(person, |engine, _| Ok(engine.contacts()?))
            .unwrap()
            .unwrap()
            .remove(0);
        let number = world
            .with(person, |engine, _| engine.safety_number(&contact.account))
            .unwrap()
            .unwrap();
        world
            .with(person, |engine, _| {
                engine.set_verified(&contact.account, true)
            })
            .unwrap();
        number.to_string()
    };
    assert_eq!(number(&mut world, 0), number(&mut world, 1));
    assert!(
        world
            .with(0, |engine, _| Ok(engine.contacts()?))
            .unwrap()
            .unwrap()[0]
            .verified
    );
}

fn settled(world: &mut World) -> bool {
    (0..2).all(|person| {
        let status = world
            .with(person, |engine, _| Ok(engine.status()?))
            .unwrap();
        status.is_some_and(|status| status.idle)
    }) && property::check(world, &[(0, 1)]).is_ok()
}

/// A whole acquaintance in which one device dies at one commit of its store, before or after it.
fn acquaintance(dies: Option<(usize, u64)>) -> [u64; 2] {
    let mut world = World::new(77, 2).unwrap();
    if let Some((person, strike)) = dies {
        world.people[person].dies_at = Some(strike);
        world.people[person].engine = None;
        world.people[person].start(0, world.now).unwrap();
    }
    let mut chats = [None; 2];
    let mut link = None;
    let mut said = [0_u32; 2];
    let mut rounds = 0;
    while !(said == [3, 3] && settled(&mut world)) {
        rounds += 1;
        assert!(rounds < 1_000, "{dies:?}: not settled");
        pass(&mut world, 300);
        for person in 0..2 {
            let view = world
                .with(person, |engine, _| Ok(engine.account_view()?))
                .unwrap();
            if view == Some(None) {
                create_account(&mut world, person);
            }
        }
        let usable = |engine: &undertone_engine::Engine,
                      link: &undertone_wire::link::ContactLink| {
            engine.link_is_ready(link)
        };
        match &link {
            None => {
                link = world
                    .with(0, |engine, now| match engine.account_view()? {
                        Some(_) => engine.new_once_link(Timestamp(0), now).map(Some),
                        None => Ok(None),
                    })
                    .unwrap()
                    .flatten();
            }
            Some(known) => {
                let ready = world
                    .with(0, |engine, _| Ok(usable(engine, known)?))
                    .unwrap();
                if chats[1].is_none() && ready == Some(true) {
                    let text = known.to_string();
                    let added = world.with(1, |engine, now| match engine.account_view()? {
                        Some(_) => engine.add_contact(&text, now).map(Some),
                        None => Ok(None),
                    });
                    chats[1] = added.unwrap().flatten().map(|added| added.chat);
                }
            }
        }
        for (person, other) in [(0, 1), (1, 0)] {
            chats[person] =
                chats[person].or_else(|| chat_between(&mut world, person, other).unwrap());
            let Some(chat) = chats[person] else { continue };
            if said[person] < 3 {
                let text = format!("{person} says {}", said[person]);
                if world
                    .with(person, |engine, now| engine.send_text(&chat, &text, now))
                    .unwrap()
                    .is_some()
                {
                    said[person] += 1;
                }
            }
        }
    }
    // A message whose writing died may have been kept or not, but nothing is lost or doubled in between.
    assert!(
        property::check(&mut world, &[(0, 1)])
            .unwrap_or_else(|error| panic!("{dies:?}: {error:#}"))
            >= 6
    );
    [0, 1].map(|person: usize| world.people[person].strikes.load(Ordering::Relaxed))
}

#[test]
fn nothing_is_lost_or_doubled_at_whichever_step_the_device_dies() {
    let strikes = acquaintance(None);
    let points: Vec<_> = (0..2)
        .flat_map(|person| (0..strikes[person]).map(move |strike| (person, strike)))
        .collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    acquaintance(Some(*point));
                }
            });
        }
    });
}

//! Stories of several devices for one person, through real engines and the real server core, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::sync::atomic::Ordering;

use undertone_engine::{
    ChatId, ChatKind, ChatState, CommandError, DeviceKind, Engine, HistoryChoice, LinkFailure,
    LinkStage, MessageState, TransferState, change_in,
};
use undertone_sim::world::{AUTHORITY, World};
use undertone_wire::{
    ids::{AccountId, Serial},
    time::{DAY_MS, Timestamp},
};

fn pass(world: &mut World, ms: u64) {
    let until = world.now + ms;
    world.run_until(until).unwrap();
}

fn act<T>(
    world: &mut World,
    device: usize,
    act: impl FnOnce(&mut Engine, Timestamp) -> Result<T, CommandError>,
) -> T {
    world.with(device, act).unwrap().unwrap()
}

fn create(world: &mut World, device: usize, name: &str) {
    act(world, device, |engine, now| {
        engine.create_account(&format!("https://{AUTHORITY}"), name, "", now)
    });
    act(world, device, |engine, now| {
        Ok(engine.describe_device("first", DeviceKind::CommandLine, now)?)
    });
    pass(world, 10_000);
}

fn befriend(world: &mut World, one: usize, other: usize) {
    let link = act(world, one, |engine, now| {
        engine.new_once_link(Timestamp(0), now)
    });
    pass(world, 5_000);
    act(world, other, |engine, now| {
        engine.add_contact(&link.to_string(), now)
    });
    pass(world, 20_000);
}

fn stage(world: &mut World, device: usize) -> LinkStage {
    act(world, device, |engine, _| {
        Ok(engine.link_view().unwrap().stage)
    })
}

/// The new device shows a code, the existing one enters it; what the latter is asked.
fn meet(world: &mut World, new: usize, existing: usize, name: &str) -> LinkStage {
    act(world, new, |engine, now| {
        engine.show_link_code(
            &format!("https://{AUTHORITY}"),
            name,
            DeviceKind::Browser,
            now,
        )
    });
    pass(world, 1_000);
    let view = act(world, new, |engine, _| Ok(engine.link_view().unwrap()));
    assert_eq!(view.stage, LinkStage::Waiting);
    act(world, existing, |engine, now| {
        engine.enter_link_code(&view.code.unwrap().to_lowercase(), now)
    });
    pass(world, 1_000);
    stage(world, existing)
}

fn link(world: &mut World, new: usize, existing: usize, name: &str, history: HistoryChoice) {
    let asked = meet(world, new, existing, name);
    let expected = LinkStage::Asking {
        name: name.to_owned(),
        kind: DeviceKind::Browser,
    };
    assert_eq!(asked, expected);
    assert_eq!(stage(world, new), LinkStage::Deciding);
    act(world, existing, |engine, now| {
        engine.approve_link(history, now)
    });
    pass(world, 60_000);
    assert_eq!(stage(world, existing), LinkStage::Done);
    assert_eq!(stage(world, new), LinkStage::Done);
}

fn chat(world: &mut World, device: usize, kind: ChatKind, index: usize) -> ChatId {
    let mut chats = act(world, device, |engine, _| Ok(engine.chats()?));
    chats.retain(|chat| chat.kind == kind && chat.state == ChatState::Active);
    chats.sort_by(|a, b| a.name.cmp(&b.name));
    chats[index].chat
}

fn direct(world: &mut World, device: usize) -> ChatId {
    chat(world, device, ChatKind::Direct, 0)
}

fn notes(world: &mut World, device: usize) -> ChatId {
    chat(world, device, ChatKind::Notes, 0)
}

fn say(world: &mut World, device: usize, chat: ChatId, text: &str) {
    act(world, device, |engine, now| {
        engine.send_text(&chat, text, now)
    });
    pass(world, 10_000);
}

fn history(world: &mut World, device: usize, chat: ChatId) -> Vec<(String, MessageState)> {
    let rows = act(world, device, |engine, _| {
        engine.history(&chat, u64::MAX, 1_000)
    });
    rows.into_iter()
        .filter(|row| change_in(row).is_none())
        .map(|row| (row.text, row.state))
        .collect()
}

fn texts(world: &mut World, device: usize, chat: ChatId) -> Vec<String> {
    let rows = history(world, device, chat);
    rows.into_iter().map(|(text, _)| text).collect()
}

fn devices(world: &mut World, device: usize) -> Vec<(String, bool)> {
    let views = act(world, device, |engine, _| engine.devices());
    let mut names: Vec<_> = views
        .into_iter()
        .map(|view| (view.name, view.this_device))
        .collect();
    names.sort();
    names
}

fn device_named(world: &mut World, device: usize, name: &str) -> Serial {
    let views = act(world, device, |engine, _| engine.devices());
    views.into_iter().find(|view| view.name == name).unwrap().id
}

fn account(world: &mut World, device: usize) -> AccountId {
    act(world, device, |engine, _| {
        Ok(engine.account_view()?.unwrap().account)
    })
}

/// Anna has devices 0 and 1, Ben has 2.
fn anna_and_ben(seed: u64, devices: usize) -> World {
    let mut world = World::new(seed, devices).unwrap();
    create(&mut world, 0, "Anna");
    create(&mut world, 2, "Ben");
    befriend(&mut world, 0, 2);
    world
}

#[test]
fn a_linked_device_has_what_the_first_has_and_takes_part_in_everything() {
    let mut world = anna_and_ben(1, 3);
    let (a, b) = (direct(&mut world, 0), direct(&mut world, 2));
    say(&mut world, 0, a, "before");
    say(&mut world, 2, b, "answer");
    let own = notes(&mut world, 0);
    say(&mut world, 0, own, "a note");
    link(&mut world, 1, 0, "browser", HistoryChoice::All);

    let expected = [("browser".to_owned(), false), ("first".to_owned(), true)];
    assert_eq!(devices(&mut world, 0), expected);
    let expected = [("browser".to_owned(), true), ("first".to_owned(), false)];
    assert_eq!(devices(&mut world, 1), expected);
    assert_eq!(account(&mut world, 0), account(&mut world, 1));

    let (a1, own1) = (direct(&mut world, 1), notes(&mut world, 1));
    assert_eq!(texts(&mut world, 1, a1), ["before", "answer"]);
    assert_eq!(texts(&mut world, 1, own1), ["a note"]);
    say(&mut world, 1, a1, "from the browser");
    say(&mut world, 2, b, "to both");
    say(&mut world, 0, a, "from the first");
    let all = [
        "before",
        "answer",
        "from the browser",
        "to both",
        "from the first",
    ];
    for (device, chat) in [(0, a), (1, a1), (2, b)] {
        assert_eq!(texts(&mut world, device, chat), all, "device {device}");
    }
    // Receipts reach both of Anna's devices.
    for (device, chat) in [(0, a), (1, a1)] {
        let rows = history(&mut world, device, chat);
        for (text, state) in rows
            .iter()
            .filter(|(_, state)| *state != MessageState::Received)
        {
            assert_eq!(*state, MessageState::Delivered, "{text} on device {device}");
        }
    }
    say(&mut world, 1, own1, "another note");
    assert_eq!(texts(&mut world, 0, own), ["a note", "another note"]);
    let transfers = act(&mut world, 1, |engine, _| Ok(engine.transfers()?));
    assert_eq!(transfers.len(), 1);
    assert_eq!(transfers[0].state, TransferState::Done);
    assert_eq!(transfers[0].messages, transfers[0].total);
}

#[test]
fn a_device_is_renamed_and_signed_out_and_keeps_nothing() {
    let mut world = anna_and_ben(2, 3);
    link(&mut world, 1, 0, "browser", HistoryChoice::None);
    let (a, b) = (direct(&mut world, 0), direct(&mut world, 2));
    let browser = device_named(&mut world, 1, "browser");
    act(&mut world, 0, |engine, now| {
        engine.rename_device(&browser, "kitchen", now)
    });
    pass(&mut world, 10_000);
    assert!(devices(&mut world, 1).contains(&("kitchen".to_owned(), true)));

    act(&mut world, 0, |engine, now| {
        engine.revoke_device(&browser, now)
    });
    pass(&mut world, 60_000);
    assert_eq!(devices(&mut world, 0), [("first".to_owned(), true)]);
    let gone = act(&mut world, 1, |engine, _| {
        Ok((
            engine.account_view()?.is_none(),
            engine.signed_out_at()?.is_some(),
        ))
    });
    assert_eq!(gone, (true, true));
    say(&mut world, 2, b, "only for the first");
    assert!(texts(&mut world, 0, a).contains(&"only for the first".to_owned()));
    let group = act(&mut world, 2, |engine, _| engine.encryption(&b));
    assert_eq!(group.devices.len(), 2);
}

#[test]
fn a_device_that_was_off_when_it_was_signed_out_wipes_itself_when_it_comes_back() {
    let mut world = anna_and_ben(3, 3);
    link(&mut world, 1, 0, "browser", HistoryChoice::None);
    act(&mut world, 1, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    let browser = device_named(&mut world, 0, "browser");
    act(&mut world, 0, |engine, now| {
        engine.revoke_device(&browser, now)
    });
    // Long enough for the server to forget what waited for it.
    pass(&mut world, 40 * DAY_MS);
    world.maintain().unwrap();
    act(&mut world, 1, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 60_000);
    let gone = act(&mut world, 1, |engine, _| {
        Ok(engine.account_view()?.is_none())
    });
    assert!(gone);
}

#[test]
fn a_device_that_is_not_seen_for_thirty_days_is_signed_out_and_an_only_device_never() {
    let mut world = anna_and_ben(4, 3);
    link(&mut world, 1, 0, "browser", HistoryChoice::None);
    act(&mut world, 1, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    pass(&mut world, 29 * DAY_MS);
    assert_eq!(devices(&mut world, 0).len(), 2);
    pass(&mut world, 5 * DAY_MS);
    assert_eq!(devices(&mut world, 0), [("first".to_owned(), true)]);
    act(&mut world, 2, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    pass(&mut world, 60 * DAY_MS);
    act(&mut world, 2, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 60_000);
    assert_eq!(devices(&mut world, 2).len(), 1);
}

#[test]
fn a_wrong_code_links_nothing() {
    let mut world = anna_and_ben(5, 3);
    act(&mut world, 1, |engine, now| {
        engine.show_link_code(
            &format!("https://{AUTHORITY}"),
            "x",
            DeviceKind::Browser,
            now,
        )
    });
    pass(&mut world, 1_000);
    let code = act(&mut world, 1, |engine, _| {
        Ok(engine.link_view().unwrap().code.unwrap())
    });
    // The right place, another password.
    let last = if code.ends_with('0') { '1' } else { '0' };
    let wrong: String = code.chars().take(13).chain([last]).collect();
    act(&mut world, 0, |engine, now| {
        engine.enter_link_code(&wrong, now)
    });
    pass(&mut world, 5_000);
    assert_eq!(
        stage(&mut world, 1),
        LinkStage::Failed(LinkFailure::WrongCode)
    );
    let other = stage(&mut world, 0);
    assert!(
        matches!(
            other,
            LinkStage::Failed(LinkFailure::WrongCode | LinkFailure::Declined)
        ),
        "{other:?}"
    );
    // And the code cannot be tried again.
    act(&mut world, 0, |engine, now| Ok(engine.end_link(now)?));
    act(&mut world, 0, |engine, now| {
        engine.enter_link_code(&code, now)
    });
    pass(&mut world, 5_000);
    assert_eq!(
        stage(&mut world, 0),
        LinkStage::Failed(LinkFailure::NoSuchCode)
    );
    assert_eq!(devices(&mut world, 0).len(), 1);
}

#[test]
fn a_code_ends_after_five_minutes_and_a_no_is_told() {
    let mut world = anna_and_ben(6, 3);
    let asked = meet(&mut world, 1, 0, "x");
    assert!(matches!(asked, LinkStage::Asking { .. }));
    act(&mut world, 0, |engine, now| Ok(engine.end_link(now)?));
    pass(&mut world, 5_000);
    assert_eq!(
        stage(&mut world, 1),
        LinkStage::Failed(LinkFailure::Declined)
    );
    act(&mut world, 1, |engine, now| Ok(engine.end_link(now)?));
    act(&mut world, 1, |engine, now| {
        engine.show_link_code(
            &format!("https://{AUTHORITY}"),
            "x",
            DeviceKind::Browser,
            now,
        )
    });
    pass(&mut world, 5 * 60_000 + 1_000);
    assert_eq!(
        stage(&mut world, 1),
        LinkStage::Failed(LinkFailure::Expired)
    );
    assert_eq!(devices(&mut world, 0).len(), 1);
}

#[test]
fn contacts_blocks_names_and_read_marks_are_the_same_on_all_devices() {
    let mut world = anna_and_ben(7, 4);
    link(&mut world, 1, 0, "browser", HistoryChoice::All);
    create(&mut world, 3, "Cleo");
    // The new device makes a contact: the first has it too.
    befriend(&mut world, 3, 1);
    pass(&mut world, 20_000);
    for device in [0, 1] {
        let contacts = act(&mut world, device, |engine, _| Ok(engine.contacts()?));
        let names: Vec<_> = contacts.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["Ben", "Cleo"], "device {device}");
    }
    let (b, a, a1) = (
        direct(&mut world, 2),
        direct(&mut world, 0),
        direct(&mut world, 1),
    );
    say(&mut world, 2, b, "unread");
    let unread = |world: &mut World, device: usize, chat: ChatId| {
        let chats = act(world, device, |engine, _| Ok(engine.chats()?));
        chats.iter().find(|one| one.chat == chat).unwrap().unread
    };
    assert_eq!(
        (unread(&mut world, 0, a), unread(&mut world, 1, a1)),
        (1, 1)
    );
    act(&mut world, 1, |engine, now| {
        engine.mark_read(&a1, u64::MAX >> 1, now)
    });
    pass(&mut world, 10_000);
    assert_eq!(
        (unread(&mut world, 0, a), unread(&mut world, 1, a1)),
        (0, 0)
    );

    let ben = account(&mut world, 2);
    act(&mut world, 0, |engine, now| {
        engine.set_name("Anna B.", now)?;
        engine.set_verified(&ben, true)
    });
    act(&mut world, 0, |engine, _| {
        engine.save_draft(&a, "half a thought")
    });
    pass(&mut world, 20_000);
    let seen = act(&mut world, 1, |engine, _| {
        let verified = engine.contacts()?.iter().any(|one| one.verified);
        Ok((
            engine.account_view()?.unwrap().name,
            verified,
            engine.draft(&a1)?,
        ))
    });
    assert_eq!(seen, ("Anna B.".into(), true, "half a thought".into()));
    act(&mut world, 1, |engine, now| engine.block_contact(&ben, now));
    pass(&mut world, 20_000);
    let blocked = act(&mut world, 0, |engine, _| Ok(engine.contacts()?));
    assert!(blocked.iter().any(|one| one.blocked && one.account == ben));
    say(&mut world, 2, b, "into the void");
    assert!(!texts(&mut world, 0, a).contains(&"into the void".to_owned()));
}

#[test]
fn a_stranger_asks_all_devices_and_one_answer_counts() {
    let mut world = anna_and_ben(8, 4);
    link(&mut world, 1, 0, "browser", HistoryChoice::None);
    create(&mut world, 3, "Cleo");
    pass(&mut world, 60_000);
    let reach = act(&mut world, 0, |engine, _| engine.link()).to_string();
    assert_eq!(
        reach,
        act(&mut world, 1, |engine, _| engine.link()).to_string()
    );
    act(&mut world, 3, |engine, now| engine.add_contact(&reach, now));
    pass(&mut world, 20_000);
    let c = direct(&mut world, 3);
    say(&mut world, 3, c, "hello");
    for device in [0, 1] {
        let requests = act(&mut world, device, |engine, _| Ok(engine.requests()?));
        assert_eq!(requests.len(), 1, "device {device}");
    }
    let request = act(&mut world, 1, |engine, _| Ok(engine.requests()?))[0].request;
    act(&mut world, 1, |engine, now| {
        engine.accept_request(&request, now)
    });
    pass(&mut world, 30_000);
    for device in [0, 1] {
        let requests = act(&mut world, device, |engine, _| Ok(engine.requests()?));
        assert!(requests.is_empty(), "device {device}");
        let chat = chat(&mut world, device, ChatKind::Direct, 1);
        assert_eq!(texts(&mut world, device, chat)[0], "hello");
        say(&mut world, device, chat, &format!("from {device}"));
    }
    assert_eq!(texts(&mut world, 3, c), ["hello", "from 0", "from 1"]);
}

#[test]
fn groups_take_the_new_device_in_and_put_the_revoked_one_out() {
    let mut world = anna_and_ben(9, 4);
    let ben = account(&mut world, 2);
    let garden = ChatId::new([9; 16]);
    act(&mut world, 0, |engine, now| {
        engine.create_group(garden, "Garden", "", &[ben], now)
    });
    pass(&mut world, 30_000);
    link(&mut world, 1, 0, "browser", HistoryChoice::All);
    pass(&mut world, 30_000);
    let (g1, g2) = (
        chat(&mut world, 1, ChatKind::Group, 0),
        chat(&mut world, 2, ChatKind::Group, 0),
    );
    say(&mut world, 1, g1, "from the browser");
    say(&mut world, 2, g2, "from Ben");
    for (device, chat) in [(0, garden), (1, g1), (2, g2)] {
        assert_eq!(
            texts(&mut world, device, chat),
            ["from the browser", "from Ben"],
            "device {device}"
        );
    }
    let members = act(&mut world, 2, |engine, _| engine.members(&g2));
    assert_eq!(members.iter().filter(|one| one.present).count(), 2);
    // The new device may do all that the first may.
    act(&mut world, 1, |engine, now| {
        engine.rename_group(&g1, "Orchard", now)
    });
    pass(&mut world, 20_000);
    let first = device_named(&mut world, 1, "first");
    act(&mut world, 1, |engine, now| {
        engine.revoke_device(&first, now)
    });
    pass(&mut world, 60_000);
    assert!(act(&mut world, 0, |engine, _| Ok(engine.account_view()?)).is_none());
    say(&mut world, 2, g2, "without the first");
    assert!(texts(&mut world, 1, g1).contains(&"without the first".to_owned()));
    let group = act(&mut world, 2, |engine, _| engine.encryption(&g2));
    assert_eq!(group.devices.len(), 2);
}

#[test]
fn what_is_written_before_the_device_has_its_place_waits_and_is_sent() {
    let mut world = anna_and_ben(10, 3);
    // The first device goes off as soon as it has let the new one in.
    let asked = meet(&mut world, 1, 0, "browser");
    assert!(matches!(asked, LinkStage::Asking { .. }));
    act(&mut world, 0, |engine, now| {
        engine.approve_link(HistoryChoice::None, now)
    });
    let mut chats = 0;
    while chats < 2 {
        pass(&mut world, 20);
        chats = act(&mut world, 1, |engine, _| Ok(engine.chats()?.len()));
    }
    act(&mut world, 0, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    let (a1, b) = (direct(&mut world, 1), direct(&mut world, 2));
    say(&mut world, 1, a1, "early");
    pass(&mut world, 60_000);
    let rows = history(&mut world, 1, a1);
    let waits = rows == [("early".to_owned(), MessageState::Queued)];
    act(&mut world, 0, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 60_000);
    assert!(waits, "{rows:?}");
    assert_eq!(texts(&mut world, 2, b), ["early"]);
}

#[test]
fn a_history_that_is_stopped_stays_as_far_as_it_came_and_leaves_nothing_at_the_server() {
    let mut world = anna_and_ben(11, 3);
    let a = direct(&mut world, 0);
    for number in 0..600 {
        act(&mut world, 0, |engine, now| {
            engine.send_text(&a, &format!("message {number}"), now)
        });
    }
    pass(&mut world, 120_000);
    let asked = meet(&mut world, 1, 0, "browser");
    assert!(matches!(asked, LinkStage::Asking { .. }));
    act(&mut world, 0, |engine, now| {
        engine.approve_link(HistoryChoice::All, now)
    });
    loop {
        pass(&mut world, 10);
        let transfers = act(&mut world, 1, |engine, _| Ok(engine.transfers()?));
        if let Some(transfer) = transfers.first()
            && transfer.messages > 0
        {
            let id = transfer.id;
            act(&mut world, 1, |engine, now| {
                engine.cancel_transfer(&id, now)
            });
            break;
        }
    }
    pass(&mut world, 60_000);
    for device in [0, 1] {
        let transfers = act(&mut world, device, |engine, _| Ok(engine.transfers()?));
        assert_eq!(
            transfers[0].state,
            TransferState::Cancelled,
            "device {device}"
        );
    }
    let a1 = direct(&mut world, 1);
    let arrived = texts(&mut world, 1, a1);
    assert!(
        !arrived.is_empty() && arrived.len() < 600,
        "{}",
        arrived.len()
    );
    // The newest came first.
    assert_eq!(arrived.last().unwrap(), "message 599");
}

#[test]
fn three_devices_link_each_other_and_agree() {
    let mut world = anna_and_ben(12, 4);
    link(&mut world, 1, 0, "second", HistoryChoice::All);
    link(&mut world, 3, 1, "third", HistoryChoice::All);
    pass(&mut world, 60_000);
    let b = direct(&mut world, 2);
    say(&mut world, 2, b, "to three");
    for device in [0, 1, 3] {
        assert_eq!(devices(&mut world, device).len(), 3, "device {device}");
        let a = direct(&mut world, device);
        assert_eq!(
            texts(&mut world, device, a),
            ["to three"],
            "device {device}"
        );
    }
    let group = act(&mut world, 2, |engine, _| engine.encryption(&b));
    assert_eq!(group.devices.len(), 4);
}

/// Links Anna's second device while one of the two dies at one of its store's commits; whoever is left without a result
/// tries again with another code. Gives how many commits each device made.
fn linking(dies: Option<(usize, u64)>) -> [u64; 2] {
    let mut world = anna_and_ben(21, 3);
    let a = direct(&mut world, 0);
    say(&mut world, 0, a, "before");
    let begun = [0, 1].map(|device: usize| world.people[device].strikes.load(Ordering::Relaxed));
    if let Some((device, strike)) = dies {
        world.people[device].dies_at = Some(begun[device] + strike);
        world.people[device].engine = None;
        world.people[device].start(0, world.now).unwrap();
    }
    let mut rounds = 0;
    loop {
        rounds += 1;
        assert!(rounds < 400, "{dies:?}: not linked");
        pass(&mut world, 1_000);
        let here = |world: &mut World, device: usize| {
            let view = world.with(device, |engine, _| {
                Ok((engine.account_view()?.is_some(), engine.link_view()))
            });
            view.unwrap()
        };
        let (Some((_, asking)), Some((linked, showing))) =
            (here(&mut world, 0), here(&mut world, 1))
        else {
            continue;
        };
        if linked {
            break;
        }
        let over = |stage: &LinkStage| matches!(stage, LinkStage::Done | LinkStage::Failed(_));
        match (showing, asking) {
            (None, _) => {
                world
                    .with(1, |engine, now| {
                        let server = format!("https://{AUTHORITY}");
                        engine.show_link_code(&server, "browser", DeviceKind::Browser, now)
                    })
                    .unwrap();
            }
            (Some(view), _) if over(&view.stage) => {
                world
                    .with(1, |engine, now| Ok(engine.end_link(now)?))
                    .unwrap();
            }
            (Some(_), Some(view)) if matches!(view.stage, LinkStage::Asking { .. }) => {
                let all = HistoryChoice::All;
                world
                    .with(0, |engine, now| engine.approve_link(all, now))
                    .unwrap();
            }
            (Some(_), Some(view)) if over(&view.stage) => {
                world
                    .with(0, |engine, now| Ok(engine.end_link(now)?))
                    .unwrap();
            }
            (Some(view), None) => {
                if let Some(code) = view.code {
                    world
                        .with(0, |engine, now| engine.enter_link_code(&code, now))
                        .unwrap();
                }
            }
            _ => {}
        }
    }
    // Both take part in everything now, whatever died on the way; a death after this point is one of the points too.
    pass(&mut world, 120_000);
    let (b, mut said) = (direct(&mut world, 2), vec!["before".to_owned()]);
    for device in [1, 0, 2] {
        let chat = if device == 2 {
            b
        } else {
            direct(&mut world, device)
        };
        let text = format!("from {device}");
        while world
            .with(device, |engine, now| engine.send_text(&chat, &text, now))
            .unwrap()
            .is_none()
        {
            // It may have been written before the device died.
            pass(&mut world, 10_000);
            let known = world.with(device, |engine, _| engine.history(&chat, u64::MAX, 10));
            if known
                .unwrap()
                .is_some_and(|rows| rows.iter().any(|row| row.text == text))
            {
                break;
            }
        }
        said.push(text);
        pass(&mut world, 60_000);
    }
    for device in 0..3 {
        let chat = direct(&mut world, device);
        let mut seen = texts(&mut world, device, chat);
        seen.sort();
        let mut all = said.clone();
        all.sort();
        assert_eq!(seen, all, "{dies:?}: device {device}");
    }
    [0, 1].map(|device: usize| world.people[device].strikes.load(Ordering::Relaxed) - begun[device])
}

#[test]
fn a_device_is_linked_at_whichever_step_one_of_the_two_dies() {
    let strikes = linking(None);
    // All of them take long; here some, spread over all that is done.
    let points: Vec<_> = (0..2)
        .flat_map(|device| {
            (0..strikes[device])
                .step_by(16)
                .map(move |strike| (device, strike))
        })
        .collect();
    assert!(points.len() > 8, "{strikes:?}");
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    linking(Some(*point));
                }
            });
        }
    });
}

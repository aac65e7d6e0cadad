//! A server that keeps to no rule: it forks, it pushes entries in another order, and again. All ends in a state that is clear.

use crate::story::*;
use undertone_engine::{Change, ChatId, ChatState, MessageState, Permitted};
use undertone_sim::world::World;
use undertone_wire::time::MINUTE_MS;

const ANNA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const ALL: [usize; 3] = [ANNA, BEN, CLEO];

/// Three in a group that Anna founded.
fn garden(seed: u64) -> World {
    let mut world = friends(seed, 3);
    let chat = group(&mut world, ANNA, "Garden");
    says(&mut world, ANNA, chat, "welcome");
    world
}

fn chat_of(world: &mut World, person: usize) -> ChatId {
    seen(world, person, "Garden").unwrap()
}

fn said(world: &mut World, person: usize) -> Vec<String> {
    let chat = chat_of(world, person);
    texts(world, person, chat)
}

fn epoch_of(world: &mut World, person: usize) -> (u64, Vec<u8>) {
    let chat = chat_of(world, person);
    epoch(world, person, chat)
}

fn describes(world: &mut World, person: usize, text: &str) {
    let chat = chat_of(world, person);
    does(world, person, |engine, now| {
        engine.describe_group(&chat, text, now)
    });
}

fn writes(world: &mut World, person: usize, text: &str) {
    let chat = chat_of(world, person);
    says(world, person, chat, text);
}

fn connects_anew(world: &mut World, person: usize) {
    act(world, person, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    act(world, person, |engine, now| Ok(engine.go_online(now)?));
    pass(world, 10_000);
}

fn is_called(world: &mut World, person: usize, name: &str) {
    let chat = chat_of(world, person);
    does(world, person, |engine, now| {
        engine.set_name_in_group(&chat, name, now)
    });
}

/// Two write to each other, and all of it arrives.
fn chat_in_private(world: &mut World, one: usize, other: usize, what: &str, times: usize) {
    let (theirs, others) = (direct(world, one, other), direct(world, other, one));
    for round in 0..times {
        says(world, one, theirs, &format!("{what} {round}"));
        says(world, other, others, &format!("{what} back {round}"));
    }
    for (person, chat) in [(one, theirs), (other, others)] {
        let read = texts(world, person, chat);
        for round in 0..times {
            for text in [format!("{what} {round}"), format!("{what} back {round}")] {
                let shown = read.iter().filter(|one| **one == text).count();
                assert_eq!(shown, 1, "{person}: «{text}» in {read:?}");
            }
        }
    }
}

/// Who told somebody, in the group, that they see another one.
fn told_of_a_fork(world: &mut World, person: usize) -> Vec<usize> {
    let chat = chat_of(world, person);
    let told = lines(world, person, chat);
    let tellers = ALL.map(|teller| (teller, Change::Forked(account(world, teller))));
    told.iter()
        .filter_map(|line| tellers.iter().find(|(_, forked)| forked == line))
        .map(|(teller, _)| *teller)
        .collect()
}

/// What one writes all read once, and all see the same group.
fn all_talk(world: &mut World, text: &str) {
    for writer in ALL {
        writes(world, writer, &format!("{text} {writer}"));
    }
    pass(world, MINUTE_MS);
    for reader in ALL {
        let read = said(world, reader);
        for writer in ALL {
            let text = format!("{text} {writer}");
            let shown = read.iter().filter(|one| **one == text).count();
            assert_eq!(shown, 1, "{reader}: «{text}» in {read:?}");
        }
    }
    let states = ALL.map(|person| epoch_of(world, person));
    assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
}

/// The server shows Cleo one change of the group, and everybody else another.
fn forked(seed: u64) -> World {
    let mut world = garden(seed);
    chat_in_private(&mut world, ANNA, CLEO, "before", 6);
    world.fork(&[CLEO]).unwrap();
    pass(&mut world, 20_000);
    // As long as nobody changes the group, nobody can know of it, and nothing is lost.
    all_talk(&mut world, "all are here");
    chat_in_private(&mut world, ANNA, CLEO, "quiet", 6);
    for person in ALL {
        assert!(told_of_a_fork(&mut world, person).is_empty());
    }
    describes(&mut world, ANNA, "what we grow");
    is_called(&mut world, CLEO, "C");
    world
}

#[test]
fn who_writes_to_somebody_beyond_a_fork_is_told_of_it_once() {
    let mut world = forked(71);
    let [annas, bens, cleos] = ALL.map(|person| epoch_of(&mut world, person));
    assert_eq!(annas, bens);
    assert_eq!(annas.0, cleos.0);
    assert_ne!(annas.1, cleos.1);
    writes(&mut world, ANNA, "for whom?");
    writes(&mut world, CLEO, "where are you?");
    assert!(said(&mut world, BEN).contains(&"for whom?".to_owned()));
    assert!(!said(&mut world, CLEO).contains(&"for whom?".to_owned()));
    assert!(!said(&mut world, ANNA).contains(&"where are you?".to_owned()));

    chat_in_private(&mut world, ANNA, CLEO, "after", 8);
    assert_eq!(told_of_a_fork(&mut world, ANNA), [CLEO]);
    assert_eq!(told_of_a_fork(&mut world, CLEO), [ANNA]);
    // Each who tells of it is a line of its own; who sees the same says nothing.
    chat_in_private(&mut world, ANNA, BEN, "you too?", 8);
    assert!(told_of_a_fork(&mut world, BEN).is_empty());
    chat_in_private(&mut world, BEN, CLEO, "and you?", 8);
    assert_eq!(told_of_a_fork(&mut world, ANNA), [CLEO]);
    assert_eq!(told_of_a_fork(&mut world, BEN), [CLEO]);
    assert_eq!(told_of_a_fork(&mut world, CLEO), [ANNA, BEN]);
    for person in ALL {
        let chat = chat_of(&mut world, person);
        assert_eq!(state(&mut world, person, chat), ChatState::Active);
    }
}

/// The fork ends: all are where Anna was, and Cleo is added to her group anew.
fn reunited(mut world: World) -> World {
    let cleos = chat_of(&mut world, CLEO);
    act(&mut world, CLEO, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    act(&mut world, CLEO, |engine, now| {
        engine.send_text(&cleos, "what happened?", now)
    });
    world.unfork();
    act(&mut world, CLEO, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 30 * MINUTE_MS);
    all_talk(&mut world, "together again");
    let cleo = account(&mut world, CLEO);
    let told = lines(&mut world, CLEO, cleos);
    assert!(told.contains(&Change::ReaddedMyself), "{told:?}");
    for person in [ANNA, BEN] {
        let chat = chat_of(&mut world, person);
        assert!(lines(&mut world, person, chat).contains(&Change::Readded(cleo)));
        assert!(!lines(&mut world, person, chat).contains(&Change::Renewed));
    }
    for person in ALL {
        let said = said(&mut world, person);
        let times = said.iter().filter(|text| *text == "what happened?").count();
        assert_eq!(times, 1, "{person}: {said:?}");
    }
    world
}

#[test]
fn when_a_fork_ends_who_was_apart_is_added_anew() {
    reunited(forked(72));
}

#[test]
fn when_a_fork_ends_who_was_ahead_is_added_anew_too() {
    let mut world = forked(73);
    for round in 0..4 {
        is_called(&mut world, CLEO, &format!("C{round}"));
    }
    assert!(epoch_of(&mut world, CLEO).0 > epoch_of(&mut world, ANNA).0);
    reunited(world);
}

#[test]
fn when_a_fork_ends_who_was_behind_is_added_anew_too() {
    let mut world = forked(74);
    for round in 0..4 {
        describes(&mut world, ANNA, &format!("round {round}"));
    }
    assert!(epoch_of(&mut world, CLEO).0 < epoch_of(&mut world, ANNA).0);
    reunited(world);
}

#[test]
fn after_a_fork_each_change_is_told_although_its_epoch_had_the_number_of_another() {
    let mut world = garden(85);
    let annas = chat_of(&mut world, ANNA);
    does(&mut world, ANNA, |engine, now| {
        engine.set_permission(&annas, Permitted::Edit, true, now)
    });
    world.fork(&[CLEO]).unwrap();
    pass(&mut world, 20_000);
    for round in 0..4 {
        describes(&mut world, CLEO, &format!("mine {round}"));
    }
    let ahead = epoch_of(&mut world, CLEO).0;
    let mut world = reunited(world);
    assert!(epoch_of(&mut world, ANNA).0 < ahead);
    for round in 0..4 {
        describes(&mut world, CLEO, &format!("ours {round}"));
    }
    assert!(epoch_of(&mut world, ANNA).0 > ahead);
    let cleos = chat_of(&mut world, CLEO);
    let told = lines(&mut world, CLEO, cleos);
    for round in 0..4 {
        let described = Change::Description(format!("ours {round}"));
        assert!(told.contains(&described), "{round}: {told:?}");
    }
}

#[test]
fn what_is_pushed_before_the_change_that_it_needs_is_read_after_it() {
    let mut world = garden(75);
    world.swaps.insert(CLEO, 1);
    describes(&mut world, ANNA, "what we grow");
    writes(&mut world, ANNA, "did you see?");
    assert_eq!(world.swaps[&CLEO], 0);
    assert_eq!(said(&mut world, CLEO), ["welcome", "did you see?"]);
    let cleos = chat_of(&mut world, CLEO);
    let told = lines(&mut world, CLEO, cleos);
    let described = Change::Description("what we grow".to_owned());
    assert_eq!(told.iter().filter(|line| **line == described).count(), 1);
    all_talk(&mut world, "all are here");
}

#[test]
fn what_is_pushed_after_the_change_that_ended_its_keys_is_read_before_it() {
    let mut world = garden(80);
    let chat = chat_of(&mut world, ANNA);
    world.swaps.insert(CLEO, 1);
    act(&mut world, ANNA, |engine, now| {
        engine.send_text(&chat, "still before", now)
    });
    pass(&mut world, 1_000);
    describes(&mut world, ANNA, "and what not");
    assert_eq!(world.swaps[&CLEO], 0);
    assert_eq!(said(&mut world, CLEO), ["welcome", "still before"]);
    all_talk(&mut world, "all are here");
}

#[test]
fn two_words_in_the_other_order_are_both_shown() {
    let mut world = garden(76);
    world.swaps.insert(CLEO, 1);
    for text in ["one", "two"] {
        writes(&mut world, ANNA, text);
    }
    assert_eq!(world.swaps[&CLEO], 0);
    let mut shown = said(&mut world, CLEO);
    shown.sort();
    assert_eq!(shown, ["one", "two", "welcome"]);
    all_talk(&mut world, "all are here");
}

#[test]
fn what_is_pushed_again_is_shown_once() {
    let mut world = garden(77);
    let to_cleo = direct(&mut world, ANNA, CLEO);
    world.keeps.insert(CLEO, Vec::new());
    says(&mut world, ANNA, to_cleo, "for you alone");
    writes(&mut world, ANNA, "one");
    world.push_again(CLEO);
    describes(&mut world, ANNA, "what we grow");
    writes(&mut world, BEN, "two");
    // On the same connection, and on another, which knows nothing of what came on the one before.
    for _ in 0..3 {
        world.push_again(CLEO);
        pass(&mut world, 10_000);
        connects_anew(&mut world, CLEO);
        world.push_again(CLEO);
        pass(&mut world, 10_000);
        describes(&mut world, ANNA, "and what not");
    }
    assert!(world.keeps[&CLEO].len() > 4);
    assert_eq!(said(&mut world, CLEO), ["welcome", "one", "two"]);
    let to_anna = direct(&mut world, CLEO, ANNA);
    assert_eq!(texts(&mut world, CLEO, to_anna), ["for you alone"]);
    all_talk(&mut world, "all are here");
    let cleos = chat_of(&mut world, CLEO);
    let told = lines(&mut world, CLEO, cleos);
    let anew = |line: &Change| matches!(line, Change::ReaddedMyself | Change::Renewed);
    assert!(!told.iter().any(anew), "{told:?}");
    let grown = Change::Description("what we grow".to_owned());
    assert_eq!(told.iter().filter(|line| **line == grown).count(), 1);
}

#[test]
fn what_comes_again_in_other_entries_is_shown_once() {
    let mut world = garden(78);
    // The second server delivers to Cleo, and then the first everything again, sealed anew for her queue.
    world.fork(&[CLEO]).unwrap();
    pass(&mut world, 20_000);
    chat_in_private(&mut world, ANNA, CLEO, "word", 4);
    all_talk(&mut world, "all are here");
    let before = said(&mut world, CLEO);
    world.unfork();
    pass(&mut world, MINUTE_MS);
    assert_eq!(said(&mut world, CLEO), before);
    chat_in_private(&mut world, ANNA, CLEO, "another", 4);
    all_talk(&mut world, "and still are");
    let sent = direct(&mut world, ANNA, CLEO);
    let rows = act(&mut world, ANNA, |engine, _| {
        engine.history(&sent, u64::MAX, 100)
    });
    assert!(rows.iter().all(|row| row.state != MessageState::Queued));
}

/// Cleo is not in the group any more, and is pushed again what brought her into it.
fn is_welcomed_again(seed: u64, goes: impl FnOnce(&mut World)) -> ChatState {
    let mut world = friends(seed, 3);
    // Another group has taken the KeyPackage of her card that serves once: this one takes what serves for a week.
    group(&mut world, ANNA, "Orchard");
    world.keeps.insert(CLEO, Vec::new());
    group(&mut world, ANNA, "Garden");
    let welcomes = world.keeps[&CLEO].clone();
    assert!(!welcomes.is_empty());
    goes(&mut world);
    pass(&mut world, MINUTE_MS);
    let annas = chat_of(&mut world, ANNA);
    assert_eq!(names(&mut world, ANNA, annas).len(), 2);
    connects_anew(&mut world, CLEO);
    world.keeps.insert(CLEO, welcomes);
    world.push_again(CLEO);
    pass(&mut world, 10 * MINUTE_MS);
    let cleos = chat_of(&mut world, CLEO);
    state(&mut world, CLEO, cleos)
}

#[test]
fn an_old_welcome_brings_nobody_back_who_left() {
    let shown = is_welcomed_again(79, |world| {
        let cleos = chat_of(world, CLEO);
        does(world, CLEO, |engine, now| engine.leave_group(&cleos, now));
    });
    assert_eq!(shown, ChatState::Left);
}

#[test]
fn an_old_welcome_brings_nobody_back_who_was_removed() {
    let shown = is_welcomed_again(81, |world| {
        let (annas, cleo) = (chat_of(world, ANNA), account(world, CLEO));
        does(world, ANNA, |engine, now| {
            engine.remove_from_group(&annas, &cleo, now)
        });
    });
    assert_eq!(shown, ChatState::Removed);
}

#[test]
fn a_group_whose_server_was_set_back_is_founded_anew() {
    let mut world = garden(82);
    world.fork(&ALL).unwrap();
    pass(&mut world, 20_000);
    describes(&mut world, ANNA, "what we grow");
    is_called(&mut world, CLEO, "C");
    all_talk(&mut world, "on borrowed time");
    // All that was stored since is gone: everybody is ahead, and nobody can help another.
    world.unfork();
    let chat = chat_of(&mut world, BEN);
    act(&mut world, BEN, |engine, now| {
        engine.send_text(&chat, "is anybody there?", now)
    });
    pass(&mut world, 60 * MINUTE_MS);
    all_talk(&mut world, "we go on");
    for person in ALL {
        let said = said(&mut world, person);
        assert!(
            said.contains(&"is anybody there?".to_owned()),
            "{person}: {said:?}"
        );
    }
}

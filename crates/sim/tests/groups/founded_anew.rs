//! A group that is founded anew has all who were in the one before: those too whom its founder does not know.

use crate::{
    member::{Forge, makes_altered_commit},
    story::*,
};
use undertone_engine::{Change, ChatId, ChatState, HistoryChoice};
use undertone_sim::world::World;
use undertone_wire::{
    proto,
    time::{DAY_MS, MINUTE_MS},
};

const ANNA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const MALLORY: usize = 3;
/// Without an account of its own.
const TABLET: usize = 4;

/// Anna knows everybody, nobody else knows another; and Ben alone governs the group.
fn neighbours(seed: u64) -> World {
    let mut world = World::new(seed, 5).unwrap();
    meet(&mut world, 4, |one, _| one == ANNA);
    let chat = group_of(&mut world, ANNA, "Street", &[BEN, CLEO, MALLORY]);
    let (anna, ben) = (account(&mut world, ANNA), account(&mut world, BEN));
    does(&mut world, ANNA, |engine, now| {
        engine.set_role(&chat, &ben, true, now)
    });
    does(&mut world, ANNA, |engine, now| {
        engine.set_role(&chat, &anna, false, now)
    });
    world
}

fn chat_of(world: &mut World, person: usize) -> ChatId {
    seen(world, person, "Street").unwrap()
}

/// Mallory's device makes a commit that is altered so.
fn mallory_commits(world: &mut World, alter: impl Fn(&mut proto::Commit, &Forge<'_>) + 'static) {
    let chat = chat_of(world, MALLORY);
    makes_altered_commit(world, MALLORY, chat, alter);
    pass(world, 10_000);
    world.tampers.clear();
}

/// All of these are in one group, founded anew once, and read what each of them writes.
fn all_are_in(world: &mut World, who: &[usize]) {
    for person in who {
        let chat = chat_of(world, *person);
        assert_eq!(state(world, *person, chat), ChatState::Active, "{person}");
        assert_eq!(names(world, *person, chat).len(), who.len(), "{person}");
        let told = lines(world, *person, chat);
        let renewed = told.iter().filter(|line| **line == Change::Renewed);
        assert_eq!(renewed.count(), 1, "{person}: {told:?}");
        let given_up = |line: &Change| matches!(line, Change::GivenUp(..));
        assert!(!told.iter().any(given_up), "{person}: {told:?}");
        says(world, *person, chat, &format!("here is {person}"));
    }
    for reader in who {
        let chat = chat_of(world, *reader);
        let read = texts(world, *reader, chat);
        for writer in who {
            let text = format!("here is {writer}");
            assert!(read.contains(&text), "{reader} lacks «{text}»: {read:?}");
        }
    }
}

#[test]
fn whom_the_founder_does_not_know_follows_into_the_new_group() {
    let mut world = neighbours(71);
    let cleos = chat_of(&mut world, CLEO);
    mallory_commits(&mut world, |commit, forge| {
        commit.payload = forge.titled("Mine").into();
    });
    // Known to the founder: within seconds. Whom he does not know, he waits for.
    let bens = chat_of(&mut world, BEN);
    assert_eq!(names(&mut world, BEN, bens).len(), 2);
    assert_eq!(state(&mut world, CLEO, cleos), ChatState::Failed);
    let waits = act(&mut world, BEN, |engine, _| engine.members(&bens));
    assert!(
        waits
            .iter()
            .any(|member| !member.present && member.wished.is_some())
    );
    pass(&mut world, 5 * MINUTE_MS);
    // Whoever broke it, and calls as everybody else does, is not let in.
    all_are_in(&mut world, &[ANNA, BEN, CLEO]);
    pass(&mut world, 40 * DAY_MS);
    all_are_in(&mut world, &[ANNA, BEN, CLEO]);
}

#[test]
fn who_could_not_follow_a_commit_follows_into_the_group_founded_anew() {
    let mut world = neighbours(72);
    mallory_commits(&mut world, |commit, _| {
        commit.payload = vec![7; commit.payload.len()].into();
    });
    pass(&mut world, 3 * 60 * MINUTE_MS);
    // Who did that is not known.
    all_are_in(&mut world, &[ANNA, BEN, CLEO, MALLORY]);
}

#[test]
fn who_was_away_meanwhile_follows_when_they_are_back() {
    let mut world = neighbours(73);
    act(&mut world, CLEO, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    mallory_commits(&mut world, |commit, forge| {
        commit.payload = forge.titled("Mine").into();
    });
    pass(&mut world, 20 * DAY_MS);
    let cleos = chat_of(&mut world, CLEO);
    act(&mut world, CLEO, |engine, now| {
        engine.send_text(&cleos, "I am back", now)
    });
    act(&mut world, CLEO, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 5 * MINUTE_MS);
    all_are_in(&mut world, &[ANNA, BEN, CLEO]);
    let bens = chat_of(&mut world, BEN);
    assert!(texts(&mut world, BEN, bens).contains(&"I am back".to_owned()));
}

#[test]
fn who_never_comes_is_waited_for_no_longer_than_thirty_days() {
    let mut world = neighbours(74);
    act(&mut world, CLEO, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    mallory_commits(&mut world, |commit, forge| {
        commit.payload = forge.titled("Mine").into();
    });
    let bens = chat_of(&mut world, BEN);
    pass(&mut world, 31 * DAY_MS);
    let cleo = account(&mut world, CLEO);
    let told = lines(&mut world, BEN, bens);
    let given_up = |line: &&Change| matches!(line, Change::GivenUp(Some(who), _) if *who == cleo);
    assert_eq!(told.iter().filter(given_up).count(), 1, "{told:?}");
    let members = act(&mut world, BEN, |engine, _| engine.members(&bens));
    assert!(members.iter().all(|member| member.wished.is_none()));
}

#[test]
fn a_second_device_follows_its_first() {
    let mut world = neighbours(75);
    link(&mut world, TABLET, CLEO, HistoryChoice::None);
    pass(&mut world, MINUTE_MS);
    mallory_commits(&mut world, |commit, forge| {
        commit.payload = forge.titled("Mine").into();
    });
    pass(&mut world, 10 * MINUTE_MS);
    all_are_in(&mut world, &[ANNA, BEN, CLEO]);
    let bens = chat_of(&mut world, BEN);
    let members = act(&mut world, BEN, |engine, _| engine.members(&bens));
    let devices: u32 = members.iter().map(|member| member.devices).sum();
    assert_eq!(devices, 4);
    let tablets = chat_of(&mut world, TABLET);
    says(&mut world, BEN, bens, "both of you?");
    assert!(texts(&mut world, TABLET, tablets).contains(&"both of you?".to_owned()));
    let wanted = act(&mut world, TABLET, |engine, _| Ok(engine.places_wanted()?));
    assert_eq!(wanted, 0);
}

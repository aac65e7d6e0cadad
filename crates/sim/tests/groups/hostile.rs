//! Members and servers that keep to no rule: each ends in a state that is clear, and nobody honest loses anything but time.

use std::{cell::RefCell, rc::Rc};

use crate::member::{Forge, asked, makes_altered_commit, with_body};
use crate::story::*;
use undertone_engine::{Change, ChatId, ChatState, MessageState, Permitted};
use undertone_sim::world::World;
use undertone_store::{StoreError, WriteTx};
use undertone_wire::{
    proto::{self, send_request::Body},
    time::MINUTE_MS,
};

const ANNA: usize = 0;
const BEN: usize = 1;
const CLEO: usize = 2;
const MALLORY: usize = 3;

/// Four who know each other, in a group that Anna and Ben govern.
fn garden(seed: u64) -> (World, ChatId) {
    let mut world = friends(seed, 4);
    let chat = group(&mut world, ANNA, "Garden");
    let ben = account(&mut world, BEN);
    does(&mut world, ANNA, |engine, now| {
        engine.set_role(&chat, &ben, true, now)
    });
    does(&mut world, ANNA, |engine, now| {
        engine.set_permission(&chat, Permitted::Edit, false, now)
    });
    (world, chat)
}

/// The next commit of Mallory's device is altered so; it makes one at once.
fn mallory_commits(world: &mut World, alter: impl Fn(&mut proto::Commit, &Forge<'_>) + 'static) {
    let chat = chat_of(world, MALLORY);
    makes_altered_commit(world, MALLORY, chat, alter);
}

fn chat_of(world: &mut World, person: usize) -> ChatId {
    seen(world, person, "Garden").unwrap()
}

/// What one writes, all of `who` read.
fn all_talk(world: &mut World, who: &[usize], text: &str) {
    for writer in who {
        let chat = chat_of(world, *writer);
        says(world, *writer, chat, &format!("{text} {writer}"));
    }
    pass(world, 30_000);
    for reader in who {
        let chat = chat_of(world, *reader);
        let seen = texts(world, *reader, chat);
        for writer in who {
            let text = format!("{text} {writer}");
            assert!(seen.contains(&text), "{reader} lacks «{text}»: {seen:?}");
        }
    }
    let states: Vec<_> = who
        .iter()
        .map(|who| {
            let chat = chat_of(world, *who);
            epoch(world, *who, chat)
        })
        .collect();
    assert!(states.iter().all(|state| *state == states[0]), "{states:?}");
}

/// Cleo writes before she knows what Mallory did: it is not lost.
fn cleo_writes_meanwhile(world: &mut World, alter: impl FnOnce(&mut World)) {
    let chat = chat_of(world, CLEO);
    act(world, CLEO, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    act(world, CLEO, |engine, now| {
        engine.send_text(&chat, "what happened?", now)
    });
    alter(world);
    pass(world, 10_000);
    world.tampers.clear();
    act(world, CLEO, |engine, now| Ok(engine.go_online(now)?));
}

/// After a while all who are honest talk again, in a group founded anew or the one before.
fn they_talk_again(world: &mut World, anew: bool) {
    all_talk(world, &[ANNA, BEN, CLEO], "we go on");
    for person in [ANNA, BEN, CLEO] {
        let chat = chat_of(world, person);
        assert_eq!(state(world, person, chat), ChatState::Active);
        let told = lines(world, person, chat);
        assert_eq!(told.contains(&Change::Renewed), anew, "{person}: {told:?}");
    }
}

/// And nothing was lost.
fn they_go_on(world: &mut World, anew: bool) {
    they_talk_again(world, anew);
    for person in [ANNA, BEN, CLEO] {
        let chat = chat_of(world, person);
        let said = texts(world, person, chat);
        assert!(
            said.contains(&"what happened?".to_owned()),
            "{person}: {said:?}"
        );
    }
}

#[test]
fn a_forbidden_change_stops_a_group_for_a_moment_and_whoever_made_it_is_out() {
    let (mut world, _) = garden(51);
    cleo_writes_meanwhile(&mut world, |world| {
        mallory_commits(world, |commit, forge| {
            commit.payload = forge.titled("Mine").into();
        });
    });
    pass(&mut world, MINUTE_MS);
    they_go_on(&mut world, true);
    let annas = chat_of(&mut world, ANNA);
    assert_eq!(names(&mut world, ANNA, annas).len(), 3);
    let mallorys = chat_of(&mut world, MALLORY);
    assert!(!texts(&mut world, MALLORY, mallorys).contains(&"we go on 0".to_owned()));
}

#[test]
fn a_commit_that_nobody_can_open_ends_in_the_group_founded_anew() {
    let (mut world, _) = garden(52);
    cleo_writes_meanwhile(&mut world, |world| {
        mallory_commits(world, |commit, _| {
            commit.payload = vec![7; commit.payload.len()].into();
        });
    });
    pass(&mut world, 60 * MINUTE_MS);
    they_go_on(&mut world, true);
}

/// A commit of Mallory's tells some other keys than the rest. Cleo's leaf is beside Mallory's; a node above Anna and Ben
/// may have keys for both.
fn mallory_tells_wrong_keys(seed: u64, spoilt: fn(Option<u32>) -> bool) -> World {
    let (mut world, _) = garden(seed);
    cleo_writes_meanwhile(&mut world, |world| {
        mallory_commits(world, move |commit, forge| {
            let (payload, next) = forge.half_valid(spoilt);
            (commit.payload, commit.next) = (payload.into(), Some(next));
        });
    });
    pass(&mut world, 10 * MINUTE_MS);
    world
}

/// These were added anew, and the others saw it.
fn were_added_anew(world: &mut World, who: &[usize]) {
    for person in [ANNA, BEN, CLEO] {
        let chat = chat_of(world, person);
        let told = lines(world, person, chat);
        assert_eq!(
            told.contains(&Change::ReaddedMyself),
            who.contains(&person),
            "{person}: {told:?}"
        );
    }
}

#[test]
fn whom_a_commit_tells_wrong_keys_is_added_anew() {
    let mut world = mallory_tells_wrong_keys(64, |leaf| leaf == Some(2));
    they_go_on(&mut world, false);
    were_added_anew(&mut world, &[CLEO]);
}

#[test]
fn admins_whom_a_commit_tells_wrong_keys_are_added_anew_by_a_member() {
    let mut world = mallory_tells_wrong_keys(65, |leaf| leaf != Some(2));
    they_talk_again(&mut world, false);
    were_added_anew(&mut world, &[ANNA, BEN]);
    // What was written in an epoch for which Mallory gave them no keys they cannot read: they are shown the gap, and Cleo
    // that it did not reach all.
    let cleos = chat_of(&mut world, CLEO);
    let rows = act(&mut world, CLEO, |engine, _| {
        engine.history(&cleos, u64::MAX, 100)
    });
    let asked = rows.iter().find(|row| row.text == "what happened?");
    assert_eq!(asked.unwrap().state, MessageState::Sent);
}

#[test]
fn keys_that_fit_nobody_end_in_the_group_founded_anew() {
    let (mut world, _) = garden(53);
    // The commit is valid, so all are in its epoch; only the server lets none of them send or change anything.
    cleo_writes_meanwhile(&mut world, |world| {
        mallory_commits(world, |commit, _| {
            let next = commit.next.as_mut().unwrap();
            (next.send_key_hash, next.commit_key) = (vec![9; 32], vec![9; 32]);
        });
    });
    pass(&mut world, 60 * MINUTE_MS);
    they_go_on(&mut world, true);
}

#[test]
fn keys_that_only_stop_messages_are_mended_by_the_next_change() {
    let (mut world, _) = garden(60);
    cleo_writes_meanwhile(&mut world, |world| {
        mallory_commits(world, |commit, _| {
            commit.next.as_mut().unwrap().send_key_hash = vec![9; 32];
        });
    });
    pass(&mut world, 5 * MINUTE_MS);
    they_go_on(&mut world, false);
}

#[test]
fn whom_a_commit_leaves_out_fetches_it_and_misses_nothing() {
    let (mut world, chat) = garden(54);
    // Cleo's alias is one of four: each is left out once, and Mallory's own with them.
    for left_out in 0..4 {
        mallory_commits(&mut world, move |commit, _| {
            commit.aliases.remove(left_out);
        });
        pass(&mut world, 20_000);
        world.tampers.clear();
        let text = format!("after {left_out}");
        says(&mut world, ANNA, chat, &text);
        for person in [BEN, CLEO, MALLORY] {
            let chat = chat_of(&mut world, person);
            let seen = texts(&mut world, person, chat);
            assert!(seen.contains(&text), "{person} lacks «{text}»: {seen:?}");
            let refused = |line: &Change| matches!(line, Change::ReaddedMyself | Change::Renewed);
            assert!(!lines(&mut world, person, chat).iter().any(refused));
        }
        let mallorys = chat_of(&mut world, MALLORY);
        act(&mut world, MALLORY, |engine, now| {
            engine.set_name_in_group(&mallorys, "", now)
        });
        pass(&mut world, 20_000);
    }
    all_talk(&mut world, &[ANNA, BEN, CLEO, MALLORY], "all are here");
}

#[test]
fn from_whom_a_server_withholds_a_commit_fetches_it_and_misses_nothing() {
    let (mut world, chat) = garden(61);
    world.withholds.insert(CLEO, 1);
    does(&mut world, ANNA, |engine, now| {
        engine.rename_group(&chat, "Garden and field", now)
    });
    assert_eq!(world.withholds[&CLEO], 0);
    let cleos = chat_of(&mut world, CLEO);
    says(&mut world, ANNA, chat, "did you see?");
    assert_eq!(texts(&mut world, CLEO, cleos), ["did you see?"]);
    assert_eq!(
        epoch(&mut world, CLEO, cleos),
        epoch(&mut world, ANNA, chat)
    );
    let told = lines(&mut world, CLEO, cleos);
    assert!(told.contains(&Change::Title("Garden and field".to_owned())));
}

#[test]
fn what_is_in_doubt_is_read_whenever_the_connection_breaks() {
    let (mut world, chat) = garden(63);
    let cleos = chat_of(&mut world, CLEO);
    for round in 0..24_u64 {
        world.withholds.insert(CLEO, 1);
        does(&mut world, ANNA, |engine, now| {
            engine.describe_group(&chat, &format!("round {round}"), now)
        });
        let text = format!("did you see {round}?");
        act(&mut world, ANNA, |engine, now| {
            engine.send_text(&chat, &text, now)
        });
        // Before the message comes, while the commit that is missing is fetched, and after it.
        pass(&mut world, round * 15);
        act(&mut world, CLEO, |engine, _| {
            engine.go_offline();
            Ok(())
        });
        pass(&mut world, 50);
        act(&mut world, CLEO, |engine, now| Ok(engine.go_online(now)?));
        pass(&mut world, 20_000);
        assert_eq!(texts(&mut world, CLEO, cleos).last(), Some(&text));
    }
}

#[test]
fn a_message_that_a_server_withholds_keeps_nothing_else_back() {
    let (mut world, chat) = garden(62);
    let cleos = chat_of(&mut world, CLEO);
    world.withholds.insert(CLEO, 1);
    says(&mut world, ANNA, chat, "lost");
    says(&mut world, ANNA, chat, "found");
    does(&mut world, ANNA, |engine, now| {
        engine.describe_group(&chat, "what we grow", now)
    });
    says(&mut world, ANNA, chat, "and after");
    // Whether it came is told by the mark: it is not delivered to all.
    assert_eq!(texts(&mut world, CLEO, cleos), ["found", "and after"]);
    let sent = act(&mut world, ANNA, |engine, _| {
        engine.history(&chat, u64::MAX, 100)
    });
    let state = |text: &str| sent.iter().find(|row| row.text == text).unwrap().state;
    assert_eq!(state("lost"), MessageState::Sent);
    assert_eq!(state("and after"), MessageState::Delivered);
    all_talk(&mut world, &[ANNA, BEN, CLEO, MALLORY], "all are here");
}

#[test]
fn what_somebody_said_is_not_said_again_by_another() {
    let (mut world, chat) = garden(55);
    let heard = Rc::new(RefCell::new(None));
    let kept = Rc::clone(&heard);
    world.tampers.insert(
        ANNA,
        Box::new(move |bytes| {
            if let Some(Body::Deliver(deliver)) = asked(&bytes) {
                kept.borrow_mut().get_or_insert(deliver.payload);
            }
            bytes
        }),
    );
    says(&mut world, ANNA, chat, "once");
    world.tampers.clear();
    let replayed = heard.borrow_mut().take().unwrap();
    world.tampers.insert(
        MALLORY,
        Box::new(move |bytes| match asked(&bytes) {
            Some(Body::Deliver(mut deliver)) => {
                deliver.payload = replayed.clone();
                with_body(&bytes, Body::Deliver(deliver))
            }
            _ => bytes,
        }),
    );
    let mallorys = chat_of(&mut world, MALLORY);
    says(&mut world, MALLORY, mallorys, "nothing of mine");
    world.tampers.clear();
    for person in [BEN, CLEO] {
        let chat = chat_of(&mut world, person);
        let times = texts(&mut world, person, chat)
            .iter()
            .filter(|text| *text == "once")
            .count();
        assert_eq!(times, 1);
    }
    all_talk(&mut world, &[ANNA, BEN, CLEO, MALLORY], "all are here");
}

#[test]
fn who_was_removed_reaches_nobody_with_the_keys_they_had() {
    let (mut world, chat) = garden(56);
    let kept = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&kept);
    world.tampers.insert(
        MALLORY,
        Box::new(move |bytes| {
            if let Some(Body::Deliver(deliver)) = asked(&bytes) {
                keeps.borrow_mut().replace(deliver);
            }
            bytes
        }),
    );
    let mallorys = chat_of(&mut world, MALLORY);
    says(&mut world, MALLORY, mallorys, "a word");
    let old = kept.borrow_mut().take().unwrap();
    let mallory = account(&mut world, MALLORY);
    does(&mut world, ANNA, |engine, now| {
        engine.remove_from_group(&chat, &mallory, now)
    });
    let before: Vec<_> = [ANNA, BEN, CLEO]
        .map(|person| {
            let chat = chat_of(&mut world, person);
            texts(&mut world, person, chat).len()
        })
        .into();
    // With the guard of an epoch that is over, and with none.
    for guard in [true, false] {
        let mut deliver = old.clone();
        if !guard {
            deliver.guard = None;
        }
        world.tampers.insert(
            MALLORY,
            Box::new(move |bytes| match asked(&bytes) {
                Some(Body::Deliver(_)) => with_body(&bytes, Body::Deliver(deliver.clone())),
                _ => bytes,
            }),
        );
        let ben = account(&mut world, BEN);
        let contacts = act(&mut world, MALLORY, |engine, _| Ok(engine.contacts()?));
        let to_ben = contacts
            .into_iter()
            .find(|one| one.account == ben)
            .unwrap()
            .chat
            .unwrap();
        act(&mut world, MALLORY, |engine, now| {
            engine.send_text(&to_ben, "let me in", now)
        });
        pass(&mut world, 20_000);
        world.tampers.clear();
        pass(&mut world, 60_000);
    }
    let after: Vec<_> = [ANNA, BEN, CLEO]
        .map(|person| {
            let chat = chat_of(&mut world, person);
            texts(&mut world, person, chat).len()
        })
        .into();
    assert_eq!(before, after);
    all_talk(&mut world, &[ANNA, BEN, CLEO], "without them");
}

#[test]
fn who_changes_the_group_all_the_time_is_removed_all_the_same() {
    let (mut world, chat) = garden(57);
    let mallory = account(&mut world, MALLORY);
    let mallorys = chat_of(&mut world, MALLORY);
    act(&mut world, ANNA, |engine, now| {
        engine.remove_from_group(&chat, &mallory, now)
    });
    for round in 0..400 {
        let name = format!("M{round}");
        let done = world.with(MALLORY, |engine, now| {
            Ok(engine.set_name_in_group(&mallorys, &name, now).is_ok())
        });
        pass(&mut world, 20);
        if done.unwrap() == Some(false) {
            break;
        }
    }
    pass(&mut world, 30_000);
    assert_eq!(state(&mut world, MALLORY, mallorys), ChatState::Removed);
    all_talk(&mut world, &[ANNA, BEN, CLEO], "without them");
}

#[test]
fn everybody_is_mentioned_only_by_those_who_may() {
    let (mut world, chat) = garden(58);
    does(&mut world, ANNA, |engine, now| {
        engine.set_permission(&chat, Permitted::MentionAll, true, now)
    });
    let mallorys = chat_of(&mut world, MALLORY);
    // Written while everybody may, and sent when no more: Mallory's client does not ask again.
    act(&mut world, MALLORY, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    act(&mut world, MALLORY, |engine, now| {
        engine.send_text(&mallorys, "@all come", now)
    });
    does(&mut world, ANNA, |engine, now| {
        engine.set_permission(&chat, Permitted::MentionAll, false, now)
    });
    act(
        &mut world,
        MALLORY,
        |engine, now| Ok(engine.go_online(now)?),
    );
    pass(&mut world, 30_000);
    let bens = chat_of(&mut world, BEN);
    says(&mut world, ANNA, chat, "@all look");
    let rows = act(&mut world, BEN, |engine, _| {
        engine.history(&bens, u64::MAX, 100)
    });
    let mentions: Vec<_> = rows
        .iter()
        .filter(|row| row.text.starts_with("@all"))
        .map(|row| (row.text.as_str(), undertone_engine::mentioned(row).len()))
        .collect();
    assert_eq!(mentions, [("@all come", 0), ("@all look", 1)]);
    let sent = act(&mut world, MALLORY, |engine, _| {
        engine.history(&mallorys, u64::MAX, 100)
    });
    assert!(sent.iter().all(|row| row.state != MessageState::Queued));
}

/// Anna writes to Cleo, and before it arrives Ben changes the group.
fn a_word_and_a_change_cross(world: &mut World, round: usize, forget: bool) {
    let cleo = account(world, CLEO);
    let contacts = act(world, ANNA, |engine, _| Ok(engine.contacts()?));
    let to_cleo = contacts.into_iter().find(|one| one.account == cleo);
    let to_cleo = to_cleo.unwrap().chat.unwrap();
    let nothing = Body::FetchCommit(proto::FetchCommit {
        handle: vec![1; 32],
        epoch: 0,
        send_key: vec![1; 32],
    });
    world.tampers.insert(
        ANNA,
        Box::new(move |bytes| match asked(&bytes) {
            Some(Body::Deliver(_)) => with_body(&bytes, nothing.clone()),
            _ => bytes,
        }),
    );
    let text = format!("a word {round}");
    act(world, ANNA, |engine, now| {
        engine.send_text(&to_cleo, &text, now)
    });
    pass(world, 5_000);
    let bens = seen(world, BEN, "Garden").unwrap();
    does(world, BEN, |engine, now| {
        engine.describe_group(&bens, &format!("round {round}"), now)
    });
    if forget {
        let mut store = world.people[CLEO].open_store().unwrap();
        store.write(forget_marks).unwrap();
    }
    world.tampers.clear();
    pass(world, 10 * MINUTE_MS);
}

#[test]
fn whoever_is_shown_another_conversation_is_told() {
    let (mut world, chat) = garden(59);
    says(&mut world, ANNA, chat, "before");
    let anna = account(&mut world, ANNA);
    let cleos = chat_of(&mut world, CLEO);
    for round in 0..6 {
        a_word_and_a_change_cross(&mut world, round, false);
    }
    let forked = Change::Forked(anna);
    assert!(!lines(&mut world, CLEO, cleos).contains(&forked));
    // As if the server had shown Cleo another commit than everybody else: her device has other marks of what was.
    for round in 6..20 {
        a_word_and_a_change_cross(&mut world, round, true);
    }
    let told = lines(&mut world, CLEO, cleos);
    assert_eq!(told.iter().filter(|line| **line == forked).count(), 1);
}

fn forget_marks(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    for group in tx.groups()? {
        for epoch in 0..100 {
            if tx.epoch_mark(&group.group_id, epoch)?.is_some() {
                tx.put_epoch_mark(&group.group_id, epoch, &[0; 8])?;
            }
        }
    }
    Ok(())
}

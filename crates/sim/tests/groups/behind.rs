//! Who was away for longer than commits are kept is added anew by others, and nobody else is.

use crate::story::*;
use undertone_engine::{Change, MessageState, change_in};
use undertone_sim::world::World;
use undertone_wire::time::DAY_MS;

/// A device is without a network for so many days, while the server tidies up as it does every day.
fn away(world: &mut World, person: usize, days: u64) {
    act(world, person, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    for _ in 0..days {
        pass(world, DAY_MS);
        world.maintain().unwrap();
    }
    act(world, person, |engine, now| Ok(engine.go_online(now)?));
    pass(world, 60_000);
}

#[test]
fn after_months_a_group_and_a_conversation_go_on() {
    let mut world = friends(31, 3);
    let chat = group(&mut world, 0, "Garden");
    let cleos = seen(&mut world, 2, "Garden").unwrap();
    let (to_cleo, to_anna) = (direct(&mut world, 0, 2), direct(&mut world, 2, 0));
    says(&mut world, 2, to_anna, "see you");
    // What Cleo writes on the way out is not lost: it goes out when she is back.
    act(&mut world, 2, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    act(&mut world, 2, |engine, now| {
        engine.send_text(&cleos, "from the train", now)
    });
    act(&mut world, 2, |engine, now| {
        engine.send_text(&to_anna, "for you alone", now)
    });
    says(&mut world, 0, chat, "she is away");
    does(&mut world, 0, |engine, now| {
        engine.describe_group(&chat, "what we grow", now)
    });
    says(&mut world, 0, to_cleo, "are you there?");
    // Between two nothing changes but the keys, now and then.
    away(&mut world, 2, 75);
    says(&mut world, 0, chat, "hello again");
    pass(&mut world, 60_000);
    says(&mut world, 0, chat, "and again");

    assert_eq!(
        act(&mut world, 2, |engine, _| Ok(engine.places_wanted()?)),
        0
    );
    assert!(lines(&mut world, 2, cleos).contains(&Change::ReaddedMyself));
    assert!(lines(&mut world, 2, to_anna).contains(&Change::ReaddedMyself));
    let cleo = account(&mut world, 2);
    assert!(lines(&mut world, 0, to_cleo).contains(&Change::Readded(cleo)));
    for person in 0..2 {
        let chat = seen(&mut world, person, "Garden").unwrap();
        assert!(lines(&mut world, person, chat).contains(&Change::Readded(cleo)));
        assert!(texts(&mut world, person, chat).contains(&"from the train".to_owned()));
    }
    assert!(texts(&mut world, 2, cleos).contains(&"and again".to_owned()));
    // What was sent and expired meanwhile is gone, and a line says so.
    assert!(!texts(&mut world, 2, cleos).contains(&"she is away".to_owned()));

    says(&mut world, 2, to_anna, "I am back");
    says(&mut world, 0, to_cleo, "at last");
    assert!(
        texts(&mut world, 0, to_cleo).ends_with(&["I am back".to_owned(), "at last".to_owned()])
    );
    assert!(texts(&mut world, 0, to_cleo).contains(&"for you alone".to_owned()));
    assert!(texts(&mut world, 2, to_anna).contains(&"at last".to_owned()));
    let epochs: Vec<_> = [(0, chat), (2, cleos)]
        .map(|(who, chat)| epoch(&mut world, who, chat))
        .into();
    assert_eq!(epochs[0], epochs[1]);
}

#[test]
fn who_was_removed_while_away_is_not_added_anew() {
    let mut world = friends(32, 3);
    let chat = group(&mut world, 0, "Garden");
    let cleo = account(&mut world, 2);
    act(&mut world, 2, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    does(&mut world, 0, |engine, now| {
        engine.remove_from_group(&chat, &cleo, now)
    });
    away(&mut world, 2, 40);
    // The others refuse in silence; whether one is still wanted is not told.
    pass(&mut world, 3 * DAY_MS);
    assert_eq!(names(&mut world, 0, chat).len(), 2);
    let cleos = seen(&mut world, 2, "Garden").unwrap();
    says(&mut world, 0, chat, "without her");
    assert!(!texts(&mut world, 2, cleos).contains(&"without her".to_owned()));
    let waits = act(&mut world, 2, |engine, now| {
        engine.send_text(&cleos, "may I?", now)
    });
    pass(&mut world, 60_000);
    let rows = act(&mut world, 2, |engine, _| {
        engine.history(&cleos, u64::MAX, 10)
    });
    let row = rows.iter().find(|row| row.seq == waits.seq).unwrap();
    assert_eq!(row.state, MessageState::Queued);
    assert!(
        rows.iter()
            .all(|row| change_in(row) != Some(Change::ReaddedMyself))
    );
}

//! A group so large that its Welcomes, and its first commits with new keys, lie outside of their envelopes.

use std::{cell::Cell, rc::Rc};

use crate::story::*;
use undertone_engine::Change;
use undertone_sim::world::{AUTHORITY, World};
use undertone_wire::{
    frame,
    proto::{self, send_request::Body},
    time::Timestamp,
};

const PEOPLE: usize = 116;

/// The first knows all others.
fn acquaintances(seed: u64) -> World {
    let mut world = World::new(seed, PEOPLE).unwrap();
    for person in 0..PEOPLE {
        let name = world.people[person].name.clone();
        act(&mut world, person, |engine, now| {
            engine.create_account(&format!("https://{AUTHORITY}"), &name, "", now)
        });
    }
    pass(&mut world, 10_000);
    let links: Vec<_> = (1..PEOPLE)
        .map(|_| {
            let link = act(&mut world, 0, |engine, now| {
                engine.new_once_link(Timestamp(0), now)
            });
            pass(&mut world, 500);
            link.to_string()
        })
        .collect();
    pass(&mut world, 10_000);
    for (other, link) in links.iter().enumerate() {
        act(&mut world, other + 1, |engine, now| {
            engine.add_contact(link, now)
        });
        pass(&mut world, 200);
    }
    pass(&mut world, 20_000);
    world
}

#[test]
fn a_large_group_is_founded_changed_and_talks() {
    let mut world = acquaintances(71);
    let (put, named) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (counter, lists) = (Rc::clone(&put), Rc::clone(&named));
    world.tampers.insert(
        0,
        Box::new(move |bytes| {
            let request = frame::decode::<proto::SendRequest>(bytes.clone()).unwrap();
            match &request.body {
                Some(Body::BlobPut(_)) => counter.set(counter.get() + 1),
                Some(Body::Deliver(deliver)) if !deliver.list.is_empty() => {
                    lists.set(lists.get() + 1);
                }
                _ => {}
            }
            bytes
        }),
    );
    let chat = group(&mut world, 0, "Assembly");
    pass(&mut world, 60_000);
    assert_eq!(names(&mut world, 0, chat).len(), PEOPLE);
    let welcomes = put.get();
    assert!(welcomes > 0);
    let (last, gone) = (PEOPLE - 1, PEOPLE - 2);
    let theirs = seen(&mut world, last, "Assembly").unwrap();
    says(&mut world, last, theirs, "good morning");
    // Removing needs new keys for all who stay, in a tree in which nobody shares any yet.
    let account = account(&mut world, gone);
    does(&mut world, 0, |engine, now| {
        engine.remove_from_group(&chat, &account, now)
    });
    pass(&mut world, 60_000);
    says(&mut world, 0, chat, "welcome");
    assert_eq!(named.get(), 0);
    says(&mut world, 0, chat, "to all of you");
    assert_eq!(named.get(), 1);
    for person in [1, PEOPLE / 2, last] {
        let chat = seen(&mut world, person, "Assembly").unwrap();
        assert_eq!(
            texts(&mut world, person, chat),
            ["good morning", "welcome", "to all of you"]
        );
        assert_eq!(names(&mut world, person, chat).len(), PEOPLE - 1);
        let lines = lines(&mut world, person, chat);
        assert!(!lines.contains(&Change::ReaddedMyself) && !lines.contains(&Change::Renewed));
    }
    assert_eq!(epoch(&mut world, 0, chat), epoch(&mut world, last, theirs));
    assert!(put.get() > welcomes);
}

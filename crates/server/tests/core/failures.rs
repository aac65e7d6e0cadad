//! The storage refuses: nothing happened, nobody is told otherwise, and the server goes on.

use prost::Message as _;
use undertone_server::core::{Event, Service};
use undertone_wire::proto::{
    self, ErrorKind, LinkAnswer, QueueAnswer, SendAnswer, link_answer, link_request, queue_answer,
    send_answer,
};

use crate::harness::*;

/// Makes every statement on the entries fail, or work again.
fn break_entries(world: &World, broken: bool) {
    let (from, to) = if broken {
        ("entries", "gone")
    } else {
        ("gone", "entries")
    };
    let sql = format!("ALTER TABLE delivery.{from} RENAME TO {to}");
    world.disk().execute_batch(&sql).unwrap();
}

#[test]
fn a_batch_that_cannot_be_stored_did_not_happen() {
    let mut world = World::new();
    let mut queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let next = world.next(&conversation);
    world.deliver(sender, &[alias], b"before");
    world.pushed(&queue);
    let before = world.rows();

    break_entries(&world, true);
    let (older, challenge) = (queue.connection, world.connect(Service::Queue));
    let (newer, challenge) = (challenge.0, challenge.1);
    let (opened, opening) = world.opened(Service::Send);
    let new_alias = undertone_wire::ids::Alias::new([4; 32]);
    let events: Vec<Event> = vec![
        world
            .queue_event(older, register_alias(&new_alias, None))
            .unwrap(),
        world.queue_event(newer, queue.attach(&challenge)).unwrap(),
        world
            .send_event(sender, conversation.commit(&next, b"commit", &[], &[]))
            .unwrap(),
        opening,
        world
            .send_event(sender, deliver(&[alias], b"lost", None))
            .unwrap(),
    ];
    world.apply(events);
    break_entries(&world, false);
    for _ in 0..2 {
        let answer = SendAnswer::decode(world.next_frame(sender).unwrap()).unwrap();
        let refused = answer.body.unwrap();
        assert_eq!(refused.refused(), Some(ErrorKind::Unavailable));
        let send_answer::Body::Error(error) = refused else {
            unreachable!()
        };
        assert!(error.may_retry);
    }
    for c in [older, newer] {
        let answer = QueueAnswer::decode(world.next_frame(c).unwrap()).unwrap();
        let refused = answer.body.unwrap().refused();
        assert_eq!(refused, Some(ErrorKind::Unavailable));
        // Both had their standing changed by the batch.
        assert!(world.is_closed(c));
    }
    assert!(world.is_closed(opened));
    assert!(!world.is_closed(sender));
    assert_eq!(world.rows(), before);
    assert_eq!(world.core.counters().batches_failed, 1);

    // What memory held of it is forgotten.
    let commit = conversation.commit(&next, b"commit", &[alias], &[]);
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    world.attach(&mut queue);
    world.deliver(sender, &[new_alias], b"nowhere");
    let payloads: Vec<_> = world
        .waiting(&queue)
        .into_iter()
        .map(|entry| entry.payload)
        .collect();
    let expected = [&b"before"[..], b"commit"].map(|payload| Carried::Inline(payload.to_vec()));
    assert_eq!(payloads, expected);
    let done = world.queue_call(queue.connection, register_alias(&new_alias, None));
    assert_eq!(
        done,
        queue_answer::Body::Done(undertone_wire::proto::Done {})
    );
}

/// Of two who meet, neither may believe what the other was not told; who has no part in the batch is left alone.
#[test]
fn meetings_of_a_batch_that_did_not_happen_end_and_others_go_on() {
    let done = link_answer::Body::Done(proto::Done {});
    let open = |name: u8| {
        let mailbox = vec![name; 4];
        link_request::Body::Open(proto::LinkOpen { mailbox })
    };
    let join = |name: u8| {
        let mailbox = vec![name; 4];
        link_request::Body::Join(proto::LinkJoin { mailbox })
    };
    let pass = || {
        let payload = b"x".to_vec();
        link_request::Body::Pass(proto::LinkPass { payload })
    };
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let mut four = || -> [_; 4] { std::array::from_fn(|_| world.connect(Service::Link).0) };
    let [waiting, joining, passing, hearing] = four();
    let [staying, closing, calm, still] = four();
    let pairs = [(passing, hearing), (staying, closing), (calm, still)];
    assert_eq!(world.link_call(waiting, open(0)), done);
    for ((first, second), name) in pairs.into_iter().zip(1..) {
        assert_eq!(world.link_call(first, open(name)), done);
        assert_eq!(world.link_call(second, join(name)), done);
        world.next_frame(first);
    }

    break_entries(&world, true);
    let events = vec![
        world.link_event(joining, join(0)).unwrap(),
        world.link_event(passing, pass()).unwrap(),
        world
            .send_event(sender, deliver(&[alias], b"lost", None))
            .unwrap(),
        Event::Closed {
            connection: closing,
        },
    ];
    world.apply(events);
    break_entries(&world, false);
    for c in [joining, passing] {
        let answer = LinkAnswer::decode(world.next_frame(c).unwrap()).unwrap();
        let refused = answer.body.unwrap().refused();
        assert_eq!(refused, Some(ErrorKind::Unavailable));
    }
    for c in [waiting, joining, passing, hearing, staying] {
        assert!(world.is_closed(c));
    }
    assert_eq!(world.next_frame(hearing), None);
    assert_eq!(world.link_call(calm, pass()), done);
    // The names are free again.
    for name in 0..3 {
        let (c, _) = world.connect(Service::Link);
        assert_eq!(world.link_call(c, open(name)), done);
    }
}

#[test]
fn damaged_rows_harm_only_who_needs_them() {
    let mut world = World::new();
    let (sound, damaged) = (world.queue(), world.queue());
    let aliases = [world.alias(&sound, None), world.alias(&damaged, None)];
    let sender = world.sender();
    world.restart();
    let row = undertone_wire::sealed_row::row_key(
        undertone_wire::sealed_row::Table::Queue,
        &[damaged.id.as_bytes()],
    );
    world
        .disk()
        .execute(
            "UPDATE delivery.queues SET sealed = zeroblob(100) WHERE queue = ?1",
            (row,),
        )
        .unwrap();
    let _ = sender;
    let sender = world.sender();
    world.deliver(sender, &aliases, b"x");
    let mut sound = sound;
    world.attach(&mut sound);
    assert_eq!(world.waiting(&sound).len(), 1);
    let (c, challenge) = world.connect(Service::Queue);
    let refused = world.queue_call(c, damaged.attach(&challenge));
    assert_eq!(refused.refused(), Some(ErrorKind::Unavailable));
}

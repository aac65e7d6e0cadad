//! What follows what: within a batch, between connections, between commits and deliveries.

use prost::Message as _;
use undertone_server::core::{Event, Service};
use undertone_wire::{
    ids::Alias,
    proto::{
        self, Barrier, Done, ErrorKind, QueueAnswer, SendAnswer, Stale, queue_answer,
        queue_request, send_answer, send_request,
    },
    time::MINUTE_MS,
};

use crate::harness::*;

fn answers(world: &mut World, c: undertone_server::core::ConnectionId) -> Vec<send_answer::Body> {
    let mut answers = Vec::new();
    while let Some(frame) = world.next_frame(c) {
        answers.push(SendAnswer::decode(frame).unwrap().body.unwrap());
    }
    answers
}

#[test]
fn a_delivery_behind_a_commit_in_one_batch_is_stale() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let first = world.conversation(sender);
    let second = world.next(&first);
    let other = world.next(&first);
    let alias = world.alias(&queue, Some(&first.handle));
    let events: Vec<Event> = [
        deliver(&[alias], b"1", Some(first.guard())),
        deliver(&[alias], b"too early", Some(second.guard())),
        first.commit(&second, b"2", &[alias], &[]),
        deliver(&[alias], b"too late", Some(first.guard())),
        first.commit(&other, b"lost", &[alias], &[]),
        deliver(&[alias], b"3", Some(second.guard())),
    ]
    .into_iter()
    .map(|body| world.send_event(sender, body).unwrap())
    .collect();
    world.apply(events);
    let stale = |epoch| send_answer::Body::Stale(Stale { epoch });
    assert_eq!(
        answers(&mut world, sender),
        [ACCEPTED, stale(1), ACCEPTED, stale(2), stale(2), ACCEPTED]
    );
    let payloads: Vec<_> = world
        .waiting(&queue)
        .into_iter()
        .map(|entry| entry.payload)
        .collect();
    let expected = [b"1", b"2", b"3"].map(|payload| Carried::Inline(payload.to_vec()));
    assert_eq!(payloads, expected);
    assert_eq!(world.core.counters().stale, 3);
}

#[test]
fn a_bound_alias_takes_only_what_its_own_guard_allows() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let mine = world.conversation(sender);
    let foreign = world.conversation(sender);
    let bound = world.alias(&queue, Some(&mine.handle));
    let free = world.alias(&queue, None);
    for (payload, guard) in [
        (b"no guard", None),
        (b"foreign!", Some(foreign.guard())),
        (b"my guard", Some(mine.guard())),
    ] {
        let body = deliver(&[bound, free], payload, guard);
        assert_eq!(world.send_call(sender, body), ACCEPTED);
    }
    let next = world.next(&foreign);
    let commit = foreign.commit(
        &next,
        b"foreign commit",
        &[bound, free],
        &[(bound, vec![1])],
    );
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    let waiting = world.waiting(&queue);
    let by = |alias: &Alias| -> Vec<Carried> {
        let found = waiting.iter().filter(|entry| entry.alias == *alias);
        found.map(|entry| entry.payload.clone()).collect()
    };
    assert_eq!(by(&bound), [Carried::Inline(b"my guard".to_vec())]);
    assert_eq!(by(&free).len(), 4);

    // The owner may bind an alias later, and a rescue needs no guard.
    let done = world.queue_call(queue.connection, register_alias(&free, Some(&mine.handle)));
    assert_eq!(done, queue_answer::Body::Done(Done {}));
    world.deliver(sender, &[free], b"no longer");
    let token = world.token();
    let rescue = send_request::Body::Rescue(proto::Rescue {
        alias: bound.to_vec(),
        payload: b"rescue"[..].into(),
        token,
    });
    assert_eq!(world.send_call(sender, rescue), ACCEPTED);
    assert_eq!(world.waiting(&queue).len(), 6);
}

#[test]
fn a_delivery_behind_a_dropped_alias_in_one_batch_is_not_stored() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    world.deliver(sender, &[alias], b"before");
    let events = vec![
        world
            .queue_event(queue.connection, drop_alias(&alias))
            .unwrap(),
        world
            .send_event(sender, deliver(&[alias], b"after", None))
            .unwrap(),
    ];
    world.apply(events);
    assert_eq!(answers(&mut world, sender), [ACCEPTED]);
    assert_eq!(world.waiting(&queue).len(), 1);
}

#[test]
fn pushes_come_in_the_order_of_storing_and_before_the_barrier_is_answered() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let mut events: Vec<_> = (0..50_u8)
        .map(|number| {
            world
                .send_event(sender, deliver(&[alias], &[number], None))
                .unwrap()
        })
        .collect();
    let barrier = queue_request::Body::Barrier(Barrier {});
    events.push(world.queue_event(queue.connection, barrier).unwrap());
    world.apply(events);
    let mut frames = Vec::new();
    while let Some(frame) = world.next_frame(queue.connection) {
        frames.push(QueueAnswer::decode(frame).unwrap());
    }
    assert_eq!(
        frames.pop().unwrap().body,
        Some(queue_answer::Body::Done(Done {}))
    );
    let pushed: Vec<_> = frames
        .into_iter()
        .map(|frame| match frame.body {
            Some(queue_answer::Body::Entry(entry)) => queue.open(&entry),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(pushed, world.waiting(&queue));
    let numbers = pushed.iter().map(|entry| entry.payload.clone());
    assert!(numbers.eq((0..50_u8).map(|number| Carried::Inline(vec![number]))));
}

#[test]
fn a_new_connection_of_a_queue_ends_the_older() {
    let mut world = World::new();
    let mut queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let older = queue.connection;
    let (newer, challenge) = world.connect(Service::Queue);
    // A delivery on either side of the change, in the same batch.
    let events = vec![
        world
            .send_event(sender, deliver(&[alias], b"old", None))
            .unwrap(),
        world.queue_event(newer, queue.attach(&challenge)).unwrap(),
        world
            .send_event(sender, deliver(&[alias], b"new", None))
            .unwrap(),
        world
            .queue_event(older, queue_request::Body::Barrier(Barrier {}))
            .unwrap(),
    ];
    world.apply(events);
    assert!(world.is_closed(older));
    assert!(!world.is_closed(newer));
    assert_eq!(world.pushed(&queue).len(), 1);
    queue.connection = newer;
    world.next_frame(newer).unwrap();
    assert_eq!(
        world.pushed(&queue)[0].payload,
        Carried::Inline(b"new".to_vec())
    );
    // The front reports the end of the older one later: the newer stays attached.
    world.close(older);
    world.deliver(sender, &[alias], b"still");
    assert_eq!(world.pushed(&queue).len(), 1);
    assert_eq!(world.waiting(&queue).len(), 3);
}

#[test]
fn a_live_delivery_reaches_who_is_there_and_is_stored_nowhere() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let alias = world.alias(&queue, Some(&conversation.handle));
    let before = world.rows();
    let live = |guard| {
        send_request::Body::Deliver(proto::Deliver {
            aliases: vec![alias.to_vec()],
            payload: b"typing"[..].into(),
            guard,
            live: true,
            list: Vec::new(),
        })
    };
    assert_eq!(world.send_call(sender, live(None)), ACCEPTED);
    assert_eq!(world.next_frame(queue.connection), None);
    let guarded = live(Some(conversation.guard()));
    assert_eq!(world.send_call(sender, guarded.clone()), ACCEPTED);
    let pushed = QueueAnswer::decode(world.next_frame(queue.connection).unwrap()).unwrap();
    let signal = proto::Signal {
        alias: alias.to_vec(),
        payload: b"typing".to_vec(),
    };
    assert_eq!(pushed.body, Some(queue_answer::Body::Signal(signal)));
    world.close(queue.connection);
    assert_eq!(world.send_call(sender, guarded), ACCEPTED);
    assert_eq!(world.rows(), before);
}

#[test]
fn a_sending_connection_has_its_time_and_may_move() {
    let mut world = World::new();
    let open = |token: &[u8]| {
        send_request::Body::Open(proto::Open {
            token: token.to_vec(),
        })
    };
    let token = world.token();
    let (first, _) = world.connect(Service::Send);
    let send_answer::Body::Opened(opened) = world.send_call(first, open(&token)) else {
        panic!("it opens");
    };
    assert!((10 * MINUTE_MS..=60 * MINUTE_MS).contains(&opened.expires_in_ms));
    world.later(5 * MINUTE_MS);

    let (second, _) = world.connect(Service::Send);
    let send_answer::Body::Opened(resumed) = world.send_call(second, open(&token)) else {
        panic!("it resumes");
    };
    assert_eq!(resumed.expires_in_ms, opened.expires_in_ms - 5 * MINUTE_MS);
    assert!(world.is_closed(first));

    world.later(resumed.expires_in_ms);
    let late = world.send_call(second, deliver(&[Alias::new([1; 32])], b"late", None));
    assert_eq!(late.refused(), Some(ErrorKind::SessionExpired));
    assert!(world.is_closed(second));
    let (third, _) = world.connect(Service::Send);
    let spent = world.send_call(third, open(&token));
    assert_eq!(spent.refused(), Some(ErrorKind::TokenSpent));
}

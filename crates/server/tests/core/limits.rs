//! Every limit of the table that the core or its session enforces, at it and one beyond it. Those on single fields are
//! among the refusals, those on meetings among the meetings; here are the others that need more than one request.

use undertone_server::core::{CoreSettings, RegistrationPolicy, Service};
use undertone_wire::{
    digest::alias_list_hash,
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, DeviceKey, Serial},
    limits,
    proto::{
        self, Done, ErrorKind, account_answer, account_request, queue_answer, queue_request,
        send_answer, send_request,
    },
    signing::SecretKey,
    time::{DAY_MS, MINUTE_MS},
};

use crate::harness::*;

#[test]
fn deliveries_by_alias_and_minute() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let alias = world.alias(&queue, Some(&conversation.handle));
    let once = || deliver(&[alias], b"x", Some(conversation.guard()));
    for _ in 0..limits::DELIVERIES_PER_ALIAS_MINUTE {
        assert_eq!(world.send_call(sender, once()), ACCEPTED);
    }
    let send_answer::Body::Error(error) = world.send_call(sender, once()) else {
        panic!("the limit is reached");
    };
    assert_eq!(error.kind(), ErrorKind::LimitReached);
    assert!(error.may_retry);
    assert!((1..=MINUTE_MS).contains(&error.retry_after_ms));
    world.later(error.retry_after_ms);
    assert_eq!(world.send_call(sender, once()), ACCEPTED);
}

/// Whoever has only a card, or makes a string up, is refused at the same number be the alias live, dead or bound to a
/// conversation of others; members are not hindered by it.
#[test]
fn deliveries_of_strangers_by_alias_and_day() {
    let mut world = World::new();
    let queue = world.queue();
    let member = world.sender();
    let conversation = world.conversation(member);
    let bound = world.alias(&queue, Some(&conversation.handle));
    let sender = world.sender();
    let own = world.conversation(sender);
    for alias in [world.alias(&queue, None), Alias::new([8; 32]), bound] {
        let guards = [None, Some(own.guard())];
        for number in 0..limits::STRANGERS_PER_ALIAS_DAY {
            let guard = guards[number as usize % 2].clone();
            let answer = world.send_call(sender, deliver(&[alias], b"x", guard));
            assert_eq!(answer, ACCEPTED);
        }
        let over = world.send_call(sender, deliver(&[alias], b"x", None));
        let send_answer::Body::Error(error) = over else {
            panic!("the limit is reached");
        };
        assert_eq!(error.kind(), ErrorKind::LimitReached);
        assert!((1..=DAY_MS).contains(&error.retry_after_ms));
    }
    let from_within = deliver(&[bound], b"x", Some(conversation.guard()));
    assert_eq!(world.send_call(member, from_within), ACCEPTED);
    world.later(DAY_MS);
    let sender = world.sender();
    world.deliver(sender, &[bound], b"x");
}

#[test]
fn tokens_by_account_and_day() {
    let mut world = World::with(CoreSettings::default());
    let (_, c) = world.registered();
    let (_, challenge) = world.connect(Service::Account);
    for _ in 0..limits::TOKENS_PER_DAY as usize / limits::TOKEN_BATCH {
        world.issue(c, &challenge);
    }
    let day = world.now.day();
    let (_, batch) = undertone_wire::token::TokenBatch::blind(day, &mut world.rng).unwrap();
    let over = world.account_call(c, account_request::Body::IssueTokens(batch));
    assert_eq!(over.refused(), Some(ErrorKind::LimitReached));
    world.later(DAY_MS);
    let (_, challenge) = world.connect(Service::Account);
    world.issue(c, &challenge);
}

#[test]
fn registrations_by_address() {
    let mut world = World::new();
    for _ in 0..limits::REGISTRATIONS_PER_HOUR {
        world.registered();
    }
    let (c, challenge) = world.connect(Service::Account);
    let account = world.new_account();
    let over = world.account_call(c, account.register(&challenge, ""));
    assert_eq!(over.refused(), Some(ErrorKind::LimitReached));
    world.registered_from(Some("192.0.2.8".parse().unwrap()));
    world.later(60 * MINUTE_MS);
    let done = world.account_call(c, account.register(&challenge, ""));
    assert_eq!(done, account_answer::Body::Done(Done {}));
}

#[test]
fn aliases_of_a_queue() {
    let mut world = World::new();
    let queue = world.queue();
    for number in 0..limits::ALIASES_PER_QUEUE {
        let mut alias = [0; 32];
        alias[..4].copy_from_slice(&number.to_be_bytes());
        let register = register_alias(&Alias::new(alias), None);
        let event = world.queue_event(queue.connection, register).unwrap();
        world.apply(vec![event]);
        world.next_frame(queue.connection).unwrap();
    }
    let mut call =
        |alias| world.queue_call(queue.connection, register_alias(&Alias::new(alias), None));
    assert_eq!(call([1; 32]).refused(), Some(ErrorKind::LimitReached));
    // One that is there costs nothing.
    assert_eq!(call([0; 32]), queue_answer::Body::Done(Done {}));
}

#[test]
fn entries_of_a_queue_the_oldest_go_first() {
    let mut world = World::new();
    let mut queue = world.queue();
    let mut sender = world.sender();
    let conversation = world.conversation(sender);
    let aliases: [_; 4] = std::array::from_fn(|_| world.alias(&queue, Some(&conversation.handle)));
    let over = 100;
    let deliveries = (limits::ENTRIES_PER_QUEUE + over) / aliases.len();
    let mut number = 0_u32;
    while (number as usize) < deliveries {
        if number == 200 {
            // The first entries are of an earlier run.
            world.restart();
            world.attach(&mut queue);
            sender = world.sender();
        }
        let events = (0..100)
            .map(|_| {
                let guard = Some(conversation.guard());
                let body = deliver(&aliases, &number.to_be_bytes(), guard);
                number += 1;
                world.send_event(sender, body).unwrap()
            })
            .collect();
        world.apply(events);
        if number.is_multiple_of(2_500) {
            world.later(MINUTE_MS);
        }
        if number.is_multiple_of(1_000) {
            sender = world.sender();
        }
    }
    assert_eq!(world.count("delivery.entries"), limits::ENTRIES_PER_QUEUE);
    let list = queue_request::Body::List(proto::ListEntries {});
    let event = world.queue_event(queue.connection, list).unwrap();
    while world.next_frame(queue.connection).is_some() {}
    world.apply(vec![event]);
    let frame = world.next_frame(queue.connection).unwrap();
    assert!(frame.len() <= limits::FRAME_BYTES, "{}", frame.len());
    let left = world.waiting(&queue);
    let newest = left.last().unwrap().payload.clone();
    assert_eq!(newest, Carried::Inline((number - 1).to_be_bytes().to_vec()));
    // Those that went are all of the earlier run.
    let earlier = left
        .iter()
        .filter(|entry| entry.place.run == left[0].place.run);
    let stored = number as usize * aliases.len();
    let gone = stored - limits::ENTRIES_PER_QUEUE;
    assert!(gone >= over);
    assert_eq!(earlier.count(), 200 * aliases.len() - gone);
}

#[test]
fn the_largest_answers_fit_a_frame() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    for _ in 0..limits::ENTRIES_PER_REQUEST {
        world.deliver(sender, &[alias], &[1; limits::INLINE_PAYLOAD_BYTES]);
    }
    let waiting = world.waiting(&queue);
    let fetch = queue_request::Body::Fetch(proto::FetchEntries {
        entries: waiting.iter().map(|entry| entry.id.to_vec()).collect(),
    });
    while world.next_frame(queue.connection).is_some() {}
    let event = world.queue_event(queue.connection, fetch).unwrap();
    world.apply(vec![event]);
    let frame = world.next_frame(queue.connection).unwrap();
    assert!(frame.len() <= limits::FRAME_BYTES, "{}", frame.len());
}

#[test]
fn what_lies_inside_an_entry_and_what_is_shared() {
    let mut world = World::new();
    let queue = world.queue();
    let aliases: Vec<_> = (0..5).map(|_| world.alias(&queue, None)).collect();
    let sender = world.sender();
    let mut shared = |aliases: &[Alias], size: usize| {
        world.deliver(sender, aliases, &vec![1; size]);
        let entries = world.waiting(&queue);
        world.acknowledge(&queue, &entries);
        assert_eq!(entries.len(), aliases.len());
        let slots = entries
            .iter()
            .filter(|entry| matches!(entry.payload, Carried::Slot(_)));
        slots.count()
    };
    assert_eq!(
        shared(
            &aliases[..limits::INLINE_RECIPIENTS],
            limits::INLINE_PAYLOAD_BYTES
        ),
        0
    );
    assert_eq!(shared(&aliases[..1], limits::INLINE_PAYLOAD_BYTES + 1), 1);
    assert_eq!(shared(&aliases[..=limits::INLINE_RECIPIENTS], 1), 5);
    assert_eq!(shared(&aliases[..1], limits::PAYLOAD_BYTES), 1);
}

#[test]
fn the_largest_requests_are_accepted() {
    let mut world = World::new();
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let next = world.next(&conversation);
    let aliases: Vec<_> = (0..limits::ALIASES_PER_DELIVERY as u32)
        .map(|number| {
            let mut alias = [3; 32];
            alias[..4].copy_from_slice(&number.to_be_bytes());
            Alias::new(alias)
        })
        .collect();
    world.deliver(sender, &aliases, &[1; limits::PAYLOAD_BYTES]);
    let welcomes: Vec<_> = aliases[..limits::WELCOMES_PER_COMMIT]
        .iter()
        .map(|alias| (*alias, vec![1; 5_000]))
        .collect();
    let commit = conversation.commit(&next, &[1; limits::PAYLOAD_BYTES], &aliases, &welcomes);
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
}

/// Addresses of nobody.
fn addresses(first: u32, count: usize) -> Vec<Alias> {
    (first..)
        .take(count)
        .map(|number| {
            let mut alias = [4; 32];
            alias[..4].copy_from_slice(&number.to_be_bytes());
            Alias::new(alias)
        })
        .collect()
}

fn to_list(aliases: &[Alias], guard: Option<proto::Guard>) -> send_request::Body {
    let list = alias_list_hash(aliases.iter().map(Alias::as_bytes)).to_vec();
    send_request::Body::Deliver(proto::Deliver {
        list,
        guard,
        payload: vec![7; 300].into(),
        ..proto::Deliver::default()
    })
}

#[test]
fn a_large_list_is_delivered_to_again_by_its_hash() {
    let mut world = World::new();
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let queue = world.queue();
    let mut members = vec![world.alias(&queue, Some(&conversation.handle))];
    members.extend(addresses(0, limits::NAMED_LIST_ALIASES - 1));
    let by_name = |members: &[Alias]| deliver(members, &[7; 300], Some(conversation.guard()));
    let by_hash = |members: &[Alias]| to_list(members, Some(conversation.guard()));

    let unknown = world.send_call(sender, by_hash(&members));
    assert_eq!(unknown.refused(), Some(ErrorKind::ListUnknown));
    assert_eq!(world.send_call(sender, by_name(&members)), ACCEPTED);
    assert_eq!(world.send_call(sender, by_hash(&members)), ACCEPTED);
    assert_eq!(world.waiting(&queue).len(), 2);
    // Of the list a stranger gets no more than of its aliases, which they would have to know.
    assert_eq!(world.send_call(sender, to_list(&members, None)), ACCEPTED);
    assert_eq!(world.waiting(&queue).len(), 2);

    // Small ones are not kept, nor any beyond a restart.
    assert_eq!(world.send_call(sender, by_name(&members[1..])), ACCEPTED);
    let small = world.send_call(sender, by_hash(&members[1..]));
    assert_eq!(small.refused(), Some(ErrorKind::ListUnknown));
    for number in 0..limits::NAMED_LISTS as u32 {
        let other = addresses((number + 1) * 1_000, limits::NAMED_LIST_ALIASES);
        assert_eq!(world.send_call(sender, by_name(&other)), ACCEPTED);
    }
    let forgotten = world.send_call(sender, by_hash(&members));
    assert_eq!(forgotten.refused(), Some(ErrorKind::ListUnknown));
}

#[test]
fn device_certificates_of_an_account() {
    let mut world = World::new();
    let (account, c) = world.registered();
    let mut update = |number: u8| {
        let device = DeviceKey::new(SecretKey::from_seed(&[number; 32]).public());
        let serial = Serial::new([number; 16]);
        let more = Certificate::issue(&account.root, device, serial, Capability::Full);
        let update = proto::UpdateDevices {
            devices: Some(DeviceList::new(more).to_proto()),
        };
        world.account_call(c, account_request::Body::UpdateDevices(update))
    };
    for number in 1..limits::DEVICE_CERTIFICATES as u8 {
        assert_eq!(update(number), account_answer::Body::Done(Done {}));
    }
    assert_eq!(update(200).refused(), Some(ErrorKind::TooLarge));
    // What is there already is no more.
    assert_eq!(update(7), account_answer::Body::Done(Done {}));
}

#[test]
fn registration_by_invite_and_closed() {
    let mut world = World::with(CoreSettings {
        registration: RegistrationPolicy::Invite,
        ..CoreSettings::default()
    });
    let code = world.core.create_invite(2, world.now).unwrap();
    assert!(code.len() <= limits::INVITE_CODE_BYTES);
    world.restart();
    let register = |world: &mut World, code: &str| {
        let (c, challenge) = world.connect(Service::Account);
        let account = world.new_account();
        let answer = world.account_call(c, account.register(&challenge, code));
        (account, answer.refused())
    };
    let invalid = Some(ErrorKind::InviteInvalid);
    assert_eq!(register(&mut world, "").1, invalid);
    assert_eq!(register(&mut world, "guess").1, invalid);
    let (first, refused) = register(&mut world, &code);
    assert_eq!(refused, None);
    // The same account asks again: no use of the code.
    let (c, challenge) = world.connect(Service::Account);
    let again = world.account_call(c, first.register(&challenge, &code));
    assert_eq!(again, account_answer::Body::Done(Done {}));
    assert_eq!(register(&mut world, &code).1, None);
    assert_eq!(register(&mut world, &code).1, invalid);
    assert_eq!(world.count("directory.invites"), 0);
    assert_eq!(world.count("directory.accounts"), 2);

    world.restart_with(CoreSettings {
        registration: RegistrationPolicy::Closed,
        ..CoreSettings::default()
    });
    let code = world.core.create_invite(1, world.now).unwrap();
    let closed = Some(ErrorKind::RegistrationClosed);
    assert_eq!(register(&mut world, &code).1, closed);
    let (c, challenge) = world.connect(Service::Account);
    let known = world.account_call(c, first.authenticate(&challenge));
    assert_eq!(known, account_answer::Body::Done(Done {}));
}

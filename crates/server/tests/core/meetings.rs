//! Two devices meet: once under a name, for a while, and neither stays without the other.

use prost::Message as _;
use undertone_server::core::{ConnectionId, Event, Output, Service};
use undertone_wire::{
    identity::{DeviceList, Revocation},
    limits,
    proto::{self, ErrorKind, LinkAnswer, account_answer, link_answer, link_request::Body},
    time::MINUTE_MS,
};

use crate::harness::*;

const NAME: &[u8] = b"ABCD";
const DONE: link_answer::Body = link_answer::Body::Done(proto::Done {});

fn open(name: &[u8]) -> Body {
    let mailbox = name.to_vec();
    Body::Open(proto::LinkOpen { mailbox })
}

fn join(name: &[u8]) -> Body {
    let mailbox = name.to_vec();
    Body::Join(proto::LinkJoin { mailbox })
}

fn pass(payload: &[u8]) -> Body {
    let payload = payload.to_vec();
    Body::Pass(proto::LinkPass { payload })
}

fn address(text: &str) -> Option<std::net::IpAddr> {
    Some(text.parse().unwrap())
}

fn connect(world: &mut World) -> ConnectionId {
    world.connect(Service::Link).0
}

/// As behind a proxy that tells no address.
fn from_nowhere(world: &mut World) -> ConnectionId {
    let (c, event) = world.opened_from(Service::Link, None);
    world.apply(vec![event]);
    world.challenge(c, Service::Link);
    c
}

/// The next that was pushed to a connection.
fn pushed(world: &mut World, c: ConnectionId) -> link_answer::Body {
    let answer = LinkAnswer::decode(world.next_frame(c).unwrap()).unwrap();
    assert_eq!(answer.request, 0);
    answer.body.unwrap()
}

fn met(world: &mut World) -> (ConnectionId, ConnectionId) {
    let (new, old) = (connect(world), connect(world));
    assert_eq!(world.link_call(new, open(NAME)), DONE);
    assert_eq!(world.link_call(old, join(NAME)), DONE);
    let joined = link_answer::Body::Joined(proto::LinkJoined {});
    assert_eq!(pushed(world, new), joined);
    (new, old)
}

#[test]
fn two_meet_and_pass_things_on_and_nothing_is_stored() {
    let mut world = World::new();
    let before = world.rows();
    let (new, old) = met(&mut world);
    assert_eq!(world.link_call(new, pass(b"hello")), DONE);
    let payload = b"hello".to_vec();
    let expected = link_answer::Body::Passed(proto::LinkPassed { payload });
    assert_eq!(pushed(&mut world, old), expected);
    assert_eq!(world.link_call(old, pass(b"back")), DONE);
    let payload = b"back".to_vec();
    let expected = link_answer::Body::Passed(proto::LinkPassed { payload });
    assert_eq!(pushed(&mut world, new), expected);
    let largest = vec![7; limits::LINK_PAYLOAD_BYTES];
    assert_eq!(world.link_call(old, pass(&largest)), DONE);
    let expected = link_answer::Body::Passed(proto::LinkPassed { payload: largest });
    assert_eq!(pushed(&mut world, new), expected);
    assert_eq!(world.rows(), before);
}

#[test]
fn nothing_is_passed_to_nobody_and_nobody_meets_themselves() {
    let mut world = World::new();
    let new = connect(&mut world);
    assert_eq!(world.link_call(new, open(NAME)), DONE);
    for body in [pass(b"hello"), join(NAME), open(NAME)] {
        let refused = world.link_call(new, body).refused();
        assert_eq!(refused, Some(ErrorKind::OutOfOrder));
    }
    // None of this took the place of whoever comes.
    let old = connect(&mut world);
    assert_eq!(world.link_call(old, join(NAME)), DONE);
    assert_eq!(world.link_call(new, pass(b"hello")), DONE);
}

#[test]
fn what_was_passed_before_one_goes_still_comes() {
    let mut world = World::new();
    let (new, old) = met(&mut world);
    let events = vec![
        world.link_event(old, pass(b"goodbye")).unwrap(),
        Event::Closed { connection: old },
    ];
    world.apply(events);
    let payload = b"goodbye".to_vec();
    let expected = link_answer::Body::Passed(proto::LinkPassed { payload });
    assert_eq!(pushed(&mut world, new), expected);
    assert!(world.is_closed(new));
}

#[test]
fn a_name_serves_two_and_once() {
    let mut world = World::new();
    let (new, old) = met(&mut world);
    let third = connect(&mut world);
    let refused = world.link_call(third, join(NAME)).refused();
    assert_eq!(refused, Some(ErrorKind::NotFound));
    let refused = world.link_call(third, open(NAME)).refused();
    assert_eq!(refused, Some(ErrorKind::Conflict));
    let refused = world.link_call(new, open(b"EFGH")).refused();
    assert_eq!(refused, Some(ErrorKind::OutOfOrder));
    world.close(old);
    assert!(world.is_closed(new));
    assert_eq!(world.link_call(third, open(NAME)), DONE);
}

#[test]
fn whoever_waits_alone_leaves_the_name_free() {
    let mut world = World::new();
    let new = connect(&mut world);
    assert_eq!(world.link_call(new, open(NAME)), DONE);
    world.close(new);
    let other = connect(&mut world);
    let refused = world.link_call(other, join(NAME)).refused();
    assert_eq!(refused, Some(ErrorKind::NotFound));
    assert_eq!(world.link_call(other, open(NAME)), DONE);
}

#[test]
fn after_five_minutes_it_is_over() {
    let mut world = World::new();
    let (new, old) = met(&mut world);
    world.later(limits::LINK_MINUTES * MINUTE_MS - 1);
    assert_eq!(world.link_call(new, pass(b"in time")), DONE);
    world.later(1);
    // Whatever happens next at the server ends what is over.
    connect(&mut world);
    assert!(world.is_closed(new) && world.is_closed(old));
}

#[test]
fn whoever_comes_too_late_finds_nobody() {
    let mut world = World::new();
    let new = connect(&mut world);
    assert_eq!(world.link_call(new, open(NAME)), DONE);
    let old = connect(&mut world);
    world.later(limits::LINK_MINUTES * MINUTE_MS);
    let refused = world.link_call(old, join(NAME)).refused();
    assert_eq!(refused, Some(ErrorKind::NotFound));
    assert!(world.is_closed(new));
    assert_eq!(world.link_call(old, open(NAME)), DONE);
}

#[test]
fn it_is_over_though_nothing_happens() {
    let mut world = World::new();
    let (new, old) = met(&mut world);
    world.later(limits::LINK_MINUTES * MINUTE_MS - 1);
    assert_eq!(world.core.end_old_meetings(world.now), []);
    world.later(1);
    let ended = world.core.end_old_meetings(world.now);
    assert_eq!(ended, [new, old].map(Output::Close));
    assert_eq!(world.core.end_old_meetings(world.now), []);
    let third = connect(&mut world);
    assert_eq!(world.link_call(third, open(NAME)), DONE);
}

#[test]
fn each_passes_only_so_much() {
    let mut world = World::new();
    let (new, old) = met(&mut world);
    for _ in 0..limits::LINK_PAYLOADS {
        assert_eq!(world.link_call(new, pass(b"x")), DONE);
    }
    let refused = world.link_call(new, pass(b"x")).refused();
    assert_eq!(refused, Some(ErrorKind::LimitReached));
    assert_eq!(world.link_call(old, pass(b"x")), DONE);
}

#[test]
fn one_address_tries_only_so_often() {
    let mut world = World::new();
    for _ in 0..limits::LINK_TRIES_PER_MINUTE {
        let (c, event) = world.opened_from(Service::Link, address("192.0.2.1"));
        world.apply(vec![event]);
        world.challenge(c, Service::Link);
        let refused = world.link_call(c, join(NAME)).refused();
        assert_eq!(refused, Some(ErrorKind::NotFound));
    }
    let (c, event) = world.opened_from(Service::Link, address("192.0.2.1"));
    world.apply(vec![event]);
    world.challenge(c, Service::Link);
    for body in [join(NAME), open(NAME)] {
        let link_answer::Body::Error(error) = world.link_call(c, body) else {
            panic!("the limit is reached");
        };
        assert_eq!(error.kind(), ErrorKind::LimitReached);
        assert!(error.may_retry);
        assert!((1..=MINUTE_MS).contains(&error.retry_after_ms));
    }
    let (other, event) = world.opened_from(Service::Link, address("192.0.2.2"));
    world.apply(vec![event]);
    world.challenge(other, Service::Link);
    assert_eq!(world.link_call(other, open(NAME)), DONE);
    world.later(MINUTE_MS);
    assert_eq!(world.link_call(c, join(NAME)), DONE);
}

#[test]
fn only_so_many_wait_at_once() {
    let mut world = World::new();
    for number in 0..limits::LINK_MAILBOXES {
        let c = from_nowhere(&mut world);
        let name = u32::try_from(number).unwrap().to_be_bytes();
        assert_eq!(world.link_call(c, open(&name)), DONE);
    }
    let c = from_nowhere(&mut world);
    let refused = world.link_call(c, open(&[0xff; 4])).refused();
    assert_eq!(refused, Some(ErrorKind::LimitReached));
}

#[test]
fn a_revoked_device_is_shown_the_proof() {
    let mut world = World::new();
    let (account, c) = world.registered();
    let device = account.list.devices().next().unwrap().clone();
    let revocation = Revocation::issue(&account.root, device.root_key, device.serial);
    let mut list = account.list.to_proto();
    list.revocations.push(revocation.to_proto());
    let body = proto::account_request::Body::UpdateDevices(proto::UpdateDevices {
        devices: Some(list.clone()),
    });
    world.account_call(c, body);
    assert!(world.is_closed(c));

    let (c, challenge) = world.connect(Service::Account);
    let answer = world.account_call(c, account.authenticate(&challenge));
    let account_answer::Body::Devices(shown) = answer else {
        panic!("{answer:?}");
    };
    let shown = DeviceList::verify(shown).unwrap();
    assert_eq!(shown.device(&device.device_key), None);
    assert_eq!(shown.to_proto(), list);
    assert!(world.is_closed(c));
}

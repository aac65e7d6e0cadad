//! The writer without threads and sockets: commands in, what it hands to the connections out.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use prost::Message as _;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_server::{
    core::{CoreSettings, Location, Service},
    session::Session,
};
use undertone_wire::{
    limits::LINK_MINUTES,
    proto::{LinkOpen, LinkRequest, link_request},
    time::MINUTE_MS,
};

use super::*;
use crate::front::{
    outgoing::outgoing,
    submit::{WAITING_BYTES, submission},
};

/// Where nothing else happens, the writer's own second ends a device that nobody came to meet.
#[test]
fn a_meeting_ends_in_time_though_nothing_happens() {
    let start = Timestamp(1_000 * MINUTE_MS);
    let now = Arc::new(Mutex::new(start));
    let location = Location::Memory("a_meeting_ends_in_time".to_owned());
    let rng = Box::new(ChaCha20Rng::seed_from_u64(1));
    let core = Core::open(&location, CoreSettings::default(), rng, start).unwrap();
    let (_submitter, submitted) = submission(WAITING_BYTES);
    let clock = {
        let now = Arc::clone(&now);
        move || *now.lock().unwrap()
    };
    let mut writer = Writer::new(core, clock, submitted);

    let connection = ConnectionId(1);
    let (sender, mut receiver) = outgoing();
    writer.lines.insert(connection, Line::new(sender));
    let open = LinkRequest {
        request: 1,
        body: Some(link_request::Body::Open(LinkOpen {
            mailbox: b"ABCD".to_vec(),
        })),
    };
    let operation = Session::new(Service::Link).receive(open.encode_to_vec().into());
    writer.apply(vec![
        Event::Opened {
            connection,
            service: Service::Link,
            authority: "localhost".to_owned(),
            address: None,
        },
        Event::Received {
            connection,
            operation: operation.unwrap(),
        },
    ]);
    let mut next = || receiver.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(next(), Poll::Ready(Some(Outgoing::Frames { .. }))));

    writer.obey(Command::Maintain);
    assert!(next().is_pending());
    *now.lock().unwrap() = start.plus(LINK_MINUTES * MINUTE_MS);
    writer.obey(Command::Maintain);
    assert!(matches!(next(), Poll::Ready(Some(Outgoing::End))));
    assert!(writer.lines.is_empty());
}

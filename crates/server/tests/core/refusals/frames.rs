//! Frames that are none.

use super::fixture::*;
use prost::Message as _;
use undertone_server::core::Service;
use undertone_wire::{
    limits,
    proto::{self, account_request, link_request, queue_request},
};

use account_request::Body as A;
use link_request::Body as Meet;
use queue_request::Body as Q;

fn frame(f: &Fixture, service: Service, frame: Vec<u8>) -> Bad {
    let c = match service {
        Service::Account => f.account_connection,
        Service::Queue => f.queue.connection,
        Service::Send => f.sender,
        Service::Link => f.meeting,
    };
    Bad::Frame(service, c, frame.into())
}

pub const FRAMES: &[Case] = &[
    ("account: too large", L, |f| {
        frame(f, Service::Account, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("queue: too large", L, |f| {
        frame(f, Service::Queue, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("send: too large", L, |f| {
        frame(f, Service::Send, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("account: no protobuf", M, |f| {
        frame(f, Service::Account, vec![0xff; 9])
    }),
    ("queue: no protobuf", M, |f| {
        frame(f, Service::Queue, vec![0xff; 9])
    }),
    ("send: no protobuf", M, |f| {
        frame(f, Service::Send, vec![0xff; 9])
    }),
    ("account: nothing to do", M, |f| {
        frame(f, Service::Account, vec![8, 1])
    }),
    ("queue: nothing to do", M, |f| {
        frame(f, Service::Queue, vec![8, 1])
    }),
    ("send: nothing to do", M, |f| {
        frame(f, Service::Send, vec![8, 1])
    }),
    ("link: too large", L, |f| {
        frame(f, Service::Link, vec![0; limits::FRAME_BYTES + 1])
    }),
    ("link: no protobuf", M, |f| {
        frame(f, Service::Link, vec![0xff; 9])
    }),
    ("link: nothing to do", M, |f| {
        frame(f, Service::Link, vec![8, 1])
    }),
    ("link: a short name", M, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES - 1];
        Bad::Link(f.meeting, Meet::Open(proto::LinkOpen { mailbox }))
    }),
    ("link: a long name", M, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES + 1];
        Bad::Link(f.meeting, Meet::Join(proto::LinkJoin { mailbox }))
    }),
    ("link: nobody there", N, |f| {
        let mailbox = vec![1; limits::LINK_MAILBOX_BYTES];
        Bad::Link(f.meeting, Meet::Join(proto::LinkJoin { mailbox }))
    }),
    ("link: nothing passed", M, |f| {
        let payload = Vec::new();
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("link: too much passed", L, |f| {
        let payload = vec![1; limits::LINK_PAYLOAD_BYTES + 1];
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("link: passed to nobody", O, |f| {
        let payload = vec![1];
        Bad::Link(f.meeting, Meet::Pass(proto::LinkPass { payload }))
    }),
    ("account: empty", M, |f| frame(f, Service::Account, vec![])),
    ("account: number 0", M, |f| {
        let request = proto::AccountRequest {
            request: 0,
            body: Some(A::GetDevices(proto::GetDevices {})),
        };
        frame(f, Service::Account, request.encode_to_vec())
    }),
    ("queue: number 0", M, |f| {
        let request = proto::QueueRequest {
            request: 0,
            body: Some(Q::Barrier(proto::Barrier {})),
        };
        frame(f, Service::Queue, request.encode_to_vec())
    }),
    ("send: number 0", M, |f| {
        let request = proto::SendRequest {
            request: 0,
            body: Some(f.deliver(|_| {})),
        };
        frame(f, Service::Send, request.encode_to_vec())
    }),
    ("a cut frame", M, |f| {
        let request = proto::SendRequest {
            request: 1,
            body: Some(f.deliver(|_| {})),
        };
        let mut bytes = request.encode_to_vec();
        bytes.pop();
        frame(f, Service::Send, bytes)
    }),
];

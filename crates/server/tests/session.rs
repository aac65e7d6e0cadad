//! The session's decoder against bytes of every kind: an answer, never a panic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use proptest::prelude::*;
use prost::Message as _;
use undertone_server::{
    core::Service,
    session::{Refusal, Session},
};
use undertone_wire::proto::{
    self, AccountAnswer, AccountRequest, LinkAnswer, LinkRequest, QueueAnswer, QueueRequest,
    SendAnswer, SendRequest, account_answer, account_request, link_answer, link_request,
    queue_answer, queue_request, send_answer, send_request,
};

const SERVICES: [Service; 4] = [
    Service::Account,
    Service::Queue,
    Service::Send,
    Service::Link,
];

/// A refusal is a frame of the service with an error in it.
fn check(service: Service, refusal: Refusal) {
    let error = match service {
        Service::Account => match AccountAnswer::decode(refusal.frame).unwrap().body {
            Some(account_answer::Body::Error(error)) => error,
            other => panic!("{other:?}"),
        },
        Service::Queue => match QueueAnswer::decode(refusal.frame).unwrap().body {
            Some(queue_answer::Body::Error(error)) => error,
            other => panic!("{other:?}"),
        },
        Service::Send => match SendAnswer::decode(refusal.frame).unwrap().body {
            Some(send_answer::Body::Error(error)) => error,
            other => panic!("{other:?}"),
        },
        Service::Link => match LinkAnswer::decode(refusal.frame).unwrap().body {
            Some(link_answer::Body::Error(error)) => error,
            other => panic!("{other:?}"),
        },
    };
    assert_ne!(error.kind(), proto::ErrorKind::Unspecified);
    assert!(!error.reason.is_empty());
}

fn receive(bytes: &[u8]) {
    for service in SERVICES {
        if let Err(refusal) = Session::new(service).receive(bytes.to_vec().into()) {
            check(service, refusal);
        }
    }
}

/// Frames of every request, near to right ones.
fn samples() -> Vec<(Service, Vec<u8>)> {
    use account_request::Body as A;
    use link_request::Body as L;
    use queue_request::Body as Q;
    use send_request::Body as S;
    let id = || vec![1; 32];
    let token = || vec![2; 100];
    let guard = proto::Guard {
        handle: id(),
        epoch: 1,
        send_key: id(),
    };
    let keys = proto::EpochKeys {
        commit_key: id(),
        send_key_hash: id(),
    };
    let devices = proto::DeviceList {
        certificates: vec![proto::Signed {
            body: vec![8, 1, 18, 2, 1, 1],
            signature: vec![1; 64],
        }],
        revocations: vec![proto::Signed::default()],
    };
    let accounts = [
        A::Register(proto::Register {
            devices: Some(devices.clone()),
            invite_code: "code".to_owned(),
            signature: vec![1; 64],
        }),
        A::Authenticate(proto::Authenticate {
            account: id(),
            device_key: id(),
            signature: vec![1; 64],
        }),
        A::UpdateDevices(proto::UpdateDevices {
            devices: Some(devices),
        }),
        A::GetDevices(proto::GetDevices {}),
        A::IssueTokens(proto::IssueTokens {
            day: 20_000,
            blinded: vec![id(); 32],
        }),
        A::PutVault(proto::PutVault {
            kind: 1,
            version: 6,
            sealed: vec![1; 9],
        }),
        A::GetVault(proto::GetVault {
            kind: 2,
            version: 0,
        }),
    ]
    .map(|body| {
        let body = Some(body);
        let frame = AccountRequest { request: 1, body };
        (Service::Account, frame.encode_to_vec())
    });
    let queues = [
        Q::Create(proto::CreateQueue {
            queue: id(),
            verification_key: id(),
            sealing_key: id(),
            tokens: (0..4).map(|number| vec![number; 100]).collect(),
            signature: vec![1; 64],
        }),
        Q::Attach(proto::Attach {
            queue: id(),
            signature: vec![1; 64],
        }),
        Q::RegisterAlias(proto::RegisterAlias {
            alias: id(),
            handle: id(),
        }),
        Q::DropAlias(proto::DropAlias { alias: id() }),
        Q::List(proto::ListEntries {}),
        Q::Fetch(proto::FetchEntries {
            entries: vec![vec![1; 16], vec![2; 16]],
        }),
        Q::Acknowledge(proto::Acknowledge {
            entries: vec![vec![1; 16]],
            slots: vec![id()],
        }),
        Q::Barrier(proto::Barrier {}),
        Q::FetchPayload(proto::FetchPayload { slot: id() }),
        Q::Delete(proto::DeleteQueue {}),
    ]
    .map(|body| {
        let body = Some(body);
        let frame = QueueRequest { request: 1, body };
        (Service::Queue, frame.encode_to_vec())
    });
    let sends = [
        S::Open(proto::Open { token: token() }),
        S::Deliver(proto::Deliver {
            aliases: vec![id()],
            payload: vec![1; 300].into(),
            guard: Some(guard),
            live: true,
            list: Vec::new(),
        }),
        S::Commit(proto::Commit {
            handle: id(),
            epoch: 4,
            payload: vec![1; 300].into(),
            aliases: vec![id()],
            welcomes: vec![proto::WelcomeDelivery {
                alias: id(),
                payload: vec![1; 30].into(),
            }],
            next: Some(keys.clone()),
            signature: vec![1; 64],
        }),
        S::CreateHandle(proto::CreateHandle {
            handle: id(),
            epoch: 0,
            keys: Some(keys),
            token: token(),
        }),
        S::FetchCommit(proto::FetchCommit {
            handle: id(),
            epoch: 4,
            send_key: id(),
        }),
        S::CardPut(proto::CardPut {
            card: id(),
            owner_key: id(),
            head: vec![1; 30],
            items: vec![proto::CardItem {
                slot: 1,
                week: 2_900,
                sealed: vec![1; 30],
            }],
            lease_weeks: 4,
            tokens: vec![token()],
            signature: vec![1; 64],
        }),
        S::CardRead(proto::CardRead {
            card: id(),
            reader: vec![1; 16],
            token: token(),
        }),
        S::CardDrop(proto::CardDrop {
            card: id(),
            signature: vec![1; 64],
        }),
        S::BlobPut(proto::BlobPut {
            name: id(),
            index: 0,
            chunk: vec![1; 30].into(),
            expiry_day: 20_000,
            drop_key_hash: id(),
            tokens: vec![token()],
        }),
        S::BlobGet(proto::BlobGet {
            name: id(),
            index: 7,
        }),
        S::BlobDrop(proto::BlobDrop {
            name: id(),
            drop_key: id(),
        }),
        S::Rescue(proto::Rescue {
            alias: id(),
            payload: vec![1; 30].into(),
            token: token(),
        }),
    ]
    .map(|body| {
        let body = Some(body);
        let frame = SendRequest { request: 1, body };
        (Service::Send, frame.encode_to_vec())
    });
    let mailbox = || vec![1; 4];
    let links = [
        L::Open(proto::LinkOpen { mailbox: mailbox() }),
        L::Join(proto::LinkJoin { mailbox: mailbox() }),
        L::Pass(proto::LinkPass {
            payload: vec![1; 30],
        }),
    ]
    .map(|body| {
        let body = Some(body);
        let frame = LinkRequest { request: 1, body };
        (Service::Link, frame.encode_to_vec())
    });
    let accounts = accounts.into_iter();
    accounts.chain(queues).chain(sends).chain(links).collect()
}

#[test]
fn every_sample_is_understood_by_its_service() {
    let refused = samples()
        .into_iter()
        .filter(|(service, bytes)| {
            let read = Session::new(*service).receive(bytes.clone().into());
            read.is_err()
        })
        .count();
    // The two device lists and the card are not signed.
    assert_eq!(refused, 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_get_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        receive(&bytes);
    }

    #[test]
    fn damaged_requests_get_an_answer(
        sample in 0..32_usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
        tail in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let samples = samples();
        let (_, mut bytes) = samples[sample % samples.len()].clone();
        for (index, value) in changes {
            let index = index.index(bytes.len());
            bytes[index] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        bytes.extend(tail);
        receive(&bytes);
    }
}

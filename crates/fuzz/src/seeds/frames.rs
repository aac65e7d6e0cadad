//! Frames of the connections: a request of every kind, and answers.

use prost::Message as _;
use undertone_content::content::PlaceRequest;
use undertone_wire::{
    proto::{
        self, AccountAnswer, AccountRequest, Done, LinkAnswer, LinkRequest, QueueAnswer,
        QueueRequest, SendAnswer, SendRequest, account_answer, account_request, link_answer,
        link_request, queue_answer, queue_request, send_answer, send_request,
    },
    reach::ReachSecret,
};

use super::{Seed, device_alone, devices};
use crate::{server_double::ServerDouble, tokens::batch};

pub fn seeds() -> Vec<Seed> {
    [account(), queue(), send(), link()].concat()
}

fn id(byte: u8) -> Vec<u8> {
    vec![byte; 32]
}

fn tokens(count: u8) -> Vec<Vec<u8>> {
    (0..count).map(|byte| vec![byte; 100]).collect()
}

fn account() -> Vec<Seed> {
    use account_answer::Body as Answer;
    use account_request::Body as Request;
    let request = |body| {
        AccountRequest {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let answer = |body| {
        AccountAnswer {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let register = Request::Register(proto::Register {
        devices: Some(device_alone()),
        invite_code: "code".into(),
        signature: vec![1; 64],
    });
    let authenticate = Request::Authenticate(proto::Authenticate {
        account: id(1),
        device_key: id(2),
        signature: vec![1; 64],
    });
    let update = Request::UpdateDevices(proto::UpdateDevices {
        devices: Some(devices()),
    });
    let vault = Request::PutVault(proto::PutVault {
        kind: 1,
        version: 2,
        sealed: vec![1],
    });
    vec![
        ("account_frame", "register", request(register)),
        ("account_frame", "authenticate", request(authenticate)),
        ("account_frame", "update", request(update)),
        (
            "account_frame",
            "issue",
            request(Request::IssueTokens(batch().1)),
        ),
        ("account_frame", "vault", request(vault)),
        (
            "account_frame",
            "challenge",
            ServerDouble::challenge(undertone_engine::Service::Account).into(),
        ),
        ("account_frame", "done", answer(Answer::Done(Done {}))),
        (
            "account_frame",
            "devices",
            answer(Answer::Devices(devices())),
        ),
    ]
}

fn queue() -> Vec<Seed> {
    use queue_answer::Body as Answer;
    use queue_request::Body as Request;
    let request = |body| {
        QueueRequest {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let answer = |body| {
        QueueAnswer {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let create = Request::Create(proto::CreateQueue {
        queue: id(1),
        verification_key: id(2),
        sealing_key: id(3),
        tokens: tokens(4),
        signature: vec![1; 64],
    });
    let alias = Request::RegisterAlias(proto::RegisterAlias {
        alias: id(1),
        handle: id(2),
    });
    let acknowledge = Request::Acknowledge(proto::Acknowledge {
        entries: vec![vec![1; 16], vec![2; 16]],
        slots: vec![id(3)],
    });
    let entry = proto::Entry {
        entry: vec![1; 16],
        encapsulated: id(2),
        sealed: vec![3; 40].into(),
    };
    let list = proto::EntryList {
        runs: vec![proto::EntryRun {
            encapsulated: id(2),
            entries: vec![vec![1; 16], vec![2; 16]],
        }],
    };
    vec![
        ("queue_frame", "create", request(create)),
        ("queue_frame", "alias", request(alias)),
        ("queue_frame", "acknowledge", request(acknowledge)),
        (
            "queue_frame",
            "barrier",
            request(Request::Barrier(proto::Barrier {})),
        ),
        ("queue_frame", "pushed", answer(Answer::Entry(entry))),
        ("queue_frame", "list", answer(Answer::List(list))),
    ]
}

fn send() -> Vec<Seed> {
    use send_answer::Body as Answer;
    use send_request::Body as Request;
    let request = |body| {
        SendRequest {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let answer = |body| {
        SendAnswer {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let keys = proto::EpochKeys {
        commit_key: id(4),
        send_key_hash: id(5),
    };
    let deliver = Request::Deliver(proto::Deliver {
        aliases: vec![id(1), id(2)],
        payload: b"sealed".as_slice().into(),
        guard: Some(proto::Guard {
            handle: id(3),
            epoch: 4,
            send_key: id(5),
        }),
        live: true,
        list: Vec::new(),
    });
    let commit = Request::Commit(proto::Commit {
        handle: id(1),
        epoch: 2,
        payload: b"sealed".as_slice().into(),
        aliases: vec![id(2)],
        welcomes: vec![proto::WelcomeDelivery {
            alias: id(3),
            payload: b"welcome".as_slice().into(),
        }],
        next: Some(keys.clone()),
        signature: vec![1; 64],
    });
    let create = Request::CreateHandle(proto::CreateHandle {
        handle: id(1),
        epoch: 0,
        keys: Some(keys),
        token: vec![1; 100],
    });
    let item = proto::CardItem {
        slot: 1,
        week: 2_900,
        sealed: vec![1; 50],
    };
    let put = Request::CardPut(proto::CardPut {
        card: id(1),
        owner_key: id(2),
        head: vec![1; 50],
        items: vec![item.clone()],
        lease_weeks: 4,
        tokens: tokens(4),
        signature: vec![1; 64],
    });
    let read = Request::CardRead(proto::CardRead {
        card: id(1),
        reader: vec![1; 16],
        token: vec![1; 100],
    });
    let blob = Request::BlobPut(proto::BlobPut {
        name: id(1),
        index: 0,
        chunk: b"chunk".as_slice().into(),
        expiry_day: 20_001,
        drop_key_hash: id(2),
        tokens: tokens(1),
    });
    let card = proto::Card {
        head: vec![1; 50],
        items: vec![item],
    };
    vec![
        ("send_frame", "deliver", request(deliver)),
        ("send_frame", "commit", request(commit)),
        ("send_frame", "create", request(create)),
        ("send_frame", "put", request(put)),
        ("send_frame", "read", request(read)),
        ("send_frame", "blob", request(blob)),
        (
            "send_frame",
            "stale",
            answer(Answer::Stale(proto::Stale { epoch: 7 })),
        ),
        ("send_frame", "card", answer(Answer::Card(card))),
    ]
}

fn link() -> Vec<Seed> {
    use link_answer::Body as Answer;
    use link_request::Body as Request;
    let request = |body| {
        LinkRequest {
            request: 1,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let pushed = |body| {
        LinkAnswer {
            request: 0,
            body: Some(body),
        }
        .encode_to_vec()
    };
    let mailbox = b"ABCD".to_vec();
    let open = Request::Open(proto::LinkOpen {
        mailbox: mailbox.clone(),
    });
    let join = Request::Join(proto::LinkJoin { mailbox });
    let pass = Request::Pass(proto::LinkPass {
        payload: b"sealed".to_vec(),
    });
    let passed = Answer::Passed(proto::LinkPassed {
        payload: b"sealed".to_vec(),
    });
    let place = PlaceRequest {
        secret: ReachSecret::new([1; 32]),
        places: vec![(id(2), vec![3; 40])],
    };
    vec![
        ("link_frame", "open", request(open)),
        ("link_frame", "join", request(join)),
        ("link_frame", "pass", request(pass)),
        ("link_frame", "passed", pushed(passed)),
        ("link_frame", "place", place.encode()),
    ]
}

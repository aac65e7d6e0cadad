//! Several devices of one person, each a profile at a command line, through a real server.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::{Value, json};
use undertone_store::{
    Location, ProfileLock, Store, StoreError, profile_key,
    transfers::{TransferRow, TransferState},
};
use undertone_wire::{
    ids::{BlobName, ContentId, Serial},
    time::Timestamp,
};

use crate::{
    linking::{link, names},
    person::{Person, WAIT, meet, text},
    server::Server,
};

/// What was said in a chat, as everybody's devices know it.
fn said(person: &Person, chat: &str) -> Vec<Value> {
    let mut history = person.ok(&["history", chat]);
    history.retain(|line| line["change"].is_null());
    for line in &mut history {
        // The chat has another id on each device.
        line.as_object_mut().unwrap().remove("chat");
    }
    history
}

#[test]
fn a_second_device_has_what_the_first_has_and_both_take_part() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let (annas, bens) = meet(&anna, &ben);
    for n in 0..4 {
        anna.one(&["send", &annas, &format!("anna {n}"), "--wait", WAIT]);
        ben.one(&["send", &bens, &format!("ben {n}"), "--wait", WAIT]);
        anna.receive_text(&format!("ben {n}"));
    }
    ben.ok(&["receive"]);
    ben.ok(&["history", &bens, "--mark-read"]);
    ben.ok(&["receive"]);
    anna.await_state(&annas, "read");
    anna.one(&["send", "Note to self", "a note"]);

    let laptop = Person::new("Anna's laptop");
    let id = link(&laptop, &anna, &server, "Laptop", "all");
    let laptops = laptop.chat_with("Ben");
    // Senders, order, times and states are the same.
    assert_eq!(said(&laptop, &laptops).len(), 8);
    assert_eq!(said(&laptop, &laptops), said(&anna, &annas));
    assert_eq!(laptop.texts("Note to self"), ["a note"]);
    assert_eq!(laptop.texts(&laptops), anna.texts(&annas));

    let devices = laptop.ok(&["devices"]);
    assert_eq!(devices[0]["id"], id);
    assert_eq!(devices[0]["this_device"], true);
    assert_eq!(names(&laptop), ["Laptop", "Command line"]);
    assert_eq!(names(&anna), ["Command line", "Laptop"]);
    for (person, direction) in [(&anna, "giving"), (&laptop, "getting")] {
        let transfer = person.one(&["transfers"]);
        assert_eq!(transfer["direction"], direction);
        assert_eq!(transfer["state"], "done", "{transfer}");
        assert_eq!(transfer["messages"], transfer["total"], "{transfer}");
    }
    let told = anna.words(&["history", "Note to self"]).out;
    assert!(told.contains("one more device: Laptop"), "{told}");

    laptop.one(&["send", &laptops, "from the laptop", "--wait", WAIT]);
    let received = anna.receive_text("from the laptop");
    let own = received
        .iter()
        .find(|event| event["text"] == "from the laptop");
    assert_eq!(own.unwrap()["mine"], true);
    anna.one(&["send", &annas, "from the first", "--wait", WAIT]);
    laptop.receive_text("from the first");
    ben.receive_text("from the first");
    ben.one(&["send", &bens, "to both", "--wait", WAIT]);
    let received = anna.receive_text("to both");
    let theirs = received.iter().find(|event| event["text"] == "to both");
    assert!(theirs.unwrap()["mine"].is_null());
    laptop.receive_text("to both");
    let last = ["from the laptop", "from the first", "to both"];
    for (person, chat) in [(&anna, &annas), (&laptop, &laptops), (&ben, &bens)] {
        assert_eq!(person.texts(chat)[8..], last, "{}", person.name);
    }
    // Ben's client was told by both, and told each what arrived.
    anna.ok(&["receive"]);
    laptop.ok(&["receive"]);
    assert_eq!(said(&laptop, &laptops), said(&anna, &annas));
    let encryption = ben.one(&["encryption", &bens]);
    assert_eq!(encryption["devices"].as_array().unwrap().len(), 3);
}

#[test]
fn a_long_history_comes_whole_and_a_device_may_be_given_none() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let texts: Vec<String> = (0..300).map(|n| format!("note {n}")).collect();
    for text in &texts {
        anna.one(&["send", "Note to self", text]);
    }
    let (laptop, phone) = (Person::new("Anna's laptop"), Person::new("Anna's phone"));
    link(&laptop, &anna, &server, "Laptop", "all");
    for _ in 0..5 {
        if laptop.one(&["transfers"])["state"] == "done" {
            break;
        }
        laptop.ok(&["receive"]);
    }
    assert_eq!(laptop.texts("Note to self"), texts);
    link(&phone, &anna, &server, "Phone", "none");
    assert!(phone.ok(&["transfers"]).is_empty());
    assert!(phone.texts("Note to self").is_empty());
    let mut three = names(&phone);
    three.sort();
    assert_eq!(three, ["Command line", "Laptop", "Phone"]);
}

#[test]
fn a_device_that_was_signed_out_keeps_nothing_and_gets_nothing_more() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let (annas, bens) = meet(&anna, &ben);
    anna.one(&["send", &annas, "a secret greeting", "--wait", WAIT]);
    ben.receive_text("a secret greeting");
    let laptop = Person::new("Anna's laptop");
    let id = link(&laptop, &anna, &server, "Laptop", "all");
    assert_eq!(laptop.texts("Ben"), ["a secret greeting"]);

    let own = text(&anna.ok(&["devices"])[0], "id");
    let here = anna.run(&["device", "revoke", &own]);
    assert_eq!(
        here.code, 1,
        "a device is signed out from another: {here:?}"
    );
    let revoked = anna.one(&["device", "revoke", "laptop", "--wait", WAIT]);
    assert_eq!(revoked, json!({"id": id, "state": "revoked"}));
    assert_eq!(names(&anna), ["Command line"]);
    ben.one(&["send", &bens, "not for the laptop", "--wait", WAIT]);

    let told = laptop.run(&["receive"]);
    assert_eq!(told.code, 8, "{told:?}");
    assert_eq!(
        told.objects().last().unwrap(),
        &json!({"kind": "signed_out"})
    );
    assert!(!told.out.contains("not for the laptop"), "{told:?}");
    for arguments in [
        &["chats"][..],
        &["receive"],
        &["send", "Ben", "hi"],
        &["devices"],
    ] {
        let done = laptop.words(arguments);
        assert_eq!(
            (done.code, done.out.as_str()),
            (8, ""),
            "{arguments:?}: {done:?}"
        );
        assert!(done.err.contains("signed out"), "{done:?}");
        assert!(done.err.contains("`undertone device code`"), "{done:?}");
    }
    assert!(holds_nothing(&laptop));

    anna.receive_text("not for the laptop");
    anna.one(&["send", &annas, "still here", "--wait", WAIT]);
    ben.receive_text("still here");
    let encryption = ben.one(&["encryption", &bens]);
    assert_eq!(encryption["devices"].as_array().unwrap().len(), 2);

    // The profile may be used again.
    let again = link(&laptop, &anna, &server, "Laptop", "all");
    assert_ne!(again, id);
    let texts = ["a secret greeting", "not for the laptop", "still here"];
    assert_eq!(laptop.texts("Ben"), texts);
}

#[test]
fn a_device_that_listens_hears_at_once_that_it_was_signed_out() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    let id = link(&laptop, &anna, &server, "Laptop", "none");
    let listening = laptop.watch(&["receive", "--wait", "300"]);
    anna.one(&["device", "revoke", &id[..8], "--wait", WAIT]);
    listening.count(1, |event| event["kind"] == "signed_out");
    assert_eq!(listening.wait(), Some(8));
    // And it may become somebody else's.
    let create = [
        "account",
        "create",
        "--server",
        &server.url(),
        "--name",
        "Eve",
    ];
    laptop.one(&[&create[..], &["--wait", WAIT]].concat());
    assert_eq!(laptop.field(&["account", "show"], "name"), "Eve");
    assert_eq!(laptop.run(&["receive"]).code, 0);
}

#[test]
fn a_device_is_renamed_for_all() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    let id = link(&laptop, &anna, &server, "Laptop", "none");
    let renamed = anna.one(&["device", "rename", "Laptop", "Kitchen", "--wait", WAIT]);
    assert_eq!(
        (&renamed["id"], &renamed["name"]),
        (&json!(id), &json!("Kitchen"))
    );
    laptop.receive_until(|event| event["kind"] == "devices");
    assert_eq!(names(&laptop), ["Kitchen", "Command line"]);
    // Each may name itself and the other.
    let first = text(&laptop.ok(&["devices"])[1], "id");
    laptop.one(&["device", "rename", &first[..6], "Desk", "--wait", WAIT]);
    anna.receive_until(|event| event["kind"] == "devices");
    assert_eq!(names(&anna), ["Desk", "Kitchen"]);
    let words = anna.words(&["devices"]).out;
    assert!(
        words.contains("Desk, at a command line  (this device)"),
        "{words}"
    );
    let bad = anna.run(&["device", "rename", "Desk", "two\nlines"]);
    assert_eq!(bad.code, 1, "{bad:?}");
}

#[test]
fn a_history_that_is_under_way_can_be_stopped() {
    let anna = Person::nowhere("Anna");
    // It is over too fast to be caught on its way: put where the program keeps it.
    let begun = TransferRow {
        id: ContentId::new([7; 16]),
        giving: true,
        device: Serial::new([8; 16]),
        state: TransferState::UnderWay,
        blob: BlobName::new([9; 32]),
        key: vec![1; 32].into(),
        since: Timestamp(0),
        cursor: u64::MAX,
        chunks: 0,
        put: Vec::new(),
        messages: 250,
        total: 1_000,
        bytes: 70_000,
        begun_at: Timestamp(1_772_384_645_678),
        ended_at: Timestamp(0),
    };
    with_store(&anna, |store| {
        store.write(|tx| tx.put_transfer(&begun)).unwrap();
    });
    let shown = anna.one(&["transfers"]);
    assert_eq!(shown["state"], "under-way");
    assert_eq!(shown["begun_at"], "2026-03-01T17:04:05.678Z");
    assert!(shown["ended_at"].is_null());
    let stopped = anna.run(&["transfer", "cancel", "0707"]);
    assert_eq!(stopped.code, 3, "the other hears of it later: {stopped:?}");
    assert_eq!(stopped.objects()[0]["state"], "cancelled");
    let words = anna.words(&["transfers"]).out;
    assert!(words.contains("250 of 1000 messages"), "{words}");
    assert!(words.contains("stopped"), "{words}");
    assert_eq!(
        anna.run(&["transfer", "cancel", "0707"]).code,
        2,
        "it is over"
    );
}

fn holds_nothing(person: &Person) -> bool {
    with_store(person, |store| {
        store
            .read(|tx| {
                Ok::<_, StoreError>(
                    tx.account()?.is_none()
                        && tx.chats()?.is_empty()
                        && tx.contacts()?.is_empty()
                        && tx.cards()?.is_empty()
                        && tx.registers()?.is_empty()
                        && tx.transfers()?.is_empty()
                        && tx.count_messages(Timestamp(0))? == 0,
                )
            })
            .unwrap()
    })
}

fn with_store<T>(person: &Person, work: impl FnOnce(&mut Store) -> T) -> T {
    let lock = ProfileLock::try_acquire(&person.profile()).unwrap();
    let key = profile_key::open(&lock, None).unwrap();
    let mut store = Store::open(Location::File(lock.store_path()), &key).unwrap();
    work(&mut store)
}

//! Anna and Ben talk, each at a command line, through a real server process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::{
    person::{Person, WAIT, meet},
    server::Server,
};

fn anna_and_ben(server: &Server) -> (Person, Person) {
    (
        Person::at("Anna", &server.url()),
        Person::at("Ben", &server.url()),
    )
}

#[test]
fn two_people_meet_and_talk_and_see_how_far_their_messages_are() {
    let server = Server::start();
    let (anna, ben) = anna_and_ben(&server);
    let (annas, bens) = meet(&anna, &ben);

    let sent = ben.one(&["send", "Anna", "hello Anna", "--wait", WAIT]);
    assert_eq!(sent["state"], "sent");
    let received = anna.receive_text("hello Anna");
    let message = received.iter().find(|event| event["text"] == "hello Anna");
    let message = message.unwrap();
    assert_eq!(message["id"], sent["message"], "one id for both");
    assert_eq!(message["chat"], annas);
    ben.await_state(&bens, "delivered");

    anna.one(&["send", "Ben", "hello Ben", "--wait", WAIT]);
    ben.receive_text("hello Ben");
    for (person, chat) in [(&anna, &annas), (&ben, &bens)] {
        assert_eq!(person.texts(chat), ["hello Anna", "hello Ben"]);
    }

    anna.ok(&["history", &annas, "--mark-read"]);
    anna.ok(&["receive"]);
    ben.await_state(&bens, "read");
    assert!(anna.ok(&["receive"]).is_empty(), "nothing is shown twice");
}

#[test]
fn both_see_the_same_safety_number() {
    let server = Server::start();
    let (anna, ben) = anna_and_ben(&server);
    meet(&anna, &ben);
    let number = anna.field(&["contact", "safety-number", "Ben"], "safety_number");
    assert_eq!(
        number,
        ben.field(&["contact", "safety-number", "Anna"], "safety_number")
    );
    assert_eq!(number.len(), 60);
    anna.one(&["contact", "verify", "Ben"]);
    assert_eq!(anna.one(&["contacts"])["verified"], true);
    assert_eq!(ben.one(&["contacts"])["verified"], false);
    anna.one(&["contact", "verify", "Ben", "--undo"]);
    assert_eq!(anna.one(&["contacts"])["verified"], false);
}

#[test]
fn what_is_written_without_a_connection_goes_out_with_the_next() {
    let mut server = Server::start();
    let (anna, ben) = anna_and_ben(&server);
    let (annas, bens) = meet(&anna, &ben);
    server.kill();

    for n in 0..5 {
        let sent = ben.one(&["send", &bens, &format!("offline {n}")]);
        assert_eq!(sent["state"], "queued");
    }
    let late = ben.run(&["send", &bens, "offline 5", "--wait", "1"]);
    assert_eq!(late.code, 5, "{late:?}");
    assert_eq!(late.objects()[0]["state"], "queued");
    assert_eq!(ben.run(&["receive"]).code, 3);
    assert_eq!(ben.run(&["receive", "--wait", "1"]).code, 3);

    server.restart();
    ben.ok(&["receive"]);
    assert_eq!(ben.state(&bens), "sent");
    anna.receive_text("offline 5");
    let expected: Vec<String> = (0..6).map(|n| format!("offline {n}")).collect();
    assert_eq!(anna.texts(&annas), expected);
}

#[test]
fn receive_ends_after_so_many_messages_and_shows_the_rest_later() {
    let server = Server::start();
    let (anna, ben) = anna_and_ben(&server);
    let (_, bens) = meet(&anna, &ben);
    anna.ok(&["receive"]);
    for n in 0..5 {
        ben.one(&["send", &bens, &format!("{n}")]);
    }
    ben.ok(&["receive"]);
    let texts = |events: Vec<serde_json::Value>| -> Vec<String> {
        let messages = events.iter().filter(|event| event["kind"] == "message");
        messages
            .map(|message| message["text"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = texts(anna.ok(&["receive", "--count", "2", "--wait", WAIT]));
    assert_eq!(first, ["0", "1"]);
    let rest = texts(anna.ok(&["receive", "--count", "3", "--wait", WAIT]));
    assert_eq!(rest, ["2", "3", "4"]);
}

#[test]
fn long_texts_and_all_scripts_come_through() {
    let server = Server::start();
    let (anna, ben) = anna_and_ben(&server);
    let (annas, bens) = meet(&anna, &ben);
    let long = "Lorem ipsum 漢字 שלום 👩‍👧 ".repeat(1_500);
    let long = &long[..long.floor_char_boundary(65_000)];
    ben.one(&["send", &bens, long, "--wait", WAIT]);
    anna.receive_text(long);
    assert_eq!(anna.texts(&annas), [long]);
    let found = anna.ok(&["search", "lorem", "ipsu"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["text"], long);
}

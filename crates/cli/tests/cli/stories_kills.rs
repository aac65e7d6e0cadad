//! Whatever is killed: nothing is lost, nothing comes twice, and the order stays.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::time::Duration;

use serde_json::Value;

use crate::{
    person::{Person, WAIT, meet, text},
    server::Server,
};

fn is_sent(event: &Value) -> bool {
    event["kind"] == "state" && event["state"] == "sent"
}

fn is_message(event: &Value) -> bool {
    event["kind"] == "message"
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("message {n}")).collect()
}

/// Writes messages that wait in the outbox.
fn write(person: &Person, chat: &str, texts: &[String]) {
    for text in texts {
        person.one(&["send", chat, text]);
    }
}

#[test]
fn a_server_that_is_killed_during_500_messages_loses_none() {
    let mut server = Server::start();
    let (anna, ben) = (
        Person::at("Anna", &server.url()),
        Person::at("Ben", &server.url()),
    );
    let (annas, bens) = meet(&anna, &ben);
    let texts = numbered(500);
    write(&ben, &bens, &texts);

    // Anna listens from the beginning, so that the server dies while it takes and while it gives.
    let receiving = anna.watch(&["receive", "--wait", "300", "--count", "500"]);
    let sending = ben.watch(&["receive", "--wait", "300"]);
    for _ in 0..3 {
        sending.count(100, is_sent);
        server.kill_and_restart();
    }
    sending.count(200, is_sent);
    sending.kill();
    let mut shown = Vec::new();
    while let Some(event) = receiving.next() {
        if is_message(&event) {
            shown.push(text(&event, "text"));
        }
    }
    assert_eq!(receiving.wait(), Some(0));
    assert_eq!(shown, texts, "shown once, in order");
    assert_eq!(anna.texts(&annas), texts);
    assert_eq!(ben.texts(&bens), texts);
}

#[test]
fn a_sender_and_a_receiver_that_are_killed_lose_nothing() {
    let server = Server::start();
    let (anna, ben) = (
        Person::at("Anna", &server.url()),
        Person::at("Ben", &server.url()),
    );
    let (annas, bens) = meet(&anna, &ben);
    let texts = numbered(120);
    write(&ben, &bens, &texts);
    for part in 1..8 {
        let sending = ben.watch(&["receive", "--wait", WAIT]);
        sending.for_a_while(Duration::from_millis(20 * part));
        sending.kill();
    }
    ben.ok(&["receive"]);
    for part in 1..8 {
        let receiving = anna.watch(&["receive", "--wait", WAIT]);
        receiving.for_a_while(Duration::from_millis(20 * part));
        receiving.kill();
    }
    anna.ok(&["receive"]);
    assert_eq!(anna.texts(&annas), texts);
    ben.ok(&["receive"]);
    let history = ben.ok(&["history", &bens]);
    let states: Vec<_> = history.iter().map(|message| &message["state"]).collect();
    assert!(
        states.iter().all(|state| **state == "delivered"),
        "{states:?}"
    );
}

#[test]
fn a_command_that_is_killed_while_it_sends_has_either_written_or_not() {
    let server = Server::start();
    let (anna, ben) = (
        Person::at("Anna", &server.url()),
        Person::at("Ben", &server.url()),
    );
    let (annas, bens) = meet(&anna, &ben);
    for n in 0..12 {
        let sending = ben.watch(&["send", &bens, &format!("message {n}"), "--wait", WAIT]);
        sending.for_a_while(Duration::from_millis(25 * n));
        sending.kill();
    }
    ben.ok(&["receive"]);
    let written = ben.texts(&bens);
    assert!(
        written.windows(2).all(|pair| {
            let number = |text: &str| text.rsplit(' ').next().unwrap().parse::<u32>().unwrap();
            number(&pair[0]) < number(&pair[1])
        }),
        "{written:?}"
    );
    if let Some(last) = written.last() {
        anna.receive_text(last);
    }
    assert_eq!(anna.texts(&annas), written);
}

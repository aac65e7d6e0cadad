//! A stranger with the reusable link asks: nothing of theirs is shown until the answer.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;

use crate::{
    person::{Person, WAIT},
    server::Server,
};

/// Asks by the link and writes a first message; gives the asker and their chat.
fn ask(name: &'static str, server: &Server, link: &str) -> (Person, String) {
    let person = Person::at(name, &server.url());
    let chat = person.field(&["contact", "add", link, "--wait", WAIT], "chat");
    person.one(&["send", &chat, "a secret greeting", "--wait", WAIT]);
    (person, chat)
}

fn request_of(anna: &Person) -> String {
    let events = anna.receive_until(|event| event["kind"] == "request");
    assert!(!shows(&events), "{events:?}");
    let request = anna.one(&["requests"]);
    assert_eq!(request["came_by"], "link");
    request["id"].as_str().unwrap().to_owned()
}

/// Whether anything of the stranger is in it.
fn shows(events: &[Value]) -> bool {
    events.iter().any(|event| {
        let text = event.to_string();
        text.contains("greeting") || text.contains("Ben")
    })
}

#[test]
fn accepted_they_talk() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let link = anna.field(&["link", "show"], "link");
    let (ben, bens) = ask("Ben", &server, &link);
    let id = request_of(&anna);
    // Nothing of theirs is anywhere.
    assert_eq!(anna.run(&["history", &id]).code, 2);
    assert_eq!(anna.run(&["send", &id, "hi"]).code, 2);
    for arguments in [&["chats"][..], &["contacts"], &["search", "greeting"]] {
        assert!(!shows(&anna.ok(arguments)), "{arguments:?}");
    }
    ben.ok(&["receive"]);
    assert_eq!(ben.state(&bens), "sent", "not even that it arrived");

    anna.one(&["request", "accept", &id, "--wait", WAIT]);
    assert!(anna.ok(&["requests"]).is_empty());
    let annas = anna.chat_with("Ben");
    assert_eq!(anna.texts(&annas), ["a secret greeting"]);
    anna.one(&["send", &annas, "welcome", "--wait", WAIT]);
    ben.receive_text("welcome");
    assert_eq!(ben.chat_with("Anna"), bens);
    ben.await_state(&bens, "delivered");
    ben.one(&["send", &bens, "thank you", "--wait", WAIT]);
    anna.receive_text("thank you");
}

#[test]
fn deleted_it_is_gone_and_they_are_told_nothing() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let link = anna.field(&["link", "show"], "link");
    let (ben, bens) = ask("Ben", &server, &link);
    let id = request_of(&anna);
    anna.one(&["request", "delete", &id]);
    assert!(anna.ok(&["requests"]).is_empty());
    assert!(!shows(&anna.ok(&["receive"])));
    assert!(anna.ok(&["search", "greeting"]).is_empty());
    let sent = ben.one(&["send", &bens, "another greeting", "--wait", WAIT]);
    assert_eq!(sent["state"], "sent", "the server answers as before");
    assert!(!shows(&anna.ok(&["receive"])));
    ben.ok(&["receive"]);
    assert_eq!(ben.state(&bens), "sent");
}

#[test]
fn blocked_nothing_of_theirs_is_ever_shown() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let link = anna.field(&["link", "show"], "link");
    let (ben, bens) = ask("Ben", &server, &link);
    let id = request_of(&anna);
    anna.one(&["request", "block", &id, "--wait", WAIT]);
    assert!(anna.ok(&["requests"]).is_empty());
    for n in 0..3 {
        let sent = ben.one(&["send", &bens, &format!("greeting {n}"), "--wait", WAIT]);
        assert_eq!(sent["state"], "sent", "the server answers as before");
    }
    for _ in 0..2 {
        let events = anna.ok(&["receive"]);
        assert!(!shows(&events), "{events:?}");
        assert!(
            events.iter().all(|event| event["kind"] != "request"),
            "{events:?}"
        );
    }
    assert!(anna.ok(&["requests"]).is_empty());
    assert!(anna.ok(&["search", "greeting"]).is_empty());
    ben.ok(&["receive"]);
    assert_eq!(ben.state(&bens), "sent");
}

#[test]
fn a_blocked_contact_is_not_heard_any_more() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let (annas, bens) = crate::person::meet(&anna, &ben);
    ben.one(&["send", &bens, "before", "--wait", WAIT]);
    anna.receive_text("before");
    anna.one(&["contact", "block", "Ben", "--wait", WAIT]);
    let sent = ben.one(&["send", &bens, "after", "--wait", WAIT]);
    assert_eq!(sent["state"], "sent");
    let events = anna.ok(&["receive"]);
    assert!(
        events.iter().all(|event| event["kind"] != "message"),
        "{events:?}"
    );
    assert_eq!(anna.texts(&annas), ["before"], "what was said stays");
    let refused = anna.run(&["send", &annas, "hi"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("blocked"), "{refused:?}");
}

//! What is printed: the shape of every object, and that others' words cannot steer the terminal.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{io::Write as _, process::Stdio};

use serde_json::{Value, json};

use crate::linking::link;
use crate::person::{Done, NOWHERE, Person, meet};
use crate::server::Server;

/// Replaces what differs from run to run: ids, times and links.
pub fn masked(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), masked(value)))
            .collect(),
        Value::Array(values) => values.iter().map(masked).collect(),
        Value::String(text) => {
            let is_id = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
            let is_time = text.len() == 24 && text.ends_with('Z') && text.get(10..11) == Some("T");
            let is_day = text.len() == 10 && text.starts_with("20") && text.get(4..5) == Some("-");
            let is_number = text.len() == 60 && text.bytes().all(|b| b.is_ascii_digit());
            if is_id {
                json!("ID")
            } else if is_time {
                json!("TIME")
            } else if is_day {
                json!("DAY")
            } else if is_number {
                json!("60 DIGITS")
            } else if text.starts_with("http://127.0.0.1") {
                json!(if text.contains("/#1.") {
                    "LINK"
                } else {
                    "SERVER"
                })
            } else {
                value.clone()
            }
        }
        _ => value.clone(),
    }
}

fn shape(person: &Person, arguments: &[&str]) -> String {
    let done = person.run(arguments);
    let lines: Vec<String> = done
        .objects()
        .iter()
        .map(|object| masked(object).to_string())
        .collect();
    format!(
        "$ {} → {}\n{}\n",
        arguments.first().copied().unwrap_or_default(),
        done.code,
        lines.join("\n")
    )
}

#[test]
fn objects_of_one_person_alone() {
    let person = Person::new("Anna");
    let mut shapes = vec![shape(
        &person,
        &["account", "create", "--server", NOWHERE, "--name", "Anna"],
    )];
    for arguments in [
        &["account", "show"][..],
        &["link", "show"],
        &["link", "new", "--once"],
        &["link", "reset"],
        &["contacts"],
        &["requests"],
        &["chats"],
        &["send", "note to self", "buy flour"],
        &["history", "Note to self"],
        &["search", "flou"],
        &["devices"],
        &["device", "rename", "command line", "Desk"],
        &["transfers"],
        &["receive"],
    ] {
        shapes.push(shape(&person, arguments));
    }
    insta::assert_snapshot!(shapes.join("\n"));
}

#[test]
fn objects_of_two_people() {
    let server = Server::start();
    let (anna, ben) = (
        Person::at("Anna", &server.url()),
        Person::at("Ben", &server.url()),
    );
    let mut shapes = Vec::new();
    let link = anna.field(&["link", "new", "--once"], "link");
    shapes.push(shape(&ben, &["contact", "add", &link]));
    let (annas, bens) = (anna.chat_with("Ben"), ben.chat_with("Anna"));
    // What has happened so far depends on who looked when.
    anna.ok(&["receive"]);
    ben.ok(&["receive"]);
    shapes.push(shape(&ben, &["send", &bens, "hello", "--wait", "60"]));
    let received = anna.receive_text("hello");
    let message = received.iter().find(|event| event["text"] == "hello");
    shapes.push(masked(message.unwrap()).to_string());
    let told = ben.receive_until(|event| event["state"] == "delivered");
    let state = told.iter().find(|event| event["state"] == "delivered");
    shapes.push(masked(state.unwrap()).to_string());
    for arguments in [
        &["chats"][..],
        &["history", &annas, "--last", "1"],
        &["contact", "safety-number", "Ben"],
        &["contact", "verify", "Ben"],
        &["contacts"],
        &["contact", "block", "Ben"],
        &["contacts"],
        &["chats"],
    ] {
        shapes.push(shape(&anna, arguments));
    }
    let reusable = anna.field(&["link", "show"], "link");
    let cleo = Person::at("Cleo", &server.url());
    cleo.one(&["contact", "add", &reusable]);
    let asked = anna.receive_until(|event| event["kind"] == "request");
    let request = asked.iter().find(|event| event["kind"] == "request");
    shapes.push(masked(request.unwrap()).to_string());
    shapes.push(shape(&anna, &["requests"]));
    let id = anna.field(&["requests"], "id");
    shapes.push(shape(&anna, &["request", "accept", &id]));
    insta::assert_snapshot!(shapes.join("\n"));
}

#[test]
fn objects_of_two_devices() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    anna.one(&["send", "Note to self", "buy flour"]);
    let laptop = Person::new("Anna's laptop");
    link(&laptop, &anna, &server, "Laptop", "all");
    let mut shapes = Vec::new();
    for person in [&anna, &laptop] {
        for arguments in [&["devices"][..], &["history", "Note to self"]] {
            shapes.push(shape(person, arguments));
        }
    }
    let told = anna.receive_until(|event| event["kind"] == "transfer");
    for kind in ["devices", "change"] {
        let event = told.iter().find(|event| event["kind"] == kind);
        shapes.push(masked(event.unwrap()).to_string());
    }
    shapes.push(shape(&anna, &["device", "revoke", "Laptop"]));
    shapes.push(shape(&laptop, &["receive"]));
    shapes.push(shape(&laptop, &["devices"]));
    insta::assert_snapshot!(shapes.join("\n"));
}

#[test]
fn texts_are_read_from_the_standard_input_too() {
    let person = Person::nowhere("Anna");
    let mut child = person
        .command(&["send", "Note to self", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let text = "two\nlines, and a \u{1f980}\n";
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(person.texts("Note to self"), [text.trim_end()]);
}

#[test]
fn a_text_has_to_be_one_and_not_too_long() {
    let person = Person::nowhere("Anna");
    for text in ["", "  ", &"x".repeat(65_537)] {
        let done = person.run(&["send", "Note to self", text]);
        assert_eq!(done.code, 1, "{done:?}");
    }
    assert!(person.texts("Note to self").is_empty());
}

#[test]
fn who_stops_reading_ends_the_command_quietly() {
    let person = Person::nowhere("Anna");
    person.one(&["send", "Note to self", "x"]);
    let mut child = person
        .command(&["history", "Note to self"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let done = Done::from(child.wait_with_output().unwrap());
    assert_eq!(done.err, "");
}

/// Escape sequences, overrides, and a line that looks like another message.
const NASTY: &str =
    "\u{1b}]0;title\u{7}\u{1b}[2J\u{9b}31m\u{202e}gpj\r\n1999-01-01 00:00  Ben: forged";

#[test]
fn others_words_cannot_steer_the_terminal() {
    let server = Server::start();
    let (anna, ben) = (
        Person::at("Anna", &server.url()),
        Person::at("Be\u{202e}n", &server.url()),
    );
    let (annas, bens) = meet(&anna, &ben);
    ben.one(&["send", &bens, NASTY, "--wait", "60"]);
    let received = anna.words(&["receive"]).out;
    let mut outputs = vec![received];
    for arguments in [
        &["history", &annas][..],
        &["search", "forged"],
        &["contacts"],
        &["chats"],
        &[
            "contact",
            "safety-number",
            &anna.field(&["contacts"], "contact"),
        ],
    ] {
        outputs.push(anna.words(arguments).out);
    }
    for output in &outputs {
        let steers =
            |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!output.contains(steers), "{output:?}");
    }
    let history = &outputs[1];
    assert!(history.contains("title"), "{history:?}");
    assert!(
        !history.lines().any(|line| line.starts_with("1999-01-01")),
        "further lines stand under the first: {history:?}"
    );
    // Programs get it as it was.
    assert_eq!(anna.texts(&annas), [NASTY]);
}

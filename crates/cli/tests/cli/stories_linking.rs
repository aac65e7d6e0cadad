//! Linking a device, and all the ways in which it comes to nothing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, Stdio},
};

use crate::{
    linking::{names, show_code},
    person::{Done, NOWHERE, Person, WAIT},
    server::Server,
};

/// The last character replaced: the place to meet is the same, the password is not.
fn mistyped(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    code.chars().take(13).chain([last]).collect()
}

/// Begins to enter a code, without having agreed to anything.
fn enter(person: &Person, code: &str) -> Child {
    person
        .command(&["device", "link", code, "--json", "--wait", WAIT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn answer(mut asking: Child, answer: &[u8]) -> Done {
    asking.stdin.take().unwrap().write_all(answer).unwrap();
    asking.wait_with_output().unwrap().into()
}

#[test]
fn a_wrong_code_links_nothing() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    let (showing, code) = show_code(&laptop, &server, "Laptop");

    let nowhere = if code.starts_with("0000") {
        "1111-"
    } else {
        "0000-"
    };
    let nowhere = anna.run(&["device", "link", &format!("{nowhere}0000-0000"), "--yes"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(
        nowhere.err.contains("no device shows this code"),
        "{nowhere:?}"
    );

    let wrong = anna.run(&["device", "link", &mistyped(&code), "--yes"]);
    assert_eq!(wrong.code, 4, "{wrong:?}");
    assert!(wrong.err.contains("nothing was linked"), "{wrong:?}");
    assert_eq!(wrong.out, "");
    assert_eq!(showing.wait(), Some(4));

    // One guess is all there is: the right one comes too late.
    let late = anna.run(&["device", "link", &code, "--yes"]);
    assert_eq!(late.code, 2, "{late:?}");
    assert_eq!(names(&anna), ["Command line"]);
    assert_eq!(laptop.run(&["account", "show"]).code, 2);
    assert_eq!(laptop.run(&["devices"]).code, 2);
}

#[test]
fn who_has_the_account_decides_whether_the_device_comes() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    for no in [&b"n\n"[..], b"", b"yesterday\n"] {
        let (showing, code) = show_code(&laptop, &server, "Laptop");
        let declined = answer(enter(&anna, &code), no);
        assert_eq!(declined.code, 1, "{declined:?}");
        assert!(declined.err.contains("you said no"), "{declined:?}");
        assert_eq!(showing.wait(), Some(4));
    }
    assert_eq!(names(&anna), ["Command line"]);
    let (showing, code) = show_code(&laptop, &server, "Laptop");
    let agreed = answer(enter(&anna, &code), b"y\n");
    assert_eq!(agreed.code, 0, "{agreed:?}");
    for word in ["Laptop", "at a command line", "everything you can", "key"] {
        assert!(agreed.err.contains(word), "{word}: {agreed:?}");
    }
    assert_eq!(showing.next().unwrap()["kind"], "linked");
    assert_eq!(showing.wait(), Some(0));
}

#[test]
fn a_device_that_goes_away_or_waits_in_vain_is_not_linked() {
    let mut server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    let url = server.url();
    let code = ["device", "code", "--server", &url];
    let alone = laptop.run(&[&code[..], &["--wait", "1"]].concat());
    assert_eq!(alone.code, 5, "{alone:?}");
    assert!(alone.err.contains("begin anew"), "{alone:?}");
    assert_eq!(alone.objects().len(), 1, "the code: {alone:?}");

    let (showing, shown) = show_code(&laptop, &server, "Laptop");
    let mut asking = enter(&anna, &shown);
    let mut question = String::new();
    let errors = asking.stderr.as_mut().unwrap();
    BufReader::new(errors).read_line(&mut question).unwrap();
    assert!(question.contains("wants to be linked"), "{question}");
    // As long as this is open, the question is open too.
    let _typing = asking.stdin.take();
    showing.kill();
    let left = Done::from(asking.wait_with_output().unwrap());
    assert_eq!(left.code, 4, "{left:?}");
    assert!(left.err.contains("nothing was linked"), "{left:?}");

    server.kill();
    let offline = laptop.run(&code);
    assert_eq!((offline.code, offline.out.as_str()), (3, ""), "{offline:?}");
    assert!(offline.err.contains("no device was linked"), "{offline:?}");
    let offline = anna.run(&["device", "link", &shown, "--yes"]);
    assert_eq!((offline.code, offline.out.as_str()), (3, ""), "{offline:?}");
    assert!(offline.err.contains("no device was linked"), "{offline:?}");
}

#[test]
fn a_device_that_was_let_in_comes_whenever_the_other_is_connected() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let laptop = Person::new("Anna's laptop");
    let (showing, code) = show_code(&laptop, &server, "Laptop");
    let hasty = anna.run(&["device", "link", &code, "--yes", "--wait", "0"]);
    assert_eq!((hasty.code, hasty.out.as_str()), (5, ""), "{hasty:?}");
    assert!(hasty.err.contains("goes on by itself"), "{hasty:?}");
    let listening = anna.watch(&["receive", "--wait", "300"]);
    assert_eq!(showing.next().unwrap()["kind"], "linked");
    assert_eq!(showing.wait(), Some(0));
    listening.kill();
    assert_eq!(names(&laptop), ["Laptop", "Command line"]);
}

#[test]
fn only_a_profile_without_an_account_shows_a_code() {
    let anna = Person::nowhere("Anna");
    let done = anna.run(&["device", "code", "--server", NOWHERE]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("already"), "{done:?}");
    let done = Person::new("Ben").run(&["device", "link", "ABCD-EFGH-JKMN"]);
    assert_eq!(done.code, 2, "{done:?}");
    assert!(done.err.contains("device code"), "{done:?}");
}

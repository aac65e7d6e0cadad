//! What is typed wrongly is said so, with an exit code that scripts can rely on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::person::{Done, NOWHERE, Person, program};

fn run(arguments: &[&str]) -> Done {
    program().args(arguments).output().unwrap().into()
}

#[test]
fn wrong_usage_ends_with_1_and_a_hint() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["send", "ben"],
        &["send", "ben", "hi", "--wait", "soon"],
        &["link", "new"],
        &["link", "new", "--once", "--expires", "7y"],
        &["account", "create", "--name", "Anna"],
        &["search"],
        &["receive", "--count", "-1"],
        &["device"],
        &["device", "code"],
        &[
            "device",
            "code",
            "--server",
            "https://a.example",
            "--wait",
            "a while",
        ],
        &["device", "link"],
        &["device", "link", "ABCD-EFGH-JKMN", "--history", "some"],
        &["device", "rename", "Laptop"],
        &["device", "revoke"],
        &["transfer"],
        &["transfer", "cancel"],
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 1, "{arguments:?}: {done:?}");
        assert!(done.err.contains("--help"), "{arguments:?}: {done:?}");
        assert_eq!(done.out, "");
    }
}

#[test]
fn help_describes_every_command_and_the_exit_codes() {
    let done = run(&["--help"]);
    assert_eq!(done.code, 0);
    for word in [
        "account",
        "link",
        "contact",
        "contacts",
        "requests",
        "request",
        "chats",
        "history",
        "search",
        "send",
        "receive",
        "chat",
        "device",
        "devices",
        "transfers",
        "transfer",
        "Exit codes",
        "--passphrase-file",
        "gets hold of the disk",
    ] {
        assert!(done.out.contains(word), "{word}");
    }
    assert_eq!(run(&["--version"]).code, 0);
}

#[test]
fn without_a_profile_there_is_nothing_to_show() {
    let person = Person::new("Anna");
    for arguments in [
        &["account", "show"][..],
        &["chats"],
        &["receive"],
        &["chat"],
    ] {
        let done = person.words(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {done:?}");
        assert!(done.err.contains("account create"), "{done:?}");
    }
    assert!(!person.profile().exists(), "and nothing is made");
}

#[test]
fn an_account_is_made_of_a_good_address_and_a_good_name() {
    let person = Person::new("Anna");
    for (server, name) in [
        ("ftp://a.example", "Anna"),
        ("http://a.example", "Anna"),
        ("https://a.example", ""),
        ("https://a.example", "An\nna"),
    ] {
        let done = person.run(&["account", "create", "--server", server, "--name", name]);
        assert_eq!(done.code, 1, "{server} {name}: {done:?}");
    }
    assert!(!person.profile().exists());
}

#[test]
fn one_profile_is_one_account() {
    let person = Person::nowhere("Anna");
    let done = person.run(&["account", "create", "--server", NOWHERE, "--name", "Eve"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("already"), "{done:?}");
    assert_eq!(person.field(&["account", "show"], "name"), "Anna");
}

#[test]
fn what_does_not_exist_is_not_found() {
    let person = Person::nowhere("Anna");
    for arguments in [
        &["send", "Ben", "hi"][..],
        &["history", "0123"],
        &["contact", "verify", "Ben"],
        &["contact", "safety-number", "Ben"],
        &["contact", "block", "Ben"],
        &["request", "accept", "0123456789abcdef"],
        &["request", "delete", ""],
        &["chat", "Ben"],
        &["device", "rename", "Laptop", "Desk"],
        &["device", "revoke", "0123"],
        &["transfer", "cancel", "0123"],
    ] {
        let done = person.run(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {done:?}");
        assert!(done.err.starts_with(r#"{"error":"#), "{done:?}");
        assert!(done.err.trim_end().ends_with(r#""exit":2}"#), "{done:?}");
    }
}

#[test]
fn links_that_cannot_be_followed_are_refused_in_words() {
    let person = Person::nowhere("Anna");
    let own = person.field(&["link", "show"], "link");
    let other = own.replace("127.0.0.1:1/", "127.0.0.1:2/");
    for (link, word) in [
        ("hello", "contact link"),
        ("https://a.example/#9.AAAA", "newer version"),
        (own.as_str(), "your own link"),
        (other.as_str(), "another server"),
    ] {
        let done = person.words(&["contact", "add", link]);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.err.contains(word), "{word}: {done:?}");
    }
}

#[test]
fn what_is_no_code_of_a_device_is_refused_in_words() {
    let person = Person::nowhere("Anna");
    for code in ["", "ABCD", "ABCD-EFGH-JKMU", "ABCD-EFGH-JKMNP"] {
        let done = person.words(&["device", "link", code]);
        assert_eq!(done.code, 1, "{code}: {done:?}");
        assert!(done.err.contains("12 letters and digits"), "{done:?}");
    }
    for (server, name) in [("http://a.example", "x"), ("https://a.example", "")] {
        let new = Person::new("Ben");
        let done = new.run(&["device", "code", "--server", server, "--name", name]);
        assert_eq!(done.code, 1, "{server} {name}: {done:?}");
        assert!(!new.profile().exists());
    }
}

#[test]
fn an_account_begins_with_one_device() {
    let person = Person::nowhere("Anna");
    let device = person.one(&["devices"]);
    assert_eq!(device["name"], "Command line");
    assert_eq!(device["kind"], "command-line");
    assert_eq!(device["this_device"], true);
    assert!(person.ok(&["transfers"]).is_empty());
    assert!(person.words(&["transfers"]).out.starts_with("No history"));
}

#[test]
fn a_conversation_needs_a_terminal() {
    let person = Person::nowhere("Anna");
    let done = person.words(&["chat"]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("needs a terminal"), "{done:?}");
}

#[test]
fn a_file_of_certificates_has_to_be_one() {
    let person = Person::new("Anna").with_options(&["--ca-file", "/nonexistent"]);
    let create = [
        "account",
        "create",
        "--server",
        "https://a.example",
        "--name",
        "Anna",
    ];
    let done = person.run(&create);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.err.contains("certificates"), "{done:?}");
}

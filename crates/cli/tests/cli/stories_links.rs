//! Links: for one person, for many, reset, expired, and both ways at once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::{
    person::{Person, WAIT},
    server::Server,
};

#[test]
fn a_single_use_link_is_accepted_at_once_and_works_once() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let (ben, cleo) = (
        Person::at("Ben", &server.url()),
        Person::at("Cleo", &server.url()),
    );
    let link = anna.field(&["link", "new", "--once", "--expires", "2h"], "link");
    ben.one(&["contact", "add", &link, "--wait", WAIT]);
    let second = cleo.run(&["contact", "add", &link, "--wait", WAIT]);
    assert_eq!(second.code, 4, "{second:?}");
    assert!(second.err.contains("has been used"), "{second:?}");
    assert_eq!(second.out, "");
    let annas = anna.chat_with("Ben");
    assert!(anna.ok(&["requests"]).is_empty());
    anna.one(&["send", &annas, "hello", "--wait", WAIT]);
    ben.receive_text("hello");
    // The same person may follow it again: they are a contact already.
    assert_eq!(
        ben.field(&["contact", "add", &link, "--wait", WAIT], "chat"),
        ben.chat_with("Anna")
    );
}

#[test]
fn a_link_that_was_reset_leads_nowhere() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let old = anna.field(&["link", "show"], "link");
    let new = anna.field(&["link", "reset", "--wait", WAIT], "link");
    assert_ne!(old, new);
    assert_eq!(anna.field(&["link", "show"], "link"), new);
    let refused = ben.run(&["contact", "add", &old, "--wait", WAIT]);
    assert_eq!(refused.code, 4, "{refused:?}");
    ben.one(&["contact", "add", &new, "--wait", WAIT]);
    anna.receive_until(|event| event["kind"] == "request");
}

#[test]
fn both_add_each_other_at_once_and_talk_in_one_conversation() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let link_of = |person: &Person| person.field(&["link", "new", "--once"], "link");
    let (to_anna, to_ben) = (link_of(&anna), link_of(&ben));
    // At the same time, as nearly as two processes can.
    let adding = [
        anna.watch(&["contact", "add", &to_ben, "--wait", WAIT]),
        ben.watch(&["contact", "add", &to_anna, "--wait", WAIT]),
    ];
    for added in adding {
        assert_eq!(added.wait(), Some(0));
    }
    let (annas, bens) = (anna.chat_with("Ben"), ben.chat_with("Anna"));
    for n in 0..3 {
        anna.one(&["send", &annas, &format!("anna {n}"), "--wait", WAIT]);
        ben.receive_text(&format!("anna {n}"));
        ben.one(&["send", &bens, &format!("ben {n}"), "--wait", WAIT]);
        anna.receive_text(&format!("ben {n}"));
    }
    let expected = ["anna 0", "ben 0", "anna 1", "ben 1", "anna 2", "ben 2"];
    for (person, chat) in [(&anna, &annas), (&ben, &bens)] {
        assert_eq!(person.texts(chat), expected);
        let chats = person.ok(&["chats"]);
        let direct = chats.iter().filter(|chat| chat["kind"] == "direct");
        assert_eq!(direct.count(), 1, "{chats:?}");
        assert!(person.ok(&["requests"]).is_empty());
    }
}

#[test]
fn two_who_ask_each_other_by_reusable_links_need_no_answer() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let (to_anna, to_ben) = (
        anna.field(&["link", "show"], "link"),
        ben.field(&["link", "show"], "link"),
    );
    ben.one(&["contact", "add", &to_anna, "--wait", WAIT]);
    anna.receive_until(|event| event["kind"] == "request");
    anna.one(&["contact", "add", &to_ben, "--wait", WAIT]);
    assert!(anna.ok(&["requests"]).is_empty());
    let (annas, bens) = (anna.chat_with("Ben"), ben.chat_with("Anna"));
    anna.one(&["send", &annas, "hello", "--wait", WAIT]);
    ben.receive_text("hello");
    ben.one(&["send", &bens, "hello yourself", "--wait", WAIT]);
    anna.receive_text("hello yourself");
}

#[test]
fn a_link_that_is_followed_offline_is_followed_later() {
    let mut server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = Person::at("Ben", &server.url());
    let link = anna.field(&["link", "new", "--once"], "link");
    server.kill();
    let added = ben.run(&["contact", "add", &link]);
    assert_eq!(added.code, 3, "{added:?}");
    let chat = added.objects()[0]["chat"].as_str().unwrap().to_owned();
    ben.one(&["send", &chat, "written ahead"]);
    server.restart();
    ben.ok(&["receive"]);
    anna.receive_text("written ahead");
}

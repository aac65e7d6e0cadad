//! Groups from several command lines through a real server: made, changed, written in, left.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use serde_json::Value;

use crate::{
    person::{Person, WAIT, meet},
    server::Server,
};

/// Somebody whom Anna knows, by a link for one person.
fn friend(name: &'static str, server: &Server, anna: &Person) -> Person {
    let person = Person::at(name, &server.url());
    meet(anna, &person);
    person
}

fn joins(person: &Person, group: &str) -> String {
    person.receive_until(|event| event["kind"] == "change" && event["change"] == "joined");
    let chats = person.ok(&["chats"]);
    let chat = chats.iter().find(|chat| chat["name"] == group).unwrap();
    assert_eq!(chat["kind"], "group");
    chat["chat"].as_str().unwrap().to_owned()
}

fn names(members: &[Value]) -> Vec<&str> {
    let mut names: Vec<_> = members
        .iter()
        .map(|member| member["name"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn three_people_talk_in_a_group_until_one_is_removed_and_one_leaves() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let (ben, cora) = (
        friend("Ben", &server, &anna),
        friend("Cora", &server, &anna),
    );
    let create = [
        "group", "create", "Garden", "--member", "Ben", "--member", "Cora", "--wait", WAIT,
    ];
    let chat = anna.field(&create, "chat");
    let (bens, coras) = (joins(&ben, "Garden"), joins(&cora, "Garden"));
    let members = anna.ok(&["group", "members", &chat]);
    assert_eq!(names(&members), ["Anna", "Ben", "Cora"]);
    assert!(
        members
            .iter()
            .any(|member| member["role"] == "admin" && member["me"] == true)
    );
    assert_eq!(
        names(&ben.ok(&["group", "members", "Garden"])),
        ["Anna", "Ben", "Cora"]
    );

    anna.one(&["send", &chat, "who waters today?", "--wait", WAIT]);
    ben.receive_text("who waters today?");
    cora.receive_text("who waters today?");
    ben.one(&["send", &bens, "I do", "--wait", WAIT]);
    // Cora and Ben are no contacts: she knows him from the group alone.
    cora.receive_text("I do");
    let last = cora.words(&["history", &coras, "--last", "1"]);
    assert!(last.out.contains("Ben: I do"), "{last:?}");

    // Rules: only admins may rename, and they may let all others.
    let refused = ben.run(&["group", "rename", &bens, "Mine"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    let rules = anna.one(&["group", "rules", &chat, "--edit", "all", "--wait", WAIT]);
    assert_eq!(rules["rules"]["edit"], "all");
    ben.receive_until(|event| event["change"] == "rules");
    ben.one(&["group", "rename", &bens, "Vegetables", "--wait", WAIT]);
    cora.receive_until(|event| event["change"] == "title");
    assert_eq!(cora.one(&["group", "show", "Vegetables"])["people"], 3);

    let encryption = cora.one(&["encryption", "Vegetables"]);
    assert_eq!(encryption["devices"].as_array().unwrap().len(), 3);

    anna.receive_until(|event| event["change"] == "title");
    anna.one(&["group", "remove", &chat, "Ben", "--wait", WAIT]);
    ben.receive_until(|event| event["change"] == "removed-myself");
    assert_eq!(ben.run(&["send", &bens, "still here?"]).code, 1);
    cora.receive_until(|event| event["change"] == "removed");
    cora.one(&["group", "leave", &coras, "--wait", WAIT]);
    anna.receive_until(|event| event["change"] == "left");
    assert_eq!(names(&anna.ok(&["group", "members", &chat])), ["Anna"]);
}

#[test]
fn who_wants_to_be_asked_gets_an_invitation_that_says_nothing_but_a_size() {
    let server = Server::start();
    let anna = Person::at("Anna", &server.url());
    let ben = friend("Ben", &server, &anna);
    assert_eq!(
        ben.one(&["account", "groups", "ask", "--wait", WAIT])["groups"],
        "ask"
    );
    let chat = anna.field(
        &[
            "group", "create", "Garden", "--member", "Ben", "--wait", WAIT,
        ],
        "chat",
    );
    let told = ben.receive_until(|event| event["kind"] == "invitation");
    assert!(
        told.iter()
            .all(|event| !event.to_string().contains("Garden"))
    );
    let invitation = ben.one(&["invitations"]);
    assert_eq!(invitation["group_size"], 1);
    let id = invitation["id"].as_str().unwrap();
    ben.one(&["invitation", "accept", id, "--wait", WAIT]);
    anna.receive_until(|event| event["change"] == "added");
    let bens = joins(&ben, "Garden");
    ben.one(&["send", &bens, "here I am", "--wait", WAIT]);
    anna.receive_text("here I am");
    assert_eq!(anna.texts(&chat).last().unwrap(), "here I am");
}

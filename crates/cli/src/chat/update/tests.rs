//! What keys and news do, as a function of the state.
#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::chat::{
    editor::Editor,
    fixture::{
        BEN, BENS_ACCOUNT, CLEO, MINUTE, NOTES, NOW, STRANGER, message, model, press, say, talking,
        write,
    },
    model::{Found, Line},
};

fn draft(state: &State) -> &str {
    state.draft().map_or("", Editor::text)
}

#[test]
fn what_is_written_is_sent_once_and_goes_to_its_own_chat() {
    let mut state = talking(80, 24);
    write(&mut state, "Hi");
    press(&mut state, "A-enter");
    write(&mut state, "Ben");
    press(&mut state, "C-j");
    assert_eq!(draft(&state), "Hi\nBen\n");
    assert_eq!(
        press(&mut state, "backspace enter"),
        [Command::Send(BEN, "Hi\nBen".to_owned())]
    );
    assert_eq!(draft(&state), "");
    assert_eq!(press(&mut state, "enter"), [], "there is nothing to send");
    write(&mut state, "   ");
    assert_eq!(press(&mut state, "enter"), [], "nor is space");
}

#[test]
fn drafts_stay_with_their_chats() {
    let mut state = talking(80, 24);
    write(&mut state, "for Ben");
    assert_eq!(press(&mut state, "A-down"), [Command::Open(CLEO, None)]);
    assert_eq!(draft(&state), "");
    write(&mut state, "for Cleo");
    press(&mut state, "A-up");
    assert_eq!(draft(&state), "for Ben");
}

#[test]
fn writing_is_told_now_and_then_and_when_it_ends_without_a_message() {
    let mut state = talking(80, 24);
    assert_eq!(write(&mut state, "abc"), [Command::Typing(BEN, true)]);
    state.told_typing = Some((BEN, Timestamp(NOW.0 - 5_000)));
    assert_eq!(write(&mut state, "d"), [Command::Typing(BEN, true)]);
    assert_eq!(press(&mut state, "C-u"), [Command::Typing(BEN, false)]);
    assert_eq!(press(&mut state, "left"), []);
}

#[test]
fn who_writes_is_believed_for_a_while_or_until_the_message() {
    let mut state = talking(80, 24);
    say(&mut state, Update::Typing(BEN, true));
    assert!(state.is_typing());
    update(&mut state, Event::Tick, NOW.plus(9_999));
    assert!(state.is_typing());
    update(&mut state, Event::Tick, NOW.plus(10_000));
    assert!(!state.is_typing());
    say(&mut state, Update::Typing(BEN, true));
    let mut model = model();
    let open = model.open.as_mut().unwrap();
    open.messages.push(message(8, Some("Ben"), 500, "there"));
    say(&mut state, Update::Model(model));
    assert!(!state.is_typing());
}

fn with_unread() -> Model {
    let mut model = model();
    model.chats.first_mut().unwrap().unread = 1;
    model
}

#[test]
fn what_is_on_the_screen_is_read_once() {
    let mut state = talking(80, 24);
    let read = [Command::MarkRead(BEN, 7)];
    assert_eq!(say(&mut state, Update::Model(with_unread())), read);
    assert_eq!(say(&mut state, Update::Model(with_unread())), []);
}

#[test]
fn what_is_not_seen_is_not_read() {
    for hide in [
        |state: &mut State| state.looked_at = false,
        |state: &mut State| state.focus = Focus::List,
        |state: &mut State| state.scroll = 3,
        |state: &mut State| state.dialog = Some(Dialog::Help),
    ] {
        let mut state = talking(80, 24);
        hide(&mut state);
        assert_eq!(say(&mut state, Update::Model(with_unread())), []);
    }
    let mut state = talking(80, 24);
    update(&mut state, Event::LookedAt(false), NOW);
    say(&mut state, Update::Model(with_unread()));
    assert_eq!(
        update(&mut state, Event::LookedAt(true), NOW),
        [Command::MarkRead(BEN, 7)],
        "but it is when one looks again"
    );
}

#[test]
fn a_request_is_answered_and_what_cannot_be_taken_back_is_asked_twice() {
    let mut state = talking(80, 24);
    press(&mut state, "esc");
    press(&mut state, "up");
    assert_eq!(state.chosen, Some(Row::Request(STRANGER)));
    assert_eq!(press(&mut state, "d"), []);
    assert_eq!(press(&mut state, "n"), []);
    press(&mut state, "d");
    assert_eq!(press(&mut state, "y"), [Command::Delete(STRANGER)]);
    press(&mut state, "b");
    assert_eq!(press(&mut state, "y"), [Command::BlockRequest(STRANGER)]);
    assert_eq!(press(&mut state, "y"), [Command::Accept(STRANGER)]);
}

#[test]
fn an_accepted_request_is_open_at_once() {
    let mut state = talking(80, 24);
    press(&mut state, "esc");
    press(&mut state, "up");
    let mut model = model();
    model.requests.clear();
    model
        .chats
        .push(crate::chat::fixture::chat(STRANGER, "Dana"));
    assert_eq!(
        say(&mut state, Update::Model(model)),
        [Command::Open(STRANGER, None)]
    );
    assert_eq!(state.chosen, Some(Row::Chat(STRANGER)));
}

#[test]
fn nothing_can_be_written_to_a_stranger() {
    let mut state = talking(80, 24);
    press(&mut state, "A-up");
    assert_eq!(write(&mut state, "hello"), []);
    assert_eq!(press(&mut state, "enter"), []);
    assert!(state.drafts.is_empty());
}

#[test]
fn contacts_are_added_by_a_link_that_may_come_in_pieces() {
    let mut state = talking(80, 24);
    press(&mut state, "esc");
    press(&mut state, "a");
    assert_eq!(press(&mut state, "enter"), [], "not without a link");
    let pasted = "https://a.example/#1.AAAA\n  BBBB\r\n".to_owned();
    update(&mut state, Event::Paste(pasted), NOW);
    assert_eq!(
        press(&mut state, "enter"),
        [Command::Add("https://a.example/#1.AAAABBBB".to_owned())]
    );
    assert_eq!(state.dialog, None);
    assert_eq!(
        say(&mut state, Update::Added(CLEO)),
        [Command::Open(CLEO, None)]
    );
    assert_eq!(state.focus, Focus::Conversation);
}

#[test]
fn safety_numbers_are_shown_and_noted() {
    let mut state = talking(80, 24);
    press(&mut state, "esc");
    assert_eq!(
        press(&mut state, "s"),
        [Command::ShowSafetyNumber(BENS_ACCOUNT)]
    );
    say(
        &mut state,
        Update::SafetyNumber {
            contact: BENS_ACCOUNT,
            name: "Ben".to_owned(),
            number: "12345".to_owned(),
            verified: false,
        },
    );
    assert_eq!(
        press(&mut state, "v"),
        [Command::SetVerified(BENS_ACCOUNT, true)]
    );
    press(&mut state, "end");
    assert_eq!(state.chosen, Some(Row::Chat(NOTES)));
    assert_eq!(press(&mut state, "s"), [], "one is no contact of oneself");
}

#[test]
fn blocking_a_contact_is_asked_twice() {
    let mut state = talking(80, 24);
    press(&mut state, "esc");
    assert_eq!(press(&mut state, "b"), []);
    assert_eq!(press(&mut state, "x"), []);
    assert_eq!(
        press(&mut state, "y"),
        [Command::BlockContact(BENS_ACCOUNT)]
    );
}

#[test]
fn a_search_leads_to_the_message() {
    let mut state = talking(60, 16);
    press(&mut state, "C-f");
    assert_eq!(
        write(&mut state, "ti"),
        [
            Command::Search("t".to_owned()),
            Command::Search("ti".to_owned())
        ]
    );
    let found = |seq| Found {
        chat: BEN,
        seq,
        name: "Ben".to_owned(),
        text: "tickets".to_owned(),
    };
    say(&mut state, Update::Found(vec![found(None), found(Some(2))]));
    assert_eq!(
        press(&mut state, "down down enter"),
        [Command::Open(BEN, None), Command::Open(BEN, Some(2))]
    );
    say(&mut state, Update::Model(model()));
    assert_eq!(state.go_to, None);
    assert!(state.scroll > 0, "it is further up");
}

#[test]
fn scrolling_asks_for_more_and_keeps_its_place() {
    let mut state = talking(60, 16);
    let mut long = model();
    long.open.as_mut().unwrap().complete = false;
    say(&mut state, Update::Model(long.clone()));
    let mut asked = Vec::new();
    for _ in 0..5 {
        asked.extend(press(&mut state, "pgup"));
    }
    assert!(asked.contains(&Command::More));
    press(&mut state, "pgdn");
    assert_eq!(state.scroll, 0);
    let before = 4;
    state.scroll = before;
    let open = long.open.as_mut().unwrap();
    open.messages.push(message(8, Some("Ben"), 600, "one line"));
    say(&mut state, Update::Model(long));
    assert_eq!(
        state.scroll,
        before + 3,
        "a space, a name and a line came below"
    );
    press(&mut state, "C-end");
    assert_eq!(state.scroll, 0);
}

#[test]
fn the_way_out_goes_by_steps() {
    let mut state = talking(80, 24);
    write(&mut state, "draft");
    press(&mut state, "f1");
    assert_eq!(press(&mut state, "C-c"), [], "closes the help");
    assert_eq!(press(&mut state, "C-c"), [], "empties the draft");
    assert_eq!(press(&mut state, "C-c"), [Command::Quit]);
    assert_eq!(press(&mut state, "C-q"), [Command::Quit]);
    press(&mut state, "esc");
    assert_eq!(press(&mut state, "q"), [Command::Quit]);
    assert_eq!(say(&mut state, Update::Ended), [Command::Quit]);
}

#[test]
fn a_chat_that_is_gone_gives_way_to_the_first() {
    let mut state = talking(80, 24);
    let mut model = model();
    model.chats.remove(0);
    model.requests.clear();
    model.open = None;
    assert_eq!(
        say(&mut state, Update::Model(model)),
        [Command::Open(CLEO, None)]
    );
    say(&mut state, Update::Model(Model::default()));
    assert_eq!(press(&mut state, "A-down enter pgup C-r"), []);
}

#[test]
fn failed_messages_are_tried_again() {
    let mut state = talking(80, 24);
    assert_eq!(press(&mut state, "C-r"), [Command::Retry(BEN)]);
}

#[test]
fn what_was_said_stands_until_the_next_key() {
    let mut state = talking(80, 24);
    say(&mut state, Update::Said("It is so.".to_owned()));
    update(&mut state, Event::Tick, NOW.plus(MINUTE));
    assert!(state.said.is_some());
    press(&mut state, "left");
    assert_eq!(state.said, None);
    assert_eq!(state.model.line, Line::Online);
}

//! The screen, as it is drawn.
#![allow(clippy::unwrap_used, clippy::panic)]

use ratatui::{Terminal, backend::TestBackend, style::Color};
use undertone_engine::{ChatState, MessageState};

use super::*;
use crate::chat::{
    fixture::{BENS_ACCOUNT, model, press, say, talking, write},
    model::{Found, Line as Connection, Update},
    state::Dialog,
};

fn drawn_with(state: &State, theme: Theme) -> Terminal<TestBackend> {
    let (width, height) = state.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, theme)).unwrap();
    terminal
}

fn drawn(state: &State) -> String {
    drawn_with(state, Theme::new(true)).backend().to_string()
}

#[test]
fn a_conversation_in_the_usual_size() {
    let mut state = talking(80, 24);
    write(&mut state, "Till then");
    insta::assert_snapshot!(drawn(&state));
}

#[test]
fn a_conversation_in_the_smallest_size() {
    let mut state = talking(60, 16);
    state.model.line = Connection::Offline;
    write(
        &mut state,
        "A longer text that does not fit into one row of this window",
    );
    press(&mut state, "A-enter");
    write(&mut state, "and goes on");
    insta::assert_snapshot!(drawn(&state));
}

#[test]
fn a_conversation_in_a_large_window() {
    insta::assert_snapshot!(drawn(&talking(120, 30)));
}

#[test]
fn in_a_narrow_window_list_and_conversation_take_turns() {
    let mut state = talking(40, 14);
    let conversation = drawn(&state);
    press(&mut state, "esc");
    insta::assert_snapshot!(format!("{conversation}\n{}", drawn(&state)));
}

#[test]
fn a_request_shows_nothing_of_the_stranger() {
    let mut state = talking(80, 18);
    press(&mut state, "esc");
    press(&mut state, "up");
    insta::assert_snapshot!(drawn(&state));
}

#[test]
fn further_up_there_is_a_way_down() {
    let mut state = talking(60, 16);
    press(&mut state, "pgup pgup");
    insta::assert_snapshot!(drawn(&state));
}

#[test]
fn dialogs() {
    let mut state = talking(80, 24);
    let mut screens = Vec::new();
    press(&mut state, "esc");
    press(&mut state, "?");
    screens.push(drawn(&state));
    press(&mut state, "esc");
    press(&mut state, "a");
    write(&mut state, "https://a.example/#1.A");
    screens.push(drawn(&state));
    say(
        &mut state,
        Update::Link {
            link: format!("https://chat.example/#1.{}", "A".repeat(64)),
            once: true,
        },
    );
    screens.push(drawn(&state));
    say(
        &mut state,
        Update::SafetyNumber {
            contact: BENS_ACCOUNT,
            name: "Ben".to_owned(),
            number: "00001 00002 00003 00004 00005 00006 00007 00008 00009 00010 00011 00012"
                .to_owned(),
            verified: false,
        },
    );
    screens.push(drawn(&state));
    press(&mut state, "esc");
    press(&mut state, "b");
    screens.push(drawn(&state));
    press(&mut state, "esc");
    press(&mut state, "/");
    write(&mut state, "ti");
    let found = |seq, text: &str| Found {
        chat: crate::chat::fixture::BEN,
        seq,
        name: "Ben".to_owned(),
        text: text.to_owned(),
    };
    let results = vec![
        found(None, ""),
        found(Some(2), "I have the tickets for Friday."),
    ];
    say(&mut state, Update::Found(results));
    press(&mut state, "down");
    screens.push(drawn(&state));
    insta::assert_snapshot!(screens.join("\n"));
}

#[test]
fn what_went_wrong_is_said_where_it_belongs() {
    let mut state = talking(70, 16);
    let mut model = model();
    let open = model.open.as_mut().unwrap();
    open.messages.drain(..5);
    open.messages.last_mut().unwrap().state = MessageState::Failed;
    say(&mut state, Update::Model(model.clone()));
    say(
        &mut state,
        Update::Said("this is not a contact link".to_owned()),
    );
    let failed_message = drawn(&state);
    let ben = model.chats.first_mut().unwrap();
    ben.state = ChatState::Failed;
    ben.reason =
        "this link has been used, has expired, or was reset; ask its owner for another".to_owned();
    model.open.as_mut().unwrap().messages.clear();
    press(&mut state, "f1");
    press(&mut state, "esc");
    say(&mut state, Update::Model(model));
    insta::assert_snapshot!(format!("{failed_message}\n{}", drawn(&state)));
}

#[test]
fn before_the_engine_has_spoken_there_is_a_calm_screen() {
    let state = State::new((60, 10), crate::when::Zone::utc(), Default::default(), None);
    insta::assert_snapshot!(drawn(&state));
}

#[test]
fn no_size_is_too_small() {
    // ratatui's own test screen cannot be drawn without a column.
    for width in 1..70 {
        for height in [0, 1, 2, 3, 4, 5, 8, 16] {
            let mut state = talking(width, height);
            drawn(&state);
            write(&mut state, "some text");
            press(&mut state, "pgup");
            for keys in [
                "esc", "?", "esc", "a", "esc", "b", "esc", "/", "esc", "tab", "A-up",
            ] {
                press(&mut state, keys);
                drawn(&state);
            }
            state.dialog = Some(Dialog::Link {
                link: "https://a.example/#1.AAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
                once: false,
            });
            drawn(&state);
        }
    }
}

#[test]
fn a_window_that_has_just_shrunk_is_no_trouble() {
    let state = talking(100, 40);
    let mut terminal = Terminal::new(TestBackend::new(30, 8)).unwrap();
    terminal
        .draw(|frame| draw(frame, &state, Theme::new(true)))
        .unwrap();
}

#[test]
fn without_colours_there_are_none_and_with_them_only_the_sixteen() {
    let plain = drawn_with(&talking(80, 24), Theme::new(false));
    let cells = plain.backend().buffer().content();
    assert!(
        cells
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    );
    let colored = drawn_with(&talking(80, 24), Theme::new(true));
    let cells = colored.backend().buffer().content();
    assert!(cells.iter().any(|cell| cell.fg == Color::Cyan));
    assert!(
        cells
            .iter()
            .all(|cell| !matches!(cell.fg, Color::Rgb(..) | Color::Indexed(_)))
    );
}

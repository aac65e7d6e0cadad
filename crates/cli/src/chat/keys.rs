//! What keys do: those that work everywhere, and the way to the others.

mod conversation;
mod dialog;
mod list;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{
    editor::Editor,
    model::Command,
    state::{Dialog, Focus, Row, State},
    update::choose,
};

/// A key with what was held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    Control,
    Alt,
}

/// Takes a key.
pub fn press(state: &mut State, key: KeyEvent, commands: &mut Vec<Command>) {
    if key.kind == KeyEventKind::Release {
        return;
    }
    state.said = None;
    let held = if key.modifiers.contains(KeyModifiers::CONTROL) {
        Held::Control
    } else if key.modifiers.contains(KeyModifiers::ALT) {
        Held::Alt
    } else {
        Held::Nothing
    };
    match (held, key.code) {
        (Held::Control, KeyCode::Char('q')) => commands.push(Command::Quit),
        (Held::Control, KeyCode::Char('c')) => leave(state, commands),
        _ if state.dialog.is_some() => dialog::press(state, held, key.code, commands),
        (Held::Nothing, KeyCode::F(1)) => state.dialog = Some(Dialog::Help),
        (Held::Control, KeyCode::Char('f')) => state.dialog = Some(search()),
        (Held::Alt, KeyCode::Up) => step(state, -1, commands),
        (Held::Alt, KeyCode::Down) => step(state, 1, commands),
        (Held::Nothing, KeyCode::Tab | KeyCode::BackTab) => {
            state.focus = match state.focus {
                Focus::List => Focus::Conversation,
                Focus::Conversation => Focus::List,
            };
        }
        _ => match (state.focus, state.chosen) {
            (_, Some(Row::Request(request))) if list::answer(state, held, key.code, request) => {}
            (_, Some(Row::Request(request)))
                if (held, key.code) == (Held::Nothing, KeyCode::Char('y')) =>
            {
                commands.push(Command::Accept(request));
            }
            (Focus::List, _) => list::press(state, held, key.code, commands),
            (Focus::Conversation, _) => conversation::press(state, held, key.code, commands),
        },
    }
}

/// Takes pasted text.
pub fn paste(state: &mut State, text: &str, commands: &mut Vec<Command>) {
    state.said = None;
    match &mut state.dialog {
        Some(Dialog::Add(link)) => link.insert(&one_line(text)),
        Some(Dialog::Search { words, .. }) => words.insert(&one_line(text)),
        Some(_) => {}
        None => conversation::insert(state, text, commands),
    }
}

/// An empty search.
fn search() -> Dialog {
    Dialog::Search {
        words: Editor::default(),
        found: Vec::new(),
        chosen: 0,
    }
}

/// Ctrl+C: first out of the dialog, then out of what is being written, then out of the program.
fn leave(state: &mut State, commands: &mut Vec<Command>) {
    if state.dialog.take().is_some() {
        return;
    }
    let chat = state
        .writable()
        .filter(|_| state.focus == Focus::Conversation);
    let draft = chat.and_then(|chat| state.drafts.get_mut(&chat));
    match draft.filter(|draft| !draft.text().is_empty()) {
        Some(draft) => draft.clear(),
        None => commands.push(Command::Quit),
    }
}

/// Chooses the row so many rows below.
fn step(state: &mut State, by: isize, commands: &mut Vec<Command>) {
    let rows = state.rows();
    let at = state
        .chosen
        .and_then(|chosen| rows.iter().position(|row| *row == chosen))
        .unwrap_or_default();
    let to = at
        .saturating_add_signed(by)
        .min(rows.len().saturating_sub(1));
    if let Some(row) = rows.get(to)
        && state.chosen != Some(*row)
    {
        choose(state, *row, commands);
    }
}

/// Keys that edit a text of one or more lines; whether it was one of them.
fn edit(editor: &mut Editor, held: Held, code: KeyCode) -> bool {
    match (held, code) {
        (Held::Nothing, KeyCode::Char(c)) => editor.insert(c.encode_utf8(&mut [0; 4])),
        (Held::Nothing, KeyCode::Left) | (Held::Control, KeyCode::Char('b')) => editor.left(),
        (Held::Nothing, KeyCode::Right) => editor.right(),
        (Held::Nothing, KeyCode::Home) | (Held::Control, KeyCode::Char('a')) => editor.home(),
        (Held::Nothing, KeyCode::End) | (Held::Control, KeyCode::Char('e')) => editor.end(),
        (Held::Nothing, KeyCode::Backspace) | (Held::Control, KeyCode::Char('h')) => {
            editor.backspace();
        }
        (Held::Nothing, KeyCode::Delete) | (Held::Control, KeyCode::Char('d')) => editor.delete(),
        (Held::Control | Held::Alt, KeyCode::Left) | (Held::Alt, KeyCode::Char('b')) => {
            editor.word_left();
        }
        (Held::Control | Held::Alt, KeyCode::Right) | (Held::Alt, KeyCode::Char('f')) => {
            editor.word_right();
        }
        (Held::Control, KeyCode::Char('w')) | (Held::Alt, KeyCode::Backspace) => {
            editor.cut_word_left();
        }
        (Held::Alt, KeyCode::Char('d')) => editor.cut_word_right(),
        (Held::Control, KeyCode::Char('u')) => editor.cut_to_start(),
        (Held::Control, KeyCode::Char('k')) => editor.cut_to_end(),
        (Held::Control, KeyCode::Char('y')) => editor.paste_cut(),
        _ => return false,
    }
    true
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

//! Keys in the list of chats, and the answers to a request.

use ratatui::crossterm::event::KeyCode;
use undertone_engine::ChatId;

use super::{Held, search, step};
use crate::chat::{
    editor::Editor,
    model::Command,
    state::{Dialog, Focus, State},
};

/// Rows that a page key moves.
const PAGE: isize = 8;

/// Takes a key.
pub fn press(state: &mut State, held: Held, code: KeyCode, commands: &mut Vec<Command>) {
    if held != Held::Nothing {
        return;
    }
    match code {
        KeyCode::Up | KeyCode::Char('k') => step(state, -1, commands),
        KeyCode::Down | KeyCode::Char('j') => step(state, 1, commands),
        KeyCode::PageUp => step(state, -PAGE, commands),
        KeyCode::PageDown => step(state, PAGE, commands),
        KeyCode::Home => step(state, isize::MIN, commands),
        KeyCode::End => step(state, isize::MAX, commands),
        KeyCode::Enter | KeyCode::Right | KeyCode::Char('l') => {
            state.focus = Focus::Conversation;
        }
        KeyCode::Char('a') => state.dialog = Some(Dialog::Add(Editor::default())),
        KeyCode::Char('m') => commands.push(Command::ShowLink),
        KeyCode::Char('n') => commands.push(Command::NewLink),
        KeyCode::Char('s') => with_contact(state, commands, Command::ShowSafetyNumber),
        KeyCode::Char('b') => ask_to_block(state),
        KeyCode::Char('/') => state.dialog = Some(search()),
        KeyCode::Char('?') => state.dialog = Some(Dialog::Help),
        KeyCode::Char('q') => commands.push(Command::Quit),
        _ => {}
    }
}

/// The answers to the request that is chosen which need a second word; whether it was one of them.
pub fn answer(state: &mut State, held: Held, code: KeyCode, request: ChatId) -> bool {
    let (question, command) = match (held, code) {
        (Held::Nothing, KeyCode::Char('d')) => (
            "Delete this request, with all that came with it?",
            Command::Delete(request),
        ),
        (Held::Nothing, KeyCode::Char('b')) => (
            "Block whoever sent this request, and delete it?",
            Command::BlockRequest(request),
        ),
        _ => return false,
    };
    state.dialog = Some(Dialog::Confirm {
        question: question.to_owned(),
        command,
    });
    true
}

fn with_contact(
    state: &State,
    commands: &mut Vec<Command>,
    command: fn(undertone_wire::ids::AccountId) -> Command,
) {
    if let Some(contact) = state.chat().and_then(|entry| entry.contact) {
        commands.push(command(contact));
    }
}

fn ask_to_block(state: &mut State) {
    let Some(entry) = state.chat() else { return };
    let Some(contact) = entry.contact else { return };
    state.dialog = Some(Dialog::Confirm {
        question: format!(
            "Block {}? Nothing of theirs arrives any more, and they are told nothing.",
            entry.name
        ),
        command: Command::BlockContact(contact),
    });
}

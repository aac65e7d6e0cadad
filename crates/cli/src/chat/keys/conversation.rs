//! Keys in the conversation: writing, sending, and moving through what was said.

use ratatui::crossterm::event::KeyCode;

use super::{Held, edit};
use crate::chat::{
    areas::Areas,
    model::Command,
    state::{Focus, State},
    update::is_open,
    view::messages,
};

/// How often it is told that one goes on writing.
const TELL_TYPING_MS: u64 = 5_000;

/// Takes a key.
pub fn press(state: &mut State, held: Held, code: KeyCode, commands: &mut Vec<Command>) {
    match (held, code) {
        (Held::Nothing, KeyCode::Esc) => state.focus = Focus::List,
        (Held::Nothing, KeyCode::PageUp) => scroll_up(state, commands),
        (Held::Nothing, KeyCode::PageDown) => {
            state.scroll = state.scroll.saturating_sub(page(state));
        }
        (Held::Control, KeyCode::End) => state.scroll = 0,
        (Held::Control, KeyCode::Home) => {
            state.scroll = highest(state);
            commands.push(Command::More);
        }
        (Held::Control, KeyCode::Char('r')) => {
            commands.extend(state.writable().map(Command::Retry));
        }
        (Held::Nothing, KeyCode::Enter) => send(state, commands),
        (Held::Alt, KeyCode::Enter) | (Held::Control, KeyCode::Char('j')) => {
            insert(state, "\n", commands);
        }
        _ => write(state, held, code, commands),
    }
}

/// Puts text into what is being written.
pub fn insert(state: &mut State, text: &str, commands: &mut Vec<Command>) {
    if let Some(chat) = state.writable() {
        state.focus = Focus::Conversation;
        state.drafts.entry(chat).or_default().insert(text);
        tell_typing(state, commands);
    }
}

fn write(state: &mut State, held: Held, code: KeyCode, commands: &mut Vec<Command>) {
    let Some(chat) = state.writable() else { return };
    let draft = state.drafts.entry(chat).or_default();
    let before = draft.text().len();
    match (held, code) {
        (Held::Nothing, KeyCode::Up) => draft.up(),
        (Held::Nothing, KeyCode::Down) => draft.down(),
        _ => {
            edit(draft, held, code);
        }
    }
    if draft.text().len() != before {
        tell_typing(state, commands);
    }
}

fn send(state: &mut State, commands: &mut Vec<Command>) {
    let Some(chat) = state.writable() else { return };
    let draft = state.drafts.entry(chat).or_default();
    if draft.is_blank() {
        return;
    }
    commands.push(Command::Send(chat, draft.take()));
    // The message says so itself.
    state.told_typing = None;
    state.scroll = 0;
}

fn tell_typing(state: &mut State, commands: &mut Vec<Command>) {
    let Some(chat) = state.writable() else { return };
    let writes = state.draft().is_some_and(|draft| !draft.is_blank());
    let told = state.told_typing.filter(|(told, _)| *told == chat);
    match (writes, told) {
        (true, Some((_, at))) if state.now.since(at) < TELL_TYPING_MS => {}
        (true, _) => {
            state.told_typing = Some((chat, state.now));
            commands.push(Command::Typing(chat, true));
        }
        (false, Some(_)) => {
            state.told_typing = None;
            commands.push(Command::Typing(chat, false));
        }
        (false, None) => {}
    }
}

fn scroll_up(state: &mut State, commands: &mut Vec<Command>) {
    state.scroll = (state.scroll + page(state)).min(highest(state));
    let incomplete = state.model.open.as_ref().is_some_and(|open| !open.complete);
    if state.scroll == highest(state) && incomplete && is_open(state) {
        commands.push(Command::More);
    }
}

/// One row less than fits, so that the eye finds its place again.
fn page(state: &State) -> usize {
    usize::from(Areas::of(state).messages.height)
        .saturating_sub(1)
        .max(1)
}

fn highest(state: &State) -> usize {
    let height = usize::from(Areas::of(state).messages.height);
    messages::count(state).saturating_sub(height)
}

//! Keys while a dialog lies over the rest.

use ratatui::crossterm::event::KeyCode;

use super::{Held, edit};
use crate::chat::{
    editor::Editor,
    model::{Command, Found},
    state::{Dialog, Focus, Row, State},
    update::choose,
};

/// Takes a key.
pub fn press(state: &mut State, held: Held, code: KeyCode, commands: &mut Vec<Command>) {
    let Some(dialog) = state.dialog.take() else {
        return;
    };
    if (held, code) == (Held::Nothing, KeyCode::Esc) {
        return;
    }
    state.dialog = match dialog {
        // Any key closes what is only read.
        Dialog::Help => None,
        Dialog::Link { .. } if code == KeyCode::Enter => None,
        Dialog::Link { link, once } => Some(Dialog::Link { link, once }),
        Dialog::Confirm { question, command } => match code {
            KeyCode::Char('y') => {
                commands.push(command);
                None
            }
            KeyCode::Char('n') => None,
            _ => Some(Dialog::Confirm { question, command }),
        },
        Dialog::SafetyNumber {
            contact,
            name,
            number,
            verified,
        } => match code {
            KeyCode::Char('v') => {
                commands.push(Command::SetVerified(contact, !verified));
                None
            }
            KeyCode::Enter => None,
            _ => Some(Dialog::SafetyNumber {
                contact,
                name,
                number,
                verified,
            }),
        },
        Dialog::Add(link) => add(link, held, code, commands),
        Dialog::Search {
            words,
            found,
            chosen,
        } => search(state, (words, found, chosen), held, code, commands),
    };
}

fn add(mut link: Editor, held: Held, code: KeyCode, commands: &mut Vec<Command>) -> Option<Dialog> {
    if code == KeyCode::Enter {
        if link.is_blank() {
            return Some(Dialog::Add(link));
        }
        // A link that was copied out of a narrow window has breaks in it.
        commands.push(Command::Add(link.text().split_whitespace().collect()));
        return None;
    }
    edit(&mut link, held, code);
    Some(Dialog::Add(link))
}

fn search(
    state: &mut State,
    (mut words, found, chosen): (Editor, Vec<Found>, usize),
    held: Held,
    code: KeyCode,
    commands: &mut Vec<Command>,
) -> Option<Dialog> {
    let last = found.len().saturating_sub(1);
    let chosen = match code {
        KeyCode::Up => chosen.saturating_sub(1),
        KeyCode::Down => (chosen + 1).min(last),
        KeyCode::Enter => {
            let place = found.get(chosen)?;
            choose(state, Row::Chat(place.chat), commands);
            state.focus = Focus::Conversation;
            if let Some(seq) = place.seq {
                state.go_to = Some(seq);
                commands.push(Command::Open(place.chat, Some(seq)));
            }
            return None;
        }
        _ => {
            let before = words.text().to_owned();
            if edit(&mut words, held, code) && words.text() != before {
                commands.push(Command::Search(words.text().to_owned()));
            }
            chosen
        }
    };
    Some(Dialog::Search {
        words,
        found,
        chosen,
    })
}

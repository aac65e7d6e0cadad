//! The conversation: its name, what was said, what is going on, and what is being written.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    text::{Line, Span},
};
use undertone_engine::{ChatKind, ChatState};
use unicode_width::UnicodeWidthStr as _;

use super::{messages, put, put_line, row};
use crate::{
    chat::{
        areas::{Areas, PROMPT},
        model::{ChatEntry, RequestEntry},
        state::{Focus, State},
        status::status,
        theme::Theme,
        update::is_open,
        wrap::{fit, wrap},
    },
    words,
};

/// Draws it.
pub fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State, theme: Theme) {
    if areas.title.is_empty() {
        return;
    }
    if let Some(request) = state.request() {
        put(
            frame,
            areas.title,
            "Somebody asks to write to you",
            theme.warn(),
        );
        draw_text(frame, areas.messages, &of_request(request, state), theme);
    } else if let Some(chat) = state.chat() {
        draw_title(frame, areas.title, chat, theme);
        draw_messages(frame, areas.messages, chat, state, theme);
        draw_input(frame, areas.input, chat, state, theme);
    }
    draw_status(frame, areas.status, state, theme);
}

fn draw_title(frame: &mut Frame<'_>, area: Rect, chat: &ChatEntry, theme: Theme) {
    let note = match (chat.verified, chat.kind) {
        (_, ChatKind::Notes) => "  only on this device",
        (true, _) => "  verified",
        (false, _) => "",
    };
    let room = usize::from(area.width).saturating_sub(note.width());
    let line = Line::from(vec![
        Span::styled(fit(&chat.name, room), theme.current()),
        Span::styled(note, theme.muted()),
    ]);
    put_line(frame, area, line);
}

fn draw_messages(frame: &mut Frame<'_>, area: Rect, chat: &ChatEntry, state: &State, theme: Theme) {
    let Some(open) = state.model.open.as_ref().filter(|_| is_open(state)) else {
        return;
    };
    if open.messages.is_empty() {
        draw_text(frame, area, &of_empty(chat), theme);
        return;
    }
    let rows = messages::rows(open, usize::from(area.width), &state.zone, theme);
    let height = usize::from(area.height);
    let end = rows
        .len()
        .saturating_sub(state.scroll)
        .max(height.min(rows.len()));
    let shown = rows.into_iter().take(end).skip(end.saturating_sub(height));
    // A short conversation begins at the top, where the eye is.
    for (index, (_, line)) in shown.enumerate() {
        put_line(frame, row(area, index), line);
    }
}

fn draw_text(frame: &mut Frame<'_>, area: Rect, text: &[String], theme: Theme) {
    let width = usize::from(area.width);
    let rows = text.iter().flat_map(|line| wrap(line, width));
    for (index, line) in rows.enumerate() {
        put(frame, row(area, index), line, theme.muted());
    }
}

fn draw_status(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    let Some(status) = status(state) else { return };
    let style = if status.warns {
        theme.warn()
    } else {
        theme.muted()
    };
    let rows = wrap(&status.words, usize::from(area.width));
    for (index, line) in rows.into_iter().enumerate() {
        put(frame, row(area, index), line, style);
    }
}

fn draw_input(frame: &mut Frame<'_>, area: Rect, chat: &ChatEntry, state: &State, theme: Theme) {
    let closed = match chat.state {
        ChatState::Blocked => Some("You have blocked this person."),
        ChatState::Failed => Some("You cannot write here."),
        ChatState::Left => Some("You have left this group."),
        ChatState::Removed => Some("You were removed from this group."),
        ChatState::Dissolved => Some("This group was ended."),
        ChatState::Active | ChatState::Adding | ChatState::Request => None,
    };
    if let Some(words) = closed {
        put(frame, area, words, theme.muted());
        return;
    }
    let focused = state.focus == Focus::Conversation;
    let prompt = if focused {
        theme.accent()
    } else {
        theme.muted()
    };
    put(frame, row(area, 0), "›", prompt);
    let inner = Rect {
        x: area.x + PROMPT.min(area.width),
        width: area.width.saturating_sub(PROMPT),
        ..area
    };
    let width = usize::from(inner.width);
    let (rows, (line, column)) = state
        .draft()
        .map_or_else(|| (vec![String::new()], (0, 0)), |draft| draft.rows(width));
    if rows.iter().all(String::is_empty) && !focused {
        put(frame, inner, "Enter to write", theme.muted());
    }
    let height = usize::from(inner.height);
    let first = (line + 1).saturating_sub(height);
    for (index, text) in rows.into_iter().skip(first).take(height).enumerate() {
        put(frame, row(inner, index), text, ratatui::style::Style::new());
    }
    let place = Position {
        x: inner
            .x
            .saturating_add(u16::try_from(column).unwrap_or(u16::MAX)),
        y: inner
            .y
            .saturating_add(u16::try_from(line - first.min(line)).unwrap_or(u16::MAX)),
    };
    if focused && state.dialog.is_none() && frame.area().contains(place) {
        frame.set_cursor_position(place);
    }
}

fn of_empty(chat: &ChatEntry) -> Vec<String> {
    let words = match (chat.kind, chat.state) {
        (ChatKind::Notes, _) => "What you write here stays with you. A place for notes.",
        (_, ChatState::Adding) => {
            "Their link is being followed. What you write now is sent as soon as the way is found."
        }
        (_, ChatState::Failed) => return vec![chat.reason.clone()],
        (_, ChatState::Blocked) => "Nothing of theirs arrives any more.",
        (ChatKind::Group, _) => {
            "Nothing has been said here yet. Only those in this group can read what you write."
        }
        _ => "Nothing has been said here yet. Only the two of you can read what you write.",
    };
    vec![words.to_owned()]
}

fn of_request(request: &RequestEntry, state: &State) -> Vec<String> {
    vec![
        format!(
            "They came {} on {}.",
            words::came_by(request.came_by),
            state.zone.day_and_minute(request.received_at)
        ),
        String::new(),
        "Until you accept, nothing of theirs is shown, and they learn nothing: not even that you saw this.".to_owned(),
        String::new(),
        "y  accept: they become a contact and see your name".to_owned(),
        "d  delete".to_owned(),
        "b  block".to_owned(),
    ]
}

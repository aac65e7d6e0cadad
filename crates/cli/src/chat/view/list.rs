//! The list of requests and chats.

use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
};
use undertone_engine::ChatState;
use unicode_width::UnicodeWidthStr as _;

use super::{put_line, row};
use crate::chat::{
    model::{ChatEntry, RequestEntry},
    state::{Focus, Row, State},
    theme::Theme,
    wrap::fit,
};

/// Draws the list, with the chosen row in sight.
pub fn draw(frame: &mut Frame<'_>, area: Rect, state: &State, theme: Theme) {
    if area.is_empty() {
        return;
    }
    put_line(
        frame,
        row(area, 0),
        Line::from(Span::styled("Chats", theme.current())),
    );
    let hint = if state.focus == Focus::List {
        "? help"
    } else {
        "Esc list · F1 help"
    };
    let bottom = usize::from(area.height.saturating_sub(1));
    put_line(
        frame,
        row(area, bottom),
        Line::from(Span::styled(hint, theme.muted())),
    );
    let body = Rect {
        y: area.y + 2.min(area.height),
        height: area.height.saturating_sub(4),
        ..area
    };
    let rows = state.rows();
    let chosen = state
        .chosen
        .and_then(|chosen| rows.iter().position(|row| *row == chosen));
    let height = usize::from(body.height);
    let first = chosen.map_or(0, |at| (at + 1).saturating_sub(height));
    let width = usize::from(area.width);
    for (index, entry) in rows.iter().enumerate().skip(first).take(height) {
        let line = match entry {
            Row::Request(id) => state
                .model
                .requests
                .iter()
                .find(|request| request.request == *id)
                .map(|request| of_request(request, width, theme)),
            Row::Chat(id) => state
                .model
                .chats
                .iter()
                .find(|chat| chat.chat == *id)
                .map(|chat| of_chat(chat, width, theme)),
        };
        let style = match (Some(index) == chosen, state.focus) {
            (true, Focus::List) => theme.selected(),
            (true, Focus::Conversation) => theme.current(),
            (false, _) => ratatui::style::Style::new(),
        };
        if let Some(line) = line {
            put_line(frame, row(body, index - first), line.style(style));
        }
    }
}

fn of_request(_: &RequestEntry, width: usize, theme: Theme) -> Line<'static> {
    let text = fit("? Somebody asks", width);
    Line::from(Span::styled(text, theme.warn()))
}

fn of_chat(chat: &ChatEntry, width: usize, theme: Theme) -> Line<'static> {
    let end = match (chat.state, chat.unread) {
        (ChatState::Blocked, _) => "blocked".to_owned(),
        (ChatState::Left | ChatState::Removed | ChatState::Dissolved, 0) => "ended".to_owned(),
        (ChatState::Failed, _) => "✗".to_owned(),
        (ChatState::Adding, 0) => "…".to_owned(),
        (_, 0) => String::new(),
        (_, unread) if unread > 999 => "999+".to_owned(),
        (_, unread) => unread.to_string(),
    };
    let room = width.saturating_sub(2 + end.width() + 1);
    let name = fit(&chat.name, room);
    let gap = " ".repeat(width.saturating_sub(2 + name.width() + end.width()));
    let (name_style, end_style) = match chat.state {
        ChatState::Blocked => (theme.muted(), theme.muted()),
        ChatState::Failed => (theme.muted(), theme.danger()),
        _ if chat.unread > 0 => (theme.current(), theme.accent()),
        _ => (ratatui::style::Style::new(), theme.muted()),
    };
    let mark = if chat.unread > 0 { "● " } else { "  " };
    Line::from(vec![
        Span::styled(mark, theme.accent()),
        Span::styled(name, name_style),
        Span::raw(gap),
        Span::styled(end, end_style),
    ])
}

//! Draws the state. What is drawn depends on it alone.

mod conversation;
mod dialog;
mod list;
pub mod messages;

use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{areas::Areas, state::State, theme::Theme};

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let areas = Areas::of(state);
    list::draw(frame, areas.list, state, theme);
    for y in 0..areas.rule.height {
        let place = Rect {
            y: areas.rule.y + y,
            height: 1,
            ..areas.rule
        };
        put(frame, place, "│", theme.muted());
    }
    conversation::draw(frame, &areas, state, theme);
    if let Some(dialog) = &state.dialog {
        dialog::draw(frame, dialog, theme);
    }
}

/// Puts a line of text into a row, as far as there is room for it.
fn put<'a>(frame: &mut Frame<'_>, area: Rect, text: impl Into<Span<'a>>, style: Style) {
    put_line(frame, area, Line::from(text.into().style(style)));
}

/// Puts a line into a row, as far as there is room for it.
fn put_line(frame: &mut Frame<'_>, area: Rect, line: Line<'_>) {
    // A terminal that has just become smaller than the state knows must not matter.
    let area = area.intersection(frame.area());
    if !area.is_empty() {
        frame.render_widget(line, area);
    }
}

/// A row of an area.
fn row(area: Rect, index: usize) -> Rect {
    let index = u16::try_from(index).unwrap_or(u16::MAX);
    Rect {
        y: area.y.saturating_add(index),
        height: u16::from(index < area.height),
        ..area
    }
}

#[cfg(test)]
mod tests;

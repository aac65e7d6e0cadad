//! Dialogs, over the middle of the screen.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::Style,
    widgets::{Block, Clear},
};
use unicode_width::UnicodeWidthStr as _;

use super::{put, row};
use crate::chat::{
    editor::Editor,
    model::Found,
    state::Dialog,
    theme::Theme,
    wrap::{cut, fit, wrap},
};

/// A dialog is not wider than this.
const WIDTH: u16 = 72;

const HELP: [&str; 17] = [
    "Tab, Esc        between list and conversation",
    "↑ ↓, Enter      choose and open a chat (in the list)",
    "Alt+↑ Alt+↓     the chat above or below, from everywhere",
    "Enter           send; Alt+Enter or Ctrl+J begins a line",
    "↑               what you sent before (first line)",
    "Ctrl+A E W U K Y  edit as in a shell",
    "PgUp PgDn       scroll; Ctrl+Home, Ctrl+End",
    "Ctrl+R          try failed messages again",
    "Ctrl+F or /     find chats and messages",
    "a               add a contact by their link (in the list)",
    "m, n            my link; a new single-use link",
    "s               safety number",
    "b               block",
    "y, d, b         accept, delete, block a request",
    "Ctrl+Q          quit",
    "",
    "· queued  ✓ sent  ✓✓ delivered  ✓✓ read",
];

/// Draws a dialog.
pub fn draw(frame: &mut Frame<'_>, dialog: &Dialog, theme: Theme) {
    match dialog {
        Dialog::Help => {
            let text = HELP.map(str::to_owned);
            open(frame, "Keys", &text, theme);
        }
        Dialog::Add(link) => {
            let text = [
                "Paste the contact link that you were given.".to_owned(),
                String::new(),
                String::new(),
                String::new(),
                "Enter adds, Esc closes".to_owned(),
            ];
            let area = open(frame, "Add a contact", &text, theme);
            draw_editor(frame, row(area, 2), link);
        }
        Dialog::Link { link, once } => draw_link(frame, link, *once, theme),
        Dialog::SafetyNumber {
            name,
            number,
            verified,
            ..
        } => {
            let groups: Vec<&str> = number.split(' ').collect();
            let mut text = vec![format!(
                "With {name}. Compare it when you meet, or in a call:"
            )];
            text.push(String::new());
            text.extend(
                groups
                    .chunks(4)
                    .map(|line| format!("   {}", line.join("  "))),
            );
            text.push(String::new());
            text.push(
                if *verified {
                    "You have compared it. v takes that back, Esc closes"
                } else {
                    "v  they see the same number;  Esc closes"
                }
                .to_owned(),
            );
            open(frame, "Safety number", &text, theme);
        }
        Dialog::Search {
            words,
            found,
            chosen,
        } => draw_search(frame, words, found, *chosen, theme),
        Dialog::Confirm { question, .. } => {
            let text = [
                question.clone(),
                String::new(),
                "y  yes;  n or Esc  no".to_owned(),
            ];
            open(frame, "Are you sure?", &text, theme);
        }
    }
}

/// A link is copied by hand: nothing stands beside it, so that its rows can be marked as one.
fn draw_link(frame: &mut Frame<'_>, link: &str, once: bool, theme: Theme) {
    let whole = frame.area();
    let width = usize::from(whole.width);
    let words = if once {
        "For one person. Who uses it first is accepted at once; it ends after 7 days."
    } else {
        "Whoever has this link can ask to write to you."
    };
    let mut rows: Vec<(String, Style)> = wrap(words, width)
        .into_iter()
        .map(|row| (row, Style::new()))
        .collect();
    rows.push((String::new(), Style::new()));
    rows.extend(
        cut(link, width)
            .into_iter()
            .map(|row| (row, theme.current())),
    );
    rows.push((String::new(), Style::new()));
    rows.push(("Enter or Esc closes".to_owned(), theme.muted()));
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .min(whole.height);
    let area = Rect {
        y: (whole.height - height) / 2,
        height,
        ..whole
    };
    frame.render_widget(Clear, area);
    for (index, (text, style)) in rows.into_iter().enumerate() {
        put(frame, row(area, index), text, style);
    }
}

fn draw_search(
    frame: &mut Frame<'_>,
    words: &Editor,
    found: &[Found],
    chosen: usize,
    theme: Theme,
) {
    let empty = vec![String::new(); usize::from(frame.area().height)];
    let area = open(frame, "Find", &empty, theme);
    draw_editor(frame, row(area, 0), words);
    let list = Rect {
        y: area.y.saturating_add(2),
        height: area.height.saturating_sub(2),
        ..area
    };
    if found.is_empty() {
        let hint = if words.is_blank() {
            "Type words, or the name of a chat."
        } else {
            "Nothing found."
        };
        put(frame, row(list, 0), hint, theme.muted());
    }
    let height = usize::from(list.height);
    let first = (chosen + 1).saturating_sub(height);
    for (index, place) in found.iter().enumerate().skip(first).take(height) {
        let text = match place.seq {
            Some(_) => format!("{}: {}", place.name, place.text),
            None => place.name.clone(),
        };
        let style = if index == chosen {
            theme.selected()
        } else {
            Style::new()
        };
        put(
            frame,
            row(list, index - first),
            fit(&text, usize::from(list.width)),
            style,
        );
    }
}

/// Draws the end of a one-line text and the cursor.
fn draw_editor(frame: &mut Frame<'_>, area: Rect, editor: &Editor) {
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width);
    let (rows, (line, column)) = editor.rows(width);
    let text = rows.get(line).cloned().unwrap_or_default();
    put(frame, area, text, Style::new());
    let place = Position {
        x: area
            .x
            .saturating_add(u16::try_from(column).unwrap_or(u16::MAX)),
        y: area.y,
    };
    if frame.area().contains(place) {
        frame.set_cursor_position(place);
    }
}

/// Opens a frame of the size that the text needs, puts the text in, and gives the area inside.
fn open(frame: &mut Frame<'_>, title: &str, text: &[String], theme: Theme) -> Rect {
    let whole = frame.area();
    let most = WIDTH.min(whole.width);
    let inner = usize::from(most.saturating_sub(4));
    let rows: Vec<String> = text
        .iter()
        .flat_map(|line| wrap_help(line, inner))
        .collect();
    let height = u16::try_from(rows.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(whole.height);
    let area = Rect {
        x: (whole.width - most) / 2,
        y: (whole.height - height) / 2,
        width: most,
        height,
    };
    frame.render_widget(Clear, area);
    let block = Block::bordered()
        .title(format!(" {title} "))
        .border_style(theme.muted())
        .title_style(theme.current());
    let within = block.inner(area);
    frame.render_widget(block, area);
    let within = Rect {
        x: within.x.saturating_add(1).min(within.right()),
        width: within.width.saturating_sub(2),
        ..within
    };
    for (index, text) in rows.into_iter().enumerate() {
        put(frame, row(within, index), text, Style::new());
    }
    within
}

/// Lines that fit keep their inner spaces; others are wrapped.
fn wrap_help(line: &str, width: usize) -> Vec<String> {
    if line.width() <= width {
        vec![line.to_owned()]
    } else {
        wrap(line, width)
    }
}

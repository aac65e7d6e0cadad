//! What was said, as rows: days, senders with the minute, texts, and how far one's own messages have come.

use ratatui::text::{Line, Span};
use undertone_engine::MessageState;
use undertone_wire::time::Timestamp;
use unicode_width::UnicodeWidthStr as _;

use crate::{
    chat::{
        areas::Areas,
        model::{Message, OpenChat},
        state::State,
        theme::Theme,
        wrap::{fit, wrap},
    },
    when::Zone,
    words,
};

/// Columns before a text, under its sender.
const INDENT: usize = 2;

/// The rows of an open chat, and of each the message it belongs to.
pub fn rows(open: &OpenChat, width: usize, zone: &Zone, theme: Theme) -> Vec<(u64, Line<'static>)> {
    let mut rows = Vec::new();
    let mut last: Option<&Message> = None;
    for message in &open.messages {
        let same_day = last.is_some_and(|last| zone.same_day(last.sent_at, message.sent_at));
        if !same_day {
            if last.is_some() {
                rows.push((message.seq, Line::default()));
            }
            rows.push((message.seq, day(message.sent_at, width, zone, theme)));
        }
        if message.notice {
            rows.push((message.seq, Line::default()));
            for text in message.lines.iter().flat_map(|line| wrap(line, width)) {
                rows.push((message.seq, Line::from(Span::styled(text, theme.muted()))));
            }
            last = Some(message);
            continue;
        }
        let same_group = same_day
            && last.is_some_and(|last| {
                last.sender == message.sender
                    && !last.notice
                    && zone.minute(last.sent_at) == zone.minute(message.sent_at)
            });
        if !same_group {
            rows.push((message.seq, Line::default()));
            rows.push((message.seq, head(message, width, zone, theme)));
        }
        body(&mut rows, message, width, theme);
        last = Some(message);
    }
    rows
}

/// Rows of the open chat at the present size.
pub fn count(state: &State) -> usize {
    of_state(state).len()
}

/// Rows of the messages after number `seq`.
pub fn count_after(state: &State, seq: u64) -> usize {
    of_state(state).iter().filter(|(of, _)| *of > seq).count()
}

fn of_state(state: &State) -> Vec<(u64, Line<'static>)> {
    let width = usize::from(Areas::of(state).messages.width);
    state.model.open.as_ref().map_or_else(Vec::new, |open| {
        rows(open, width, &state.zone, Theme::new(false))
    })
}

fn day(at: Timestamp, width: usize, zone: &Zone, theme: Theme) -> Line<'static> {
    let name = fit(&zone.day(at), width);
    let side = width.saturating_sub(name.width() + 2) / 2;
    let rule = "─".repeat(side);
    Line::from(Span::styled(format!("{rule} {name} {rule}"), theme.muted()))
}

fn head(message: &Message, width: usize, zone: &Zone, theme: Theme) -> Line<'static> {
    let minute = zone.minute(message.sent_at);
    let room = width.saturating_sub(minute.width() + 2);
    let (name, style) = match &message.sender {
        Some(sender) => (fit(sender, room), theme.accent()),
        None => (fit("You", room), theme.own()),
    };
    Line::from(vec![
        Span::styled(name, style),
        Span::styled(format!("  {minute}"), theme.muted()),
    ])
}

fn body(rows: &mut Vec<(u64, Line<'static>)>, message: &Message, width: usize, theme: Theme) {
    let indent = " ".repeat(INDENT);
    let room = width.saturating_sub(INDENT);
    let mut texts: Vec<String> = message
        .lines
        .iter()
        .flat_map(|line| wrap(line, room))
        .collect();
    let last = texts.pop().unwrap_or_default();
    for text in texts {
        rows.push((message.seq, Line::from(format!("{indent}{text}"))));
    }
    let (mark, style) = match message.state {
        MessageState::Received => ("", theme.muted()),
        MessageState::Failed => ("✗ not sent · Ctrl+R tries again", theme.danger()),
        state => (words::mark(state), theme.muted()),
    };
    let fits = last.width() + 2 + mark.width() <= room;
    let mut line = vec![Span::raw(format!("{indent}{last}"))];
    if mark.is_empty() {
        rows.push((message.seq, Line::from(line)));
    } else if fits {
        line.push(Span::styled(format!("  {mark}"), style));
        rows.push((message.seq, Line::from(line)));
    } else {
        rows.push((message.seq, Line::from(line)));
        for part in wrap(mark, room) {
            let part = format!("{indent}{part}");
            rows.push((message.seq, Line::from(Span::styled(part, style))));
        }
    }
}

//! Which part of the screen is for what.

use ratatui::layout::Rect;

use super::{
    state::{Focus, State},
    status::status,
    wrap::wrap,
};

/// Below this width, the list and the conversation take turns.
const BOTH: u16 = 50;
const LIST_MIN: u16 = 20;
const LIST_MAX: u16 = 32;
/// A text column is not wider than this.
const TEXT: u16 = 68;
/// Rows of what is being written, at most.
const INPUT: u16 = 6;
/// Rows of what there is to know, at most.
const STATUS: u16 = 3;
/// Columns before what is being written.
pub const PROMPT: u16 = 2;

/// The parts; what has no room is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// The list of chats.
    pub list: Rect,
    /// The line between list and conversation.
    pub rule: Rect,
    /// The name of the conversation.
    pub title: Rect,
    /// What was said.
    pub messages: Rect,
    /// Offline, typing, or something to read.
    pub status: Rect,
    /// What is being written.
    pub input: Rect,
}

impl Areas {
    /// Divides the screen.
    pub fn of(state: &State) -> Self {
        let (width, height) = state.size;
        let whole = Rect::new(0, 0, width, height);
        if width >= BOTH {
            let list_width = (width / 3).clamp(LIST_MIN, LIST_MAX);
            let list = Rect {
                width: list_width,
                ..whole
            };
            let rule = Rect {
                x: list_width,
                width: 1,
                ..whole
            };
            let rest = Rect {
                x: list_width + 2,
                width: width - list_width - 2,
                ..whole
            };
            return Self::conversation(state, list, rule, rest);
        }
        match state.focus {
            Focus::List => Self {
                list: whole,
                rule: Rect::ZERO,
                title: Rect::ZERO,
                messages: Rect::ZERO,
                status: Rect::ZERO,
                input: Rect::ZERO,
            },
            Focus::Conversation => Self::conversation(state, Rect::ZERO, Rect::ZERO, whole),
        }
    }

    fn conversation(state: &State, list: Rect, rule: Rect, rest: Rect) -> Self {
        let text_width = rest.width.min(TEXT);
        let typed = state.draft().map_or(1, |draft| {
            let (rows, _) = draft.rows(usize::from(text_width.saturating_sub(PROMPT)));
            u16::try_from(rows.len()).unwrap_or(u16::MAX)
        });
        let input_height = typed.clamp(1, INPUT.min((rest.height / 3).max(1)));
        let row = |y: u16, height: u16| Rect {
            x: rest.x,
            y,
            width: text_width,
            height,
        };
        let told = status(state).map_or(1, |status| {
            let rows = wrap(&status.words, usize::from(text_width)).len();
            u16::try_from(rows).unwrap_or(u16::MAX)
        });
        let status_height = told
            .clamp(1, STATUS)
            .min(rest.height.saturating_sub(input_height));
        let below = input_height + status_height;
        Self {
            list,
            rule,
            title: row(0, rest.height.min(1)),
            messages: row(2, rest.height.saturating_sub(2 + below)),
            status: row(rest.height.saturating_sub(below), status_height),
            input: row(
                rest.height.saturating_sub(input_height),
                input_height.min(rest.height),
            ),
        }
    }
}

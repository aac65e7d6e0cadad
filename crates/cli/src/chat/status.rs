//! The one thing to know right now, in words: what was just said, that one is offline, that somebody writes.

use super::{model::Line, state::State};

/// Words, and whether they are more than a remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The words.
    pub words: String,
    /// Whether they must not be overlooked.
    pub warns: bool,
}

/// What there is to know, the most important first; nothing when all is as it should be.
pub fn status(state: &State) -> Option<Status> {
    let warning = |words: &str| Some((words.to_owned(), true));
    let remark = |words: &str| Some((words.to_owned(), false));
    let known = match (&state.said, state.model.line) {
        (Some(said), _) => warning(said),
        (None, Line::Offline) => warning("Offline. What you write is kept and sent later."),
        (None, Line::Refused) => {
            warning("The server took no account; see `undertone account show`.")
        }
        (None, _) if state.scroll > 0 => remark("Newer messages below: PgDn"),
        (None, _) if state.is_typing() => {
            let name = state.chat().map_or("", |chat| chat.name.as_str());
            remark(&format!("{name} is writing…"))
        }
        (None, Line::Connecting) => remark("Connecting…"),
        (None, Line::Online) => state.model.history.and_then(|history| {
            let way = if history.giving {
                "goes to"
            } else {
                "comes from"
            };
            remark(&format!(
                "The history {way} another device of yours: {} of {} messages",
                history.messages, history.total
            ))
        }),
    };
    known.map(|(words, warns)| Status { words, warns })
}

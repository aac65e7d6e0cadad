//! A stretch of a chat's history, and truthfully whether there is more on either side.

use undertone_engine::{ChatId, CommandError, Engine, MessageRow};
use undertone_web_messages::{ChatKey, Page, Refusal, Stretch};

use crate::{keys::chat_id, names::Names, refusal::refusal, views};

/// Messages that one question is answered with at most.
const MOST: u64 = 500;

/// Reads a stretch.
pub(crate) fn history(
    engine: &Engine,
    chat: ChatKey,
    from: Stretch,
    limit: u32,
) -> Result<Page, Refusal> {
    let limit = u64::from(limit).clamp(1, MOST);
    let id = chat_id(chat);
    let rows = read(engine, &id, from, limit).map_err(|error| refusal(&error))?;
    let (names, in_group) = Names::in_chat(engine, &id).map_err(|error| refusal(&error))?;
    // Where nothing is between, what is asked for lies beyond one of the ends.
    let (before, after) = match (rows.first(), rows.last(), from) {
        (Some(first), Some(last), _) => (first.seq, last.seq),
        (.., Stretch::Before(seq)) => (seq, seq.saturating_sub(1)),
        (.., Stretch::After(seq) | Stretch::Around(seq)) => (seq.saturating_add(1), seq),
        (.., Stretch::Newest) => (0, u64::MAX),
    };
    let older = engine.history(&id, before, 1).map(|rows| !rows.is_empty());
    let newer = engine
        .history_after(&id, after, 1)
        .map(|rows| !rows.is_empty());
    Ok(Page {
        chat,
        older: older.map_err(|error| refusal(&error))?,
        newer: newer.map_err(|error| refusal(&error))?,
        messages: rows
            .into_iter()
            .map(|row| views::message(row, &names, in_group))
            .collect(),
    })
}

fn read(
    engine: &Engine,
    chat: &ChatId,
    from: Stretch,
    limit: u64,
) -> Result<Vec<MessageRow>, CommandError> {
    match from {
        Stretch::Newest => engine.history(chat, u64::MAX, limit),
        Stretch::Before(seq) => engine.history(chat, seq, limit),
        Stretch::After(seq) => engine.history_after(chat, seq, limit),
        Stretch::Around(seq) => {
            let after = engine.history_after(chat, seq, limit / 2)?;
            // What one side does not have the other may show.
            let room = limit.saturating_sub(after.len() as u64).max(1);
            let mut rows = engine.history(chat, seq.saturating_add(1), room)?;
            rows.extend(after);
            Ok(rows)
        }
    }
}

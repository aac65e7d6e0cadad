//! Writing, what is written and not sent, and what was seen.

use undertone_content::limits::TEXT_BYTES;
use undertone_engine::{Engine, MessageState};
use undertone_web_messages::{ChatKey, MessageKey, News, Refusal};
use undertone_wire::time::Timestamp;

use crate::{
    keys::{chat_id, chat_key, content_id},
    refusal::{failure, refusal, too_long},
    views,
};

/// A draft may be longer than what can be sent, because nothing typed is to be lost; but not without end.
const DRAFT_BYTES: usize = 16 * TEXT_BYTES;

/// Writes a text, and tells that it is there. The same id again is the same message. If it was the draft it is one no more:
/// a tab that is closed now would offer it once more the next time. What was written since stays.
pub(crate) fn send(
    engine: &mut Engine,
    chat: ChatKey,
    id: MessageKey,
    text: &str,
    now: Timestamp,
) -> Result<News, Refusal> {
    let written = engine
        .send_text_with_id(&chat_id(chat), content_id(id), text, now)
        .map_err(|error| refusal(&error))?;
    if draft(engine, chat)? == text {
        save_draft(engine, chat, "")?;
    }
    Ok(News::Message {
        chat,
        seq: written.seq,
        received: false,
    })
}

/// Tries a failed message again; one that is under way already is left alone. Tells how it stands.
pub(crate) fn retry(engine: &mut Engine, seq: u64, now: Timestamp) -> Result<News, Refusal> {
    let look = |engine: &Engine| {
        engine
            .message(seq)
            .map_err(|error| failure(&error))?
            .ok_or(Refusal::Unknown)
    };
    match look(engine)?.state {
        MessageState::Received => return Err(Refusal::NotNow),
        MessageState::Failed => engine
            .retry_message(seq, now)
            .map_err(|error| refusal(&error))?,
        _ => {}
    }
    let message = look(engine)?;
    Ok(News::Mark {
        chat: chat_key(&message.chat),
        seq,
        mark: views::mark(message.state),
    })
}

/// Notes what was seen.
pub(crate) fn mark_read(
    engine: &mut Engine,
    chat: ChatKey,
    seq: u64,
    now: Timestamp,
) -> Result<(), Refusal> {
    engine
        .mark_read(&chat_id(chat), seq, now)
        .map_err(|error| refusal(&error))
}

/// Tells the other that the user writes.
pub(crate) fn typing(
    engine: &mut Engine,
    chat: ChatKey,
    active: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    engine
        .set_typing(&chat_id(chat), active, now)
        .map_err(|error| failure(&error))
}

/// Keeps a draft.
pub(crate) fn save_draft(engine: &mut Engine, chat: ChatKey, text: &str) -> Result<(), Refusal> {
    if text.len() > DRAFT_BYTES {
        return Err(too_long(DRAFT_BYTES));
    }
    engine
        .save_draft(&chat_id(chat), text)
        .map_err(|error| refusal(&error))
}

/// Reads a draft.
pub(crate) fn draft(engine: &Engine, chat: ChatKey) -> Result<String, Refusal> {
    engine
        .draft(&chat_id(chat))
        .map_err(|error| refusal(&error))
}

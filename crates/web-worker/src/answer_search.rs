//! Looking for words: in the names of chats first, then in messages.

use undertone_engine::Engine;
use undertone_store::fold_for_search;
use undertone_web_messages::{Found, Refusal};

use crate::{keys::chat_key, names::Names, refusal::failure, views};

/// Messages that a search finds at most.
const MOST: u32 = 50;

/// Searches. Without a word nothing is found.
pub(crate) fn search(engine: &Engine, words: &str) -> Result<Vec<Found>, Refusal> {
    let folded = fold_for_search(words);
    let sought: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    if sought.is_empty() {
        return Ok(Vec::new());
    }
    let chats = engine.chat_list(0).map_err(|error| failure(&error))?;
    let named = chats.iter().filter(|chat| {
        let name = fold_for_search(&chat.view.name);
        sought.iter().all(|word| name.contains(word))
    });
    let mut found: Vec<Found> = named
        .map(|chat| Found {
            chat: chat_key(&chat.view.chat),
            message: None,
        })
        .collect();
    let messages = engine
        .search(words, MOST)
        .map_err(|error| failure(&error))?;
    let names = Names::default();
    found.extend(messages.into_iter().map(|row| Found {
        chat: chat_key(&row.chat),
        message: Some(views::message(row, &names, false)),
    }));
    Ok(found)
}

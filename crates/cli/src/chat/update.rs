//! What an event does to the state, and what is asked of the engine because of it. Nothing here touches the terminal,
//! the clock or the network.

use ratatui::crossterm::event::KeyEvent;
use undertone_engine::ChatId;
use undertone_wire::time::Timestamp;

use super::{
    areas::Areas,
    keys,
    model::{Command, Model, Update},
    state::{Dialog, Focus, Row, State},
    view::messages,
};

/// How long somebody is believed to write.
const TYPING_MS: u64 = 10_000;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size.
    Resized(u16, u16),
    /// The terminal is looked at, or no longer.
    LookedAt(bool),
    /// The engine said something.
    Update(Update),
    /// Time has passed.
    Tick,
}

/// Takes an event; gives what is asked of the engine, in this order.
pub fn update(state: &mut State, event: Event, now: Timestamp) -> Vec<Command> {
    state.now = now;
    let mut commands = Vec::new();
    match event {
        Event::Key(key) => keys::press(state, key, &mut commands),
        Event::Paste(text) => keys::paste(state, &text, &mut commands),
        Event::Resized(width, height) => state.size = (width, height),
        Event::LookedAt(looked_at) => state.looked_at = looked_at,
        Event::Update(said) => take(state, said, &mut commands),
        Event::Tick => state.typing.retain(|_, until| *until > now),
    }
    mark_read(state, &mut commands);
    commands
}

fn take(state: &mut State, said: Update, commands: &mut Vec<Command>) {
    match said {
        Update::Model(model) => take_model(state, model, commands),
        Update::Typing(chat, true) => {
            state.typing.insert(chat, state.now.plus(TYPING_MS));
        }
        Update::Typing(chat, false) => {
            state.typing.remove(&chat);
        }
        Update::Link { link, once } => state.dialog = Some(Dialog::Link { link, once }),
        Update::SafetyNumber {
            contact,
            name,
            number,
            verified,
        } => {
            state.dialog = Some(Dialog::SafetyNumber {
                contact,
                name,
                number,
                verified,
            });
        }
        Update::Found(results) => {
            if let Some(Dialog::Search { found, chosen, .. }) = &mut state.dialog {
                *chosen = 0;
                *found = results;
            }
        }
        Update::Added(chat) => {
            choose(state, Row::Chat(chat), commands);
            state.focus = Focus::Conversation;
        }
        Update::Said(words) => state.said = Some(words),
        Update::Ended => commands.push(Command::Quit),
    }
}

fn take_model(state: &mut State, model: Model, commands: &mut Vec<Command>) {
    let before = newest(&state.model);
    let rows_before = messages::count(state);
    state.model = model;
    let after = newest(&state.model);
    if before.map(|(chat, _)| chat) == after.map(|(chat, _)| chat)
        && before != after
        && let Some((chat, seq)) = before
    {
        state.typing.remove(&chat);
        // Who reads further up stays where they are.
        if state.scroll > 0 && rows_before > 0 {
            state.scroll += messages::count_after(state, seq);
        }
    }
    let rows = state.rows();
    let gone = state.chosen.is_none_or(|chosen| !rows.contains(&chosen));
    // An accepted request goes on as a chat, which has the same id.
    let goes_on = match state.chosen {
        Some(Row::Request(id)) if rows.contains(&Row::Chat(id)) => Some(Row::Chat(id)),
        _ => rows.first().copied(),
    };
    if gone && let Some(row) = goes_on {
        choose(state, row, commands);
    }
    go_to(state);
}

/// Goes to the message that was searched for, once it is there.
fn go_to(state: &mut State) {
    let Some(seq) = state.go_to else { return };
    let there = state
        .model
        .open
        .as_ref()
        .is_some_and(|open| open.messages.iter().any(|message| message.seq == seq));
    if there && is_open(state) {
        let page = usize::from(Areas::of(state).messages.height);
        state.scroll = messages::count_after(state, seq).saturating_sub(page / 2);
        state.go_to = None;
    }
}

/// Chooses a row of the list and opens its chat.
pub fn choose(state: &mut State, row: Row, commands: &mut Vec<Command>) {
    state.chosen = Some(row);
    state.scroll = 0;
    state.go_to = None;
    if let Row::Chat(chat) = row {
        commands.push(Command::Open(chat, None));
    }
}

/// Whether the model holds the messages of the chosen chat.
pub fn is_open(state: &State) -> bool {
    match (&state.model.open, state.chosen) {
        (Some(open), Some(Row::Chat(chat))) => open.chat == chat,
        _ => false,
    }
}

/// What is on the screen while one is in the conversation has been seen.
fn mark_read(state: &mut State, commands: &mut Vec<Command>) {
    let seen = state.looked_at
        && state.dialog.is_none()
        && state.scroll == 0
        && state.focus == Focus::Conversation
        && is_open(state)
        && state.chat().is_some_and(|entry| entry.unread > 0);
    let Some((chat, seq)) = newest(&state.model).filter(|_| seen) else {
        return;
    };
    if state.marked.get(&chat).is_none_or(|marked| *marked < seq) {
        state.marked.insert(chat, seq);
        commands.push(Command::MarkRead(chat, seq));
    }
}

fn newest(model: &Model) -> Option<(ChatId, u64)> {
    let open = model.open.as_ref()?;
    let last = open.messages.last()?;
    Some((open.chat, last.seq))
}

#[cfg(test)]
mod tests;

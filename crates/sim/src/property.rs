//! What must hold when the dust has settled: everything that was written arrived, once, in order, and both sides know.

use anyhow::{Context as _, Result, ensure};
use undertone_engine::{ChatState, MessageState};

use crate::{scenario::chat_between, world::World};

/// Checks every pair in both directions; tells how many messages there were.
pub fn check(world: &mut World, pairs: &[(usize, usize)]) -> Result<usize> {
    let mut messages = 0;
    for (one, other) in pairs.iter().flat_map(|(a, b)| [(*a, *b), (*b, *a)]) {
        messages += check_direction(world, one, other)
            .with_context(|| format!("from person {one} to person {other}"))?;
    }
    for person in 0..world.people.len() {
        let chats = world
            .with(person, |engine, _| Ok(engine.chats()?))?
            .context("a person is off")?;
        let partners = pairs
            .iter()
            .filter(|(a, b)| *a == person || *b == person)
            .count();
        ensure!(
            chats.len() == partners + 1,
            "person {person} has {} chats for {partners} people",
            chats.len()
        );
        ensure!(
            chats.iter().all(|chat| chat.state == ChatState::Active),
            "person {person} has a chat that is not active"
        );
    }
    Ok(messages)
}

fn check_direction(world: &mut World, from: usize, to: usize) -> Result<usize> {
    let here = chat_between(world, from, to)?.context("the sender has no chat")?;
    let there = chat_between(world, to, from)?.context("the receiver has no chat")?;
    let written = world
        .with(from, |engine, _| engine.history(&here, u64::MAX, 10_000))?
        .context("the sender is off")?;
    let arrived = world
        .with(to, |engine, _| engine.history(&there, u64::MAX, 10_000))?
        .context("the receiver is off")?;
    let mine: Vec<_> = written
        .iter()
        .filter(|message| message.state != MessageState::Received)
        .collect();
    let theirs: Vec<_> = arrived
        .iter()
        .filter(|message| message.state == MessageState::Received)
        .collect();
    let texts = |messages: &[&undertone_engine::MessageRow]| -> Vec<String> {
        messages
            .iter()
            .map(|message| message.text.clone())
            .collect()
    };
    ensure!(
        texts(&mine) == texts(&theirs),
        "written {:?}, arrived {:?}",
        texts(&mine),
        texts(&theirs)
    );
    for message in &mine {
        ensure!(
            matches!(message.state, MessageState::Delivered | MessageState::Read),
            "«{}» arrived, but its state is {:?}",
            message.text,
            message.state,
        );
    }
    Ok(mine.len())
}

//! A group in bad weather: people are added, removed, made admins, rename it, write and leave, all at once, while frames
//! are lost and devices and server die. When faults end, all who are in it must agree on everything.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use rand_core::RngCore as _;
use undertone_engine::{
    ChatId, ChatKind, ChatState, CommandError, Engine, MessageState, Permitted, change_in,
};
use undertone_wire::{
    ids::AccountId,
    time::{DAY_MS, Timestamp},
};

use crate::{
    faults::Faults,
    scenario::Outcome,
    world::{AUTHORITY, World},
};

/// The title that the group has at first.
const TITLE: &str = "Garden";

/// What the people of a seed have done.
#[derive(Default)]
struct Life {
    accounts: Vec<AccountId>,
    /// In the group from the beginning, and nobody ever wanted them out: they must have all that was said.
    steady: BTreeSet<usize>,
    said: u32,
}

/// Runs one seed to the end and checks that all agree.
pub fn run(seed: u64) -> Result<Outcome> {
    let people = 4 + usize::try_from(seed % 4)?;
    let mut world = World::new(seed ^ 0x6772_6f75_7073, people)?;
    let mut life = introduce(&mut world)?;
    found(&mut world, &mut life)?;
    world.faults = Faults::BAD_DAY;
    live(&mut world, &mut life, 60_000)?;
    settle(&mut world)?;
    if seed.is_multiple_of(5) {
        // More than a week later everybody makes their leaf anew.
        let later = world.now + 8 * DAY_MS;
        world.run_until(later)?;
        world.faults = Faults::BAD_DAY;
        live(&mut world, &mut life, 20_000)?;
        settle(&mut world)?;
    }
    let messages = check(&mut world, &life)?;
    Ok(Outcome {
        messages,
        accidents: world.accidents.values().sum(),
    })
}

/// The first two know everybody; the others know these two.
fn introduce(world: &mut World) -> Result<Life> {
    let mut life = Life::default();
    for person in 0..world.people.len() {
        let name = format!("person {person}");
        let server = format!("https://{AUTHORITY}");
        world.with(person, |engine, now| {
            engine.create_account(&server, &name, "", now)
        })?;
    }
    wait(world, 10_000)?;
    for person in 0..world.people.len() {
        let account = world.with(person, |engine, _| Ok(engine.account_view()?))?;
        let account = account.flatten().context("an account")?.account;
        life.accounts.push(account);
    }
    for one in 0..2 {
        for other in one + 1..world.people.len() {
            let link = world.with(one, |engine, now| engine.new_once_link(Timestamp(0), now))?;
            let link = link.context("a link")?.to_string();
            wait(world, 5_000)?;
            world.with(other, |engine, now| engine.add_contact(&link, now))?;
        }
    }
    wait(world, 30_000)?;
    Ok(life)
}

fn found(world: &mut World, life: &mut Life) -> Result<()> {
    let mut members = vec![1];
    for person in 2..world.people.len() {
        if world.rng.next_u32().is_multiple_of(2) {
            members.push(person);
        }
    }
    let accounts: Vec<_> = members
        .iter()
        .filter_map(|person| life.accounts.get(*person).copied())
        .collect();
    let chat = ChatId::new([7; 16]);
    world.with(0, |engine, now| {
        engine.create_group(chat, TITLE, "", &accounts, now)
    })?;
    wait(world, 30_000)?;
    life.steady.insert(0);
    life.steady.extend(members);
    let second = life.accounts.get(1).copied().context("a second person")?;
    world.with(0, |engine, now| engine.set_role(&chat, &second, true, now))?;
    wait(world, 30_000)
}

fn wait(world: &mut World, ms: u64) -> Result<()> {
    let until = world.now + ms;
    world.run_until(until)
}

fn live(world: &mut World, life: &mut Life, ms: u64) -> Result<()> {
    let end = world.now + ms;
    while world.now < end {
        let pause = 20 + world.rng.next_u64() % 500;
        wait(world, pause)?;
        act(world, life)?;
    }
    Ok(())
}

/// Somebody does something, if it is theirs to do.
fn act(world: &mut World, life: &mut Life) -> Result<()> {
    let people = u32::try_from(world.people.len())?;
    let person = (world.rng.next_u32() % people) as usize;
    let about = (world.rng.next_u32() % people) as usize;
    let dice = world.rng.next_u32() % 100;
    let Some(chat) = group_of(world, person)? else {
        return Ok(());
    };
    let Some(whom) = life.accounts.get(about).copied() else {
        return Ok(());
    };
    let coin = world.rng.next_u32().is_multiple_of(2);
    let text = format!("{person} says {}", life.said);
    let title = format!("Garden {}", life.said);
    let done = world.with(person, |engine, now| {
        let done = match dice {
            0..60 => engine.send_text(&chat, &text, now).map(drop),
            60..72 => engine.add_to_group(&chat, &whom, now),
            // Two stay whatever happens, so that there is always somebody who agrees.
            72..80 if about >= 2 => engine.remove_from_group(&chat, &whom, now),
            80..86 => engine.rename_group(&chat, &title, now),
            86..92 if about >= 2 => engine.set_role(&chat, &whom, coin, now),
            92..96 => engine.set_permission(&chat, Permitted::Edit, coin, now),
            96..98 if person >= 2 => engine.leave_group(&chat, now),
            98.. => engine.set_name_in_group(&chat, &title, now),
            _ => return Ok(false),
        };
        allowed(done)
    })?;
    if done == Some(true) {
        life.said += 1;
        match dice {
            72..80 => life.steady.remove(&about),
            96..98 => life.steady.remove(&person),
            _ => false,
        };
    }
    if done.is_none() && matches!(dice, 96..98) {
        // They may have left before they died.
        life.steady.remove(&person);
    }
    if done.is_none() && matches!(dice, 72..80) {
        life.steady.remove(&about);
    }
    Ok(())
}

/// Whether it was done: what a person may not do is refused, and no fault.
fn allowed(done: Result<(), CommandError>) -> Result<bool, CommandError> {
    match done {
        Ok(()) => Ok(true),
        Err(CommandError::NotNow(_) | CommandError::Unknown(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The group as a person has it, if they are in it as far as they know.
fn group_of(world: &mut World, person: usize) -> Result<Option<ChatId>> {
    let chats = world.with(person, |engine, _| Ok(engine.chats()?))?;
    let group = chats
        .unwrap_or_default()
        .into_iter()
        .find(|chat| chat.kind == ChatKind::Group && chat.state == ChatState::Active);
    Ok(group.map(|chat| chat.chat))
}

fn settle(world: &mut World) -> Result<()> {
    world.heal()?;
    let patience = world.now + 2 * 60 * 60_000;
    let mut quiet = 0;
    while quiet < 4 {
        wait(world, 10_000)?;
        quiet = if all_idle(world)? { quiet + 1 } else { 0 };
        if world.now >= patience {
            let states: Vec<_> = (0..world.people.len())
                .map(|person| world.with(person, |engine, _| describe(engine)))
                .collect::<Result<_>>()?;
            ensure!(
                false,
                "not quiet after two hours without faults: {states:#?}"
            );
        }
    }
    Ok(())
}

fn describe(engine: &mut Engine) -> Result<String, CommandError> {
    let mut text = format!("{:?}", engine.status()?);
    for chat in engine.chats()? {
        if chat.kind == ChatKind::Group {
            let group = engine.group(&chat.chat)?;
            text += &format!(" {:?} changing {}", group.state, group.changing);
        }
    }
    Ok(text)
}

fn all_idle(world: &mut World) -> Result<bool> {
    for person in 0..world.people.len() {
        let idle = world.with(person, |engine, _| {
            for chat in engine.chats()? {
                if chat.kind == ChatKind::Group && engine.group(&chat.chat)?.changing {
                    return Ok(false);
                }
            }
            Ok(engine.status()?.idle)
        })?;
        if idle != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What somebody who is in the group sees of it.
#[derive(Debug, PartialEq)]
struct Sight {
    epoch: u64,
    authenticator: Vec<u8>,
    title: String,
    permissions: Vec<(Permitted, bool)>,
    members: BTreeMap<AccountId, (bool, u32)>,
}

fn sight(engine: &mut Engine, chat: &ChatId) -> Result<Sight, CommandError> {
    let (group, encryption) = (engine.group(chat)?, engine.encryption(chat)?);
    let members = engine.members(chat)?;
    Ok(Sight {
        epoch: encryption.epoch,
        authenticator: encryption.authenticator,
        title: group.title,
        permissions: group.permissions,
        members: members
            .into_iter()
            .filter(|member| member.present)
            .map(|member| (member.account, (member.admin, member.devices)))
            .collect(),
    })
}

/// All who are in the group agree; nothing was shown twice or out of order; who was in it all along has everything.
fn check(world: &mut World, life: &Life) -> Result<usize> {
    let mut sights = BTreeMap::new();
    for person in 0..world.people.len() {
        if let Some(chat) = group_of(world, person)? {
            let seen = world.with(person, |engine, _| sight(engine, &chat))?;
            sights.insert(person, seen.context("a person is off")?);
        }
    }
    let first = sights.get(&0).context("the founder is not in the group")?;
    for (person, seen) in &sights {
        ensure!(
            seen == first,
            "person {person} sees {seen:?}, the founder {first:?}"
        );
    }
    let present: BTreeSet<_> = sights
        .keys()
        .filter_map(|person| life.accounts.get(*person).copied())
        .collect();
    let members: BTreeSet<_> = first.members.keys().copied().collect();
    ensure!(
        present == members,
        "{sights:?} are in a group of {members:?}"
    );

    let mut written: BTreeMap<usize, Vec<Written>> = BTreeMap::new();
    let mut arrived: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for person in 0..world.people.len() {
        let (mine, theirs) = texts(world, person)?;
        written.insert(person, mine);
        arrived.insert(person, theirs);
    }
    let mut messages = 0;
    for (person, theirs) in &arrived {
        let distinct: BTreeSet<_> = theirs.iter().collect();
        ensure!(
            distinct.len() == theirs.len(),
            "person {person} was shown something twice"
        );
        for (writer, mine) in written.iter().filter(|(writer, _)| *writer != person) {
            let prefix = format!("{writer} says ");
            let got: Vec<_> = theirs
                .iter()
                .filter(|text| text.starts_with(&prefix))
                .collect();
            let mut expected = mine.iter();
            let in_order = got
                .iter()
                .all(|text| expected.any(|(other, _)| other == *text));
            ensure!(in_order, "person {person} was shown {got:?} of {mine:?}");
            if life.steady.contains(person) {
                let missing: Vec<_> = mine
                    .iter()
                    .filter(|(text, sent)| *sent && !got.contains(&text))
                    .collect();
                ensure!(
                    missing.is_empty(),
                    "person {person}, who was there all along, lacks {missing:?} of {mine:?}"
                );
            }
            messages += got.len();
        }
    }
    Ok(messages)
}

/// A text, and whether its writer knows that the server took it.
type Written = (String, bool);

/// What a person wrote, and whether they know that the server took it; and what they were shown of others. Who is put out
/// of a group while something of theirs is under way cannot know whether it arrived, and sees it as not sent.
fn texts(world: &mut World, person: usize) -> Result<(Vec<Written>, Vec<String>)> {
    let rows = world.with(person, |engine, _| {
        let mut rows = Vec::new();
        for chat in engine.chats()? {
            if chat.kind == ChatKind::Group {
                rows.extend(engine.history(&chat.chat, u64::MAX, 100_000)?);
            }
        }
        Ok(rows)
    })?;
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for row in rows.context("a person is off")? {
        if change_in(&row).is_some() {
            continue;
        }
        match row.state {
            MessageState::Received => theirs.push(row.text),
            MessageState::Failed => mine.push((row.text, false)),
            MessageState::Queued => {
                let chat = world.with(person, |engine, _| Ok(engine.chats()?))?;
                let state = chat
                    .unwrap_or_default()
                    .into_iter()
                    .find(|chat| chat.chat == row.chat)
                    .map(|chat| chat.state);
                ensure!(
                    state != Some(ChatState::Active),
                    "person {person} still has «{}» to send",
                    row.text
                );
            }
            _ => mine.push((row.text, true)),
        }
    }
    Ok((mine, theirs))
}

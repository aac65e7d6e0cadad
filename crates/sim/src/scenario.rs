//! What people do in a simulation: make accounts, give each other links, write, read, accept; all drawn from the seed.

use anyhow::{Result, ensure};
use rand_core::RngCore as _;
use undertone_engine::{ChatId, ChatKind, ChatState};
use undertone_wire::{
    link::ContactLink,
    time::{DAY_MS, Timestamp},
};

use crate::{
    faults::Faults,
    property,
    world::{AUTHORITY, World},
};

/// How somebody comes to know somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By a link for one person.
    Once,
    /// By the reusable link, and the other accepts.
    Request,
    /// Both follow the other's reusable link at the same time.
    Both,
}

/// Two people who are to know each other.
#[derive(Debug)]
struct Acquaintance {
    from: usize,
    to: usize,
    way: Way,
    link: Option<ContactLink>,
    added: bool,
    said: [u32; 2],
}

/// What a simulation did, for the report.
#[derive(Debug)]
pub struct Outcome {
    /// Messages that were written, and arrived.
    pub messages: usize,
    /// What went wrong on the way.
    pub accidents: u64,
}

/// Runs one seed to the end and checks the property of `docs/protocol/delivery.md`.
pub fn run(seed: u64) -> Result<Outcome> {
    let mut people = 2 + usize::try_from(seed % 3)?;
    if seed.is_multiple_of(2) {
        people = 2;
    }
    let mut world = World::new(seed, people)?;
    let mut acquaintances = introductions(&mut world);
    world.faults = Faults::BAD_DAY;
    live(&mut world, &mut acquaintances, 40_000, 8)?;
    settle(&mut world, &mut acquaintances)?;
    if seed.is_multiple_of(4) {
        // More than a week later: new tokens, new leaves, new KeyPackages.
        let later = world.now + 8 * DAY_MS;
        world.run_until(later)?;
        world.maintain()?;
        world.faults = Faults::BAD_DAY;
        live(&mut world, &mut acquaintances, 30_000, 12)?;
        settle(&mut world, &mut acquaintances)?;
    }
    let pairs = acquaintances
        .iter()
        .map(|one| (one.from, one.to))
        .collect::<Vec<_>>();
    let messages = property::check(&mut world, &pairs)?;
    Ok(Outcome {
        messages,
        accidents: world.accidents.values().sum(),
    })
}

fn introductions(world: &mut World) -> Vec<Acquaintance> {
    let people = world.people.len();
    let mut all = Vec::new();
    for from in 0..people {
        for to in from + 1..people {
            let way = match world.rng.next_u32() % 3 {
                0 => Way::Once,
                1 => Way::Request,
                _ => Way::Both,
            };
            let (from, to) = if world.rng.next_u32().is_multiple_of(2) {
                (from, to)
            } else {
                (to, from)
            };
            all.push(Acquaintance {
                from,
                to,
                way,
                link: None,
                added: false,
                said: [0; 2],
            });
        }
    }
    all
}

/// Lets people live for `ms`, each saying up to `most` messages to each acquaintance in all.
fn live(world: &mut World, acquaintances: &mut [Acquaintance], ms: u64, most: u32) -> Result<()> {
    let end = world.now + ms;
    while world.now < end {
        let next = world.now + 20 + world.rng.next_u64() % 400;
        world.run_until(next)?;
        act(world, acquaintances, most)?;
    }
    Ok(())
}

/// Ends the faults and waits until nobody has anything left to do.
fn settle(world: &mut World, acquaintances: &mut [Acquaintance]) -> Result<()> {
    world.heal()?;
    let patience = world.now + 60 * 60_000;
    loop {
        let next = world.now + 1_000;
        world.run_until(next)?;
        act(world, acquaintances, 0)?;
        let met = acquaintances.iter().all(|one| one.added);
        if met && all_idle(world)? {
            // Receipts and what they set off.
            let next = world.now + 5_000;
            world.run_until(next)?;
            if all_idle(world)? {
                return Ok(());
            }
        }
        if world.now >= patience {
            let states: Vec<_> = (0..world.people.len())
                .map(|person| {
                    world.with(person, |engine, _| Ok((engine.status()?, engine.chats()?)))
                })
                .collect::<Result<_>>()?;
            ensure!(
                false,
                "not quiet after an hour without faults: {states:#?}, {acquaintances:#?}"
            );
        }
    }
}

fn all_idle(world: &mut World) -> Result<bool> {
    for person in 0..world.people.len() {
        let idle = world.with(person, |engine, _| {
            let settled = engine
                .chats()?
                .iter()
                .all(|chat| chat.state == ChatState::Active);
            Ok(engine.status()?.idle && settled && engine.requests()?.is_empty())
        })?;
        if idle != Some(true) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Everybody does what is next for them.
fn act(world: &mut World, acquaintances: &mut [Acquaintance], most: u32) -> Result<()> {
    for person in 0..world.people.len() {
        let name = world
            .people
            .get(person)
            .map(|one| one.name.clone())
            .unwrap_or_default();
        world.with(person, |engine, now| match engine.account_view()? {
            Some(_) => Ok(()),
            None => engine.create_account(&format!("https://{AUTHORITY}"), &name, "", now),
        })?;
        let requests = world
            .with(person, |engine, _| Ok(engine.requests()?))?
            .unwrap_or_default();
        for request in requests {
            if most == 0 || world.rng.next_u32().is_multiple_of(4) {
                world.with(person, |engine, now| {
                    engine.accept_request(&request.request, now)
                })?;
            }
        }
        if world.rng.next_u32().is_multiple_of(3) {
            read_all(world, person)?;
        }
    }
    for one in acquaintances.iter_mut() {
        meet(world, one)?;
        for (index, (from, to)) in [(one.from, one.to), (one.to, one.from)]
            .into_iter()
            .enumerate()
        {
            let Some(said) = one.said.get_mut(index) else {
                continue;
            };
            if *said < most && world.rng.next_u32().is_multiple_of(5) {
                let text = format!("{from} to {to}: {said}");
                if say(world, from, to, &text)? {
                    *said += 1;
                }
            }
        }
    }
    Ok(())
}

/// Hands a link over and follows it, when it is ready; again, after the device died in the middle.
fn meet(world: &mut World, one: &mut Acquaintance) -> Result<()> {
    if one.added {
        return Ok(());
    }
    if one.link.is_none() {
        let way = one.way;
        one.link = world
            .with(one.to, |engine, now| match (engine.account_view()?, way) {
                (None, _) => Ok(None),
                (Some(_), Way::Once) => engine.new_once_link(Timestamp(0), now).map(Some),
                (Some(_), _) => engine.link().map(Some),
            })?
            .flatten();
    }
    let Some(link) = &one.link else { return Ok(()) };
    let ready = world.with(one.to, |engine, _| Ok(engine.link_is_ready(link)?))?;
    let has_account = world.with(one.from, |engine, _| Ok(engine.account_view()?.is_some()))?;
    if ready != Some(true) || has_account != Some(true) {
        return Ok(());
    }
    let text = link.to_string();
    let added = world.with(one.from, |engine, now| engine.add_contact(&text, now))?;
    one.added = added.is_some();
    if one.way == Way::Both && one.added {
        let back = world.with(one.from, |engine, _| {
            let link = engine.link()?;
            Ok(engine.link_is_ready(&link)?.then(|| link.to_string()))
        })?;
        if let Some(Some(back)) = back {
            world.with(one.to, |engine, now| engine.add_contact(&back, now))?;
        }
    }
    Ok(())
}

/// Writes to the person `to`, if there is a chat with them already; tells whether it is durable.
fn say(world: &mut World, from: usize, to: usize, text: &str) -> Result<bool> {
    let Some(chat) = chat_between(world, from, to)? else {
        return Ok(false);
    };
    Ok(world
        .with(from, |engine, now| engine.send_text(&chat, text, now))?
        .is_some())
}

/// The chat of `from` with `to`, known by the account.
pub fn chat_between(world: &mut World, from: usize, to: usize) -> Result<Option<ChatId>> {
    let other = world
        .with(to, |engine, _| {
            Ok(engine.account_view()?.map(|view| view.account))
        })?
        .flatten();
    let Some(other) = other else { return Ok(None) };
    let contacts = world
        .with(from, |engine, _| Ok(engine.contacts()?))?
        .unwrap_or_default();
    let contact = contacts
        .into_iter()
        .find(|contact| contact.account == other);
    Ok(contact.and_then(|contact| contact.chat))
}

fn read_all(world: &mut World, person: usize) -> Result<()> {
    world.with(person, |engine, now| {
        for chat in engine.chats()? {
            if chat.kind == ChatKind::Direct
                && chat.state == ChatState::Active
                && let Some(last) = engine.history(&chat.chat, u64::MAX, 1)?.last()
            {
                engine.mark_read(&chat.chat, last.seq, now)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

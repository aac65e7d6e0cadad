//! What stories of groups have in common: people who know each other, and what they see.

use undertone_engine::{
    Change, ChatId, ChatState, CommandError, DeviceKind, Engine, HistoryChoice, change_in,
};
use undertone_sim::world::{AUTHORITY, World};
use undertone_wire::{ids::AccountId, time::Timestamp};

/// People who all know each other.
pub fn friends(seed: u64, count: usize) -> World {
    let mut world = World::new(seed, count).unwrap();
    meet(&mut world, count, |_, _| true);
    world
}

/// The first `count` make accounts, and those meet of whom `know` says that they know each other, the smaller number first.
pub fn meet(world: &mut World, count: usize, know: impl Fn(usize, usize) -> bool) {
    for person in 0..count {
        let name = world.people[person].name.clone();
        act(world, person, |engine, now| {
            engine.create_account(&format!("https://{AUTHORITY}"), &name, "", now)
        });
    }
    pass(world, 10_000);
    for one in 0..count {
        for other in (one + 1..count).filter(|other| know(one, *other)) {
            let link = act(world, one, |engine, now| {
                engine.new_once_link(Timestamp(0), now)
            });
            pass(world, 5_000);
            act(world, other, |engine, now| {
                engine.add_contact(&link.to_string(), now)
            });
        }
    }
    pass(world, 20_000);
}

/// Links a device to the account of another.
pub fn link(world: &mut World, new: usize, existing: usize, history: HistoryChoice) {
    let address = format!("https://{AUTHORITY}");
    act(world, new, |engine, now| {
        engine.show_link_code(&address, "tablet", DeviceKind::Browser, now)
    });
    pass(world, 1_000);
    let shown = act(world, new, |engine, _| Ok(engine.link_view().unwrap()));
    act(world, existing, |engine, now| {
        engine.enter_link_code(&shown.code.unwrap(), now)
    });
    pass(world, 1_000);
    does(world, existing, |engine, now| {
        engine.approve_link(history, now)
    });
}

pub fn pass(world: &mut World, ms: u64) {
    let until = world.now + ms;
    world.run_until(until).unwrap();
}

pub fn act<T>(
    world: &mut World,
    person: usize,
    act: impl FnOnce(&mut Engine, Timestamp) -> Result<T, CommandError>,
) -> T {
    world.with(person, act).unwrap().unwrap()
}

/// Does something and gives it time to come true.
pub fn does<T>(
    world: &mut World,
    person: usize,
    what: impl FnOnce(&mut Engine, Timestamp) -> Result<T, CommandError>,
) -> T {
    let done = act(world, person, what);
    pass(world, 30_000);
    done
}

pub fn account(world: &mut World, person: usize) -> AccountId {
    act(world, person, |engine, _| {
        Ok(engine.account_view()?.unwrap().account)
    })
}

/// A group that `person` founds with all others.
pub fn group(world: &mut World, person: usize, title: &str) -> ChatId {
    let others: Vec<_> = (0..world.people.len())
        .filter(|other| *other != person)
        .collect();
    group_of(world, person, title, &others)
}

pub fn group_of(world: &mut World, person: usize, title: &str, others: &[usize]) -> ChatId {
    let chat = ChatId::new([u8::try_from(title.len()).unwrap(); 16]);
    let members: Vec<_> = others.iter().map(|other| account(world, *other)).collect();
    does(world, person, |engine, now| {
        engine.create_group(chat, title, "", &members, now)
    });
    chat
}

/// The chat of the group of this title, as `person` has it.
pub fn seen(world: &mut World, person: usize, title: &str) -> Option<ChatId> {
    let chats = act(world, person, |engine, _| Ok(engine.chats()?));
    let group = chats.into_iter().find(|chat| chat.name == title);
    group.map(|chat| chat.chat)
}

/// The conversation between two, as `person` has it.
pub fn direct(world: &mut World, person: usize, other: usize) -> ChatId {
    let other = account(world, other);
    let contacts = act(world, person, |engine, _| Ok(engine.contacts()?));
    let contact = contacts.into_iter().find(|one| one.account == other);
    contact.unwrap().chat.unwrap()
}

pub fn state(world: &mut World, person: usize, chat: ChatId) -> ChatState {
    let chats = act(world, person, |engine, _| Ok(engine.chats()?));
    chats
        .into_iter()
        .find(|view| view.chat == chat)
        .unwrap()
        .state
}

pub fn names(world: &mut World, person: usize, chat: ChatId) -> Vec<String> {
    let members = act(world, person, |engine, _| engine.members(&chat));
    let mut names: Vec<_> = members
        .into_iter()
        .filter(|member| member.present)
        .map(|member| member.name)
        .collect();
    names.sort();
    names
}

pub fn texts(world: &mut World, person: usize, chat: ChatId) -> Vec<String> {
    let rows = act(world, person, |engine, _| {
        engine.history(&chat, u64::MAX, 1_000)
    });
    rows.iter()
        .filter(|row| change_in(row).is_none())
        .map(|row| row.text.clone())
        .collect()
}

pub fn lines(world: &mut World, person: usize, chat: ChatId) -> Vec<Change> {
    let rows = act(world, person, |engine, _| {
        engine.history(&chat, u64::MAX, 1_000)
    });
    rows.iter().filter_map(change_in).collect()
}

pub fn says(world: &mut World, person: usize, chat: ChatId, text: &str) {
    does(world, person, |engine, now| {
        engine.send_text(&chat, text, now)
    });
}

pub fn epoch(world: &mut World, person: usize, chat: ChatId) -> (u64, Vec<u8>) {
    let view = act(world, person, |engine, _| engine.encryption(&chat));
    (view.epoch, view.authenticator)
}

//! A group in bad weather: people with one device or several are added, removed, made admins, rename it, write and leave,
//! link is cut, devices are signed out, all at once, while frames are lost and devices and server die. When faults end, all
//! who are in it must agree on everything, and each person's devices on what they have in common.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use rand_core::RngCore as _;
use undertone_engine::{
    ChatId, ChatKind, ChatState, CommandError, DeviceKind, Engine, HistoryChoice, LinkStage,
    MemberView, MessageState, Permitted, TransferState, change_in,
};
use undertone_wire::{
    ids::{AccountId, Serial},
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
    /// Whose each device is; the first device of each person stands first, in the order of people.
    owners: Vec<usize>,
    accounts: Vec<AccountId>,
    /// In the group from the beginning, and nobody ever wanted them out: they must have all that was said.
    steady: BTreeSet<usize>,
    /// Devices that were signed out, or may have been: whoever did it died meanwhile.
    signed_out: BTreeSet<usize>,
    /// Devices that are cut off, and until when.
    cut_off: BTreeMap<usize, u64>,
    said: u32,
}

impl Life {
    fn people(&self) -> usize {
        self.accounts.len()
    }

    fn owner(&self, device: usize) -> usize {
        self.owners.get(device).copied().unwrap_or(device)
    }

    fn is_steady(&self, device: usize) -> bool {
        self.steady.contains(&self.owner(device)) && !self.signed_out.contains(&device)
    }
}

/// Runs one seed to the end and checks that all agree.
pub fn run(seed: u64) -> Result<Outcome> {
    let owners = cast(seed)?;
    let mut world = World::new(seed ^ 0x6772_6f75_7073, owners.len())?;
    let mut life = introduce(&mut world, owners)?;
    found(&mut world, &mut life)?;
    link_devices(&mut world, &life)?;
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
    if seed % 20 == 13 {
        be_away(&mut world, &mut life)?;
        world.faults = Faults::BAD_DAY;
        live(&mut world, &mut life, 20_000)?;
        settle(&mut world)?;
    }
    let messages = check(&mut world, &life)?;
    check_own_devices(&mut world, &life)?;
    Ok(Outcome {
        messages,
        accidents: world.accidents.values().sum(),
    })
}

/// Who has which devices: four to seven people, in every tenth seed some of them with two or three devices; in every
/// 25th seed eight to sixteen people.
fn cast(seed: u64) -> Result<Vec<usize>> {
    let people = match seed % 25 {
        24 => 8 + usize::try_from(seed / 25 % 9)?,
        _ => 4 + usize::try_from(seed % 4)?,
    };
    let mut owners: Vec<usize> = (0..people).collect();
    if seed % 10 == 1 || people > 7 {
        for person in 0..people {
            let more = (seed / 2).wrapping_add(person as u64 * 5) % 3;
            owners.extend((0..more).map(|_| person));
        }
    }
    Ok(owners)
}

/// The first two know everybody; the others know these two.
fn introduce(world: &mut World, owners: Vec<usize>) -> Result<Life> {
    let people = owners.iter().max().map_or(0, |last| last + 1);
    let mut life = Life {
        owners,
        ..Life::default()
    };
    for person in 0..people {
        let name = format!("person {person}");
        let server = format!("https://{AUTHORITY}");
        world.with(person, |engine, now| {
            engine.create_account(&server, &name, "", now)?;
            Ok(engine.describe_device("first", DeviceKind::CommandLine, now)?)
        })?;
    }
    wait(world, 10_000)?;
    for person in 0..people {
        let account = world.with(person, |engine, _| Ok(engine.account_view()?))?;
        let account = account.flatten().context("an account")?.account;
        life.accounts.push(account);
    }
    for one in 0..2 {
        for other in one + 1..people {
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
    for person in 2..life.people() {
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

/// All other devices are linked, each by the first of its person.
fn link_devices(world: &mut World, life: &Life) -> Result<()> {
    for (device, owner) in life.owners.iter().enumerate().skip(life.people()) {
        let (server, name) = (format!("https://{AUTHORITY}"), format!("device {device}"));
        world.with(device, |engine, now| {
            engine.show_link_code(&server, &name, DeviceKind::Browser, now)
        })?;
        wait(world, 2_000)?;
        let code = world.with(device, |engine, _| Ok(engine.link_view()))?;
        let code = code
            .flatten()
            .and_then(|view| view.code)
            .context("a code")?;
        world.with(*owner, |engine, now| {
            engine.end_link(now)?;
            engine.enter_link_code(&code, now)
        })?;
        wait(world, 2_000)?;
        let choice = match device % 2 {
            0 => HistoryChoice::All,
            _ => HistoryChoice::None,
        };
        world.with(*owner, |engine, now| engine.approve_link(choice, now))?;
        wait(world, 30_000)?;
        let stage = world.with(device, |engine, _| Ok(engine.link_view()))?;
        let stage = stage.flatten().map(|view| view.stage);
        ensure!(stage == Some(LinkStage::Done), "device {device}: {stage:?}");
    }
    wait(world, 60_000)
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
        let now = world.now;
        let back: Vec<_> = life
            .cut_off
            .extract_if(.., |_, until| *until <= now)
            .collect();
        for (device, _) in back {
            world.with(device, |engine, now| Ok(engine.go_online(now)?))?;
        }
        act(world, life)?;
    }
    life.cut_off.clear();
    Ok(())
}

/// Somebody does something, if it is theirs to do.
fn act(world: &mut World, life: &mut Life) -> Result<()> {
    let device = (world.rng.next_u32() % u32::try_from(life.owners.len())?) as usize;
    let about = (world.rng.next_u32() % u32::try_from(life.people())?) as usize;
    let dice = world.rng.next_u32() % 100;
    if dice >= 98 {
        return match world.rng.next_u32() % 3 {
            0 => sign_out_another(world, life, device),
            1 => cut_off(world, life, device),
            _ => Ok(()),
        };
    }
    let Some(chat) = group_of(world, device)? else {
        return Ok(());
    };
    let Some(whom) = life.accounts.get(about).copied() else {
        return Ok(());
    };
    let person = life.owner(device);
    let coin = world.rng.next_u32().is_multiple_of(2);
    let text = format!("{device} says {}", life.said);
    let title = format!("Garden {}", life.said);
    let done = world.with(device, |engine, now| {
        let done = match dice {
            0..60 => engine.send_text(&chat, &text, now).map(drop),
            60..72 => engine.add_to_group(&chat, &whom, now),
            // Two stay whatever happens, so that there is always somebody who agrees.
            72..80 if about >= 2 => engine.remove_from_group(&chat, &whom, now),
            80..86 => engine.rename_group(&chat, &title, now),
            86..91 if about >= 2 => engine.set_role(&chat, &whom, coin, now),
            91..94 => engine.set_permission(&chat, Permitted::Edit, coin, now),
            94..96 if person >= 2 => engine.leave_group(&chat, now),
            96 => engine.set_name_in_group(&chat, &title, now),
            97 => engine.set_name(&title, now),
            _ => return Ok(false),
        };
        allowed(done)
    })?;
    if done == Some(true) {
        life.said += 1;
        match dice {
            72..80 => life.steady.remove(&about),
            94..96 => life.steady.remove(&person),
            _ => false,
        };
    }
    if done.is_none() && matches!(dice, 94..96) {
        // They may have left before they died.
        life.steady.remove(&person);
    }
    if done.is_none() && matches!(dice, 72..80) {
        life.steady.remove(&about);
    }
    Ok(())
}

/// Signs another device of the same person out; first devices stay, so that there is always one.
fn sign_out_another(world: &mut World, life: &mut Life, device: usize) -> Result<()> {
    let owner = life.owner(device);
    let others = (life.people()..life.owners.len())
        .filter(|other| *other != device && life.owner(*other) == owner);
    let Some(other) = others
        .filter(|other| !life.signed_out.contains(other))
        .max()
    else {
        return Ok(());
    };
    if life.signed_out.contains(&device) {
        return Ok(());
    }
    life.signed_out.insert(other);
    let name = format!("device {other}");
    world.with(device, |engine, now| {
        let known: Option<Serial> = engine
            .devices()?
            .into_iter()
            .find(|view| view.name == name)
            .map(|view| view.id);
        match known {
            Some(id) => engine.revoke_device(&id, now),
            None => Ok(()),
        }
    })?;
    Ok(())
}

/// A device has no network for a while.
fn cut_off(world: &mut World, life: &mut Life, device: usize) -> Result<()> {
    let until = world.now + 1_000 + world.rng.next_u64() % 20_000;
    life.cut_off.insert(device, until);
    world.with(device, |engine, _| {
        engine.go_offline();
        Ok(())
    })?;
    Ok(())
}

/// One device has no network for longer than commits are kept, while the others go on.
fn be_away(world: &mut World, life: &mut Life) -> Result<()> {
    let away = 2;
    life.steady.remove(&life.owner(away));
    world.with(away, |engine, _| {
        engine.go_offline();
        Ok(())
    })?;
    for day in 0..40 {
        if day == 1 {
            for person in 0..2 {
                if let Some(chat) = group_of(world, person)? {
                    let title = format!("Garden without {away}, says {person}");
                    world.with(person, |engine, now| {
                        engine.rename_group(&chat, &title, now)
                    })?;
                }
            }
        }
        wait(world, DAY_MS)?;
        world.maintain()?;
    }
    world.with(away, |engine, now| Ok(engine.go_online(now)?))?;
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

/// Whether a device that fell behind is in a group of whose members it is none any more: nobody tells it so.
fn was_put_out_while_away(world: &mut World, device: usize) -> Result<bool> {
    let lost = world.with(device, |engine, _| Ok(engine.chats_without_place()?))?;
    if lost.unwrap_or_default().is_empty() {
        return Ok(false);
    }
    let account = world.with(device, |engine, _| Ok(engine.account_view()?))?;
    let account = account.flatten().context("an account")?.account;
    let founders = group_of(world, 0)?.context("the founder's group")?;
    let members = world.with(0, |engine, _| engine.members(&founders))?;
    let members = members.context("the founder is off")?;
    let is_member = |member: &MemberView| member.account == account && member.present;
    Ok(!members.iter().any(is_member))
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
    let (status, wanted) = (engine.status()?, engine.places_wanted()?);
    let mut text = format!("{status:?} places wanted {wanted}");
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
        if was_put_out_while_away(world, person)? {
            continue;
        }
        let idle = world.with(person, |engine, _| {
            if engine.account_view()?.is_none() {
                return Ok(true);
            }
            let transfers = engine.transfers()?;
            let under_way = |state| state == TransferState::UnderWay;
            if engine.places_wanted()? > 0 || transfers.iter().any(|one| under_way(one.state)) {
                return Ok(false);
            }
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
    for device in 0..life.owners.len() {
        if was_put_out_while_away(world, device)? {
            continue;
        }
        if let Some(chat) = group_of(world, device)? {
            let seen = world.with(device, |engine, _| sight(engine, &chat))?;
            sights.insert(device, seen.context("a person is off")?);
        }
    }
    let first = sights.get(&0).context("the founder is not in the group")?;
    for (device, seen) in &sights {
        ensure!(
            seen == first,
            "device {device} sees {seen:?}, the founder {first:?}"
        );
    }
    // How many devices of each account are in it: exactly those that are not signed out.
    let mut present: BTreeMap<AccountId, u32> = BTreeMap::new();
    for device in sights.keys() {
        if let Some(account) = life.accounts.get(life.owner(*device)) {
            *present.entry(*account).or_default() += 1;
        }
    }
    let members: BTreeMap<_, _> = first
        .members
        .iter()
        .map(|(account, (_, devices))| (*account, *devices))
        .collect();
    ensure!(
        present == members,
        "{sights:?} are in a group of {members:?}"
    );

    let mut rows = BTreeMap::new();
    for device in 0..life.owners.len() {
        rows.insert(device, texts(world, device)?);
    }
    let mut messages = 0;
    for (device, seen) in &rows {
        let distinct: BTreeSet<_> = seen.iter().map(|(text, _)| text).collect();
        ensure!(
            distinct.len() == seen.len(),
            "device {device} was shown something twice"
        );
        for (writer, written) in rows.iter().filter(|(writer, _)| *writer != device) {
            // What a device wrote that was signed out is gone with it.
            if life.signed_out.contains(writer) {
                continue;
            }
            let prefix = format!("{writer} says ");
            let mine: Vec<_> = written
                .iter()
                .filter(|(text, _)| text.starts_with(&prefix))
                .collect();
            let got: Vec<_> = seen
                .iter()
                .map(|(text, _)| text)
                .filter(|text| text.starts_with(&prefix))
                .collect();
            let mut expected = mine.iter();
            let in_order = got
                .iter()
                .all(|text| expected.any(|(other, _)| other == *text));
            ensure!(in_order, "device {device} was shown {got:?} of {mine:?}");
            if life.is_steady(*device) {
                let missing: Vec<_> = mine
                    .iter()
                    .filter(|(text, sent)| *sent && !got.contains(&text))
                    .collect();
                ensure!(
                    missing.is_empty(),
                    "device {device}, which was there all along, lacks {missing:?} of {mine:?}"
                );
            }
            messages += got.len();
        }
    }
    Ok(messages)
}

/// A text, and whether the device knows that the server has it.
type Written = (String, bool);

/// What a device has of the group's messages. Who is put out of a group while something of theirs is under way cannot know
/// whether it arrived, and sees it as not sent.
fn texts(world: &mut World, device: usize) -> Result<Vec<Written>> {
    let put_out = was_put_out_while_away(world, device)?;
    let rows = world.with(device, |engine, _| {
        let mut rows = Vec::new();
        for chat in engine.chats()? {
            if chat.kind == ChatKind::Group {
                let active = chat.state == ChatState::Active && !put_out;
                let history = engine.history(&chat.chat, u64::MAX, 100_000)?;
                rows.extend(history.into_iter().map(|row| (row, active)));
            }
        }
        Ok(rows)
    })?;
    let mut texts = Vec::new();
    for (row, active) in rows.context("a person is off")? {
        if change_in(&row).is_some() {
            continue;
        }
        ensure!(
            row.state != MessageState::Queued || !active,
            "device {device} still has «{}» to send",
            row.text
        );
        let sent = !matches!(row.state, MessageState::Failed | MessageState::Queued);
        texts.push((row.text, sent));
    }
    Ok(texts)
}

/// What the devices of one person have in common.
#[derive(Debug, PartialEq)]
struct Common {
    name: String,
    devices: BTreeSet<Serial>,
    contacts: BTreeMap<AccountId, (String, bool)>,
    chats: usize,
}

fn check_own_devices(world: &mut World, life: &Life) -> Result<()> {
    let mut common: BTreeMap<usize, Common> = BTreeMap::new();
    for device in 0..life.owners.len() {
        let seen = world.with(device, |engine, _| {
            let Some(account) = engine.account_view()? else {
                return Ok(None);
            };
            let contacts = engine.contacts()?.into_iter();
            Ok(Some(Common {
                name: account.name,
                devices: engine.devices()?.into_iter().map(|view| view.id).collect(),
                contacts: contacts
                    .map(|one| (one.account, (one.name, one.blocked)))
                    .collect(),
                chats: engine.chats()?.len(),
            }))
        })?;
        let seen = seen.context("a person is off")?;
        // One that was to be signed out by a device that died over it may be there still.
        let Some(seen) = seen else {
            ensure!(
                life.signed_out.contains(&device),
                "device {device} is gone, and nobody signed it out"
            );
            continue;
        };
        let owner = life.owner(device);
        match common.get(&owner) {
            Some(other) => ensure!(
                seen == *other,
                "device {device} of person {owner} has {seen:?}, the first {other:?}"
            ),
            None => {
                common.insert(owner, seen);
            }
        }
    }
    Ok(())
}

//! Groups: founded, shown, changed; invitations answered.

use undertone_engine::{CommandError, Engine, Permitted, WishKind};
use undertone_web_messages::{
    ChatKey, Encryption, Group, GroupChange, Member, MessageKey, PersonKey, Reader, Refusal,
};
use undertone_wire::time::Timestamp;

use crate::{
    keys::{account_id, chat_id, content_id, person_key},
    names::Names,
    refusal::{name_refusal, refusal},
    views,
};

pub(crate) fn create(
    engine: &mut Engine,
    chat: ChatKey,
    title: &str,
    members: &[PersonKey],
    now: Timestamp,
) -> Result<(), Refusal> {
    let members: Vec<_> = members.iter().map(|person| account_id(*person)).collect();
    engine
        .create_group(chat_id(chat), title, "", &members, now)
        .map_err(|error| name_refusal(&error))
}

pub(crate) fn group(engine: &Engine, chat: ChatKey) -> Result<Group, Refusal> {
    let id = chat_id(chat);
    let view = engine.group(&id).map_err(|error| refusal(&error))?;
    let members = engine.members(&id).map_err(|error| refusal(&error))?;
    let there = members
        .into_iter()
        .filter(|member| member.present || member.wished.is_some());
    Ok(Group {
        chat,
        state: views::chat_state(view.state).ok_or(Refusal::Unknown)?,
        admin: view.admin,
        my_name: view.own_name.clone(),
        rules: view
            .permissions
            .iter()
            .map(|(what, everybody)| (what.name().to_owned(), *everybody))
            .collect(),
        may_add: view.may(Permitted::Add),
        may_edit: view.may(Permitted::Edit),
        may_send: view.may(Permitted::Send),
        title: view.title,
        description: view.description,
        members: there
            .map(|member| Member {
                person: person_key(&member.account),
                name: member.name,
                me: member.me,
                admin: member.admin,
                devices: member.devices,
                wished: member.wished.map(|wish| wish == WishKind::Add),
            })
            .collect(),
    })
}

pub(crate) fn change(
    engine: &mut Engine,
    chat: ChatKey,
    change: &GroupChange,
    now: Timestamp,
) -> Result<(), Refusal> {
    let chat = chat_id(chat);
    let changed = match change {
        GroupChange::Add(person) => engine.add_to_group(&chat, &account_id(*person), now),
        GroupChange::Remove(person) => engine.remove_from_group(&chat, &account_id(*person), now),
        GroupChange::Admin(person, admin) => {
            engine.set_role(&chat, &account_id(*person), *admin, now)
        }
        GroupChange::Title(title) => engine.rename_group(&chat, title, now),
        GroupChange::Description(text) => engine.describe_group(&chat, text, now),
        GroupChange::Rule(name, everybody) => match Permitted::named(name) {
            Some(what) => engine.set_permission(&chat, what, *everybody, now),
            None => Err(CommandError::Unknown("rule")),
        },
        GroupChange::MyName(name) => engine.set_name_in_group(&chat, name, now),
        GroupChange::Renew => engine.renew_group(&chat, now),
        GroupChange::Leave => engine.leave_group(&chat, now),
        GroupChange::Dissolve => engine.dissolve_group(&chat, now),
    };
    changed.map_err(|error| name_refusal(&error))
}

pub(crate) fn answer_invitation(
    engine: &mut Engine,
    id: MessageKey,
    accept: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let id = content_id(id);
    let answered = if accept {
        engine.accept_invitation(&id, now)
    } else {
        engine.decline_invitation(&id, now)
    };
    answered.map_err(|error| refusal(&error))
}

pub(crate) fn encryption(engine: &Engine, chat: ChatKey) -> Result<Encryption, Refusal> {
    let id = chat_id(chat);
    let view = engine.encryption(&id).map_err(|error| refusal(&error))?;
    let (names, _) = Names::in_chat(engine, &id).map_err(|error| refusal(&error))?;
    let mut people: Vec<(PersonKey, Reader)> = Vec::new();
    for device in &view.devices {
        let person = person_key(&device.account);
        let since = device.since.map_or(0, |since| since.0);
        match people.iter_mut().find(|(other, ..)| *other == person) {
            Some((_, reader)) => reader.since.push(since),
            None => {
                let reader = Reader {
                    name: names.of(&device.account),
                    since: vec![since],
                };
                people.push((person, reader));
            }
        }
    }
    Ok(Encryption {
        chat,
        epoch: view.epoch,
        changed_at: view.keys_changed_at.0,
        authenticator: view.authenticator,
        people: people.into_iter().map(|(_, reader)| reader).collect(),
    })
}

//! Contacts: who they are, whether they are who they say, and whether they are wanted.

use undertone_engine::Engine;
use undertone_web_messages::{Person, PersonKey, Refusal, SafetyNumber};
use undertone_wire::time::Timestamp;

use crate::{
    keys::{account_id, chat_key, person_key},
    refusal::{failure, refusal},
};

/// All contacts, by name.
pub(crate) fn people(engine: &Engine) -> Result<Vec<Person>, Refusal> {
    let contacts = engine.contacts().map_err(|error| failure(&error))?;
    let people = contacts.into_iter().map(|contact| Person {
        person: person_key(&contact.account),
        name: contact.name,
        verified: contact.verified,
        blocked: contact.blocked,
        chat: contact.chat.as_ref().map(chat_key),
    });
    Ok(people.collect())
}

/// The safety number with a contact, in its groups.
pub(crate) fn safety_number(engine: &Engine, person: PersonKey) -> Result<SafetyNumber, Refusal> {
    let number = engine
        .safety_number(&account_id(person))
        .map_err(|error| refusal(&error))?;
    Ok(SafetyNumber {
        person,
        groups: number.to_string().split(' ').map(str::to_owned).collect(),
    })
}

/// Notes whether safety numbers were compared.
pub(crate) fn set_verified(
    engine: &mut Engine,
    person: PersonKey,
    verified: bool,
) -> Result<(), Refusal> {
    engine
        .set_verified(&account_id(person), verified)
        .map_err(|error| refusal(&error))
}

/// Takes nothing from them any more.
pub(crate) fn block(engine: &mut Engine, person: PersonKey, now: Timestamp) -> Result<(), Refusal> {
    engine
        .block_contact(&account_id(person), now)
        .map_err(|error| refusal(&error))
}

/// Takes messages from them again.
pub(crate) fn unblock(
    engine: &mut Engine,
    person: PersonKey,
    now: Timestamp,
) -> Result<(), Refusal> {
    engine
        .unblock_contact(&account_id(person), now)
        .map_err(|error| refusal(&error))
}

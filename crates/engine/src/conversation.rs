//! What the operations on conversations share: their groups, aliases, and the way to the other members.

use rand_core::CryptoRngCore;
use undertone_content::content::{Body, Content, Profile};
use undertone_mls::{Group, GroupId, Member, StorageError};
use undertone_store::{
    ReadTx,
    aliases::{AliasRow, AliasState},
    cards::CardKind,
    chats::{ChatId, ChatKind, ChatRow},
    groups::GroupRow,
};
use undertone_wire::{
    ids::{AccountId, Alias, ContentId, Handle},
    proto,
    time::{Timestamp, WEEK_MS},
};

use crate::{cards::current_card, error::EngineError, step::Step};

/// Draws the id of a new group.
pub(crate) fn random_group_id(rng: &mut dyn CryptoRngCore) -> GroupId {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    GroupId::new(bytes)
}

/// Reads a stored group id.
pub(crate) fn group_id(bytes: &[u8]) -> Result<GroupId, EngineError> {
    GroupId::try_from(bytes).map_err(|_| EngineError::Damaged("a group id"))
}

/// Notes that an alias of a group is to be registered, bound to the group's guard.
pub(crate) fn want_group_alias(
    step: &Step<'_>,
    alias: Alias,
    group: &GroupId,
    handle: Handle,
) -> Result<(), EngineError> {
    step.tx.put_alias(&AliasRow {
        alias,
        card: None,
        group_id: group.as_bytes().to_vec(),
        handle: Some(handle),
        key_package: Vec::new(),
        state: AliasState::Wanted,
        renew_at: step.now.plus(WEEK_MS),
        retire_at: Timestamp(0),
    })?;
    Ok(())
}

/// What is kept of a new group of this device's own making, beside its MLS state.
pub(crate) fn new_group_row(
    step: &Step<'_>,
    group_id: &GroupId,
    chat: ChatId,
    handle: Handle,
    own_alias: Alias,
) -> GroupRow {
    GroupRow {
        group_id: group_id.as_bytes().to_vec(),
        chat,
        handle,
        own_alias,
        handle_made: false,
        handle_token: Vec::new(),
        wants_leaf: false,
        leaf_at: step.now,
        predecessor: Vec::new(),
        behind: 0,
        leaf_due: Timestamp(0),
        name: String::new(),
        epoch_at: step.now,
    }
}

/// What one's own leaf in a group says one is called.
pub(crate) fn shown_name(step: &Step<'_>, row: &GroupRow) -> Result<String, EngineError> {
    let chat = step.tx.chat(&row.chat)?;
    if chat.is_some_and(|chat| chat.kind != ChatKind::Group) {
        // Between two the name is told in the profile, and to oneself not at all.
        return Ok(String::new());
    }
    if !row.name.is_empty() {
        return Ok(row.name.clone());
    }
    let account = step.tx.account()?;
    Ok(account.map(|account| account.name).unwrap_or_default())
}

/// The group that one writes in, if one can: founded, joined by the other, accepted by oneself, not behind.
pub(crate) fn writable_group(
    tx: &ReadTx<'_>,
    chat: &ChatRow,
) -> Result<Option<GroupRow>, EngineError> {
    let Some(group) = tx.group(&chat.group_id)? else {
        return Ok(None);
    };
    // Between two, nothing goes out before one's own leaf has accepted; into a group one is let by contacts alone.
    let accepted = chat.kind == ChatKind::Group || !group.wants_leaf;
    let writable = group.handle_made && accepted && group.behind == 0;
    Ok(writable.then_some(group))
}

/// All members of a group, by index.
pub(crate) fn members_of(group: &Group) -> Result<&[Member], EngineError> {
    group.members().map_err(reading_members)
}

/// The addresses of all members, with their indices.
pub(crate) fn addresses_of(group: &Group) -> Result<Vec<(u32, Alias)>, EngineError> {
    group.addresses().map_err(reading_members)
}

fn reading_members(_: StorageError) -> EngineError {
    EngineError::Mls("reading a group's members")
}

/// The addresses of all members but this device.
pub(crate) fn others(group: &Group) -> Result<Vec<Vec<u8>>, EngineError> {
    let own = group.own_index();
    let others = addresses_of(group)?
        .into_iter()
        .filter(|(index, _)| *index != own);
    Ok(others.map(|(_, alias)| alias.to_vec()).collect())
}

/// The proof that this device is a member at the group's epoch.
pub(crate) fn guard(
    step: &Step<'_>,
    group: &Group,
    row: &GroupRow,
) -> Result<proto::Guard, EngineError> {
    let secrets = group
        .secrets(&step.mls().provider())
        .map_err(|_| EngineError::Mls("exporting an epoch's keys"))?;
    Ok(proto::Guard {
        handle: row.handle.to_vec(),
        epoch: group.epoch(),
        send_key: secrets.send_key.to_vec(),
    })
}

/// Puts one's profile at the end of a chat's outbox: the name, and how this contact may add one from now on.
pub(crate) fn tell_profile(step: &mut Step<'_>, chat: &ChatId) -> Result<(), EngineError> {
    let name = step
        .tx
        .account()?
        .map(|account| account.name)
        .unwrap_or_default();
    let contacts_secret =
        current_card(step.tx.cards()?, CardKind::Contacts).map(|card| card.secret);
    let profile = Profile {
        name,
        contacts_secret,
    };
    put_into_outbox(step, chat, Body::Profile(profile))
}

/// Puts something that is no message at the end of a chat's outbox.
pub(crate) fn put_into_outbox(
    step: &mut Step<'_>,
    chat: &ChatId,
    body: Body,
) -> Result<(), EngineError> {
    let content = Content {
        id: ContentId::random(step.rng),
        sent_at: step.now,
        body,
    };
    let encoded = content
        .encode()
        .map_err(|_| EngineError::Damaged("what is to be sent"))?;
    Ok(step.tx.add_to_outbox(chat, &content.id, &encoded)?)
}

/// The whole account id of a chat's other side, once it is known.
pub(crate) fn other_account(chat: &ChatRow) -> Option<AccountId> {
    AccountId::try_from(chat.account.as_slice()).ok()
}

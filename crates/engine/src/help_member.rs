//! A device calls for help: one that fell behind is added anew, if it is a member still; one of somebody whose group this
//! account founded anew is added to the new one.

use std::sync::Arc;

use prost::Message as _;
use undertone_content::{content::PlaceRequest, proto::InvitationAnswer};
use undertone_mls::{CardKind, Group, VerifiedKeyPackage};
use undertone_store::{
    chats::{ChatId, ChatKind, ChatState},
    groups::GroupRow,
    wishes::WishKind,
};
use undertone_wire::{rescue, time::SECOND_MS};

use crate::{
    conversation::members_of,
    error::EngineError,
    give_places::{name_of, wish_place},
    loaded_groups::{find_group, view_group},
    own_devices::own_devices,
    step::Step,
    wish::{Wish, add_wish},
};

/// Where others may have been called too, each waits up to so long, so that not all of them do it at once.
const WAIT_MS: u64 = 10 * SECOND_MS;

/// Takes a payload that may be a call for help in one of these groups, or in one that this device has `left` for another;
/// tells whether it is one.
pub(crate) fn hear_call(
    step: &mut Step<'_>,
    groups: &[GroupRow],
    left: &[u8],
    payload: &[u8],
) -> Result<bool, EngineError> {
    let Some(call) = rescue::open(&step.me.rescue, payload) else {
        return Ok(false);
    };
    let Ok(request) = PlaceRequest::decode(&call) else {
        return Ok(true);
    };
    for (id, key_package) in &request.places {
        let Ok(verified) = VerifiedKeyPackage::verify(key_package) else {
            continue;
        };
        match groups.iter().find(|row| row.group_id == *id) {
            Some(row) => help(step, row, &request, key_package, &verified)?,
            None if id == left => let_follow(step, id, &request, key_package, &verified)?,
            None => {}
        }
    }
    Ok(true)
}

/// The KeyPackage is signed by the device, so nobody else calls in its name; and none but a member's is added anew.
fn help(
    step: &mut Step<'_>,
    row: &GroupRow,
    request: &PlaceRequest,
    key_package: &[u8],
    verified: &VerifiedKeyPackage,
) -> Result<(), EngineError> {
    let chat = step.tx.chat(&row.chat)?;
    let current =
        chat.filter(|chat| chat.group_id == row.group_id && chat.state == ChatState::Active);
    let Some(chat) = current else {
        return Ok(());
    };
    let device = verified.device();
    let group = view_group(step, &row.group_id)?;
    let members = members_of(&group)?;
    let is_member = members
        .iter()
        .any(|member| member.certificate == device.certificate);
    let blocked = step
        .tx
        .contact(&device.account)?
        .is_some_and(|contact| contact.blocked);
    let signed_out = device.account == step.me.account
        && own_devices(step.tx)?
            .device(&device.certificate.device_key)
            .is_none();
    if !is_member || blocked || signed_out || device.leaf.card != CardKind::OwnDevice {
        return Ok(());
    }
    let wait = match chat.kind {
        ChatKind::Group => step.rng.next_u64() % WAIT_MS,
        ChatKind::Direct | ChatKind::Notes => 0,
    };
    let place = (row.group_id.clone(), key_package.to_vec());
    wish_place(step, &chat.chat, verified, place, &request.secret, wait)
}

/// Whoever is waited for in the group that goes on from the one with that id is added to it by what they give.
fn let_follow(
    step: &mut Step<'_>,
    left: &[u8],
    request: &PlaceRequest,
    key_package: &[u8],
    verified: &VerifiedKeyPackage,
) -> Result<(), EngineError> {
    let device = verified.device();
    let name = name_of(&device.certificate.device_key);
    if device.leaf.card != CardKind::Contacts {
        return Ok(());
    }
    for wish in step.tx.wishes()? {
        let waited_for = wish.kind == WishKind::Follow
            && wish.account == device.account.as_bytes()
            && wish.text.split(' ').any(|device| device == name);
        if waited_for && goes_on_from(step, &wish.chat, left)? {
            let admission = InvitationAnswer {
                id: Vec::new(),
                secret: request.secret.as_bytes().to_vec(),
                key_packages: vec![key_package.to_vec()],
            };
            let add = Wish::about(WishKind::Add, &device.account);
            add_wish(step, &wish.chat, add.admission(admission.encode_to_vec()))?;
        }
    }
    Ok(())
}

/// Whether a chat's group names another among its predecessors.
fn goes_on_from(step: &Step<'_>, chat: &ChatId, left: &[u8]) -> Result<bool, EngineError> {
    let Some(chat) = step.tx.chat(chat)? else {
        return Ok(false);
    };
    let group = find_group(step, &chat.group_id)?;
    let named = |group: Arc<Group>| {
        let mut named = group.rules().predecessors.iter();
        named.any(|id| id.as_bytes() == left)
    };
    Ok(chat.state == ChatState::Active && group.is_some_and(named))
}

//! A member's device calls for help, because it fell behind: it is added anew, if it is a member still.

use undertone_content::content::PlaceRequest;
use undertone_mls::{CardKind, VerifiedKeyPackage};
use undertone_store::{
    chats::{ChatKind, ChatState},
    groups::GroupRow,
};
use undertone_wire::{rescue, time::SECOND_MS};

use crate::{
    conversation::load_group, error::EngineError, give_places::wish_place,
    own_devices::own_devices, step::Step,
};

/// Where others may have been called too, each waits up to so long, so that not all of them do it at once.
const WAIT_MS: u64 = 10 * SECOND_MS;

/// Takes a payload that may be a call for help in one of these groups; tells whether it is one.
pub(crate) fn hear_call(
    step: &mut Step<'_>,
    groups: &[GroupRow],
    payload: &[u8],
) -> Result<bool, EngineError> {
    let Some(call) = rescue::open(&step.me.rescue, payload) else {
        return Ok(false);
    };
    let Ok(request) = PlaceRequest::decode(&call) else {
        return Ok(true);
    };
    for (id, key_package) in &request.places {
        let row = groups.iter().find(|row| row.group_id == *id);
        if let (Some(row), Ok(verified)) = (row, VerifiedKeyPackage::verify(key_package)) {
            help(step, row, &request, key_package, &verified)?;
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
    let group = load_group(step, &row.group_id)?;
    let members = group
        .members()
        .map_err(|_| EngineError::Mls("reading a group's members"))?;
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

//! A device of the account asks for places in conversations: whichever of the others is in them adds it.

use undertone_content::content::PlaceRequest;
use undertone_mls::{CardKind, VerifiedKeyPackage, open_welcome};
use undertone_store::{
    cards::{CardKind as StoredKind, CardRow},
    chats::{ChatId, ChatState},
    wishes::{WishKind, WishRow},
};
use undertone_wire::{
    ids::{Alias, DeviceKey},
    reach::{ReachSecret, SymmetricKey},
    time::{SECOND_MS, Timestamp},
};

use crate::{
    error::EngineError,
    own_devices::own_devices,
    step::Step,
    wish::{Wish, add_wish},
};

/// Where several devices could do it, each waits up to so long, so that not all of them do it at once.
const WAIT_MS: u64 = 2 * SECOND_MS;

/// Takes what came by the address that a new device was given.
pub(crate) fn receive_at_the_door(
    step: &mut Step<'_>,
    card: &CardRow,
    payload: &[u8],
) -> Result<(), EngineError> {
    let late = card.expires_at != Timestamp(0) && card.expires_at <= step.now;
    let Ok(request) = open_welcome(&card.secret.knock_key(), payload) else {
        return Ok(());
    };
    match PlaceRequest::decode(&request) {
        Ok(request) if !late && card.kind == StoredKind::Newcomer => give(step, &request, None),
        _ => Ok(()),
    }
}

/// Wishes for what a device asks for. `from` is who says so, where that is known.
pub(crate) fn give(
    step: &mut Step<'_>,
    request: &PlaceRequest,
    from: Option<DeviceKey>,
) -> Result<(), EngineError> {
    let devices = own_devices(step.tx)?;
    let others = devices.devices().count().saturating_sub(2);
    for (group_id, key_package) in &request.places {
        let (Some(row), Ok(verified)) = (
            step.tx.group(group_id)?,
            VerifiedKeyPackage::verify(key_package),
        ) else {
            continue;
        };
        let device = verified.device().certificate.device_key;
        let own = verified.device().account == step.me.account
            && verified.device().leaf.card == CardKind::OwnDevice
            && devices.device(&device).is_some()
            && device != step.me.identity.certificate.device_key
            && from.is_none_or(|from| from == device);
        let chat = step
            .tx
            .chat(&row.chat)?
            .filter(|chat| chat.state == ChatState::Active && chat.group_id == *group_id);
        let Some(chat) = chat.filter(|_| own) else {
            continue;
        };
        let wait = match others {
            0 => 0,
            _ => step.rng.next_u64() % WAIT_MS,
        };
        let place = (group_id.clone(), key_package.clone());
        wish_place(step, &chat.chat, &verified, place, &request.secret, wait)?;
    }
    Ok(())
}

/// Wishes that a device be added, or be added anew, after `wait` milliseconds: to the group of that place, and no other.
pub(crate) fn wish_place(
    step: &mut Step<'_>,
    chat: &ChatId,
    verified: &VerifiedKeyPackage,
    place: (Vec<u8>, Vec<u8>),
    secret: &ReachSecret,
    wait: u64,
) -> Result<(), EngineError> {
    let device = verified.device();
    let admission = PlaceRequest {
        secret: secret.clone(),
        places: vec![place],
    };
    let wish = Wish::about(WishKind::AddDevice, &device.account)
        .text(&name_of(&device.certificate.device_key))
        .due(step.now.plus(wait))
        .admission(admission.encode());
    add_wish(step, chat, wish)
}

/// By what a device is to be added.
pub(crate) struct Place {
    pub(crate) group_id: Vec<u8>,
    pub(crate) knock_key: SymmetricKey,
    pub(crate) key_package: VerifiedKeyPackage,
}

impl Place {
    /// Reads what [`give`] wished.
    pub(crate) fn of(wish: &WishRow) -> Option<Self> {
        let admission = PlaceRequest::decode(&wish.admission).ok()?;
        let (group_id, key_package) = admission.places.into_iter().next()?;
        Some(Self {
            group_id,
            knock_key: admission.secret.knock_key(),
            key_package: VerifiedKeyPackage::verify(&key_package).ok()?,
        })
    }

    pub(crate) fn alias(&self) -> Alias {
        self.key_package.device().leaf.alias
    }

    pub(crate) fn device(&self) -> DeviceKey {
        self.key_package.device().certificate.device_key
    }
}

/// How wishes name a device.
pub(crate) fn name_of(device: &DeviceKey) -> String {
    device
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

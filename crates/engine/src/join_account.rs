//! A new device takes its place in the account that it was granted: its keys, a queue of its own, and a place to ask for
//! in the group of the account's devices. Everything else comes by that group.

use std::cell::RefCell;

use prost::Message as _;
use undertone_content::{content::check_name, proto as content};
use undertone_mls::GroupId;
use undertone_store::{
    account::AccountRow,
    cards::CardKind,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
};
use undertone_wire::{
    identity::{Certificate, DeviceList},
    ids::{Alias, Handle},
    link::ServerUrl,
    proto,
    reach::ReachSecret,
    signing::SecretKey,
    time::Timestamp,
};

use crate::{
    ask_for_places::{make_place, own_card},
    create_account::start_account,
    engine::Engine,
    error::EngineError,
    me::Me,
    step::Step,
};

/// Messages of a linked device are numbered from here: below is room for the history that comes later.
pub(crate) const FIRST_SEQ: u64 = 1 << 40;
/// The name of the setting that says where to ask for a place among the account's devices.
pub(crate) const DOOR: &str = "door";

/// Makes the account of this profile out of what was granted; tells whether the grant is in order.
pub(crate) fn join_account(
    engine: &mut Engine,
    server: &ServerUrl,
    device: &SecretKey,
    grant: &content::LinkGrant,
    certificate: Certificate,
    now: Timestamp,
) -> Result<bool, EngineError> {
    let Some(checked) = check(grant, &certificate) else {
        return Ok(false);
    };
    let rng = &mut *engine.rng;
    let account = AccountRow {
        name: grant.name.clone(),
        registered: true,
        devices: checked.devices.to_proto().encode_to_vec(),
        ..start_account(server, &grant.root_seed, device, &certificate, rng)?
    };
    let me = Me::load(&account)?;
    engine.store.write(|tx| {
        // Nothing of whoever had this profile before is left.
        tx.wipe()?;
        tx.put_account(&account)?;
        tx.number_messages_from(FIRST_SEQ)?;
        let step = &mut Step {
            tx,
            rng,
            me: &me,
            now,
            groups: &RefCell::default(),
            signed_out: false,
        };
        take_place(step, grant, &checked)
    })?;
    engine.me = Some(me);
    Ok(true)
}

/// What a grant holds, checked.
struct Checked {
    devices: DeviceList,
    secret: ReachSecret,
    alias: Alias,
    group_id: GroupId,
    handle: Handle,
}

fn check(grant: &content::LinkGrant, certificate: &Certificate) -> Option<Checked> {
    let root = SecretKey::from_seed(grant.root_seed.as_slice().try_into().ok()?);
    let devices = proto::DeviceList::decode(grant.devices.as_slice()).ok()?;
    let devices = DeviceList::verify(devices).ok()?;
    let fits = root.public() == *certificate.root_key.as_bytes()
        && devices.root_key() == certificate.root_key
        && devices.device(&certificate.device_key) == Some(certificate)
        && check_name(&grant.name).is_ok();
    if !fits {
        return None;
    }
    Some(Checked {
        devices,
        secret: ReachSecret::new(grant.secret.as_slice().try_into().ok()?),
        alias: Alias::try_from(grant.alias.as_slice()).ok()?,
        group_id: GroupId::try_from(grant.group_id.as_slice()).ok()?,
        handle: Handle::try_from(grant.handle.as_slice()).ok()?,
    })
}

/// The chat with oneself, and the place to ask for in its group.
fn take_place(
    step: &mut Step<'_>,
    grant: &content::LinkGrant,
    checked: &Checked,
) -> Result<(), EngineError> {
    let chat = ChatId::random(step.rng);
    step.tx.put_chat(&ChatRow {
        chat,
        kind: ChatKind::Notes,
        account: step.me.account.to_vec(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: grant.group_id.clone(),
        came_by: Some(CardKind::OwnDevice),
        devices: Vec::new(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: FIRST_SEQ,
        title: String::new(),
        thread: Vec::new(),
    })?;
    let door = [
        checked.alias.as_bytes().as_slice(),
        checked.secret.as_bytes(),
    ]
    .concat();
    step.tx.setting_put(DOOR, &door)?;
    let card = own_card(step)?;
    let (id, handle) = (checked.group_id, checked.handle);
    let place = make_place(step, &chat, id, handle, String::new(), &card)?;
    Ok(step.tx.put_place(&place)?)
}

//! The account's device certifies a new one, and says what it grants it.

use prost::Message as _;
use undertone_content::{content::check_name, proto as content};
use undertone_store::cards::CardKind;
use undertone_wire::{
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, DeviceKey, Serial},
    limits,
    reach::ReachSecret,
    signing::SecretKey,
    time::{Timestamp, WEEK_MS},
};

use crate::{
    cards::{keep_local_card, want_card_alias},
    error::{CommandError, EngineError},
    linking::{DeviceKind, HistoryChoice},
    own_devices::{add_to_own_devices, describe, described, own_devices},
    step::Step,
};

/// How long a device that was granted a place may take to ask for it.
const WEEKS: u64 = 1;
/// The name of the setting that says how much history a device is to get once it is there.
pub(crate) const HISTORY: &str = "history for ";

/// Certifies the device that said hello, durably, and gives what it is to be told.
pub(crate) fn certify(
    step: &mut Step<'_>,
    hello: &content::LinkHello,
    history: HistoryChoice,
) -> Result<content::LinkGrant, CommandError> {
    let account = step.tx.account()?.ok_or(CommandError::NoAccount)?;
    let seed = account.root_seed.as_slice().try_into();
    let root = seed.map_err(|_| {
        CommandError::NotNow(
            "this device does not hold the account's key, by which devices are linked",
        )
    })?;
    let root = SecretKey::from_seed(root);
    let known = own_devices(step.tx)?.to_proto().certificates.len();
    if known >= limits::DEVICE_CERTIFICATES {
        return Err(CommandError::NotNow(
            "an account can have had 64 devices, and this one has had them",
        ));
    }
    let device = DeviceKey::try_from(hello.device_key.as_slice()).map_err(EngineError::from)?;
    let serial = Serial::random(step.rng);
    let certificate = Certificate::issue(&root, device, serial, Capability::Full);
    let name = another_name(step, &hello.name)?;
    describe(step, &serial, &name, DeviceKind::numbered(hello.kind))?;
    add_to_own_devices(step, &DeviceList::new(certificate.clone()))?;
    step.tx
        .setting_put(&history_setting(&serial), &history.number().to_be_bytes())?;
    let notes = step
        .tx
        .notes()?
        .ok_or(EngineError::Damaged("no own chat"))?;
    let group = step
        .tx
        .group(&notes.group_id)?
        .ok_or(EngineError::Damaged("no own group"))?;
    let (secret, alias) = open_door(step)?;
    Ok(content::LinkGrant {
        version: 1,
        root_seed: account.root_seed.to_vec(),
        certificate: certificate.encode(),
        devices: own_devices(step.tx)?.to_proto().encode_to_vec(),
        name: account.name,
        secret: secret.as_bytes().to_vec(),
        alias: alias.to_vec(),
        group_id: group.group_id,
        handle: group.handle.to_vec(),
    })
}

/// A name that no other device of the account has: two browsers of one kind are told apart by a number.
fn another_name(step: &Step<'_>, name: &str) -> Result<String, EngineError> {
    let mut taken = Vec::new();
    for device in own_devices(step.tx)?.devices() {
        taken.push(described(step.tx, &device.serial)?.name);
    }
    let name = name.trim();
    let numbered = (2..).map(|number: u32| format!("{name} {number}"));
    let mut names = std::iter::once(name.to_owned()).chain(numbered);
    let free = names.find(|name| !taken.contains(name));
    Ok(free
        .filter(|name| check_name(name).is_ok())
        .unwrap_or_else(|| name.to_owned()))
}

/// The setting that says how much history a device is to get.
pub(crate) fn history_setting(serial: &Serial) -> String {
    let hex: String = serial
        .as_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{HISTORY}{hex}")
}

/// An address at which the new device asks for its place among the account's devices, and nobody else can ask anything.
fn open_door(step: &mut Step<'_>) -> Result<(ReachSecret, Alias), EngineError> {
    let expires_at = step.now.plus(WEEKS * WEEK_MS);
    let secret = keep_local_card(step, CardKind::Newcomer, expires_at)?;
    let alias = Alias::random(step.rng);
    want_card_alias(step, alias, &secret, None, None, Timestamp(0))?;
    Ok((secret, alias))
}

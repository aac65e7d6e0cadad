//! The devices of one's own account: which there are, and what becomes of those that are revoked.

use prost::Message as _;
use undertone_content::{change::Change as Line, proto as content, register::kind};
use undertone_store::{ReadTx, cards::CardKind, cards::CardState};
use undertone_wire::{
    identity::{Certificate, DeviceList},
    ids::Serial,
    limits, proto,
    time::{Day, Timestamp},
};

use crate::{
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    expel_devices::expel_everywhere,
    linking::DeviceKind,
    share_own_state::write_register,
    step::Step,
    system_line::say_once,
};

/// A device of one's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceView {
    /// Names it.
    pub id: Serial,
    /// What it is called; only one's own devices know.
    pub name: String,
    /// What it runs.
    pub kind: DeviceKind,
    /// Whether it is this one.
    pub this_device: bool,
    /// When it was linked; 0 if that is not known.
    pub linked_at: Timestamp,
    /// The last day on which it was seen, as far as this device was told.
    pub last_active: Option<Day>,
}

impl Engine {
    /// The account's devices, this one first and the others by when they were linked.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn devices(&self) -> Result<Vec<DeviceView>, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        let own = me.identity.certificate.serial;
        self.store.read(|tx| {
            let mut views = Vec::new();
            for device in own_devices(tx)?.devices() {
                let serial = device.serial;
                let told = described(tx, &serial)?;
                views.push(DeviceView {
                    id: serial,
                    name: told.name,
                    kind: DeviceKind::numbered(told.kind),
                    this_device: serial == own,
                    linked_at: Timestamp(told.linked_at_ms),
                    last_active: last_active(tx, &serial)?,
                });
            }
            views.sort_by_key(|view| (!view.this_device, view.linked_at));
            Ok(views)
        })
    }

    /// What this device is called and runs, for one's other devices. Says nothing new if it has a name.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn describe_device(
        &mut self,
        name: &str,
        kind: DeviceKind,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(me) = &self.me else { return Ok(()) };
        let own = me.identity.certificate.serial;
        if !self.store.read(|tx| described(tx, &own))?.name.is_empty() {
            return Ok(());
        }
        self.step(now, |step| describe(step, &own, name, kind))
    }

    /// Gives a device of one's own another name, which only one's own devices see.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such device or the name cannot be used.
    pub fn rename_device(
        &mut self,
        id: &Serial,
        name: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        undertone_content::content::check_name(name)?;
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            known_device(step.tx, id)?;
            let mut told = described(step.tx, id)?;
            name.trim().clone_into(&mut told.name);
            Ok::<_, CommandError>(write_register(
                step,
                kind::DEVICE,
                id.as_bytes(),
                told.encode_to_vec(),
            )?)
        })?;
        self.pass(Event::Devices);
        self.work(now)?;
        Ok(())
    }
}

/// What is noted of a device that joins the account.
pub(crate) fn describe(
    step: &Step<'_>,
    serial: &Serial,
    name: &str,
    what: DeviceKind,
) -> Result<(), EngineError> {
    let told = content::OwnDevice {
        name: name.trim().to_owned(),
        kind: what.number(),
        linked_at_ms: step.now.0,
    };
    write_register(step, kind::DEVICE, serial.as_bytes(), told.encode_to_vec())
}

/// What one's devices told of one of them; nothing if they did not.
pub(crate) fn described(
    tx: &ReadTx<'_>,
    serial: &Serial,
) -> Result<content::OwnDevice, EngineError> {
    let register = tx.register(kind::DEVICE, serial.as_bytes())?;
    let told = register.and_then(|row| content::OwnDevice::decode(row.value.as_slice()).ok());
    Ok(told.unwrap_or_default())
}

/// The last day of a device's activity that was told.
pub(crate) fn last_active(tx: &ReadTx<'_>, serial: &Serial) -> Result<Option<Day>, EngineError> {
    let register = tx.register(kind::ACTIVE, serial.as_bytes())?;
    let day = register.and_then(|row| row.value.try_into().ok());
    Ok(day.map(|day| Day(u32::from_be_bytes(day))))
}

/// A device of the account that is not revoked.
pub(crate) fn known_device(tx: &ReadTx<'_>, id: &Serial) -> Result<Certificate, CommandError> {
    let devices = own_devices(tx)?;
    let device = devices.devices().find(|device| device.serial == *id);
    device.cloned().ok_or(CommandError::Unknown("device"))
}

/// All certificates and revocations of the account that this device knows of.
pub(crate) fn own_devices(tx: &ReadTx<'_>) -> Result<DeviceList, EngineError> {
    let account = tx.account()?.ok_or(EngineError::Damaged("no account"))?;
    if account.devices.is_empty() {
        return Ok(DeviceList::new(Certificate::decode(&account.certificate)?));
    }
    let list = proto::DeviceList::decode(account.devices.as_slice())
        .map_err(|_| EngineError::Damaged("the account's devices"))?;
    Ok(DeviceList::restore(list)?)
}

/// The place of this device's KeyPackages on the account's cards: devices in the order of their serials.
pub(crate) fn own_slot(tx: &ReadTx<'_>) -> Result<u32, EngineError> {
    let Some(account) = tx.account()? else {
        return Ok(0);
    };
    if account.devices.is_empty() {
        return Ok(0);
    }
    let own = Certificate::decode(&account.certificate)?.serial;
    let before = own_devices(tx)?;
    let before = before.devices().filter(|device| device.serial < own);
    Ok(u32::try_from(before.count()).unwrap_or(0) % limits::CARD_SLOTS)
}

/// Adds to what is known of the account's devices. Whoever is new or gone is told in the chat with oneself, those who are
/// revoked are put out of every conversation, and the directory and the cards are to hear of it.
pub(crate) fn add_to_own_devices(
    step: &mut Step<'_>,
    more: &DeviceList,
) -> Result<bool, EngineError> {
    let before = own_devices(step.tx)?;
    let mut after = before.clone();
    // A list of another account, or too long a one, is no list of one's own devices.
    if !after.merge(more).unwrap_or(false) {
        return Ok(false);
    }
    let mut account = step
        .tx
        .account()?
        .ok_or(EngineError::Damaged("no account"))?;
    account.devices = after.to_proto().encode_to_vec();
    account.devices_due = true;
    step.tx.put_account(&account)?;
    for mut card in step.tx.cards()? {
        let kept = matches!(card.kind, CardKind::Link | CardKind::Contacts);
        if kept && card.state != CardState::Dropping {
            card.head_due = true;
            step.tx.put_card(&card)?;
        }
    }
    announce(step, &before, &after)?;
    expel_everywhere(step)?;
    note(step.tx, Event::Devices)?;
    Ok(true)
}

fn announce(
    step: &mut Step<'_>,
    before: &DeviceList,
    after: &DeviceList,
) -> Result<(), EngineError> {
    let own = step.me.identity.certificate.device_key;
    let (me, Some(notes)) = (step.me.account, step.tx.notes()?) else {
        return Ok(());
    };
    let mut lines = Vec::new();
    for device in after.devices() {
        if device.device_key != own && before.device(&device.device_key).is_none() {
            let name = described(step.tx, &device.serial)?.name;
            lines.push(Line::OwnDeviceLinked(name));
        }
    }
    for device in before.devices() {
        if after.device(&device.device_key).is_none() {
            let name = described(step.tx, &device.serial)?.name;
            lines.push(Line::OwnDeviceRemoved(name));
        }
    }
    for line in lines {
        say_once(step, &notes.chat, &me, &line)?;
    }
    Ok(())
}

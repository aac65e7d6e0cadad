//! Signs a device of one's own out: revoked for ever, put out of every conversation, and told so.

use undertone_wire::{
    identity::{DeviceList, Revocation},
    ids::Serial,
    time::Timestamp,
};

use crate::{
    engine::Engine,
    error::{CommandError, EngineError},
    own_devices::{add_to_own_devices, described, known_device, last_active, own_devices},
    step::Step,
};

/// A device that was not seen for more days than this is signed out by the others.
const UNSEEN_DAYS: u32 = 30;

impl Engine {
    /// Signs another device out, at once and for good. It wipes itself when it next hears of it.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such device, or it is this one.
    pub fn revoke_device(&mut self, id: &Serial, now: Timestamp) -> Result<(), CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        if me.identity.certificate.serial == *id {
            return Err(CommandError::NotNow(
                "a device is signed out from another one",
            ));
        }
        self.step(now, |step| {
            known_device(step.tx, id)?;
            Ok::<_, CommandError>(revoke(step, id)?)
        })?;
        self.work(now)?;
        Ok(())
    }
}

fn revoke(step: &mut Step<'_>, id: &Serial) -> Result<(), EngineError> {
    let revocation = Revocation::issue(&step.me.identity.key, step.me.root_key, *id);
    let mut list = own_devices(step.tx)?.to_proto();
    list.revocations.push(revocation.to_proto());
    add_to_own_devices(step, &DeviceList::verify(list)?)?;
    Ok(())
}

/// Signs out devices that were not seen for long. To be asked only while this device has heard all there is: another may
/// have told of itself meanwhile.
pub(crate) fn revoke_unseen(step: &mut Step<'_>) -> Result<(), EngineError> {
    let (own, today) = (step.me.identity.certificate.serial, step.now.day().0);
    let mut unseen = Vec::new();
    for device in own_devices(step.tx)?.devices() {
        let linked_at = Timestamp(described(step.tx, &device.serial)?.linked_at_ms);
        let seen = last_active(step.tx, &device.serial)?.map(|day| day.0);
        let seen = seen.unwrap_or(0).max(linked_at.day().0);
        // Of one that nobody told anything about, nothing is concluded.
        if device.serial != own && seen > 0 && today > seen.saturating_add(UNSEEN_DAYS) {
            unseen.push(device.serial);
        }
    }
    unseen.iter().try_for_each(|serial| revoke(step, serial))
}

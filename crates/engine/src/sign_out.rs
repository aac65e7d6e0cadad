//! This device was signed out from another: it keeps nothing.

use undertone_wire::{identity::DeviceList, proto, time::Timestamp};

use crate::{
    arrivals::Arrivals, engine::Engine, error::EngineError, event::Event, io::Service,
    own_devices::own_devices, step::Step, tasks::Hold,
};

/// The name of the setting that says when it was, for whoever opens the profile next.
pub(crate) const SIGNED_OUT: &str = "signed out";

/// Deletes everything, with the transaction of the step.
pub(crate) fn sign_out(step: &mut Step<'_>) -> Result<(), EngineError> {
    step.tx.wipe()?;
    step.tx.setting_put(SIGNED_OUT, &step.now.0.to_be_bytes())?;
    step.signed_out = true;
    Ok(())
}

impl Engine {
    /// When this device was signed out from another, if it was and has no account since.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn signed_out_at(&self) -> Result<Option<Timestamp>, EngineError> {
        let at = self.store.read(|tx| tx.setting_get(SIGNED_OUT))?;
        let at = at.and_then(|at| at.try_into().ok());
        Ok(at.map(|at| Timestamp(u64::from_be_bytes(at))))
    }

    /// What memory holds of the account goes too.
    pub(crate) fn be_nobody(&mut self) {
        for service in Service::ALL {
            self.close(service);
        }
        self.me = None;
        self.groups.take();
        self.arrivals = Arrivals::default();
        self.doubt = None;
        self.fetching.clear();
        self.synced = false;
        self.pass(Event::SignedOut);
    }

    /// The server says that this device is revoked. Only what one's own account signed counts.
    pub(crate) fn hear_revocation(
        &mut self,
        list: proto::DeviceList,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let Some(me) = &self.me else { return Ok(()) };
        let device = me.identity.certificate.device_key;
        let mut known = self.store.read(own_devices)?;
        let merged = DeviceList::verify(list).and_then(|list| known.merge(&list));
        let revoked = merged.is_ok() && known.device(&device).is_none();
        if revoked {
            return self.step(now, sign_out);
        }
        let error = proto::ServiceError::default();
        self.hold(Hold::Tokens, &error, now);
        self.hold(Hold::Devices, &error, now);
        self.close(Service::Account);
        Ok(())
    }
}

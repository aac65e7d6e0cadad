//! A new account.

use undertone_wire::{
    identity::DeviceList,
    ids::{DeviceKey, SignatureBytes},
    proto::{ErrorKind, account_answer},
};

use super::{
    ConnectionId, RegistrationPolicy,
    batch::Batch,
    failure::{Outcome, refuse},
    rearrange::Registry,
};
use crate::answer::done;

impl Batch<'_> {
    pub fn register(
        &mut self,
        connection: ConnectionId,
        devices: &DeviceList,
        device: &DeviceKey,
        invite_code: &str,
        signature: &SignatureBytes,
    ) -> Outcome<account_answer::Body> {
        let account = devices.account();
        self.verify_device(connection, &account, device, signature)?;
        if let Some(mut stored) = self.core.device_list(&account)? {
            // Its owner did not hear that it was made; all that was asked for then is there.
            if stored.merge(devices) != Ok(false) {
                return refuse(ErrorKind::Conflict, "the account is there already");
            }
            self.authenticated(connection, &stored, device)?;
            return Ok(done::ACCOUNT);
        }
        let policy = self.core.settings.registration;
        if policy == RegistrationPolicy::Closed {
            return refuse(
                ErrorKind::RegistrationClosed,
                "this server makes no new accounts",
            );
        }
        let invite = match policy {
            RegistrationPolicy::Invite => Some(self.core.find_invite(invite_code)?),
            _ => None,
        };
        let address = self
            .core
            .connections
            .get(connection)
            .and_then(|known| known.address);
        let limit = self.core.settings.registrations_per_hour;
        self.core.rates.registration(address, limit, self.now)?;
        self.authenticated(connection, devices, device)?;
        if let Some(invite) = invite {
            self.core.use_invite(&invite)?;
        }
        self.core.put_account(devices, self.now.month())?;
        self.core.maintenance.changed(Registry::Accounts);
        self.core.counters.registrations += 1;
        Ok(done::ACCOUNT)
    }
}

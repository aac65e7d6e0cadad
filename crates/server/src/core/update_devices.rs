//! Certificates and revocations that are added to an account's list.

use undertone_wire::{
    identity::{DeviceList, IdentityError},
    proto::{ErrorKind, account_answer},
};

use super::{
    ConnectionId,
    batch::Batch,
    connections::Device,
    failure::{Outcome, refuse},
};
use crate::answer::{UNAVAILABLE, done};

impl Batch<'_> {
    /// Ends the connections of devices that are revoked by it.
    pub fn update_devices(
        &mut self,
        connection: ConnectionId,
        device: &Device,
        devices: &DeviceList,
    ) -> Outcome<account_answer::Body> {
        let mut list = self.stored_list(device)?;
        match list.merge(devices) {
            Ok(false) => return Ok(done::ACCOUNT),
            Ok(true) => {}
            Err(IdentityError::TooMany) => {
                return refuse(ErrorKind::TooLarge, "an account has fewer device records");
            }
            Err(_) => {
                return refuse(ErrorKind::Unauthorised, "the list is of another account");
            }
        }
        self.core.update_account(&list)?;
        for (other, key) in self.core.connections.of_account(&device.account) {
            let revoked = list.device(&key).is_none();
            if other == connection {
                self.ending = revoked;
            } else if revoked {
                self.end(other);
            }
        }
        Ok(done::ACCOUNT)
    }

    pub fn get_devices(&self, device: &Device) -> Outcome<account_answer::Body> {
        let list = self.stored_list(device)?;
        Ok(account_answer::Body::Devices(list.to_proto()))
    }

    fn stored_list(&self, device: &Device) -> Outcome<DeviceList> {
        let list = self.core.device_list(&device.account)?;
        list.ok_or(UNAVAILABLE.into())
    }
}

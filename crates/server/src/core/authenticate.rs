//! The proof of being a device of an account.

use undertone_wire::{
    ids::{AccountId, DeviceKey, SignatureBytes},
    proto::{ErrorKind, account_answer},
};

use super::{
    ConnectionId,
    batch::Batch,
    failure::{Outcome, refuse},
};
use crate::answer::done;

impl Batch<'_> {
    pub fn authenticate(
        &mut self,
        connection: ConnectionId,
        account: &AccountId,
        device: &DeviceKey,
        signature: &SignatureBytes,
    ) -> Outcome<account_answer::Body> {
        self.verify_device(connection, account, device, signature)?;
        let Some(devices) = self.core.device_list(account)? else {
            return refuse(
                ErrorKind::Unauthorised,
                "the device is not, or no longer, one of the account",
            );
        };
        let revoked = devices.device(device).is_none()
            && devices.certificates().any(|one| one.device_key == *device);
        if revoked {
            // It is shown the proof, signed by its own account, and can believe that.
            self.ending = true;
            return Ok(account_answer::Body::Devices(devices.to_proto()));
        }
        self.authenticated(connection, &devices, device)?;
        Ok(done::ACCOUNT)
    }
}

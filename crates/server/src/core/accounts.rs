//! What is stored of an account: the list of its devices, and the month in which it was made.

use prost::Message as _;
use undertone_wire::{
    identity::DeviceList,
    ids::{AccountId, DeviceKey, SignatureBytes},
    proto::{self, ErrorKind},
    signing::{Purpose, verify},
};

use super::{
    ConnectionId, Core,
    batch::Batch,
    connections::Device,
    failure::{Outcome, refuse},
    statements::{ACCOUNT_GET, ACCOUNT_PUT, ACCOUNT_UPDATE},
};
use crate::answer::UNAVAILABLE;

impl Core {
    /// The devices of an account, if there is such a one.
    pub(super) fn device_list(&self, account: &AccountId) -> Outcome<Option<DeviceList>> {
        let stored = self
            .store
            .first(ACCOUNT_GET, (account.as_bytes(),), |row| {
                Ok(proto::DeviceList::decode(row.get_ref(0)?.as_blob()?))
            })?;
        let Some(stored) = stored else {
            return Ok(None);
        };
        // Verified before it was stored.
        let list = stored.ok().and_then(|list| DeviceList::restore(list).ok());
        list.map(Some).ok_or(UNAVAILABLE.into())
    }

    pub(super) fn put_account(&self, devices: &DeviceList, month: u32) -> Outcome<()> {
        let encoded = devices.to_proto().encode_to_vec();
        let account = devices.account();
        self.store
            .execute(ACCOUNT_PUT, (account.as_bytes(), month, encoded))?;
        Ok(())
    }

    pub(super) fn update_account(&self, devices: &DeviceList) -> Outcome<()> {
        let encoded = devices.to_proto().encode_to_vec();
        let account = devices.account();
        self.store
            .execute(ACCOUNT_UPDATE, (account.as_bytes(), encoded))?;
        Ok(())
    }
}

impl Batch<'_> {
    /// Verifies the signature over the connection's challenge.
    pub fn verify_device(
        &self,
        connection: ConnectionId,
        account: &AccountId,
        device: &DeviceKey,
        signature: &SignatureBytes,
    ) -> Outcome<()> {
        let signed = self.core.connections.get(connection).is_some_and(|known| {
            let parts: [&[u8]; 4] = [
                known.nonce.as_bytes(),
                known.authority.as_bytes(),
                account.as_bytes(),
                device.as_bytes(),
            ];
            let purpose = Purpose::AccountConnection;
            verify(device.as_bytes(), purpose, &parts, signature.as_bytes()).is_ok()
        });
        if !signed {
            return refuse(
                ErrorKind::Unauthorised,
                "the challenge is not signed by the device",
            );
        }
        Ok(())
    }

    /// The connection is from now on that of a device of the list.
    pub fn authenticated(
        &mut self,
        connection: ConnectionId,
        devices: &DeviceList,
        device: &DeviceKey,
    ) -> Outcome<()> {
        let Some(certificate) = devices.device(device) else {
            return refuse(
                ErrorKind::Unauthorised,
                "the device is not, or no longer, one of the account",
            );
        };
        self.core.connections.authenticated(
            connection,
            Device {
                account: devices.account(),
                key: *device,
                capability: certificate.capability,
            },
        );
        Ok(())
    }
}

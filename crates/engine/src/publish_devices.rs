//! Tells the directory of certificates and revocations that it lacks.

use prost::Message as _;
use undertone_wire::{
    proto::{self, account_request::Body as Request},
    time::Timestamp,
};

use crate::{
    engine::Engine,
    error::EngineError,
    own_devices::own_devices,
    tasks::{AccountTask, Hold},
};

impl Engine {
    pub(crate) fn publish_devices(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let list = self.store.read(own_devices)?.to_proto();
        let told = list.encode_to_vec();
        let body = proto::UpdateDevices {
            devices: Some(list),
        };
        let task = AccountTask::UpdateDevices(told);
        self.ask_account(Request::UpdateDevices(body), task, now);
        Ok(())
    }

    /// The directory has what it was told; there may be more by now.
    pub(crate) fn devices_published(&mut self, told: &[u8]) -> Result<(), EngineError> {
        self.release(&Hold::Devices);
        self.store.write(|tx| {
            if let Some(mut account) = tx.account()?
                && account.devices == told
            {
                account.devices_due = false;
                tx.put_account(&account)?;
            }
            Ok(())
        })
    }
}

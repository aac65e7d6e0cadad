//! What an account keeps on the server for its next device, sealed by the client.

use undertone_wire::{
    identity::Capability,
    proto::{self, ErrorKind, account_answer},
    signing::hash_parts,
};

use super::{
    batch::Batch,
    connections::Device,
    failure::{Outcome, refuse},
    statements::{VAULT_GET, VAULT_PUT},
};
use crate::{answer::done, session::VaultName};

impl Batch<'_> {
    pub fn put_vault(
        &mut self,
        device: &Device,
        vault: VaultName,
        sealed: &[u8],
    ) -> Outcome<account_answer::Body> {
        if device.capability != Capability::Full {
            return refuse(ErrorKind::Unauthorised, "only a full device writes vaults");
        }
        self.core
            .store
            .execute(VAULT_PUT, (row(device, vault), sealed))?;
        Ok(done::ACCOUNT)
    }

    pub fn get_vault(&self, device: &Device, vault: VaultName) -> Outcome<account_answer::Body> {
        let sealed = self
            .core
            .store
            .first(VAULT_GET, (row(device, vault),), |row| row.get(0))?;
        match sealed {
            Some(sealed) => Ok(account_answer::Body::Vault(proto::Vault { sealed })),
            None => refuse(ErrorKind::NotFound, "there is no such vault"),
        }
    }
}

fn row(device: &Device, vault: VaultName) -> [u8; 32] {
    hash_parts(
        "undertone/1 row vault",
        &[
            device.account.as_bytes(),
            &(vault.kind as i32).to_be_bytes(),
            &vault.version.to_be_bytes(),
        ],
    )
}

//! What members of an epoch derive from it besides messages, by the MLS exporter.

use openmls::group::{MlsGroup, StagedCommit};
use undertone_wire::{
    digest::send_key_hash, ids::SendKey, proto::EpochKeys, reach::SymmetricKey, signing::SecretKey,
};
use zeroize::Zeroizing;

use crate::crypto::Crypto;

const ENVELOPE: &str = "undertone/1 envelope";
const SEND_KEY: &str = "undertone/1 send key";
const COMMIT_KEY: &str = "undertone/1 commit key";

/// The keys of one epoch.
#[derive(Debug, Clone)]
pub struct EpochSecrets {
    /// Seals every envelope of the epoch.
    pub envelope: SymmetricKey,
    /// Shown to the server with each delivery.
    pub send_key: SendKey,
    /// Signs the commit that ends the epoch.
    pub commit_key: SecretKey,
}

impl EpochSecrets {
    /// What the sequencer gets of them.
    pub fn public(&self) -> EpochKeys {
        EpochKeys {
            commit_key: self.commit_key.public().to_vec(),
            send_key_hash: send_key_hash(self.send_key.as_bytes()).to_vec(),
        }
    }

    /// Of the epoch that `group` is in; none if it has been left.
    pub(crate) fn of_group(group: &MlsGroup, crypto: &Crypto) -> Option<Self> {
        Self::derive(|label| group.export_secret(crypto, label, b"", 32).ok())
    }

    /// Of the epoch that `commit` leads to; none if it removes this device.
    pub(crate) fn of_commit(commit: &StagedCommit, crypto: &Crypto) -> Option<Self> {
        Self::derive(|label| commit.export_secret(crypto, label, b"", 32).ok())
    }

    fn derive(export: impl Fn(&str) -> Option<Vec<u8>>) -> Option<Self> {
        let key = |label| -> Option<Zeroizing<[u8; 32]>> {
            let bytes = Zeroizing::new(export(label)?);
            bytes.as_slice().try_into().ok().map(Zeroizing::new)
        };
        Some(Self {
            envelope: SymmetricKey::new(*key(ENVELOPE)?),
            send_key: SendKey::new(*key(SEND_KEY)?),
            commit_key: SecretKey::from_seed(&*key(COMMIT_KEY)?),
        })
    }
}

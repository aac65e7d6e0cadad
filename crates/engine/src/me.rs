//! The account of this profile with its keys, as they are used.

use undertone_mls::DeviceIdentity;
use undertone_store::account::AccountRow;
use undertone_wire::{
    entry::UnsealingKey,
    identity::Certificate,
    ids::{AccountId, QueueId, RootKey},
    link::ServerUrl,
    signing::{SecretKey, hash_parts},
};

use crate::error::EngineError;

/// Who this engine acts for.
pub(crate) struct Me {
    pub(crate) server: ServerUrl,
    pub(crate) account: AccountId,
    pub(crate) root_key: RootKey,
    pub(crate) identity: DeviceIdentity,
    pub(crate) rescue_key: [u8; 32],
    pub(crate) rescue: UnsealingKey,
    pub(crate) queue: QueueId,
    pub(crate) queue_key: SecretKey,
    pub(crate) unsealing: UnsealingKey,
}

impl Me {
    /// Reads the keys out of the stored account.
    pub(crate) fn load(row: &AccountRow) -> Result<Self, EngineError> {
        let certificate = Certificate::decode(&row.certificate)?;
        let rescue_seed = hash_parts("undertone/1 rescue key", &[&row.device_seed]);
        let rescue = UnsealingKey::from_seed(&rescue_seed)?;
        Ok(Self {
            server: ServerUrl::parse(&row.server)
                .map_err(|_| EngineError::Damaged("the server's address"))?,
            account: certificate.account(),
            root_key: certificate.root_key,
            identity: DeviceIdentity {
                key: secret_key(&row.device_seed)?,
                certificate,
            },
            rescue_key: *rescue.public().as_bytes(),
            rescue,
            queue: row.queue,
            queue_key: secret_key(&row.queue_seed)?,
            unsealing: UnsealingKey::from_seed(seed(&row.unsealing_seed)?)?,
        })
    }
}

fn secret_key(bytes: &[u8]) -> Result<SecretKey, EngineError> {
    seed(bytes).map(SecretKey::from_seed)
}

fn seed(bytes: &[u8]) -> Result<&[u8; 32], EngineError> {
    bytes.try_into().map_err(|_| EngineError::Damaged("a key"))
}

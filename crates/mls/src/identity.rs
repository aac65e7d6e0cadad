//! The device as MLS sees it: its certificate as the credential, its key as the signature key.

use ed25519_dalek::{Signer as _, SigningKey};
use openmls::prelude::{BasicCredential, CredentialWithKey};
use openmls_traits::{
    signatures::{Signer, SignerError},
    types::SignatureScheme,
};
use undertone_wire::{identity::Certificate, signing::SecretKey};

/// A device's certificate and the secret half of its key. MLS storage never holds the key.
#[derive(Debug, Clone)]
pub struct DeviceIdentity {
    /// Binds `key` to the account.
    pub certificate: Certificate,
    /// The device key.
    pub key: SecretKey,
}

impl DeviceIdentity {
    /// The credential of this device's leaves.
    pub fn credential(&self) -> CredentialWithKey {
        CredentialWithKey {
            credential: BasicCredential::new(self.certificate.encode()).into(),
            signature_key: self.certificate.device_key.to_vec().into(),
        }
    }
}

impl Signer for DeviceIdentity {
    fn sign(&self, payload: &[u8]) -> Result<Vec<u8>, SignerError> {
        // MLS labels what it signs itself (RFC 9420, 5.1.2), so no label of ours is put before it.
        let key = SigningKey::from_bytes(&self.key.seed());
        Ok(key.sign(payload).to_bytes().to_vec())
    }

    fn signature_scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

//! Ed25519 signatures under a label, so that a signature made for one purpose never serves another.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::ids::SignatureBytes;

/// What a signature is for. The label is hashed before the signed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A device certificate, by the root key.
    DeviceCertificate,
    /// A device revocation, by the root key or a full device.
    DeviceRevocation,
    /// A challenge of the account connection, by the device key.
    AccountConnection,
    /// A challenge of the queue connection, by the queue's key.
    QueueConnection,
    /// A commit for the sequencer, by the epoch's commit key.
    SequencedCommit,
    /// A change of a card, by its owner key.
    CardChange,
    /// Content inside a conversation, by the device key.
    Content,
    /// A signal inside a conversation, by the device key.
    Signal,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Self::DeviceCertificate => "undertone/1 device certificate",
            Self::DeviceRevocation => "undertone/1 device revocation",
            Self::AccountConnection => "undertone/1 account connection",
            Self::QueueConnection => "undertone/1 queue connection",
            Self::SequencedCommit => "undertone/1 sequenced commit",
            Self::CardChange => "undertone/1 card change",
            Self::Content => "undertone/1 content",
            Self::Signal => "undertone/1 signal",
        }
    }
}

/// The signature is not of this key over these bytes for this purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct SignatureError;

/// A secret Ed25519 key. Erased from memory when dropped; never printed.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// Draws a random key.
    pub fn random(rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng + ?Sized)) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key of a seed of RFC 8032.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// The seed, to be stored.
    pub fn seed(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The verification key.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs `parts`, one after the other, for `purpose`.
    pub fn sign(&self, purpose: Purpose, parts: &[&[u8]]) -> SignatureBytes {
        SignatureBytes::new(self.0.sign(&to_be_signed(purpose, parts)).to_bytes())
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Verifies a signature made by [`SecretKey::sign`], strictly: weak keys and malleable signatures are
/// refused.
///
/// # Errors
/// [`SignatureError`] whatever is wrong, the key and the lengths included.
pub fn verify(
    public_key: &[u8],
    purpose: Purpose,
    parts: &[&[u8]],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let key = public_key.try_into().map_err(|_| SignatureError)?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| SignatureError)?;
    let signature = Signature::from_slice(signature).map_err(|_| SignatureError)?;
    key.verify_strict(&to_be_signed(purpose, parts), &signature)
        .map_err(|_| SignatureError)
}

/// `SHA-256(length and bytes of the label, then length and bytes of each part)`: lengths as 8 bytes,
/// big-endian, so that no two lists of parts hash the same.
fn to_be_signed(purpose: Purpose, parts: &[&[u8]]) -> [u8; 32] {
    hash_parts(purpose.label(), parts)
}

/// The hash that the protocol uses wherever several fields are bound together under a label.
pub fn hash_parts(label: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_signature_serves_only_its_purpose_and_its_parts() {
        let key = SecretKey::from_seed(&[7; 32]);
        let signature = key.sign(Purpose::Content, &[b"ab", b"c"]);
        let check = |purpose, parts: &[&[u8]]| {
            verify(&key.public(), purpose, parts, signature.as_bytes()).is_ok()
        };
        assert!(check(Purpose::Content, &[b"ab", b"c"]));
        assert!(!check(Purpose::Signal, &[b"ab", b"c"]));
        assert!(!check(Purpose::Content, &[b"a", b"bc"]));
        assert!(!check(Purpose::Content, &[b"abc"]));
        assert!(
            verify(
                &[0; 32],
                Purpose::Content,
                &[b"ab", b"c"],
                signature.as_bytes()
            )
            .is_err()
        );
        assert!(verify(&[], Purpose::Content, &[], &[]).is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(
            format!("{:?}", SecretKey::from_seed(&[7; 32])),
            "SecretKey(…)"
        );
    }
}

//! A type for every identifier and public key, so that none can be mistaken for another.

use std::fmt;

/// A field that came with another length than it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} must be {expected} bytes, not {found}")]
pub struct LengthError {
    /// What the field is.
    pub what: &'static str,
    /// Bytes it must have.
    pub expected: usize,
    /// Bytes it had.
    pub found: usize,
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $length:literal, $what:literal $(, $show:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $length]);

        impl $name {
            /// Length in bytes.
            pub const LENGTH: usize = $length;

            /// Takes the bytes as they are.
            pub const fn new(bytes: [u8; $length]) -> Self {
                Self(bytes)
            }

            /// Draws a random one.
            pub fn random(rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng + ?Sized)) -> Self {
                let mut bytes = [0; $length];
                rng.fill_bytes(&mut bytes);
                Self(bytes)
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $length] {
                &self.0
            }

            /// The bytes, as the wire format holds them.
            pub fn to_vec(&self) -> Vec<u8> {
                self.0.to_vec()
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = LengthError;

            fn try_from(bytes: &[u8]) -> Result<Self, LengthError> {
                bytes.try_into().map(Self).map_err(|_| LengthError {
                    what: $what,
                    expected: $length,
                    found: bytes.len(),
                })
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        // Identifiers are secrets or tell whose something is: none of them may reach a log.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

identifier!(
    /// An account: SHA-256 of its root key under the label of [`crate::identity`].
    AccountId, 32, "an account id"
);
identifier!(
    /// The Ed25519 verification key that certifies the devices of an account.
    RootKey, 32, "a root key"
);
identifier!(
    /// The Ed25519 verification key of a device, which is also its MLS signature key.
    DeviceKey, 32, "a device key"
);
identifier!(
    /// The serial number of a device certificate.
    Serial, 16, "a certificate's serial"
);
identifier!(
    /// The secret name of a queue.
    QueueId, 32, "a queue id"
);
identifier!(
    /// The Ed25519 verification key of a queue.
    QueueKey, 32, "a queue key"
);
identifier!(
    /// The X25519 key under which a queue's entries are sealed (RFC 9180).
    SealingKey, 32, "a sealing key"
);
identifier!(
    /// A random address that delivers into one queue and can be dropped alone.
    Alias, 32, "an alias"
);
identifier!(
    /// The secret name by which the sequencer knows a conversation.
    Handle, 32, "a handle"
);
identifier!(
    /// The key of an epoch that a delivery at that epoch must show. A secret of the members.
    SendKey, 32, "a send key"
);
identifier!(
    /// SHA-256 of a send key, as the sequencer keeps it.
    SendKeyHash, 32, "the hash of a send key"
);
identifier!(
    /// The Ed25519 verification key of an epoch, under which the commit that ends it is signed.
    CommitKey, 32, "a commit key"
);
identifier!(
    /// The secret name of a card.
    CardId, 32, "a card id"
);
identifier!(
    /// The Ed25519 verification key of a card's owner.
    CardOwnerKey, 32, "a card owner key"
);
identifier!(
    /// Chosen by the reader of a card, so that asking again gives the same item.
    ReaderNonce, 16, "a reader's nonce"
);
identifier!(
    /// The secret name of a blob.
    BlobName, 32, "a blob name"
);
identifier!(
    /// The secret by which one recipient fetches, and lets go of, a shared payload.
    SlotId, 32, "a slot"
);
identifier!(
    /// The place of an entry in its queue, encrypted (see [`crate::digest`]).
    EntryId, 16, "an entry id"
);
identifier!(
    /// The random part of a challenge.
    ChallengeNonce, 32, "a challenge"
);
identifier!(
    /// A message or other item inside a conversation.
    ContentId, 16, "a content id"
);
identifier!(
    /// An Ed25519 signature (RFC 8032).
    SignatureBytes, 64, "a signature"
);

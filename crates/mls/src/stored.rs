//! How MLS state is written: one key for each thing, MessagePack with field names for its value.
//!
//! `key = 1 byte version of this form || SHA-256 of label and encoded name`, so keys are of one length and a
//! store that is read without its encryption does not name groups. Values name their fields: a later OpenMLS
//! may add some.

use prost::Message as _;
use serde::{Serialize, de::DeserializeOwned};
use undertone_wire::signing::hash_parts;
use zeroize::{Zeroize as _, Zeroizing};

use crate::proto::StoredList;

/// The version of the stored form: the first byte of every key.
pub const STORED_VERSION: u8 = 1;

/// Why MLS state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The store beneath failed.
    #[error("the store of the conversations failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was read is not what was written.
    #[error("the stored state of a conversation is damaged")]
    Damaged,
    /// OpenMLS gave something that cannot be written.
    #[error("the state of a conversation cannot be stored")]
    Unencodable,
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    KeyPackage,
    Psk,
    EncryptionKeyPair,
    SignatureKeyPair,
    EpochKeyPairs,
    Tree,
    GroupContext,
    InterimTranscriptHash,
    ConfirmationTag,
    JoinConfig,
    OwnLeafNodes,
    GroupState,
    QueuedProposal,
    ProposalRefs,
    OwnLeafIndex,
    EpochSecrets,
    ResumptionPsks,
    MessageSecrets,
    /// Ours, not OpenMLS's: the digest of the envelope of the commit that is pending.
    PendingEnvelope,
}

impl Label {
    fn name(self) -> &'static str {
        match self {
            Self::KeyPackage => "key package",
            Self::Psk => "psk",
            Self::EncryptionKeyPair => "encryption key pair",
            Self::SignatureKeyPair => "signature key pair",
            Self::EpochKeyPairs => "epoch key pairs",
            Self::Tree => "tree",
            Self::GroupContext => "group context",
            Self::InterimTranscriptHash => "interim transcript hash",
            Self::ConfirmationTag => "confirmation tag",
            Self::JoinConfig => "join config",
            Self::OwnLeafNodes => "own leaf nodes",
            Self::GroupState => "group state",
            Self::QueuedProposal => "queued proposal",
            Self::ProposalRefs => "proposal refs",
            Self::OwnLeafIndex => "own leaf index",
            Self::EpochSecrets => "epoch secrets",
            Self::ResumptionPsks => "resumption psks",
            Self::MessageSecrets => "message secrets",
            Self::PendingEnvelope => "pending envelope",
        }
    }
}

/// The key under which the thing of this label and name is kept.
pub(crate) fn key(label: Label, name: &impl Serialize) -> Result<[u8; 33], StorageError> {
    let name = encode(name)?;
    let hash = hash_parts("undertone/1 mls storage", &[label.name().as_bytes(), &name]);
    let mut key = [STORED_VERSION; 33];
    for (to, from) in key.iter_mut().skip(1).zip(hash) {
        *to = from;
    }
    Ok(key)
}

pub(crate) fn encode(
    value: &(impl Serialize + ?Sized),
) -> Result<Zeroizing<Vec<u8>>, StorageError> {
    rmp_serde::to_vec_named(value)
        .map(Zeroizing::new)
        .map_err(|_| StorageError::Unencodable)
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    rmp_serde::from_slice(bytes).map_err(|_| StorageError::Damaged)
}

/// Encoded items in the order in which they were added.
pub(crate) struct Items(pub(crate) Vec<Vec<u8>>);

impl Items {
    pub(crate) fn decode(bytes: Option<Zeroizing<Vec<u8>>>) -> Result<Self, StorageError> {
        match bytes {
            None => Ok(Self(Vec::new())),
            Some(bytes) => StoredList::decode(bytes.as_slice())
                .map(|mut list| Self(std::mem::take(&mut list.items)))
                .map_err(|_| StorageError::Damaged),
        }
    }

    pub(crate) fn encode(mut self) -> Zeroizing<Vec<u8>> {
        let mut list = StoredList {
            items: std::mem::take(&mut self.0),
        };
        let bytes = Zeroizing::new(list.encode_to_vec());
        list.items.zeroize();
        bytes
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

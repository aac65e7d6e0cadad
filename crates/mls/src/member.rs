//! A member: a leaf of the tree whose certificate and contact data are in order.

use openmls::{
    prelude::{BasicCredential, Extension, LeafNode},
    treesync::LeafNodeSource,
};
use openmls_traits::crypto::OpenMlsCrypto as _;
use tls_codec::{Deserialize as _, Serialize as _, VLBytes};
use undertone_wire::{identity::Certificate, ids::AccountId};

use crate::{
    crypto::Crypto,
    leaf_info::LeafInfo,
    suite::{LEAF_EXTENSION, SUITE, is_unlimited},
};

/// A device in a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Its place in the tree. Another device may stand there in a later epoch.
    pub index: u32,
    /// Verified; also says whether the device is a bot.
    pub certificate: Certificate,
    /// Of the certificate.
    pub account: AccountId,
    /// How to reach it, and how it came here.
    pub leaf: LeafInfo,
}

/// Why a leaf cannot be a member's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeafError {
    /// The credential holds no certificate that verifies.
    #[error("a leaf has no valid device certificate")]
    Certificate,
    /// The certificate is of another key than the leaf is signed with.
    #[error("a leaf is not signed by the device of its certificate")]
    OtherKey,
    /// The extensions are not exactly a [`LeafInfo`].
    #[error("a leaf does not say how to reach it")]
    Info,
    /// The leaf would end by the clock.
    #[error("a leaf has a limited lifetime")]
    Lifetime,
    /// Nothing can be encrypted to it, so that no commit with a path could be made any more.
    #[error("a leaf has a key that cannot be used")]
    Key,
}

/// Tries to encrypt to `key`: OpenMLS takes any bytes for one.
pub(crate) fn check_hpke_key(key: &[u8], crypto: &Crypto) -> Result<(), LeafError> {
    crypto
        .hpke_seal(SUITE.hpke_config(), key, &[], &[], &[])
        .map(drop)
        .map_err(|_| LeafError::Key)
}

/// As [`check_hpke_key`], for the key of a leaf.
pub(crate) fn check_leaf_key(leaf: &LeafNode, crypto: &Crypto) -> Result<(), LeafError> {
    let encoded = leaf.encryption_key().tls_serialize_detached();
    let key = encoded
        .and_then(VLBytes::tls_deserialize_exact)
        .map_err(|_| LeafError::Key)?;
    check_hpke_key(key.as_slice(), crypto)
}

impl Member {
    /// Checks a leaf whose signature OpenMLS has checked.
    pub(crate) fn of_leaf(index: u32, leaf: &LeafNode) -> Result<Self, LeafError> {
        let credential = BasicCredential::try_from(leaf.credential().clone())
            .map_err(|_| LeafError::Certificate)?;
        let certificate =
            Certificate::decode(credential.identity()).map_err(|_| LeafError::Certificate)?;
        if certificate.encode() != credential.identity() {
            return Err(LeafError::Certificate);
        }
        if leaf.signature_key().as_slice() != certificate.device_key.as_bytes() {
            return Err(LeafError::OtherKey);
        }
        if let LeafNodeSource::KeyPackage(lifetime) = leaf.leaf_node_source()
            && !is_unlimited(lifetime)
        {
            return Err(LeafError::Lifetime);
        }
        Ok(Self {
            index,
            account: certificate.account(),
            certificate,
            leaf: leaf_info(leaf)?,
        })
    }
}

/// What a leaf says besides who it is; it must be all that it says.
pub(crate) fn leaf_info(leaf: &LeafNode) -> Result<LeafInfo, LeafError> {
    let mut extensions = leaf.extensions().iter();
    let (Some(Extension::Unknown(LEAF_EXTENSION, info)), None) =
        (extensions.next(), extensions.next())
    else {
        return Err(LeafError::Info);
    };
    LeafInfo::decode(&info.0).map_err(|_| LeafError::Info)
}

//! KeyPackages: what others need to add this device, and what this device needs to add others.

use openmls::prelude::{
    ExtensionType, KeyPackage, KeyPackageIn, KeyPackageRef as MlsRef, ProtocolVersion,
};
use openmls_traits::{OpenMlsProvider as _, storage::StorageProvider as _};
use tls_codec::{Deserialize as _, Serialize as _};
use undertone_wire::limits;

use crate::{
    crypto::Crypto,
    identity::DeviceIdentity,
    key_value::KeyValue,
    leaf_info::LeafInfo,
    member::{LeafError, Member, check_hpke_key, check_leaf_key},
    provider::Provider,
    stored::StorageError,
    suite::{SUITE, capabilities, leaf_extensions, lifetime},
};

/// Names a KeyPackage: its RFC 9420 reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPackageRef([u8; 32]);

impl KeyPackageRef {
    /// Takes the bytes as they are.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn of(key_package: &KeyPackage, crypto: &Crypto) -> Option<Self> {
        let reference = key_package.hash_ref(crypto).ok()?;
        reference.as_slice().try_into().ok().map(Self)
    }

    fn to_mls(self) -> Option<MlsRef> {
        let value = tls_codec::VLBytes::new(self.0.to_vec());
        let bytes = value.tls_serialize_detached().ok()?;
        MlsRef::tls_deserialize_exact(bytes).ok()
    }
}

impl std::fmt::Debug for KeyPackageRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyPackageRef(…)")
    }
}

/// Why a KeyPackage could not be made, or is refused.
#[derive(Debug, thiserror::Error)]
pub enum KeyPackageError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Not a KeyPackage whose signatures verify, or of another suite.
    #[error("a KeyPackage is not valid")]
    Invalid,
    /// Its leaf cannot be a member's.
    #[error("the leaf of a KeyPackage is refused")]
    Leaf(#[from] LeafError),
    /// OpenMLS could not make one.
    #[error("a KeyPackage could not be made")]
    NotMade,
}

/// A KeyPackage of this device. Its secret half lies in the store.
#[derive(Debug, Clone)]
pub struct OwnKeyPackage {
    /// To be given to others.
    pub bytes: Vec<u8>,
    /// Names it in [`delete_key_package`] and in an invitation.
    pub reference: KeyPackageRef,
}

/// Makes a KeyPackage. A reusable one keeps its secret half after use, until [`delete_key_package`].
///
/// # Errors
/// [`KeyPackageError::Storage`], or [`KeyPackageError::NotMade`] if the library fails.
pub fn make_key_package<K: KeyValue>(
    provider: &Provider<'_, K>,
    identity: &DeviceIdentity,
    leaf: &LeafInfo,
    reusable: bool,
) -> Result<OwnKeyPackage, KeyPackageError> {
    let extensions = leaf_extensions(leaf).map_err(|_| KeyPackageError::NotMade)?;
    let mut builder = KeyPackage::builder()
        .key_package_lifetime(lifetime())
        .leaf_node_capabilities(capabilities())
        .leaf_node_extensions(extensions);
    if reusable {
        builder = builder.mark_as_last_resort();
    }
    let bundle = provider
        .checked(builder.build(SUITE, provider, identity, identity.credential()))?
        .map_err(|_| KeyPackageError::NotMade)?;
    let made = bundle.key_package();
    Ok(OwnKeyPackage {
        bytes: made
            .tls_serialize_detached()
            .map_err(|_| KeyPackageError::NotMade)?,
        reference: KeyPackageRef::of(made, provider.crypto()).ok_or(KeyPackageError::NotMade)?,
    })
}

/// Deletes the secret half of a KeyPackage: no invitation that uses it can be read any more.
///
/// # Errors
/// [`StorageError`]. One that is not there is no error.
pub fn delete_key_package<K: KeyValue>(
    provider: &Provider<'_, K>,
    reference: &KeyPackageRef,
) -> Result<(), StorageError> {
    let reference = reference.to_mls().ok_or(StorageError::Unencodable)?;
    let deleted = provider.storage().delete_key_package(&reference);
    provider
        .checked(deleted)?
        .map_err(|_| StorageError::Damaged)
}

/// A KeyPackage from outside that has been verified.
#[derive(Debug, Clone)]
pub struct VerifiedKeyPackage {
    member: Member,
    reference: KeyPackageRef,
    reusable: bool,
    inner: KeyPackage,
}

impl VerifiedKeyPackage {
    /// Verifies the bytes of a KeyPackage: both signatures, suite, certificate, that the certificate is of
    /// the signing key, unlimited lifetime, and the extensions.
    ///
    /// Whose account it is, and whether that is whom the caller wants to add, is for the caller to compare.
    ///
    /// # Errors
    /// [`KeyPackageError`] says what is wrong.
    pub fn verify(bytes: &[u8]) -> Result<Self, KeyPackageError> {
        if bytes.len() > limits::CARD_ITEM_BYTES {
            return Err(KeyPackageError::Invalid);
        }
        let crypto = Crypto::default();
        let inner = KeyPackageIn::tls_deserialize_exact(bytes)
            .map_err(|_| KeyPackageError::Invalid)?
            .validate(&crypto, ProtocolVersion::Mls10)
            .map_err(|_| KeyPackageError::Invalid)?;
        let member = check_key_package(&inner, &crypto).map_err(|fault| match fault {
            KeyPackageFault::NotOurs => KeyPackageError::Invalid,
            KeyPackageFault::Leaf(error) => KeyPackageError::Leaf(error),
        })?;
        Ok(Self {
            member,
            reference: KeyPackageRef::of(&inner, &crypto).ok_or(KeyPackageError::Invalid)?,
            reusable: inner.last_resort(),
            inner,
        })
    }

    /// The device and what its leaf says. The index means nothing yet.
    pub fn device(&self) -> &Member {
        &self.member
    }

    /// Names it.
    pub fn reference(&self) -> KeyPackageRef {
        self.reference
    }

    /// Whether others may use it too.
    pub fn is_reusable(&self) -> bool {
        self.reusable
    }

    pub(crate) fn into_inner(self) -> KeyPackage {
        self.inner
    }
}

/// Checks what OpenMLS does not: that it is of our suite, able to be in our conversations, has no extension but
/// the mark of reusable ones, usable keys, and a leaf that can be a member's. The index means nothing.
pub(crate) fn check_key_package(
    key_package: &KeyPackage,
    crypto: &Crypto,
) -> Result<Member, KeyPackageFault> {
    let leaf = key_package.leaf_node();
    let able = leaf.capabilities().extensions();
    let ours = key_package.ciphersuite() == SUITE
        && capabilities()
            .extensions()
            .iter()
            .all(|extension| able.contains(extension))
        && key_package
            .extensions()
            .iter()
            .all(|extension| extension.extension_type() == ExtensionType::LastResort);
    if !ours {
        return Err(KeyPackageFault::NotOurs);
    }
    let member = Member::of_leaf(0, leaf)?;
    check_leaf_key(leaf, crypto)?;
    check_hpke_key(key_package.hpke_init_key().as_slice(), crypto)?;
    Ok(member)
}

/// What [`check_key_package`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyPackageFault {
    NotOurs,
    Leaf(LeafError),
}

impl From<LeafError> for KeyPackageFault {
    fn from(error: LeafError) -> Self {
        Self::Leaf(error)
    }
}

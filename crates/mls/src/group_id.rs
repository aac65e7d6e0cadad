//! The MLS group id, which is random and 32 bytes here.

use std::fmt;

/// Names one MLS group. Members know it, the server never does.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GroupId([u8; 32]);

/// Not 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a group id must be 32 bytes")]
pub struct GroupIdError;

impl GroupId {
    /// Takes the bytes as they are.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Draws a random one.
    pub fn random(rng: &mut (impl rand_core::RngCore + rand_core::CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn to_mls(self) -> openmls::group::GroupId {
        openmls::group::GroupId::from_slice(&self.0)
    }
}

impl TryFrom<&[u8]> for GroupId {
    type Error = GroupIdError;

    fn try_from(bytes: &[u8]) -> Result<Self, GroupIdError> {
        bytes.try_into().map(Self).map_err(|_| GroupIdError)
    }
}

impl fmt::Debug for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GroupId(…)")
    }
}

//! The reach secret: what somebody must hold to reach an account, and the three values that it yields.

use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ids::CardId;

/// 32 random bytes from which readers derive where a card lies, how to open it, and how to knock.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct ReachSecret([u8; 32]);

/// A 32-byte symmetric key. Erased when dropped; never printed.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct SymmetricKey([u8; 32]);

impl ReachSecret {
    /// Draws a random one.
    pub fn random(rng: &mut (impl RngCore + CryptoRng + ?Sized)) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// Takes the bytes as they are.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, to be shown in a link or stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Where the card lies.
    pub fn card_id(&self) -> CardId {
        CardId::new(self.derive("undertone/1 card id"))
    }

    /// The key that seals the head and the items of the card.
    pub fn card_key(&self) -> SymmetricKey {
        SymmetricKey(self.derive("undertone/1 card key"))
    }

    /// The key that seals the first delivery (a Welcome), so that its MLS headers are not visible.
    pub fn knock_key(&self) -> SymmetricKey {
        SymmetricKey(self.derive("undertone/1 knock key"))
    }

    fn derive(&self, label: &str) -> [u8; 32] {
        let mut out = [0; 32];
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(label.as_bytes(), &mut out);
        debug_assert!(
            expanded.is_ok(),
            "32 bytes are never too many for HKDF-SHA-256"
        );
        out
    }
}

impl SymmetricKey {
    /// Takes the bytes as they are.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the cipher or to be stored.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for ReachSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReachSecret(…)")
    }
}

impl std::fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SymmetricKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_three_values_are_unrelated() {
        let secret = ReachSecret::new([3; 32]);
        assert_ne!(secret.card_id().as_bytes(), secret.card_key().as_bytes());
        assert_ne!(secret.card_key(), secret.knock_key());
    }
}

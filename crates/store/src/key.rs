//! The key that encrypts one store.

use std::fmt;

use rand_core::CryptoRngCore;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A random 256-bit key for one store; wiped when dropped, redacted when printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct StoreKey([u8; StoreKey::LEN]);

impl StoreKey {
    /// Length in bytes.
    pub const LEN: usize = 32;

    /// Draws a new key.
    pub fn generate(rng: &mut dyn CryptoRngCore) -> Self {
        let mut key = Self([0; Self::LEN]);
        rng.fill_bytes(&mut key.0);
        key
    }

    /// Takes a key that was kept elsewhere, as the browser does; it must have come from [`StoreKey::generate`].
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Self {
        Self(*bytes)
    }

    /// The key itself, for whoever has to keep it.
    #[must_use]
    pub fn expose(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    /// The form in which SQLCipher and SQLite3 Multiple Ciphers both take a raw key, without deriving one from it.
    pub(crate) fn to_pragma(&self) -> Zeroizing<String> {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        // Reserved at once: a growing string would leave pieces of the key behind in freed memory.
        let mut text = Zeroizing::new(String::with_capacity(2 * Self::LEN + 3));
        text.push_str("x'");
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 0x0f] {
                text.extend(DIGITS.get(usize::from(nibble)));
            }
        }
        text.push('\'');
        text
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("StoreKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::StoreKey;

    #[test]
    fn the_pragma_carries_the_raw_key_in_hex() {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 8 + 7).unwrap());
        assert_eq!(
            StoreKey::from_bytes(&bytes).to_pragma().as_str(),
            "x'070f171f272f373f474f575f676f777f878f979fa7afb7bfc7cfd7dfe7eff7ff'"
        );
    }

    #[test]
    fn printing_shows_nothing() {
        assert_eq!(
            format!("{:?}", StoreKey::from_bytes(&[0x41; 32])),
            "StoreKey(redacted)"
        );
    }
}

//! The rescue lane: what a device that fell out of a conversation says to a member of it, sealed by HPKE (RFC 9180, base
//! mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305) for the rescue key in that member's leaf. There is
//! no epoch any more whose keys both have.

use hpke_rs::{Hpke, HpkePublicKey, Mode};
use hpke_rs_crypto::types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm};

use crate::{
    entry::UnsealingKey,
    narrow_hpke::NarrowHpke,
    padding::{LADDER, PaddingError, pad, unpad},
};

const INFO: &[u8] = b"undertone/1 rescue";
/// The encapsulated key in front, and the cipher's tag.
const KEY_BYTES: usize = 32;
const OVERHEAD: usize = KEY_BYTES + 16;

/// Why a call for help cannot be sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RescueError {
    /// The rescue key is no point that can be used.
    #[error("a rescue key cannot be used")]
    Key,
    /// It is too long.
    #[error("a call for help is too long")]
    TooLarge(#[from] PaddingError),
}

/// Seals `content` for the owner of a rescue key, padded to the ladder.
///
/// # Errors
/// [`RescueError`] says what is wrong.
pub fn seal(rescue_key: &[u8; 32], content: Vec<u8>) -> Result<Vec<u8>, RescueError> {
    let padded = pad(content)?;
    let key = HpkePublicKey::new(rescue_key.to_vec());
    let (encapsulated, sealed) = hpke()
        .seal(&key, INFO, &[], &padded, None, None, None)
        .map_err(|_| RescueError::Key)?;
    Ok([encapsulated, sealed].concat())
}

/// Opens what was sealed for this key; `None` if it was not, or is damaged.
pub fn open(key: &UnsealingKey, payload: &[u8]) -> Option<Vec<u8>> {
    if !LADDER.contains(&payload.len().checked_sub(OVERHEAD)?) {
        return None;
    }
    let (encapsulated, sealed) = payload.split_at_checked(KEY_BYTES)?;
    let pair = hpke().derive_key_pair(key.seed()).ok()?;
    let padded = hpke()
        .open(
            encapsulated,
            pair.private_key(),
            INFO,
            &[],
            sealed,
            None,
            None,
            None,
        )
        .ok()?;
    unpad(padded).ok()
}

fn hpke() -> Hpke<NarrowHpke> {
    Hpke::new(
        Mode::Base,
        KemAlgorithm::DhKem25519,
        KdfAlgorithm::HkdfSha256,
        AeadAlgorithm::ChaCha20Poly1305,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn key(seed: u8) -> UnsealingKey {
        UnsealingKey::from_seed(&[seed; 32]).unwrap()
    }

    #[test]
    fn a_call_opens_for_its_member_alone_and_tells_nothing_by_its_length() {
        let public = *key(1).public().as_bytes();
        let call = seal(&public, b"add me anew".to_vec()).unwrap();
        assert_eq!(call.len(), LADDER[0] + OVERHEAD);
        assert_eq!(open(&key(1), &call).unwrap(), b"add me anew");
        assert_eq!(open(&key(2), &call), None);
        let mut damaged = call.clone();
        damaged.iter_mut().for_each(|byte| *byte ^= 1);
        assert_eq!(open(&key(1), &damaged), None);
        assert_eq!(open(&key(1), call.get(1..).unwrap()), None);
    }

    #[test]
    fn a_key_of_low_order_and_what_is_too_long_are_refused() {
        assert_eq!(seal(&[0; 32], Vec::new()), Err(RescueError::Key));
        let long = vec![0; 600_000];
        let refused = seal(key(1).public().as_bytes(), long);
        assert_eq!(refused, Err(RescueError::TooLarge(PaddingError::TooLarge)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(open(&key(1), &bytes), None);
            let mut of_length = bytes;
            of_length.resize(LADDER[0] + OVERHEAD, 7);
            prop_assert_eq!(open(&key(1), &of_length), None);
        }
    }
}

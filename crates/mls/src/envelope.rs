//! The envelope: everything that leaves a client, sealed under a symmetric key and padded to a ladder of sizes.
//!
//! `24 random bytes (nonce) || XChaCha20-Poly1305(key, nonce, aad = "undertone/1 envelope", padded EnvelopeBody)`.
//! Nothing else is visible: no group id, no epoch, no sender, no KeyPackage reference.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use prost::Message as _;
use rand_core::{CryptoRng, RngCore};
use undertone_wire::{
    padding::{LADDER, pad, unpad},
    reach::SymmetricKey,
};

use crate::proto::{EnvelopeBody, envelope_body::Body};

const AAD: &[u8] = b"undertone/1 envelope";
const NONCE: usize = 24;
const TAG: usize = 16;

/// More than fits the largest envelope: it must travel as a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too large for an envelope")]
pub struct TooLarge;

/// Why an envelope could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Sealed under another key, damaged, or no envelope at all.
    #[error("an envelope does not open under this key")]
    NotOurs,
    /// Sealed under this key, but what is inside is not what belongs there.
    #[error("the contents of an envelope cannot be read")]
    Malformed,
}

/// Seals an MLS Welcome under the knock key of the card that the KeyPackage lay on.
///
/// # Errors
/// [`TooLarge`] beyond the ladder.
pub fn seal_welcome(
    knock_key: &SymmetricKey,
    welcome: Vec<u8>,
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Result<Vec<u8>, TooLarge> {
    seal(knock_key, Body::Welcome(welcome), rng)
}

/// Opens what [`seal_welcome`] made: the bytes of an MLS Welcome, not yet looked at.
///
/// # Errors
/// [`EnvelopeError`] says whether the key or the contents are wrong.
pub fn open_welcome(knock_key: &SymmetricKey, envelope: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    match open(knock_key, envelope)? {
        Body::Welcome(welcome) => Ok(welcome),
        Body::MlsMessage(_) | Body::Signal(_) | Body::Outside(_) => Err(EnvelopeError::Malformed),
    }
}

pub(crate) fn seal(
    key: &SymmetricKey,
    body: Body,
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Result<Vec<u8>, TooLarge> {
    let body = EnvelopeBody { body: Some(body) };
    let padded = pad(body.encode_to_vec()).map_err(|_| TooLarge)?;
    let mut out = vec![0; NONCE];
    rng.fill_bytes(&mut out);
    let message = Payload {
        msg: &padded,
        aad: AAD,
    };
    let sealed = cipher(key)
        .encrypt(XNonce::from_slice(&out), message)
        .map_err(|_| TooLarge)?;
    out.extend_from_slice(&sealed);
    Ok(out)
}

pub(crate) fn open(key: &SymmetricKey, envelope: &[u8]) -> Result<Body, EnvelopeError> {
    let (nonce, sealed) = envelope
        .split_at_checked(NONCE)
        .ok_or(EnvelopeError::NotOurs)?;
    if !LADDER.iter().any(|step| step + TAG == sealed.len()) {
        return Err(EnvelopeError::NotOurs);
    }
    let message = Payload {
        msg: sealed,
        aad: AAD,
    };
    let padded = cipher(key)
        .decrypt(XNonce::from_slice(nonce), message)
        .map_err(|_| EnvelopeError::NotOurs)?;
    let body = unpad(padded).map_err(|_| EnvelopeError::Malformed)?;
    EnvelopeBody::decode(body.as_slice())
        .ok()
        .and_then(|envelope| envelope.body)
        .ok_or(EnvelopeError::Malformed)
}

fn cipher(key: &SymmetricKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.as_bytes().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn key(byte: u8) -> SymmetricKey {
        SymmetricKey::new([byte; 32])
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_format_is_fixed() {
        let signal = crate::proto::Signal {
            sender: 1,
            body: b"seen".to_vec(),
            signature: vec![7; 64],
        };
        let bodies = [
            Body::MlsMessage(b"mls".to_vec()),
            Body::Signal(signal),
            Body::Welcome(b"welcome".to_vec()),
        ];
        let encodings =
            bodies.map(|body| crate::hex(&EnvelopeBody { body: Some(body) }.encode_to_vec()));
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = seal_welcome(&key(1), b"welcome".to_vec(), &mut rng).unwrap();
        insta::assert_snapshot!(format!(
            "{}\nsealed: {}",
            encodings.join("\n"),
            crate::hex(&sealed)
        ));
    }

    #[test]
    fn only_the_right_key_opens_and_the_size_is_on_the_ladder() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for (length, size) in [(0, 256), (250, 256), (260, 512), (500_000, 524_288)] {
            let sealed = seal_welcome(&key(1), vec![5; length], &mut rng).unwrap();
            assert_eq!(sealed.len(), NONCE + size + TAG);
            assert_eq!(open_welcome(&key(1), &sealed).unwrap(), vec![5; length]);
            assert_eq!(open_welcome(&key(2), &sealed), Err(EnvelopeError::NotOurs));
        }
        assert_eq!(
            seal_welcome(&key(1), vec![5; 524_288], &mut rng),
            Err(TooLarge)
        );
    }

    #[test]
    fn nothing_but_an_envelope_opens() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = seal_welcome(&key(1), b"welcome".to_vec(), &mut rng).unwrap();
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            if let Some(byte) = damaged.get_mut(index) {
                *byte ^= 1;
            }
            assert_eq!(open_welcome(&key(1), &damaged), Err(EnvelopeError::NotOurs));
        }
        let other = seal(&key(1), Body::MlsMessage(Vec::new()), &mut rng).unwrap();
        assert_eq!(open_welcome(&key(1), &other), Err(EnvelopeError::Malformed));
    }

    proptest! {
        #[test]
        fn any_bytes_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(open(&key(1), &bytes), Err(EnvelopeError::NotOurs));
        }
    }
}

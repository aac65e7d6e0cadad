//! The envelope, from outside and from inside.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_content::content::PlaceRequest;
use undertone_mls::{EnvelopeError, Knocked, open_knock, open_welcome, seal_welcome};
use undertone_wire::{
    entry::UnsealingKey,
    padding::{pad, unpad},
    reach::SymmetricKey,
    rescue,
};

const AAD: &[u8] = b"undertone/1 envelope";
const NONCE: usize = 24;

/// A sealed Welcome: the bytes as they are, sealed with and without padding, and as the Welcome itself.
pub fn envelope(bytes: &[u8]) -> bool {
    let key = SymmetricKey::new([1; 32]);
    assert_eq!(open_welcome(&key, bytes), Err(EnvelopeError::NotOurs));
    let _ = open_welcome(&key, &seal(&key, bytes.to_vec()));
    let mut rng = ChaCha20Rng::from_seed([1; 32]);
    if let Ok(sealed) = seal_welcome(&key, bytes.to_vec(), &mut rng) {
        assert_eq!(open_welcome(&key, &sealed).as_deref(), Ok(bytes));
    }
    pad(bytes.to_vec()).is_ok_and(|padded| {
        if let Ok(Knocked::Outside(pointer)) = open_knock(&key, &seal(&key, padded.clone())) {
            assert_eq!(pointer.open_chunk(0, bytes), None);
            let _ = pointer.complete(bytes.to_vec());
        }
        let opened = open_welcome(&key, &seal(&key, padded));
        assert_ne!(opened, Err(EnvelopeError::NotOurs));
        opened.is_ok()
    })
}

/// A call for help: the bytes as they are, and sealed.
pub fn rescue(bytes: &[u8]) -> bool {
    let key = UnsealingKey::from_seed(&[1; 32]).expect("a key");
    assert_eq!(rescue::open(&key, bytes), None);
    let sealed = rescue::seal(key.public().as_bytes(), bytes.to_vec());
    sealed.is_ok_and(|sealed| {
        assert_eq!(rescue::open(&key, &sealed).as_deref(), Some(bytes));
        PlaceRequest::decode(bytes).is_ok()
    })
}

/// Seals any bytes under an envelope's key, as only who knows it could.
pub fn seal(key: &SymmetricKey, padded: Vec<u8>) -> Vec<u8> {
    let nonce = [7; NONCE];
    let sealed = XChaCha20Poly1305::new(key.as_bytes().into())
        .encrypt(
            XNonce::from_slice(&nonce),
            Payload {
                msg: &padded,
                aad: AAD,
            },
        )
        .expect("sealed");
    [nonce.as_slice(), &sealed].concat()
}

/// What stands in a true envelope.
pub fn opened(key: &SymmetricKey, envelope: &[u8]) -> Vec<u8> {
    let (nonce, sealed) = envelope.split_at(NONCE);
    let padded = XChaCha20Poly1305::new(key.as_bytes().into())
        .decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: sealed,
                aad: AAD,
            },
        )
        .expect("an envelope under this key");
    unpad(padded).expect("padding")
}

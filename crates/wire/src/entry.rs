//! How a queue's entries are sealed: HPKE (RFC 9180) in export-only mode, once a queue and server run.
//!
//! The exported secret yields two keys. One encrypts the *place* of an entry (server run, number) into its 16-byte
//! id, so that the disk shows neither order nor count while whoever holds the queue's key can sort what waits. The
//! other seals the body, with the id as nonce: a place is used once, so a nonce is.

use aes::{
    Aes256,
    cipher::{BlockDecrypt as _, BlockEncrypt as _, KeyInit as _},
};
use chacha20poly1305::{XChaCha20Poly1305, XNonce, aead::Aead as _};
use hkdf::Hkdf;
use hpke_rs::{Hpke, HpkePublicKey, Mode};
use hpke_rs_crypto::types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm};
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{
    ids::{EntryId, SealingKey},
    narrow_hpke::NarrowHpke,
};

const INFO: &[u8] = b"undertone/1 queue entries";

/// Why an entry or a key is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The sealing key or the encapsulated key is no point that can be used.
    #[error("a queue's sealing key cannot be used")]
    Key,
    /// Not sealed under this queue's key, or damaged.
    #[error("an entry does not open under the queue's key")]
    Sealed,
}

/// Where an entry stands in its queue. Later places are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Number of the server's run, which only grows.
    pub run: u32,
    /// Number of the entry within queue and run.
    pub number: u64,
}

/// The secret half of a queue's sealing key, kept as the seed of `DeriveKeyPair` (RFC 9180).
#[derive(Clone)]
pub struct UnsealingKey {
    seed: Zeroizing<[u8; 32]>,
    public: SealingKey,
}

impl UnsealingKey {
    /// Draws a random key pair.
    ///
    /// # Errors
    /// [`EntryError::Key`] never for 32 bytes.
    pub fn random(rng: &mut (impl RngCore + CryptoRng + ?Sized)) -> Result<Self, EntryError> {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::from_seed(&seed)
    }

    /// The key pair of a stored seed.
    ///
    /// # Errors
    /// [`EntryError::Key`] never for 32 bytes.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, EntryError> {
        let pair = hpke().derive_key_pair(seed).map_err(|_| EntryError::Key)?;
        let public =
            SealingKey::try_from(pair.public_key().as_slice()).map_err(|_| EntryError::Key)?;
        Ok(Self {
            seed: Zeroizing::new(*seed),
            public,
        })
    }

    /// The seed, to be stored.
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// The half that the server gets.
    pub fn public(&self) -> SealingKey {
        self.public
    }
}

impl std::fmt::Debug for UnsealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UnsealingKey(…)")
    }
}

/// The keys of one queue in one run of the server.
pub struct EntryKeys {
    place: Aes256,
    body: XChaCha20Poly1305,
}

impl EntryKeys {
    /// The server's side: makes keys for a queue; the second value lets its owner make the same ones.
    ///
    /// # Errors
    /// [`EntryError::Key`] if the sealing key cannot be used.
    pub fn encapsulate(key: &SealingKey) -> Result<(Self, [u8; 32]), EntryError> {
        let key = HpkePublicKey::new(key.to_vec());
        let (encapsulated, context) = hpke()
            .setup_sender(&key, INFO, None, None, None)
            .map_err(|_| EntryError::Key)?;
        let exported = context
            .export(b"entry keys", 32)
            .map_err(|_| EntryError::Key)?;
        let encapsulated = encapsulated
            .as_slice()
            .try_into()
            .map_err(|_| EntryError::Key)?;
        Ok((Self::from_exported(exported), encapsulated))
    }

    /// The owner's side.
    ///
    /// # Errors
    /// [`EntryError::Key`] if `encapsulated` cannot be used.
    pub fn open(key: &UnsealingKey, encapsulated: &[u8]) -> Result<Self, EntryError> {
        let pair = hpke()
            .derive_key_pair(key.seed())
            .map_err(|_| EntryError::Key)?;
        let context = hpke()
            .setup_receiver(encapsulated, pair.private_key(), INFO, None, None, None)
            .map_err(|_| EntryError::Key)?;
        context
            .export(b"entry keys", 32)
            .map(Self::from_exported)
            .map_err(|_| EntryError::Key)
    }

    fn from_exported(mut exported: Vec<u8>) -> Self {
        let derive = |label: &[u8]| {
            let mut key = Zeroizing::new([0; 32]);
            let expanded = Hkdf::<Sha256>::new(None, &exported).expand(label, key.as_mut());
            debug_assert!(
                expanded.is_ok(),
                "32 bytes are never too many for HKDF-SHA-256"
            );
            key
        };
        let keys = Self {
            place: Aes256::new(derive(b"place").as_ref().into()),
            body: XChaCha20Poly1305::new(derive(b"body").as_ref().into()),
        };
        exported.zeroize();
        keys
    }

    /// The id of the entry at `place`: one block of AES-256 over run (4 bytes), number (8) and zeros (4).
    pub fn entry_id(&self, place: Place) -> EntryId {
        let mut block = [0; 16];
        let (run, rest) = block.split_at_mut(4);
        run.copy_from_slice(&place.run.to_be_bytes());
        if let Some(number) = rest.get_mut(..8) {
            number.copy_from_slice(&place.number.to_be_bytes());
        }
        let mut block = block.into();
        self.place.encrypt_block(&mut block);
        EntryId::new(block.into())
    }

    /// The place that an id stands for.
    ///
    /// # Errors
    /// [`EntryError::Sealed`] if it was not made under these keys.
    pub fn place(&self, id: &EntryId) -> Result<Place, EntryError> {
        let mut block = (*id.as_bytes()).into();
        self.place.decrypt_block(&mut block);
        let block: [u8; 16] = block.into();
        let [a, b, c, d, n0, n1, n2, n3, n4, n5, n6, n7, 0, 0, 0, 0] = block else {
            return Err(EntryError::Sealed);
        };
        Ok(Place {
            run: u32::from_be_bytes([a, b, c, d]),
            number: u64::from_be_bytes([n0, n1, n2, n3, n4, n5, n6, n7]),
        })
    }

    /// Seals the body of the entry `id`, which must be of a place used for no other body.
    pub fn seal(&self, id: &EntryId, body: &[u8]) -> Vec<u8> {
        // XChaCha20-Poly1305 refuses only what is longer than 256 GiB.
        self.body.encrypt(&nonce(id), body).unwrap_or_default()
    }

    /// Opens the body of the entry `id`.
    ///
    /// # Errors
    /// [`EntryError::Sealed`] if it does not open.
    pub fn unseal(&self, id: &EntryId, sealed: &[u8]) -> Result<Vec<u8>, EntryError> {
        self.body
            .decrypt(&nonce(id), sealed)
            .map_err(|_| EntryError::Sealed)
    }
}

fn nonce(id: &EntryId) -> XNonce {
    let mut nonce = XNonce::default();
    for (to, from) in nonce.iter_mut().zip(id.as_bytes()) {
        *to = *from;
    }
    nonce
}

fn hpke() -> Hpke<NarrowHpke> {
    Hpke::new(
        Mode::Base,
        KemAlgorithm::DhKem25519,
        KdfAlgorithm::HkdfSha256,
        AeadAlgorithm::HpkeExport,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_owner_reads_and_sorts_what_the_server_sealed() {
        let owner = UnsealingKey::from_seed(&[1; 32]).unwrap();
        let (server, encapsulated) = EntryKeys::encapsulate(&owner.public()).unwrap();
        let client = EntryKeys::open(&owner, &encapsulated).unwrap();
        let mut places: Vec<_> = (0..20)
            .map(|number| {
                let id = server.entry_id(Place { run: 3, number });
                let sealed = server.seal(&id, &number.to_be_bytes());
                assert_eq!(client.unseal(&id, &sealed).unwrap(), number.to_be_bytes());
                (id, client.place(&id).unwrap().number)
            })
            .collect();
        places.sort();
        assert_ne!(
            places.iter().map(|place| place.1).collect::<Vec<_>>(),
            (0..20).collect::<Vec<_>>()
        );

        let stranger =
            EntryKeys::open(&UnsealingKey::from_seed(&[2; 32]).unwrap(), &encapsulated).unwrap();
        assert_eq!(
            stranger.place(&places.first().unwrap().0),
            Err(EntryError::Sealed)
        );
        assert!(EntryKeys::open(&owner, &[]).is_err());
    }
}

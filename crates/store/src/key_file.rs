//! The bytes of a profile's key file, version 1, and the wrapping of the key in it.
//!
//! ```text
//! bytes      what
//! 8          "UTKEYFIL"
//! 1          version: 1
//! 1          protection: 0 plain, 1 passphrase
//! plain:
//! 32         the store's key
//! passphrase:
//! 4, 4, 4    Argon2id memory in KiB, passes, lanes; big-endian
//! 16         salt
//! 24         nonce
//! 48         the store's key under XChaCha20-Poly1305; everything before the nonce is associated data
//! both:
//! 8          the beginning of SHA-256 over everything before it
//! ```
//! The checksum is against bad disks, not against people: it tells a damaged file from a wrong passphrase. A plain
//! file protects nothing from whoever can read it.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use rand_core::CryptoRngCore;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::key::StoreKey;
use crate::passphrase::Passphrase;

const MAGIC: &[u8; 8] = b"UTKEYFIL";
const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const PASSPHRASE: u8 = 1;
const SALT_LEN: usize = 16;
const NONCE_LEN: usize = 24;
const SEALED_LEN: usize = StoreKey::LEN + 16;
const CHECKSUM_LEN: usize = 8;

/// No key file of this version is longer.
pub(crate) const MAX_LEN: usize = 128;

/// What new passphrases cost to try: about a fifth of a second and 64 MiB for each guess.
const COST: Cost = Cost {
    memory_kib: 64 * 1024,
    passes: 3,
    lanes: 1,
};

/// The most that a file may ask for: opening it must not be able to exhaust a machine.
const MAX_COST: Cost = Cost {
    memory_kib: 256 * 1024,
    passes: 16,
    lanes: 4,
};

/// What is wrong with the bytes of a key file, or with what was given to open it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Damaged,
    Newer(u8),
    Excessive,
    WrongPassphrase,
}

/// A key file, read.
pub(crate) enum KeyFile {
    Plain(StoreKey),
    Passphrase(WrappedKey),
}

/// A store's key under a passphrase.
pub(crate) struct WrappedKey {
    cost: Cost,
    salt: [u8; SALT_LEN],
    nonce: [u8; NONCE_LEN],
    sealed: [u8; SEALED_LEN],
}

#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KeyFile {
    pub(crate) fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN));
        match self {
            Self::Plain(key) => {
                bytes.extend_from_slice(&head(PLAIN));
                bytes.extend_from_slice(key.expose());
            }
            Self::Passphrase(wrapped) => {
                bytes.extend_from_slice(&wrapped.associated_data());
                bytes.extend_from_slice(&wrapped.nonce);
                bytes.extend_from_slice(&wrapped.sealed);
            }
        }
        let checksum = checksum(&bytes);
        bytes.extend_from_slice(&checksum);
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Fault> {
        let mut version = Reader(bytes);
        if version.take::<8>()? != *MAGIC {
            return Err(Fault::Damaged);
        }
        // Before the checksum, because a newer version may end differently.
        match version.take::<1>()? {
            [0] => return Err(Fault::Damaged),
            [VERSION] => {}
            [newer] => return Err(Fault::Newer(newer)),
        }
        let (body, found) = bytes.split_last_chunk().ok_or(Fault::Damaged)?;
        if checksum(body) != *found {
            return Err(Fault::Damaged);
        }
        let mut reader = Reader(body);
        reader.take::<9>()?;
        let file = match reader.take::<1>()? {
            [PLAIN] => {
                let key = Zeroizing::new(reader.take()?);
                Self::Plain(StoreKey::from_bytes(&key))
            }
            [PASSPHRASE] => Self::Passphrase(WrappedKey {
                cost: Cost {
                    memory_kib: u32::from_be_bytes(reader.take()?),
                    passes: u32::from_be_bytes(reader.take()?),
                    lanes: u32::from_be_bytes(reader.take()?),
                }
                .bounded()?,
                salt: reader.take()?,
                nonce: reader.take()?,
                sealed: reader.take()?,
            }),
            _ => return Err(Fault::Damaged),
        };
        if reader.0.is_empty() {
            Ok(file)
        } else {
            Err(Fault::Damaged)
        }
    }
}

impl WrappedKey {
    /// Puts `key` under `passphrase`.
    pub(crate) fn seal(
        key: &StoreKey,
        passphrase: &Passphrase,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<Self, Fault> {
        let mut wrapped = Self {
            cost: COST,
            salt: [0; SALT_LEN],
            nonce: [0; NONCE_LEN],
            sealed: [0; SEALED_LEN],
        };
        rng.fill_bytes(&mut wrapped.salt);
        rng.fill_bytes(&mut wrapped.nonce);
        let sealed = wrapped
            .cipher(passphrase)?
            .encrypt(
                XNonce::from_slice(&wrapped.nonce),
                Payload {
                    msg: key.expose(),
                    aad: &wrapped.associated_data(),
                },
            )
            .map_err(|_| Fault::Damaged)?;
        wrapped.sealed = sealed.try_into().map_err(|_| Fault::Damaged)?;
        Ok(wrapped)
    }

    /// Takes the key out again.
    pub(crate) fn open(&self, passphrase: &Passphrase) -> Result<StoreKey, Fault> {
        let key = self
            .cipher(passphrase)?
            .decrypt(
                XNonce::from_slice(&self.nonce),
                Payload {
                    msg: &self.sealed,
                    aad: &self.associated_data(),
                },
            )
            .map_err(|_| Fault::WrongPassphrase)?;
        let key = Zeroizing::new(key);
        let key: &[u8; StoreKey::LEN] = key.as_slice().try_into().map_err(|_| Fault::Damaged)?;
        Ok(StoreKey::from_bytes(key))
    }

    fn cipher(&self, passphrase: &Passphrase) -> Result<XChaCha20Poly1305, Fault> {
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let params =
            Params::new(memory_kib, passes, lanes, Some(32)).map_err(|_| Fault::Damaged)?;
        let mut key = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, key.as_mut_slice())
            .map_err(|_| Fault::Damaged)?;
        Ok(XChaCha20Poly1305::new(Key::from_slice(key.as_slice())))
    }

    /// Everything before the nonce.
    fn associated_data(&self) -> Vec<u8> {
        let mut bytes = head(PASSPHRASE).to_vec();
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes
    }
}

impl Cost {
    fn bounded(self) -> Result<Self, Fault> {
        let excessive = self.memory_kib > MAX_COST.memory_kib
            || self.passes > MAX_COST.passes
            || self.lanes > MAX_COST.lanes;
        if excessive {
            Err(Fault::Excessive)
        } else {
            Ok(self)
        }
    }
}

fn head(protection: u8) -> [u8; 10] {
    let [a, b, c, d, e, f, g, h] = *MAGIC;
    [a, b, c, d, e, f, g, h, VERSION, protection]
}

fn checksum(bytes: &[u8]) -> [u8; CHECKSUM_LEN] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let [a, b, c, d, e, f, g, h, ..] = digest;
    [a, b, c, d, e, f, g, h]
}

/// Takes fixed pieces from the front.
struct Reader<'bytes>(&'bytes [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (piece, rest) = self.0.split_first_chunk().ok_or(Fault::Damaged)?;
        self.0 = rest;
        Ok(*piece)
    }
}

#[cfg(test)]
mod tests;

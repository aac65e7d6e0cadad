//! A stored row that is reached by a secret: `SHA-256(secret) → AEAD(HKDF(secret), value)`.
//!
//! One helper for aliases, handles, queues, cards, slots and blobs, so that whoever holds the disk but not
//! the secret learns neither what a row belongs to nor what stands in it.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead as _, KeyInit as _, Payload},
};
use hkdf::Hkdf;
use rand_core::{CryptoRng, RngCore};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::signing::hash_parts;

const NONCE: usize = 24;
/// What sealing adds to a value, in bytes: the nonce and the tag.
pub const OVERHEAD: usize = NONCE + 16;

/// Which table a row stands in: the same secret yields unrelated keys in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Queues, by queue id.
    Queue,
    /// Entries, by queue id.
    Entry,
    /// Aliases.
    Alias,
    /// Conversations at the sequencer, by handle.
    Handle,
    /// Stored commits, by handle and epoch.
    Commit,
    /// Shared payloads.
    Payload,
    /// One recipient's claim on a shared payload.
    Slot,
    /// Cards.
    Card,
    /// Items of cards, by card, slot and week.
    CardItem,
    /// Chunks of blobs, by name and index.
    Blob,
    /// Invite codes.
    Invite,
    /// Spent tokens.
    Token,
}

impl Table {
    fn label(self) -> &'static str {
        match self {
            Self::Queue => "undertone/1 row queue",
            Self::Entry => "undertone/1 row entry",
            Self::Alias => "undertone/1 row alias",
            Self::Handle => "undertone/1 row handle",
            Self::Commit => "undertone/1 row commit",
            Self::Payload => "undertone/1 row payload",
            Self::Slot => "undertone/1 row slot",
            Self::Card => "undertone/1 row card",
            Self::CardItem => "undertone/1 row card item",
            Self::Blob => "undertone/1 row blob",
            Self::Invite => "undertone/1 row invite",
            Self::Token => "undertone/1 row token",
        }
    }
}

/// The key of a row, as it stands on the disk: 32 hashed bytes.
pub type RowKey = [u8; 32];

/// A sealed value does not open: it was damaged, or the secret is another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a stored row does not open under its secret")]
pub struct UnsealError;

/// The key of the row that `secret`, given in parts, reaches in `table`.
pub fn row_key(table: Table, secret: &[&[u8]]) -> RowKey {
    hash_parts(table.label(), secret)
}

/// Seals `value` for the row that `secret` reaches in `table`.
pub fn seal_row(
    table: Table,
    secret: &[&[u8]],
    value: &[u8],
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len() + OVERHEAD);
    out.resize(NONCE, 0);
    rng.fill_bytes(&mut out);
    let nonce = *XNonce::from_slice(&out);
    let row = row_key(table, secret);
    let message = Payload {
        msg: value,
        aad: &row,
    };
    // XChaCha20-Poly1305 refuses only what is longer than 256 GiB.
    let sealed = cipher(table, secret)
        .encrypt(&nonce, message)
        .unwrap_or_default();
    out.extend_from_slice(&sealed);
    out
}

/// Opens what [`seal_row`] made.
///
/// # Errors
/// [`UnsealError`] if it does not open.
pub fn open_row(
    table: Table,
    secret: &[&[u8]],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, UnsealError> {
    let (nonce, body) = sealed.split_at_checked(NONCE).ok_or(UnsealError)?;
    let row = row_key(table, secret);
    cipher(table, secret)
        .decrypt(
            XNonce::from_slice(nonce),
            Payload {
                msg: body,
                aad: &row,
            },
        )
        .map(Zeroizing::new)
        .map_err(|_| UnsealError)
}

fn cipher(table: Table, secret: &[&[u8]]) -> XChaCha20Poly1305 {
    // The secret has at least 32 random bytes, or is bound by hashing to such a one: `hash_parts` condenses
    // it without loss before HKDF (RFC 5869) separates the key from the row's name.
    let condensed = Zeroizing::new(hash_parts("undertone/1 row secret", secret));
    let mut key = Zeroizing::new([0; 32]);
    let expanded = Hkdf::<Sha256>::new(None, condensed.as_ref())
        .expand(table.label().as_bytes(), key.as_mut());
    debug_assert!(
        expanded.is_ok(),
        "32 bytes are never too many for HKDF-SHA-256"
    );
    XChaCha20Poly1305::new(key.as_ref().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_row_opens_only_with_its_secret_in_its_table() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let sealed = seal_row(Table::Alias, &[b"secret"], b"value", &mut rng);
        assert_eq!(sealed.len(), 5 + OVERHEAD);
        assert_eq!(
            open_row(Table::Alias, &[b"secret"], &sealed)
                .unwrap()
                .as_slice(),
            b"value"
        );
        assert!(open_row(Table::Alias, &[b"other"], &sealed).is_err());
        assert!(open_row(Table::Handle, &[b"secret"], &sealed).is_err());
        for index in 0..sealed.len() {
            let mut damaged = sealed.clone();
            if let Some(byte) = damaged.get_mut(index) {
                *byte ^= 1;
            }
            assert!(open_row(Table::Alias, &[b"secret"], &damaged).is_err());
        }
        assert!(open_row(Table::Alias, &[b"secret"], &[]).is_err());
    }

    #[test]
    fn row_keys_differ_by_table() {
        assert_ne!(
            row_key(Table::Alias, &[b"secret"]),
            row_key(Table::Handle, &[b"secret"])
        );
    }
}

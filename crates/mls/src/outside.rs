//! What is too large for an envelope lies in a blob, and the envelope says where and by which key: the Welcome into a large
//! group, with its tree, and a commit in a tree in which few keys are shared yet.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _},
};
use prost::Message as _;
use rand_core::{CryptoRng, RngCore};
use undertone_wire::{
    counted_nonce::counted_nonce, ids::BlobName, limits::BLOB_CHUNK_BYTES, signing::hash_parts,
};
use zeroize::Zeroizing;

use crate::{
    envelope::{EnvelopeError, TooLarge, open, seal},
    proto::{self, EnvelopeBody, envelope_body::Body},
};

/// Bytes of an MLS message beyond which it lies outside.
pub(crate) const OUTSIDE_ABOVE: usize = 130_000;
/// Bytes of a chunk before it is sealed.
const CHUNK: usize = BLOB_CHUNK_BYTES - 16;
/// Most chunks: 16 MiB, for 2,048 devices with keys of the hybrid suite and room to spare.
pub const MAX_OUTSIDE_CHUNKS: usize = 64;

/// Where something lies, and what opens it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    /// The blob.
    pub blob: BlobName,
    /// How many chunks it has.
    pub chunks: u32,
    key: Zeroizing<[u8; 32]>,
    digest: [u8; 32],
}

/// Something that is to be put outside before the envelope is sent that points to it.
#[derive(Debug, Clone)]
pub struct Outside {
    /// Where.
    pub blob: BlobName,
    /// Its sealed chunks, in order.
    pub chunks: Vec<Vec<u8>>,
}

/// What lay outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// An MLS message, for the group whose envelope pointed to it.
    Message(Vec<u8>),
    /// An MLS Welcome.
    Welcome(Vec<u8>),
}

/// What an envelope under the knock key of a card held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Knocked {
    /// An MLS Welcome.
    Welcome(Vec<u8>),
    /// Where one lies.
    Outside(Pointer),
}

/// A Welcome as it is sealed for each card: itself, or where it lies.
#[derive(Debug, Clone)]
pub struct SharedWelcome(Body);

/// Readies a Welcome for those who are added together. What comes with it has to be put outside first.
///
/// # Errors
/// [`TooLarge`] beyond [`MAX_OUTSIDE_CHUNKS`].
pub fn share_welcome(
    welcome: Vec<u8>,
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Result<(SharedWelcome, Option<Outside>), TooLarge> {
    let (body, outside) = inside_or_outside(Body::Welcome(welcome), rng)?;
    Ok((SharedWelcome(body), outside))
}

/// Seals a Welcome under the knock key of a card.
///
/// # Errors
/// [`TooLarge`] never, for what [`share_welcome`] made.
pub fn seal_shared_welcome(
    knock_key: &undertone_wire::reach::SymmetricKey,
    welcome: &SharedWelcome,
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Result<Vec<u8>, TooLarge> {
    seal(knock_key, welcome.0.clone(), rng)
}

/// Opens what came by a card.
///
/// # Errors
/// [`EnvelopeError`] says whether the key or the contents are wrong.
pub fn open_knock(
    knock_key: &undertone_wire::reach::SymmetricKey,
    envelope: &[u8],
) -> Result<Knocked, EnvelopeError> {
    match open(knock_key, envelope)? {
        Body::Welcome(welcome) => Ok(Knocked::Welcome(welcome)),
        Body::Outside(there) => Pointer::read(&there)
            .map(Knocked::Outside)
            .ok_or(EnvelopeError::Malformed),
        Body::MlsMessage(_) | Body::Signal(_) => Err(EnvelopeError::Malformed),
    }
}

/// Leaves a body where it is if it fits, or puts it outside and points to it.
pub(crate) fn inside_or_outside(
    body: Body,
    rng: &mut (impl RngCore + CryptoRng + ?Sized),
) -> Result<(Body, Option<Outside>), TooLarge> {
    let fits = match &body {
        Body::MlsMessage(bytes) | Body::Welcome(bytes) => bytes.len() <= OUTSIDE_ABOVE,
        Body::Signal(_) | Body::Outside(_) => true,
    };
    if fits {
        return Ok((body, None));
    }
    let mut bytes = EnvelopeBody { body: Some(body) }.encode_to_vec();
    let digest = digest(&bytes);
    bytes.push(0x80);
    bytes.resize(bytes.len().next_multiple_of(CHUNK), 0);
    let mut key = Zeroizing::new([0; 32]);
    rng.fill_bytes(key.as_mut());
    let cipher = XChaCha20Poly1305::new(key.as_slice().into());
    let sealed: Result<Vec<_>, _> = (0..)
        .zip(bytes.chunks(CHUNK))
        .map(|(index, chunk)| cipher.encrypt(&counted_nonce(index).into(), chunk))
        .collect();
    let chunks = sealed.map_err(|_| TooLarge)?;
    if chunks.len() > MAX_OUTSIDE_CHUNKS {
        return Err(TooLarge);
    }
    let blob = BlobName::random(rng);
    let there = proto::Outside {
        blob: blob.to_vec(),
        key: key.to_vec(),
        chunks: u32::try_from(chunks.len()).map_err(|_| TooLarge)?,
        digest: digest.to_vec(),
    };
    Ok((Body::Outside(there), Some(Outside { blob, chunks })))
}

impl Pointer {
    pub(crate) fn read(there: &proto::Outside) -> Option<Self> {
        let chunks = usize::try_from(there.chunks).ok()?;
        (1..=MAX_OUTSIDE_CHUNKS).contains(&chunks).then_some(())?;
        Some(Self {
            blob: BlobName::try_from(there.blob.as_slice()).ok()?,
            chunks: there.chunks,
            key: Zeroizing::new(there.key.as_slice().try_into().ok()?),
            digest: there.digest.as_slice().try_into().ok()?,
        })
    }

    /// Opens a chunk; `None` if it is not what was put there.
    pub fn open_chunk(&self, index: u32, sealed: &[u8]) -> Option<Vec<u8>> {
        let cipher = XChaCha20Poly1305::new(self.key.as_slice().into());
        cipher
            .decrypt(&counted_nonce(index.into()).into(), sealed)
            .ok()
    }

    /// Reads what the opened chunks hold together; `None` if it is not what was put there.
    pub fn complete(&self, mut bytes: Vec<u8>) -> Option<Fetched> {
        let end = bytes.iter().rposition(|byte| *byte != 0)?;
        (bytes.get(end) == Some(&0x80)).then_some(())?;
        bytes.truncate(end);
        (digest(&bytes) == self.digest).then_some(())?;
        match EnvelopeBody::decode(bytes.as_slice()).ok()?.body? {
            Body::MlsMessage(message) => Some(Fetched::Message(message)),
            Body::Welcome(welcome) => Some(Fetched::Welcome(welcome)),
            Body::Signal(_) | Body::Outside(_) => None,
        }
    }
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 outside", &[bytes])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
    use undertone_wire::reach::SymmetricKey;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn fetch(pointer: &Pointer, chunks: &[Vec<u8>]) -> Option<Fetched> {
        let mut bytes = Vec::new();
        for (index, chunk) in (0..).zip(chunks) {
            bytes.extend(pointer.open_chunk(index, chunk)?);
        }
        pointer.complete(bytes)
    }

    #[test]
    fn what_is_too_large_is_found_again_and_only_as_it_was() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let knock = SymmetricKey::new([1; 32]);
        let welcome = vec![7; 600_000];
        let (shared, outside) = share_welcome(welcome.clone(), &mut rng).unwrap();
        let outside = outside.unwrap();
        assert_eq!(outside.chunks.len(), 3);
        assert!(
            outside
                .chunks
                .iter()
                .all(|chunk| chunk.len() == BLOB_CHUNK_BYTES)
        );
        let sealed = seal_shared_welcome(&knock, &shared, &mut rng).unwrap();
        assert!(sealed.len() < 1_000);
        let Knocked::Outside(pointer) = open_knock(&knock, &sealed).unwrap() else {
            unreachable!("it lies outside");
        };
        assert_eq!((pointer.blob, pointer.chunks), (outside.blob, 3));
        let fetched = fetch(&pointer, &outside.chunks);
        assert_eq!(fetched, Some(Fetched::Welcome(welcome)));

        let mut swapped = outside.chunks.clone();
        swapped.swap(0, 1);
        assert_eq!(fetch(&pointer, &swapped), None);
        assert_eq!(fetch(&pointer, outside.chunks.get(..2).unwrap()), None);
        assert_eq!(pointer.complete(Vec::new()), None);
    }

    #[test]
    fn what_fits_stays_and_what_never_fits_is_refused() {
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let knock = SymmetricKey::new([1; 32]);
        let (shared, outside) = share_welcome(vec![7; OUTSIDE_ABOVE], &mut rng).unwrap();
        assert!(outside.is_none());
        let sealed = seal_shared_welcome(&knock, &shared, &mut rng).unwrap();
        let opened = open_knock(&knock, &sealed).unwrap();
        assert_eq!(opened, Knocked::Welcome(vec![7; OUTSIDE_ABOVE]));
        let monstrous = vec![7; CHUNK * MAX_OUTSIDE_CHUNKS];
        assert_eq!(share_welcome(monstrous, &mut rng).unwrap_err(), TooLarge);
    }

    #[test]
    fn a_pointer_that_is_none_is_refused() {
        let there = proto::Outside {
            blob: vec![1; 32],
            key: vec![2; 32],
            chunks: 1,
            digest: vec![3; 32],
        };
        assert!(Pointer::read(&there).is_some());
        for chunks in [0, 65, u32::MAX] {
            let there = proto::Outside {
                chunks,
                ..there.clone()
            };
            assert_eq!(Pointer::read(&there), None);
        }
        let key = vec![2; 31];
        assert_eq!(Pointer::read(&proto::Outside { key, ..there }), None);
    }
}

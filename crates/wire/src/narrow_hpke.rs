//! RustCrypto's HPKE, narrowed to the algorithms that Undertone uses: X-Wing for conversations, X25519 for queues,
//! with HKDF-SHA-256 and with ChaCha20-Poly1305 or no cipher at all.
//!
//! HPKE's library chooses its algorithms when it runs, so a program with it holds all of them. Here each is named
//! where it is called, and what nobody calls is not linked: browsers download none of it.

use hkdf::Hkdf;
use hpke_rs_crypto::{
    HpkeCrypto,
    error::Error,
    types::{AeadAlgorithm, KdfAlgorithm, KemAlgorithm},
};
use hpke_rs_rust_crypto::HpkeRustCrypto;
use sha2::Sha256;

const CIPHER: AeadAlgorithm = AeadAlgorithm::ChaCha20Poly1305;

/// The algorithms, for `hpke_rs::Hpke`; it refuses all others.
#[derive(Debug)]
pub struct NarrowHpke;

impl HpkeCrypto for NarrowHpke {
    type HpkePrng = <HpkeRustCrypto as HpkeCrypto>::HpkePrng;

    fn name() -> String {
        HpkeRustCrypto::name()
    }

    fn supports_kdf(alg: KdfAlgorithm) -> Result<(), Error> {
        match alg {
            KdfAlgorithm::HkdfSha256 => Ok(()),
            _ => Err(Error::UnknownKdfAlgorithm),
        }
    }

    fn supports_kem(alg: KemAlgorithm) -> Result<(), Error> {
        match alg {
            KemAlgorithm::XWingDraft06 | KemAlgorithm::DhKem25519 => Ok(()),
            _ => Err(Error::UnknownKemAlgorithm),
        }
    }

    fn supports_aead(alg: AeadAlgorithm) -> Result<(), Error> {
        match alg {
            CIPHER | AeadAlgorithm::HpkeExport => Ok(()),
            _ => Err(Error::UnknownAeadAlgorithm),
        }
    }

    fn prng() -> Self::HpkePrng {
        HpkeRustCrypto::prng()
    }

    fn kdf_extract(alg: KdfAlgorithm, salt: &[u8], ikm: &[u8]) -> Result<Vec<u8>, Error> {
        Self::supports_kdf(alg)?;
        Ok(Hkdf::<Sha256>::extract(Some(salt), ikm).0.to_vec())
    }

    fn kdf_expand(
        alg: KdfAlgorithm,
        prk: &[u8],
        info: &[u8],
        output_size: usize,
    ) -> Result<Vec<u8>, Error> {
        Self::supports_kdf(alg)?;
        let hkdf = Hkdf::<Sha256>::from_prk(prk).map_err(|_| Error::HpkeInvalidOutputLength)?;
        let mut output = vec![0; output_size];
        hkdf.expand(info, &mut output)
            .map_err(|_| Error::HpkeInvalidOutputLength)?;
        Ok(output)
    }

    fn dh(alg: KemAlgorithm, pk: &[u8], sk: &[u8]) -> Result<Vec<u8>, Error> {
        only(alg, KemAlgorithm::DhKem25519)?;
        HpkeRustCrypto::dh(KemAlgorithm::DhKem25519, pk, sk)
    }

    fn secret_to_public(alg: KemAlgorithm, sk: &[u8]) -> Result<Vec<u8>, Error> {
        only(alg, KemAlgorithm::DhKem25519)?;
        HpkeRustCrypto::secret_to_public(KemAlgorithm::DhKem25519, sk)
    }

    /// Keys are derived from seeds that the caller draws.
    fn kem_key_gen(_: KemAlgorithm, _: &mut Self::HpkePrng) -> Result<(Vec<u8>, Vec<u8>), Error> {
        Err(Error::UnsupportedKemOperation)
    }

    fn kem_key_gen_derand(alg: KemAlgorithm, seed: &[u8]) -> Result<(Vec<u8>, Vec<u8>), Error> {
        only(alg, KemAlgorithm::XWingDraft06)?;
        HpkeRustCrypto::kem_key_gen_derand(KemAlgorithm::XWingDraft06, seed)
    }

    fn kem_encaps(
        alg: KemAlgorithm,
        pk_r: &[u8],
        prng: &mut Self::HpkePrng,
    ) -> Result<(Vec<u8>, Vec<u8>), Error> {
        only(alg, KemAlgorithm::XWingDraft06)?;
        HpkeRustCrypto::kem_encaps(KemAlgorithm::XWingDraft06, pk_r, prng)
    }

    fn kem_decaps(alg: KemAlgorithm, ct: &[u8], sk_r: &[u8]) -> Result<Vec<u8>, Error> {
        only(alg, KemAlgorithm::XWingDraft06)?;
        HpkeRustCrypto::kem_decaps(KemAlgorithm::XWingDraft06, ct, sk_r)
    }

    /// Asked only for curves whose keys can be invalid.
    fn dh_validate_sk(_: KemAlgorithm, _: &[u8]) -> Result<Vec<u8>, Error> {
        Err(Error::UnknownKemAlgorithm)
    }

    fn aead_seal(
        alg: AeadAlgorithm,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        msg: &[u8],
    ) -> Result<Vec<u8>, Error> {
        if alg != CIPHER {
            return Err(Error::UnknownAeadAlgorithm);
        }
        HpkeRustCrypto::aead_seal(CIPHER, key, nonce, aad, msg)
    }

    fn aead_open(
        alg: AeadAlgorithm,
        key: &[u8],
        nonce: &[u8],
        aad: &[u8],
        msg: &[u8],
    ) -> Result<Vec<u8>, Error> {
        if alg != CIPHER {
            return Err(Error::UnknownAeadAlgorithm);
        }
        HpkeRustCrypto::aead_open(CIPHER, key, nonce, aad, msg)
    }
}

fn only(alg: KemAlgorithm, this: KemAlgorithm) -> Result<(), Error> {
    (alg == this)
        .then_some(())
        .ok_or(Error::UnknownKemAlgorithm)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use hpke_rs::{Hpke, Mode};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const KDF: KdfAlgorithm = KdfAlgorithm::HkdfSha256;

    /// Narrow and whole must understand each other: same keys, and each opens what the other sealed.
    fn agrees(kem: KemAlgorithm) {
        let mut narrow = Hpke::<NarrowHpke>::new(Mode::Base, kem, KDF, CIPHER);
        let mut whole = Hpke::<HpkeRustCrypto>::new(Mode::Base, kem, KDF, CIPHER);
        let (secret, public) = narrow.derive_key_pair(&[7; 32]).unwrap().into_keys();
        let (_, same_public) = whole.derive_key_pair(&[7; 32]).unwrap().into_keys();
        assert_eq!(public.as_slice(), same_public.as_slice());

        let (info, aad, text) = (b"info", b"aad", b"text");
        let (enc, sealed) = narrow
            .seal(&public, info, aad, text, None, None, None)
            .unwrap();
        let opened = whole.open(&enc, &secret, info, aad, &sealed, None, None, None);
        assert_eq!(opened.unwrap(), text);
        let (enc, sealed) = whole
            .seal(&public, info, aad, text, None, None, None)
            .unwrap();
        let opened = narrow.open(&enc, &secret, info, aad, &sealed, None, None, None);
        assert_eq!(opened.unwrap(), text);
        let exported = narrow.receiver_export(&enc, &secret, info, None, None, None, b"e", 80);
        let same = whole.receiver_export(&enc, &secret, info, None, None, None, b"e", 80);
        assert_eq!(exported.unwrap(), same.unwrap());
    }

    #[test]
    fn what_is_narrowed_is_the_same() {
        agrees(KemAlgorithm::XWingDraft06);
        agrees(KemAlgorithm::DhKem25519);
    }

    #[test]
    fn all_else_is_refused() {
        let p256 = Hpke::<NarrowHpke>::new(Mode::Base, KemAlgorithm::DhKemP256, KDF, CIPHER);
        assert!(p256.derive_key_pair(&[7; 32]).is_err());
        let aes = AeadAlgorithm::Aes256Gcm;
        assert!(NarrowHpke::aead_seal(aes, &[7; 32], &[0; 12], b"", b"").is_err());
        assert!(NarrowHpke::kdf_extract(KdfAlgorithm::HkdfSha512, b"", b"").is_err());
    }
}

//! What two devices that share a code say to each other, so that the server between them can neither read nor change it:
//! a key by SPAKE2 (Abdalla and Pointcheval, 2005; as the crate `spake2` has it over Ed25519's group, not in the encoding of RFC 9382), then XChaCha20-Poly1305.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _, Payload},
};
use rand_core::CryptoRngCore;
use spake2::{Ed25519Group, Identity, Password, Spake2};
use undertone_wire::{counted_nonce::counted_nonce, reach::SymmetricKey, signing::hash_parts};
use zeroize::Zeroizing;

use crate::link_code::LinkCode;

/// Bytes of a message of the key exchange.
pub(crate) const EXCHANGE: usize = 33;
const AAD: &[u8] = b"undertone/1 link";

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The device that is to be linked.
    New,
    /// The device of the account.
    Existing,
}

/// The other does not have the same code, or somebody between changed something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotTheSame;

/// A key exchange that is under way.
pub(crate) struct Exchange {
    side: Side,
    state: Spake2<Ed25519Group>,
}

impl Exchange {
    /// Begins; gives what is to be said first.
    pub(crate) fn begin(
        side: Side,
        code: &LinkCode,
        rng: &mut dyn CryptoRngCore,
    ) -> (Self, Vec<u8>) {
        let password = Password::new(code.password());
        let (new, existing) = (
            Identity::new(b"undertone/1 new device"),
            Identity::new(b"undertone/1 existing device"),
        );
        let (state, message) = match side {
            Side::New => Spake2::start_a_with_rng(&password, &new, &existing, rng),
            Side::Existing => Spake2::start_b_with_rng(&password, &new, &existing, rng),
        };
        (Self { side, state }, message)
    }

    /// Ends with what the other said. Whether they have the same code shows with the first message that opens.
    pub(crate) fn finish(self, theirs: &[u8]) -> Result<Channel, NotTheSame> {
        let shared = self.state.finish(theirs).map_err(|_| NotTheSame)?;
        let shared = Zeroizing::new(shared);
        let key = |label| SymmetricKey::new(hash_parts(label, &[&shared]));
        let (from_new, from_existing) = (
            key("undertone/1 link from new"),
            key("undertone/1 link from existing"),
        );
        let (sending, receiving) = match self.side {
            Side::New => (from_new, from_existing),
            Side::Existing => (from_existing, from_new),
        };
        Ok(Channel {
            sending,
            receiving,
            sent: 0,
            received: 0,
        })
    }
}

/// Messages in both directions, each of which opens once and in its place.
pub(crate) struct Channel {
    sending: SymmetricKey,
    receiving: SymmetricKey,
    sent: u64,
    received: u64,
}

impl Channel {
    /// Seals the next message.
    pub(crate) fn seal(&mut self, message: &[u8]) -> Vec<u8> {
        let payload = Payload {
            msg: message,
            aad: AAD,
        };
        let nonce = counted_nonce(self.sent).into();
        self.sent += 1;
        // XChaCha20-Poly1305 refuses only what is longer than 256 GiB.
        XChaCha20Poly1305::new(self.sending.as_bytes().into())
            .encrypt(&nonce, payload)
            .unwrap_or_default()
    }

    /// Opens the other's next message.
    pub(crate) fn open(&mut self, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, NotTheSame> {
        let payload = Payload {
            msg: sealed,
            aad: AAD,
        };
        let message = XChaCha20Poly1305::new(self.receiving.as_bytes().into())
            .decrypt(&counted_nonce(self.received).into(), payload)
            .map_err(|_| NotTheSame)?;
        self.received += 1;
        Ok(Zeroizing::new(message))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};

    fn meet(one: &LinkCode, other: &LinkCode) -> (Channel, Channel) {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let (new, a) = Exchange::begin(Side::New, one, &mut rng);
        let (existing, b) = Exchange::begin(Side::Existing, other, &mut rng);
        assert_eq!((a.len(), b.len()), (EXCHANGE, EXCHANGE));
        (new.finish(&b).unwrap(), existing.finish(&a).unwrap())
    }

    #[test]
    fn the_same_code_opens_and_nothing_opens_twice_or_changed() {
        let code = LinkCode::parse("ABCD-EFGH-JKMN").unwrap();
        let (mut new, mut existing) = meet(&code, &code);
        let first = new.seal(b"hello");
        let mut changed = first.clone();
        *changed.first_mut().unwrap() ^= 1;
        assert!(existing.open(&changed).is_err());
        assert_eq!(existing.open(&first).unwrap().as_slice(), b"hello");
        assert!(existing.open(&first).is_err());
        let back = existing.seal(b"hello");
        assert_ne!(first, back);
        assert_eq!(new.open(&back).unwrap().as_slice(), b"hello");
    }

    #[test]
    fn another_code_opens_nothing() {
        let one = LinkCode::parse("ABCD-EFGH-JKMN").unwrap();
        let other = LinkCode::parse("ABCD-EFGH-JKMP").unwrap();
        let (mut new, mut existing) = meet(&one, &other);
        let sealed = new.seal(b"hello");
        assert!(existing.open(&sealed).is_err());
        let sealed = existing.seal(b"hello");
        assert!(new.open(&sealed).is_err());
    }

    #[test]
    fn nonsense_in_the_exchange_is_refused() {
        let code = LinkCode::parse("ABCD-EFGH-JKMN").unwrap();
        for nonsense in [vec![], vec![0; EXCHANGE], vec![255; EXCHANGE], vec![66; 5]] {
            let mut rng = ChaCha20Rng::seed_from_u64(7);
            let (new, _) = Exchange::begin(Side::New, &code, &mut rng);
            assert!(new.finish(&nonsense).is_err());
        }
    }
}

//! The code by which a new device and one of the account's find each other: 12 characters, to be read aloud or scanned.
//!
//! Its first four name the place where they meet, which the server sees. The whole of it is the password of the key
//! exchange, of which 40 bits stay unknown to the server: it has one guess, and a wrong one ends the meeting.

use rand_core::CryptoRngCore;
use undertone_wire::limits::LINK_MAILBOX_BYTES;
use zeroize::Zeroizing;

/// Crockford's base 32: no letter that looks like a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
const CHARACTERS: usize = 12;

/// What is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a code has 12 letters and digits, as the other device shows them")]
pub struct CodeError;

/// A code. It is never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct LinkCode(Zeroizing<[u8; CHARACTERS]>);

impl LinkCode {
    /// Draws a code.
    pub(crate) fn random(rng: &mut dyn CryptoRngCore) -> Self {
        let mut code = Zeroizing::new([0; CHARACTERS]);
        rng.fill_bytes(code.as_mut());
        for character in code.iter_mut() {
            // 256 is a multiple of 32: all characters are equally likely.
            let index = usize::from(*character % 32);
            *character = ALPHABET.get(index).copied().unwrap_or(b'0');
        }
        Self(code)
    }

    /// Reads what somebody typed: letters in either case, with spaces and dashes, and look-alikes taken for what they
    /// look like.
    pub(crate) fn parse(typed: &str) -> Result<Self, CodeError> {
        let mut code = Zeroizing::new([0; CHARACTERS]);
        let mut filled = 0;
        for character in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            let character = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let byte = u8::try_from(character).map_err(|_| CodeError)?;
            if !ALPHABET.contains(&byte) {
                return Err(CodeError);
            }
            *code.get_mut(filled).ok_or(CodeError)? = byte;
            filled += 1;
        }
        (filled == CHARACTERS)
            .then_some(Self(code))
            .ok_or(CodeError)
    }

    /// As it is shown: three groups of four.
    pub(crate) fn show(&self) -> String {
        let groups: Vec<_> = self
            .0
            .chunks(4)
            .map(|group| String::from_utf8_lossy(group))
            .collect();
        groups.join("-")
    }

    /// The name of the place where the two meet.
    pub(crate) fn mailbox(&self) -> Vec<u8> {
        self.0.iter().copied().take(LINK_MAILBOX_BYTES).collect()
    }

    /// The password of the key exchange.
    pub(crate) fn password(&self) -> &[u8] {
        self.0.as_slice()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};

    #[test]
    fn what_is_shown_can_be_typed_in_many_ways() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        for _ in 0..100 {
            let code = LinkCode::random(&mut rng);
            let shown = code.show();
            assert_eq!(shown.len(), 14);
            assert!(LinkCode::parse(&shown).unwrap() == code);
            assert!(LinkCode::parse(&shown.to_lowercase().replace('-', " ")).unwrap() == code);
            let looks_like = shown.replace('0', "o").replace('1', "l");
            assert!(LinkCode::parse(&looks_like).unwrap() == code);
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for typed in [
            "",
            "ABCD-EFGH-JKM",
            "ABCD-EFGH-JKMNP",
            "ABCD-EFGH-JKMU",
            "ÄBCD-EFGH-JKMN",
        ] {
            assert!(LinkCode::parse(typed).is_err(), "{typed}");
        }
    }
}

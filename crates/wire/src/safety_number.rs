//! The safety number of two accounts: 60 digits that both sides see alike if, and only if, they hold the same
//! two root keys.

use sha2::{Digest as _, Sha512};

use crate::ids::RootKey;

/// Rounds of hashing, as in Signal's numeric fingerprint: makes a search for a key with a similar number dear.
const ROUNDS: usize = 5_200;
const GROUP: usize = 5;
const GROUPS_EACH: usize = 6;

/// Twelve groups of five digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafetyNumber(String);

impl SafetyNumber {
    /// The safety number of two accounts; the order does not matter.
    pub fn of(one: &RootKey, other: &RootKey) -> Self {
        let (mut halves, mut digits) = ([half(one), half(other)], String::with_capacity(60));
        halves.sort();
        digits.extend(halves);
        Self(digits)
    }

    /// The 60 digits without spaces.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Groups of five digits with spaces between.
impl std::fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, digit) in self.0.chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                f.write_str(" ")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

fn half(root: &RootKey) -> String {
    let mut hash: [u8; 64] = Sha512::new()
        .chain_update(b"undertone/1 safety number")
        .chain_update(root.as_bytes())
        .finalize()
        .into();
    for _ in 1..ROUNDS {
        hash = Sha512::new()
            .chain_update(hash)
            .chain_update(root.as_bytes())
            .finalize()
            .into();
    }
    hash.chunks_exact(GROUP)
        .take(GROUPS_EACH)
        .map(|chunk| {
            let number = chunk
                .iter()
                .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn both_sides_see_the_same_number() {
        let (a, b, c) = (
            RootKey::new([1; 32]),
            RootKey::new([2; 32]),
            RootKey::new([3; 32]),
        );
        let number = SafetyNumber::of(&a, &b);
        assert_eq!(number, SafetyNumber::of(&b, &a));
        assert_ne!(number, SafetyNumber::of(&a, &c));
        assert_eq!(number.digits().len(), 60);
        #[cfg(not(target_family = "wasm"))]
        insta::assert_snapshot!(number.to_string());
    }
}

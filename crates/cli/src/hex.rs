//! Ids as they are shown and typed: lower-case hexadecimal digits.

use undertone_wire::ids::AccountId;

/// Bytes of an account id that stand for a person: the half that their link names too.
const PERSON: usize = 16;

/// The digits of some bytes.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The id of a person: the first 16 bytes of their account id.
pub fn person(account: &AccountId) -> String {
    encode(account.as_bytes().get(..PERSON).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_person_is_half_an_account_id() {
        let mut bytes = [7; 32];
        bytes[16..].fill(9);
        assert_eq!(person(&AccountId::new(bytes)), "07".repeat(16));
        assert_eq!(encode(&[0, 0xab]), "00ab");
    }
}

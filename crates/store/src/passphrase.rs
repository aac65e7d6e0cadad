//! What a person types to open a profile.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// A passphrase; wiped when dropped, redacted when printed.
pub struct Passphrase(Zeroizing<String>);

/// An empty passphrase protects nothing and is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the passphrase is empty")]
pub struct EmptyPassphrase;

impl Passphrase {
    /// Takes a passphrase as typed; line ends and all other characters count.
    ///
    /// # Errors
    /// [`EmptyPassphrase`].
    pub fn new(text: &str) -> Result<Self, EmptyPassphrase> {
        if text.is_empty() {
            return Err(EmptyPassphrase);
        }
        // Keyboards differ in how they compose accents; the same words must open the same profile. Reserved at once,
        // as a growing string would leave pieces behind: composed text has at most three times the bytes.
        let mut composed = Zeroizing::new(String::with_capacity(text.len().saturating_mul(3)));
        composed.extend(text.nfc());
        Ok(Self(composed))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{EmptyPassphrase, Passphrase};

    #[test]
    fn composition_does_not_matter_and_case_does() {
        let composed = Passphrase::new("Caf\u{e9}").unwrap();
        assert_eq!(
            composed.as_bytes(),
            Passphrase::new("Cafe\u{301}").unwrap().as_bytes()
        );
        assert_ne!(
            composed.as_bytes(),
            Passphrase::new("caf\u{e9}").unwrap().as_bytes()
        );
    }

    #[test]
    fn an_empty_one_is_refused() {
        assert_eq!(Passphrase::new("").unwrap_err(), EmptyPassphrase);
    }

    #[test]
    fn printing_shows_nothing() {
        assert_eq!(
            format!("{:?}", Passphrase::new("hunter2").unwrap()),
            "Passphrase(redacted)"
        );
    }
}

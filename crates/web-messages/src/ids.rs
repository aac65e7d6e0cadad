//! Ids as the page knows them: names for chats, people and messages, that stand in addresses as hexadecimal digits.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A text that is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an id of {0} bytes in hexadecimal digits")]
pub struct KeyError(usize);

macro_rules! key {
    ($(#[$doc:meta])* $name:ident, $length:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub [u8; $length]);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl FromStr for $name {
            type Err = KeyError;

            fn from_str(text: &str) -> Result<Self, KeyError> {
                let error = KeyError($length);
                if text.len() != 2 * $length || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(error);
                }
                let mut bytes = [0; $length];
                for (index, byte) in bytes.iter_mut().enumerate() {
                    let digits = text.get(2 * index..2 * index + 2).ok_or(error)?;
                    *byte = u8::from_str_radix(digits, 16).map_err(|_| error)?;
                }
                Ok(Self(bytes))
            }
        }

        // Ids tell who talks to whom: none of them may reach a log.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

key!(
    /// A chat or request, on this device alone.
    ChatKey, 16
);
key!(
    /// A message, the same on all devices. The page draws it, so that writing twice is writing once.
    MessageKey, 16
);
key!(
    /// A person's account id.
    PersonKey, 32
);
key!(
    /// A device of one's own.
    DeviceKey, 16
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_survive_an_address() {
        let key = ChatKey([0xa7; 16]);
        assert_eq!(key.to_string().parse(), Ok(key));
        assert_eq!(key.to_string().to_uppercase().parse(), Ok(key));
        for wrong in [
            "",
            "a7",
            "zz".repeat(16).as_str(),
            "é".repeat(16).as_str(),
            "+1".repeat(16).as_str(),
        ] {
            assert!(wrong.parse::<ChatKey>().is_err());
        }
        assert_eq!(format!("{key:?}"), "ChatKey(…)");
    }
}

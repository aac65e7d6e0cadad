//! Leaf node extension 0xF101: how to reach a device in a conversation, and how it came into it.

use prost::Message as _;
use undertone_wire::ids::Alias;

use crate::proto;

/// The version of the encoding.
pub const LEAF_VERSION: u32 = 1;
/// Longest encoding that is looked at, in bytes.
const MAX_ENCODED: usize = 128;

/// Which kind of card a KeyPackage lay on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CardKind {
    /// The reusable contact link.
    Link,
    /// A link for one person.
    Once,
    /// The username.
    Name,
    /// The card that accepted contacts hold.
    Contacts,
    /// No card: made by the device for a conversation that its own account is in, or founds.
    OwnDevice,
}

/// What a leaf says besides who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafInfo {
    /// Delivers into the device's queue.
    pub alias: Alias,
    /// X25519 key of the rescue lane.
    pub rescue_key: [u8; 32],
    /// How the leaf came into the conversation.
    pub card: CardKind,
}

/// Bytes that are not the one encoding of a [`LeafInfo`] of this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("what a leaf says about reaching it cannot be read")]
pub struct LeafInfoError;

impl LeafInfo {
    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        proto::LeafInfo {
            version: LEAF_VERSION,
            alias: self.alias.to_vec(),
            rescue_key: self.rescue_key.to_vec(),
            card: match self.card {
                CardKind::Link => proto::CardKind::Link,
                CardKind::Once => proto::CardKind::Once,
                CardKind::Name => proto::CardKind::Name,
                CardKind::Contacts => proto::CardKind::Contacts,
                CardKind::OwnDevice => proto::CardKind::OwnDevice,
            } as i32,
        }
        .encode_to_vec()
    }

    /// Reads what [`LeafInfo::encode`] wrote, to the byte.
    ///
    /// # Errors
    /// [`LeafInfoError`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, LeafInfoError> {
        if bytes.len() > MAX_ENCODED {
            return Err(LeafInfoError);
        }
        let read = proto::LeafInfo::decode(bytes).map_err(|_| LeafInfoError)?;
        if read.version != LEAF_VERSION {
            return Err(LeafInfoError);
        }
        let info = Self {
            alias: Alias::try_from(read.alias.as_slice()).map_err(|_| LeafInfoError)?,
            rescue_key: read.rescue_key.try_into().map_err(|_| LeafInfoError)?,
            card: match proto::CardKind::try_from(read.card) {
                Ok(proto::CardKind::Link) => CardKind::Link,
                Ok(proto::CardKind::Once) => CardKind::Once,
                Ok(proto::CardKind::Name) => CardKind::Name,
                Ok(proto::CardKind::Contacts) => CardKind::Contacts,
                Ok(proto::CardKind::OwnDevice) => CardKind::OwnDevice,
                Ok(proto::CardKind::Unspecified) | Err(_) => return Err(LeafInfoError),
            },
        };
        (info.encode() == bytes)
            .then_some(info)
            .ok_or(LeafInfoError)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn info(card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: Alias::new([1; 32]),
            rescue_key: [2; 32],
            card,
        }
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_format_is_fixed() {
        insta::assert_snapshot!(crate::hex(&info(CardKind::Contacts).encode()));
    }

    #[test]
    fn every_kind_comes_back_and_other_encodings_are_refused() {
        use CardKind::{Contacts, Link, Name, Once, OwnDevice};
        for card in [Link, Once, Name, Contacts, OwnDevice] {
            let bytes = info(card).encode();
            assert_eq!(LeafInfo::decode(&bytes).unwrap(), info(card));
            // A field twice, an unknown field, a value cut short: all decode as protobuf or nearly.
            let twice = [bytes.clone(), bytes.clone()].concat();
            assert_eq!(LeafInfo::decode(&twice), Err(LeafInfoError));
            let unknown = [bytes.clone(), vec![0x78, 1]].concat();
            assert_eq!(LeafInfo::decode(&unknown), Err(LeafInfoError));
            let (_, cut) = bytes.split_last().unwrap();
            assert_eq!(LeafInfo::decode(cut), Err(LeafInfoError));
        }
        assert_eq!(LeafInfo::decode(&[]), Err(LeafInfoError));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(info) = LeafInfo::decode(&bytes) {
                prop_assert_eq!(info.encode(), bytes);
            }
        }
    }
}

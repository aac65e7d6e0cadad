//! What the devices of one account have in common: registers, each written as a whole, of which the latest writing counts.
//!
//! Devices hear of writings in any order, twice, or much later. Which of two counts is a pure function of the two, and
//! the same whichever is heard first: so all devices that have heard the same writings hold the same (the last-writer-wins
//! register of Shapiro and others, *A comprehensive study of convergent and commutative replicated data types*, 3.2.1).

use undertone_wire::ids::Serial;

use crate::{ContentError, limits, proto};

/// What a register is about.
pub mod kind {
    /// The account's own name.
    pub const NAME: u32 = 1;
    /// A device, by its serial.
    pub const DEVICE: u32 = 2;
    /// The day on which a device was last active, by its serial.
    pub const ACTIVE: u32 = 3;
    /// All certificates and revocations. Lists are united, whatever the clocks say.
    pub const DEVICES: u32 = 4;
    /// A contact, by their account.
    pub const CONTACT: u32 = 5;
    /// Whether a contact is verified.
    pub const VERIFIED: u32 = 6;
    /// Whether a contact is blocked.
    pub const BLOCKED: u32 = 7;
    /// A conversation, by its name among one's devices.
    pub const CHAT: u32 = 8;
    /// Up to where a conversation was read.
    pub const READ: u32 = 9;
    /// What is written in a conversation and not sent.
    pub const DRAFT: u32 = 10;
    /// A card, by its kind.
    pub const CARD: u32 = 12;
    /// What one is called in a group.
    pub const GROUP_NAME: u32 = 13;
}

/// One writing of a register.
#[derive(Clone, PartialEq, Eq)]
pub struct Register {
    /// What it is about: one of [`kind`], or something of a newer version, which is kept.
    pub kind: u32,
    /// Which one of the kind.
    pub name: Vec<u8>,
    /// What it says; empty for nothing any more.
    pub value: Vec<u8>,
    /// Later than any that its writer had seen.
    pub clock: u64,
    /// The writer, which decides between equal clocks.
    pub device: Serial,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Register(kind {}, …)", self.kind)
    }
}

impl Register {
    /// Whether this writing counts rather than `other`, of the same register.
    pub fn wins(&self, other: &Self) -> bool {
        let rank = |one: &Self| (one.clock, *one.device.as_bytes());
        (rank(self), &self.value) > (rank(other), &other.value)
    }

    pub(crate) fn to_proto(&self) -> proto::Register {
        proto::Register {
            kind: self.kind,
            name: self.name.clone(),
            value: self.value.clone(),
            clock: self.clock,
            device: self.device.to_vec(),
        }
    }

    pub(crate) fn from_proto(read: proto::Register) -> Result<Self, ContentError> {
        if read.name.len() > limits::REGISTER_NAME_BYTES
            || read.value.len() > limits::REGISTER_VALUE_BYTES
        {
            return Err(ContentError::TooLarge);
        }
        Ok(Self {
            kind: read.kind,
            name: read.name,
            value: read.value,
            // SQLite counts to 2^63; nobody comes near it by counting.
            clock: read.clock.min(u64::MAX >> 1),
            device: Serial::try_from(read.device.as_slice())
                .map_err(|_| ContentError::Malformed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    type Replica = BTreeMap<(u32, Vec<u8>), Register>;

    fn hear(replica: &mut Replica, writing: &Register) {
        let name = (writing.kind, writing.name.clone());
        let known = replica.get(&name);
        if known.is_none_or(|known| writing.wins(known)) {
            replica.insert(name, writing.clone());
        }
    }

    fn writing() -> impl Strategy<Value = Register> {
        let value = proptest::collection::vec(any::<u8>(), 0..3);
        (0..3_u32, 0..2_u8, value, 0..6_u64, 0..3_u8).prop_map(
            |(kind, name, value, clock, device)| Register {
                kind,
                name: vec![name],
                value,
                clock,
                device: Serial::new([device; 16]),
            },
        )
    }

    proptest! {
        #[test]
        fn devices_that_heard_the_same_hold_the_same(
            writings in proptest::collection::vec(writing(), 0..20),
            order in proptest::collection::vec(any::<prop::sample::Index>(), 0..60),
        ) {
            let (mut one, mut other) = (Replica::new(), Replica::new());
            for writing in &writings {
                hear(&mut one, writing);
            }
            // Another order, with repeats; and what was not heard at all comes at the end, backwards.
            if !writings.is_empty() {
                for index in &order {
                    hear(&mut other, index.get(&writings));
                }
            }
            for writing in writings.iter().rev() {
                hear(&mut other, writing);
            }
            prop_assert_eq!(one, other);
        }
    }

    #[test]
    fn what_is_too_large_is_refused_and_the_rest_comes_back() {
        let register = Register {
            kind: kind::NAME,
            name: vec![1],
            value: b"Anna".to_vec(),
            clock: 7,
            device: Serial::new([2; 16]),
        };
        assert_eq!(
            Register::from_proto(register.to_proto()),
            Ok(register.clone())
        );
        let large = Register {
            value: vec![0; limits::REGISTER_VALUE_BYTES + 1],
            ..register
        };
        assert_eq!(
            Register::from_proto(large.to_proto()),
            Err(ContentError::TooLarge)
        );
    }
}

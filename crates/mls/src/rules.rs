//! GroupContext extension 0xF100: the rules of a conversation, which every member holds alike.

use std::collections::BTreeSet;

use prost::Message as _;
use undertone_wire::ids::{AccountId, Handle};

use crate::{group_id::GroupId, proto};

/// The version of the encoding.
pub const RULES_VERSION: u32 = 1;
/// Longest title, in bytes of UTF-8.
pub const MAX_TITLE: usize = 256;
/// Longest description, in bytes of UTF-8.
pub const MAX_DESCRIPTION: usize = 4_096;
/// Most admins of a group.
pub const MAX_ADMINS: usize = 64;
/// Most groups that a conversation can have been before.
pub const MAX_PREDECESSORS: usize = 64;
/// Longest encoding that is looked at, in bytes.
const MAX_ENCODED: usize = 16_384;

/// What sort of conversation it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConversationKind {
    /// Between two accounts.
    Direct,
    /// Among the devices of one account.
    Own,
    /// Among any accounts, under admins.
    Group,
}

/// To whom something is allowed in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Only to admins.
    Admins,
    /// To every member.
    Everyone,
}

/// What is allowed to whom in a group. In other conversations all is allowed to everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permissions {
    /// Sending messages. Commits do not depend on it: whoever reads messages enforces it.
    pub send: Who,
    /// Changing title, description and disappearing time.
    pub edit: Who,
    /// Adding accounts.
    pub add: Who,
}

impl Permissions {
    /// Everything to everyone.
    pub const OPEN: Self = Self {
        send: Who::Everyone,
        edit: Who::Everyone,
        add: Who::Everyone,
    };
}

/// Bits of advanced privacy. Bits without a name are kept, and mean nothing to this version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Privacy(pub u32);

impl Privacy {
    /// No export of the conversation.
    pub const NO_EXPORT: Self = Self(1);
    /// No saving of media by one click.
    pub const NO_SAVING: Self = Self(1 << 1);
    /// No device operated by software may be added.
    pub const NO_BOTS: Self = Self(1 << 2);
    /// No forwarding out of the conversation.
    pub const NO_FORWARDING: Self = Self(1 << 3);

    /// Whether all bits of `flag` are set.
    pub const fn has(self, flag: Self) -> bool {
        self.0 & flag.0 == flag.0
    }
}

/// The rules of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Never changes.
    pub kind: ConversationKind,
    /// The sequencer's name of the conversation. Never changes.
    pub handle: Handle,
    /// Empty if there is none.
    pub title: String,
    /// Empty if there is none.
    pub description: String,
    /// Of a group: at least one, each with a device in it. Empty in other conversations.
    pub admins: BTreeSet<AccountId>,
    /// Of a group; [`Permissions::OPEN`] in other conversations.
    pub permissions: Permissions,
    /// Seconds after which messages go; 0: never.
    pub disappearing_seconds: u32,
    /// Advanced privacy.
    pub privacy: Privacy,
    /// The groups that the conversation was before, oldest first. Only grows.
    pub predecessors: Vec<GroupId>,
}

/// Why bytes are not rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// Not the one encoding of rules, or rules that do not fit their kind.
    #[error("the rules of the conversation cannot be read")]
    Malformed,
    /// Rules of a version that this program does not know.
    #[error("the rules of the conversation were made with a newer version")]
    Version,
    /// Over a limit.
    #[error("the rules of the conversation are larger than allowed")]
    TooLarge,
}

impl Rules {
    /// The rules of a fresh conversation between two accounts.
    pub fn direct(handle: Handle) -> Self {
        Self::fresh(ConversationKind::Direct, handle)
    }

    /// The rules of a fresh conversation among one's own devices.
    pub fn own(handle: Handle) -> Self {
        Self::fresh(ConversationKind::Own, handle)
    }

    /// The rules of a fresh group with one admin.
    pub fn group(handle: Handle, title: String, admin: AccountId) -> Self {
        Self {
            title,
            admins: BTreeSet::from([admin]),
            ..Self::fresh(ConversationKind::Group, handle)
        }
    }

    fn fresh(kind: ConversationKind, handle: Handle) -> Self {
        Self {
            kind,
            handle,
            title: String::new(),
            description: String::new(),
            admins: BTreeSet::new(),
            permissions: Permissions::OPEN,
            disappearing_seconds: 0,
            privacy: Privacy::default(),
            predecessors: Vec::new(),
        }
    }

    /// Whether `account`, being a member, may do what admins may.
    pub fn is_admin(&self, account: &AccountId) -> bool {
        self.kind != ConversationKind::Group || self.admins.contains(account)
    }

    /// Whether `account`, being a member, may do what is allowed to `who`.
    pub fn allows(&self, who: Who, account: &AccountId) -> bool {
        who == Who::Everyone || self.is_admin(account)
    }

    /// The one encoding.
    pub fn encode(&self) -> Vec<u8> {
        proto::Rules {
            version: RULES_VERSION,
            kind: match self.kind {
                ConversationKind::Direct => proto::ConversationKind::Direct,
                ConversationKind::Own => proto::ConversationKind::Own,
                ConversationKind::Group => proto::ConversationKind::Group,
            } as i32,
            handle: self.handle.to_vec(),
            title: self.title.clone(),
            description: self.description.clone(),
            admins: self.admins.iter().map(AccountId::to_vec).collect(),
            may_send: who_to_proto(self.permissions.send),
            may_edit: who_to_proto(self.permissions.edit),
            may_add: who_to_proto(self.permissions.add),
            disappearing_seconds: self.disappearing_seconds,
            privacy: self.privacy.0,
            predecessors: self
                .predecessors
                .iter()
                .map(|group| group.as_bytes().to_vec())
                .collect(),
        }
        .encode_to_vec()
    }

    /// Reads what [`Rules::encode`] wrote, to the byte, and checks limits and what the kind demands.
    ///
    /// # Errors
    /// [`RulesError`] says what is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, RulesError> {
        if bytes.len() > MAX_ENCODED {
            return Err(RulesError::TooLarge);
        }
        let read = proto::Rules::decode(bytes).map_err(|_| RulesError::Malformed)?;
        if read.version != RULES_VERSION {
            return Err(RulesError::Version);
        }
        let admins = read
            .admins
            .iter()
            .map(|id| AccountId::try_from(id.as_slice()));
        let predecessors = read
            .predecessors
            .iter()
            .map(|id| GroupId::try_from(id.as_slice()));
        let rules = Self {
            kind: match proto::ConversationKind::try_from(read.kind) {
                Ok(proto::ConversationKind::Direct) => ConversationKind::Direct,
                Ok(proto::ConversationKind::Own) => ConversationKind::Own,
                Ok(proto::ConversationKind::Group) => ConversationKind::Group,
                Ok(proto::ConversationKind::Unspecified) | Err(_) => {
                    return Err(RulesError::Malformed);
                }
            },
            handle: Handle::try_from(read.handle.as_slice()).map_err(|_| RulesError::Malformed)?,
            title: read.title,
            description: read.description,
            admins: admins
                .collect::<Result<_, _>>()
                .map_err(|_| RulesError::Malformed)?,
            permissions: Permissions {
                send: who_from_proto(read.may_send)?,
                edit: who_from_proto(read.may_edit)?,
                add: who_from_proto(read.may_add)?,
            },
            disappearing_seconds: read.disappearing_seconds,
            privacy: Privacy(read.privacy),
            predecessors: predecessors
                .collect::<Result<_, _>>()
                .map_err(|_| RulesError::Malformed)?,
        };
        if rules.encode() != bytes {
            return Err(RulesError::Malformed);
        }
        rules.check()?;
        Ok(rules)
    }

    /// Checks limits and what the kind demands.
    ///
    /// # Errors
    /// [`RulesError::TooLarge`] or [`RulesError::Malformed`].
    pub fn check(&self) -> Result<(), RulesError> {
        if self.title.len() > MAX_TITLE
            || self.description.len() > MAX_DESCRIPTION
            || self.admins.len() > MAX_ADMINS
            || self.predecessors.len() > MAX_PREDECESSORS
        {
            return Err(RulesError::TooLarge);
        }
        let distinct: BTreeSet<_> = self.predecessors.iter().collect();
        let fits_kind = match self.kind {
            ConversationKind::Group => !self.admins.is_empty(),
            ConversationKind::Direct | ConversationKind::Own => {
                self.admins.is_empty() && self.permissions == Permissions::OPEN
            }
        };
        (fits_kind && distinct.len() == self.predecessors.len())
            .then_some(())
            .ok_or(RulesError::Malformed)
    }
}

fn who_to_proto(who: Who) -> i32 {
    match who {
        Who::Admins => proto::Who::Admins as i32,
        Who::Everyone => proto::Who::Everyone as i32,
    }
}

fn who_from_proto(who: i32) -> Result<Who, RulesError> {
    match proto::Who::try_from(who) {
        Ok(proto::Who::Admins) => Ok(Who::Admins),
        Ok(proto::Who::Everyone) => Ok(Who::Everyone),
        Ok(proto::Who::Unspecified) | Err(_) => Err(RulesError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn full() -> Rules {
        Rules {
            description: "Where we plan the garden".into(),
            permissions: Permissions {
                send: Who::Everyone,
                edit: Who::Admins,
                add: Who::Admins,
            },
            disappearing_seconds: 604_800,
            privacy: Privacy::NO_BOTS,
            predecessors: vec![GroupId::new([3; 32]), GroupId::new([2; 32])],
            ..Rules::group(
                Handle::new([1; 32]),
                "Garden".into(),
                AccountId::new([9; 32]),
            )
        }
    }

    #[cfg(not(target_family = "wasm"))]
    #[test]
    fn the_format_is_fixed() {
        insta::assert_snapshot!(crate::hex(&full().encode()));
    }

    #[test]
    fn rules_come_back_and_other_encodings_are_refused() {
        for rules in [
            full(),
            Rules::direct(Handle::new([1; 32])),
            Rules::own(Handle::new([1; 32])),
        ] {
            let bytes = rules.encode();
            assert_eq!(Rules::decode(&bytes).unwrap(), rules);
            // Two handles, for example: protobuf would take the last.
            let two_handles = proto::Rules {
                handle: vec![7; 32],
                ..Default::default()
            }
            .encode_to_vec();
            let twice = [bytes.clone(), two_handles].concat();
            assert_eq!(Rules::decode(&twice), Err(RulesError::Malformed));
            let unknown = [bytes, vec![0xf8, 0x01, 1]].concat();
            assert_eq!(Rules::decode(&unknown), Err(RulesError::Malformed));
        }
        assert_eq!(Rules::decode(&[]), Err(RulesError::Version));
        assert_eq!(Rules::decode(&[8, 2]), Err(RulesError::Version));
    }

    #[test]
    fn rules_fit_their_kind_and_the_limits() {
        let refused = |change: fn(&mut Rules), error| {
            let mut rules = full();
            change(&mut rules);
            assert_eq!(Rules::decode(&rules.encode()), Err(error));
        };
        use RulesError::{Malformed, TooLarge};
        refused(|rules| rules.admins.clear(), Malformed);
        refused(|rules| rules.kind = ConversationKind::Direct, Malformed);
        refused(
            |rules| rules.predecessors.push(GroupId::new([3; 32])),
            Malformed,
        );
        refused(|rules| rules.title = "x".repeat(MAX_TITLE + 1), TooLarge);
        refused(
            |rules| rules.description = "x".repeat(MAX_DESCRIPTION + 1),
            TooLarge,
        );
        refused(
            |rules| rules.admins = (0..65).map(|n| AccountId::new([n; 32])).collect(),
            TooLarge,
        );
        refused(
            |rules| rules.predecessors = (0..65).map(|n| GroupId::new([n; 32])).collect(),
            TooLarge,
        );
        assert_eq!(Rules::decode(&vec![0; MAX_ENCODED + 1]), Err(TooLarge));

        let mut direct = Rules::direct(Handle::new([1; 32]));
        direct.permissions.add = Who::Admins;
        assert_eq!(Rules::decode(&direct.encode()), Err(Malformed));
    }

    #[test]
    fn the_largest_rules_fit_the_encoding() {
        let mut rules = full();
        rules.title = "x".repeat(MAX_TITLE);
        rules.description = "x".repeat(MAX_DESCRIPTION);
        rules.admins = (0..64).map(|n| AccountId::new([n; 32])).collect();
        rules.predecessors = (0..64).map(|n| GroupId::new([n; 32])).collect();
        assert_eq!(Rules::decode(&rules.encode()).unwrap(), rules);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(rules) = Rules::decode(&bytes) {
                prop_assert_eq!(rules.encode(), bytes);
            }
        }
    }
}

//! Conversations as MLS groups (RFC 9420): what is added to MLS, and which of it is allowed.
//!
//! This crate is pure. It must never do I/O, ask for the time or keep global state: it reads and writes a
//! [`KeyValue`] that the caller puts a transaction behind, and it decides whether a commit is allowed only by
//! the state of its epoch and its bytes.

mod check_commit;
mod commit;
mod crypto;
mod envelope;
mod group;
mod group_id;
mod identity;
mod invitation;
mod key_package;
mod key_value;
mod leaf_info;
mod member;
mod open;
mod outside;
mod provider;
mod read_commit;
mod rules;
mod secrets;
mod send;
mod storage_provider;
mod stored;
mod stored_reader;
mod suite;

pub use check_commit::{MAX_DEVICES, MAX_MEMBERS, RuleViolation};
pub use commit::{Change, PendingCommit};
pub use crypto::Crypto;
pub use envelope::{EnvelopeError, TooLarge, open_welcome, seal_welcome};
pub use group::{Group, GroupError};
pub use group_id::{GroupId, GroupIdError};
pub use identity::DeviceIdentity;
pub use invitation::{Invitation, InvitationError};
pub use key_package::{
    KeyPackageError, KeyPackageRef, OwnKeyPackage, VerifiedKeyPackage, delete_key_package,
    make_key_package,
};
pub use key_value::{KeyValue, MemoryKeyValue, Snapshot};
pub use leaf_info::{CardKind, LEAF_VERSION, LeafInfo, LeafInfoError, MAX_MEMBER_NAME};
pub use member::{LeafError, Member};
pub use open::{Changes, OpenError, Opened, ReceivedCommit};
pub use outside::{
    Fetched, Knocked, MAX_OUTSIDE_CHUNKS, Outside, Pointer, SharedWelcome, open_knock,
    seal_shared_welcome, share_welcome,
};
pub use provider::{Failed, Provider, Storage};
pub use rules::{
    ConversationKind, MAX_ADMINS, MAX_DESCRIPTION, MAX_PREDECESSORS, MAX_TITLE, Permissions,
    Privacy, RULES_VERSION, Rules, RulesError, Who,
};
pub use secrets::EpochSecrets;
pub use send::MAX_CONTENT;
pub use stored::{STORED_VERSION, StorageError};
pub use suite::{LEAF_EXTENSION, RULES_EXTENSION, SUITE};

/// The generated types, one for one as in `proto/`. Nothing in them is verified.
#[allow(missing_docs, clippy::all)]
mod proto {
    include!(concat!(env!("OUT_DIR"), "/undertone.conversation.v1.rs"));
}

/// For snapshots.
#[cfg(all(test, not(target_family = "wasm")))]
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

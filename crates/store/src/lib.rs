//! The client's local store: one encrypted SQLite database, the same source natively and in the browser.
//!
//! [`Store`] opens the database and runs transactions; everything that is read or written goes through a
//! [`ReadTx`] or [`WriteTx`], so that a change of MLS state and the message it belongs to become durable together or
//! not at all. Natively a *profile* is a directory with the database, its key file and a lock file.
//!
//! This crate must never talk to the network, ask for the time or for randomness, or let SQL out: callers see verbs,
//! never statements.

pub mod account;
pub mod adds;
pub mod aliases;
pub mod cards;
pub mod chat_list;
pub mod chats;
pub mod contacts;
mod crash;
mod devices_since;
mod drafts;
mod epoch_marks;
mod fold;
pub mod groups;
pub mod heard;
pub mod inbox;
#[cfg(target_family = "wasm")]
mod install_vfs;
pub mod invitations;
mod key;
#[cfg(not(target_family = "wasm"))]
mod key_file;
mod kv;
pub mod members;
pub mod messages;
mod migrate;
mod normal_form;
mod open;
pub mod outbox;
#[cfg(not(target_family = "wasm"))]
mod passphrase;
pub mod places;
#[cfg(not(target_family = "wasm"))]
pub mod profile_key;
#[cfg(not(target_family = "wasm"))]
mod profile_lock;
pub mod registers;
mod rows;
mod scrub;
mod search;
mod settings;
mod store;
pub mod survey;
pub mod tokens;
mod transaction;
pub mod transfers;
mod wipe;
pub mod wishes;

pub use fold::fold_for_search;
#[cfg(target_family = "wasm")]
pub use install_vfs::{Files, InstallVfsError, install_vfs};
pub use key::StoreKey;
pub use open::{Location, OpenError};
#[cfg(not(target_family = "wasm"))]
pub use passphrase::{EmptyPassphrase, Passphrase};
#[cfg(not(target_family = "wasm"))]
pub use profile_lock::{ProfileLock, ProfileLockError, create_profile_dir};
pub use store::{Store, StoreError};
pub use transaction::{ReadTx, WriteTx};

//! What clients and servers agree on: identifiers, keys, signed records, sealed rows and the frames of
//! the connections (`docs/protocol`).
//!
//! This crate is pure. It must never do I/O, ask for the time, keep global state, or make randomness
//! of its own: randomness comes in as an argument.

pub mod counted_nonce;
pub mod digest;
pub mod entry;
pub mod frame;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod link;
pub mod narrow_hpke;
pub mod padding;
pub mod reach;
pub mod rescue;
pub mod safety_number;
pub mod sealed_row;
pub mod signing;
pub mod time;
pub mod token;

/// The generated types of the wire format, one for one as in `proto/`. Nothing in them is verified.
#[allow(missing_docs, clippy::all)]
pub mod proto {
    include!(concat!(env!("OUT_DIR"), "/undertone.v1.rs"));
}

/// The version of the protocol that this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;

//! What each fuzz target checks of a decoder of bytes from outside.
//!
//! A check takes any bytes, panics if the decoder panics or breaks its promise, and tells whether the decoder took
//! them for valid. `fuzz/` drives the checks with libFuzzer; the tests here replay `fuzz/seeds`, and what fuzzing has
//! found, in the normal test run. Where a signature or a seal would stop every byte that is not its author's, a check
//! signs or seals the bytes itself, so that what lies behind is reached too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod client;
mod content;
mod cut;
mod edit;
mod engine;
mod entry;
mod envelope;
mod frames;
mod identity;
mod link;
mod mls;
mod peer;
mod profile;
pub mod programs;
mod rows;
pub mod seeds;
mod server_double;
mod tokens;

/// A check of one decoder; true if it took the bytes for valid.
pub type Check = fn(&[u8]) -> bool;

/// Every check, by the name of its fuzz target.
pub const CHECKS: &[(&str, Check)] = &[
    ("account_frame", frames::account_frame),
    ("card_head", identity::card_head),
    ("certificate", identity::certificate),
    ("content", content::content),
    ("device_list", identity::device_list),
    ("engine", engine::engine),
    ("entry", entry::entry),
    ("envelope", envelope::envelope),
    ("forwarded_for", programs::forwarded_for),
    ("key_package", mls::key_package),
    ("leaf_info", mls::leaf_info),
    ("link", link::link),
    ("link_frame", frames::link_frame),
    ("message", mls::message),
    ("padding", rows::padding),
    ("profile_key", profile::profile_key),
    ("queue_frame", frames::queue_frame),
    ("rescue", envelope::rescue),
    ("rules", mls::rules),
    ("safe_text", programs::safe_text),
    ("sealed_row", rows::sealed_row),
    ("send_frame", frames::send_frame),
    ("server_config", programs::server_config),
    ("signal", content::signal),
    ("token", tokens::token),
    ("token_answer", tokens::token_answer),
    ("token_request", tokens::token_request),
    ("web_frame", frames::web_frame),
    ("welcome", mls::welcome),
];

/// Runs the check of this name.
///
/// # Panics
/// If there is none, and if the check finds something.
pub fn check(name: &str, bytes: &[u8]) -> bool {
    let found = CHECKS.iter().find(|(check, _)| *check == name);
    found.expect("a check of this name").1(bytes)
}

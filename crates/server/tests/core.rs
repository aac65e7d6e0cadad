//! The core against fake clients, in one process and without a socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

#[path = "core/good_paths.rs"]
mod good_paths;
#[path = "core/harness.rs"]
mod harness;

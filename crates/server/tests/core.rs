//! The core against fake clients, in one process and without a socket.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

#[path = "core/disk.rs"]
mod disk;
#[path = "core/failures.rs"]
mod failures;
#[path = "core/good_paths.rs"]
mod good_paths;
#[path = "core/harness.rs"]
mod harness;
#[path = "core/invariants.rs"]
mod invariants;
#[path = "core/limits.rs"]
mod limits;
#[path = "core/meetings.rs"]
mod meetings;
#[path = "core/ordering.rs"]
mod ordering;
#[path = "core/refusals.rs"]
mod refusals;
#[path = "core/repeats.rs"]
mod repeats;
#[path = "core/schema.rs"]
mod schema;
#[path = "core/time.rs"]
mod time;

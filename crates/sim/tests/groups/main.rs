//! Stories of groups, through real engines and the real server core, in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod behind;
mod everyday;
mod founded_anew;
mod half_valid;
mod hostile;
mod hostile_server;
mod large;
mod member;
mod own_devices;
mod story;

//! Stories of two, three and more devices, each with a store of its own: nothing is shared but bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod agreement;
mod conversations;
mod crash;
mod device;
mod forbidden;
mod kept_loaded;
mod lawless;
mod malicious;
mod store_failures;

//! The page: shows what the Worker tells, and asks it what the user wants. It holds no key and knows no protocol.
//!
//! What can be decided without a browser is plain Rust and tested natively; the rest runs in browsers only.

// Natively only tests use what the page is made of.
#![cfg_attr(not(target_family = "wasm"), allow(dead_code))]

mod arrange;
mod device_name;
mod link_in_address;
mod linkify;
mod mention;
mod qr;
mod route;
mod words;

#[cfg(target_family = "wasm")]
mod appearance;
#[cfg(target_family = "wasm")]
mod bridge;
#[cfg(target_family = "wasm")]
mod browser;
#[cfg(target_family = "wasm")]
mod numbers;
#[cfg(target_family = "wasm")]
mod release;
#[cfg(target_family = "wasm")]
mod state;
#[cfg(target_family = "wasm")]
mod times;
#[cfg(target_family = "wasm")]
mod view;

fn main() {
    #[cfg(target_family = "wasm")]
    view::mount();
}

//! Stories about the server process, seen from outside: sockets, signals, files, command line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

mod account;
mod client;
mod configuration;
mod data_folder;
mod http;
mod limits;
mod log;
mod meetings;
mod process;
mod restart;
mod shutdown;
mod sockets;
mod tls;

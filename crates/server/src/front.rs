//! The outside of the server process: settings, listeners, connections, the writer thread and the way they end.
//!
//! It moves frames between sockets and [`undertone_server::core::Core`] and decides nothing about what is in them. It
//! must never log, or count by, anything of a connection: no address, no identifier, no line per request.

pub mod address;
pub mod authenticated;
pub mod check_config;
pub mod command;
pub mod connection;
pub mod control;
pub mod create_invite;
pub mod data_folder;
pub mod heartbeat;
pub mod listener;
pub mod logging;
pub mod metered;
pub mod metrics;
pub mod outgoing;
pub mod routes;
pub mod serve;
pub mod settings;
pub mod submit;
pub mod tls;
pub mod upgrade;
pub mod web;
pub mod writer;

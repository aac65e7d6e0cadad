//! The simulator: many engines and the real server core under virtual time, with faults drawn from a seed.
//!
//! A seed decides everything that the engines and the server can notice: delays, losses, crashes, clocks, what people
//! do. A failing seed replays. Nothing here sleeps, opens a socket or asks for the time.

pub mod faults;
pub mod group_scenario;
pub mod network;
pub mod person;
pub mod property;
pub mod scenario;
pub mod server;
pub mod world;

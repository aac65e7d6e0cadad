//! The server: accounts, queues, sequencer, cards, blobs and tokens (`docs/protocol/services.md`).
//!
//! The library is what the production process and the simulator share: [`session`] reads frames, one connection at a
//! time; [`core`] decides and stores, for all of them, in one place. Neither opens a socket, asks for the time, or
//! makes randomness of its own. Nothing here may log, or keep in one store what stands in another.

mod answer;
pub mod core;
pub mod session;

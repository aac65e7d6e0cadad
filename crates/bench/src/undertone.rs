//! Undertone's server as a system under load: started, given accounts and queues, and driven through its protocol.

mod account;
mod pair;
mod queue;
mod server;
mod socket;

pub use account::Account;
pub use pair::Pair;
pub use queue::Queue;
pub use server::{Server, temporary_folder};

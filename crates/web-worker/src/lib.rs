//! What the browser's Worker decides, apart from the browser: answers to the page from the engine, news, and how the
//! Workers of several tabs agree on one that leads. `main.rs` joins it to the browser.
//!
//! It must never decide what the protocol does, which is the engine's, nor what is shown, which is the page's.

mod answer;
mod answer_account;
mod answer_devices;
mod answer_groups;
mod answer_history;
mod answer_links;
mod answer_messages;
mod answer_overview;
mod answer_people;
mod answer_requests;
mod answer_search;
mod answered;
mod between;
mod desk;
mod epoch;
mod gather_news;
mod generations;
mod keys;
mod names;
mod pending;
mod refusal;
mod views;

pub use between::{ToLeader, ToTabs};
pub use desk::Desk;
pub use epoch::{Epoch, raise_epoch};
pub use generations::Generations;
pub use keys::TabId;
pub use pending::Pending;

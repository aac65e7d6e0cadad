//! The engine shared by the browser and the command line: accounts, conversations, outbox, sync.
//!
//! It is a state machine without I/O. Whoever drives it feeds [`Input`]s, carries out [`Effect`]s, gives the time and
//! the randomness, and shows [`Event`]s; the commands and queries are the methods of [`Engine`].
//!
//! It must never send before what it sends is durable, never change MLS state and history or outbox in two
//! transactions, and never let anything out to somebody whom the user has not accepted.

mod accept_request;
mod account_connection;
mod arrivals;
mod block_contact;
mod cards;
mod chat_list;
mod commits;
mod connection;
mod conversation;
mod create_account;
mod draft;
mod engine;
mod error;
mod event;
mod follow_link;
mod io;
mod links;
mod made_links;
mod me;
mod probe;
mod query;
mod queue_connection;
mod receive_commit;
mod receive_content;
mod receive_entry;
mod receive_signal;
mod receive_welcome;
mod retry_registration;
mod send_message;
mod sending_connection;
mod set_name;
mod step;
mod tasks;
mod tell_receipts;
mod unblock_contact;

pub use chat_list::ListedChat;
pub use engine::{Engine, Line, Status};
pub use error::{CommandError, EngineError};
pub use event::{Event, NumberedEvent};
pub use follow_link::Added;
pub use io::{Effect, Input, Service};
pub use made_links::RequestId;
pub use query::{AccountView, ChatView, ContactView, Refused, RequestView};
pub use send_message::Written;
pub use undertone_store::{
    Location, OpenError, Store, StoreKey,
    cards::CardKind,
    chat_list::LastMessage,
    chats::{ChatId, ChatKind, ChatState},
    messages::{MessageKind, MessageRow, MessageState},
};

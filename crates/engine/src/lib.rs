//! The engine shared by the browser and the command line: accounts, conversations, outbox, sync.
//!
//! It is a state machine without I/O. Whoever drives it feeds [`Input`]s, carries out [`Effect`]s, gives the time and
//! the randomness, and shows [`Event`]s; the commands and queries are the methods of [`Engine`].
//!
//! It must never send before what it sends is durable, never change MLS state and history or outbox in two
//! transactions, and never let anything out to somebody whom the user has not accepted.

mod accept_request;
mod account_connection;
mod admit;
mod apply_own_state;
mod arrivals;
mod ask_for_places;
mod block_contact;
mod call_for_help;
mod cards;
mod certify_device;
mod change_group;
mod chat_list;
mod check_forks;
mod commits;
mod compose_commit;
mod connection;
mod conversation;
mod create_account;
mod create_group;
mod draft;
mod engine;
mod error;
mod event;
mod expel_devices;
mod fall_behind;
mod follow_link;
mod get_history;
mod give_history;
mod give_places;
mod group_members;
mod group_query;
mod help_member;
mod invitations;
mod io;
mod join_account;
mod join_group;
mod leave_group;
mod link_channel;
mod link_code;
mod linking;
mod links;
mod loaded_groups;
mod made_links;
mod me;
mod meeting;
mod mentions;
mod note_changes;
mod outside;
mod own_devices;
mod probe;
mod project_own_state;
mod publish_devices;
mod query;
mod queue_connection;
mod receive_commit;
mod receive_content;
mod receive_entry;
mod receive_signal;
mod receive_welcome;
mod renew_group;
mod retry_registration;
mod revoke_device;
mod send_message;
mod sending_connection;
mod set_added_by_contacts;
mod set_name;
mod settle_wishes;
mod share_own_state;
mod sign_out;
mod step;
mod system_line;
mod take_place;
mod tasks;
mod tell_receipts;
mod unblock_contact;
mod wish;

pub use chat_list::ListedChat;
pub use engine::{Engine, Line, Status};
pub use error::{CommandError, EngineError};
pub use event::{Event, NumberedEvent};
pub use follow_link::Added;
pub use get_history::TransferView;
pub use group_query::{
    DeviceInChat, EncryptionView, GroupView, MAX_GROUP_DEVICES, MemberView, change_in,
};
pub use invitations::InvitationView;
pub use io::{Effect, Input, Service};
pub use link_code::CodeError;
pub use linking::{DeviceKind, HistoryChoice, LinkFailure, LinkStage, LinkView};
pub use made_links::RequestId;
pub use mentions::mentioned;
pub use own_devices::DeviceView;
pub use query::{AccountView, ChatView, ContactView, Refused, RequestView};
pub use send_message::Written;
pub use undertone_content::{
    change::{Change, GivenUp, Permitted},
    content::Mention,
};
pub use undertone_store::{
    Location, OpenError, Store, StoreKey,
    cards::CardKind,
    chat_list::LastMessage,
    chats::{ChatId, ChatKind, ChatState},
    heard::Heard,
    messages::{MessageKind, MessageRow, MessageState},
    transfers::TransferState,
    wishes::WishKind,
};

//! What the page and the Worker that holds the engine say to each other, and nothing else: no key, no protocol.
//!
//! A tab's page sends a [`Question`] to its Worker; the Worker of the leading tab answers it, over the tab that asked.
//! Beside answers there is [`News`], told to all tabs: what it names may look different now and is asked for again.
//! The page names its tab by the Worker's name: 32 hexadecimal digits, drawn at random each time the page is loaded, and
//! the same for each Worker that it starts. Numbers of questions grow for as long as the page is there.
//! All of it is lost without harm: a question is sent again until it is answered, and every [`Ask`] may be carried out
//! twice with the effect of once.

mod ask;
mod devices;
mod frame;
mod ids;
mod news;
mod view;

pub use ask::{Answer, Ask, GroupChange, Refusal, Stretch};
pub use devices::{
    Device, DeviceChange, DeviceKind, Devices, History, LinkFailure, LinkStage, Linking, Transfer,
    TransferState,
};
pub use frame::{FrameError, FromWorker, Question, Reply, ToWorker, Unusable, decode, encode};
pub use ids::{ChatKey, DeviceKey, KeyError, MessageKey, PersonKey};
pub use news::News;
pub use view::{
    Account, CameBy, Change, Changed, ChatEntry, ChatKind, ChatState, Encryption, Found, Group,
    InvitationEntry, Line, Link, Mark, Member, Mentioned, Message, Overview, Page, Person, Preview,
    Reader, Refused, RequestEntry, SafetyNumber, Sender,
};

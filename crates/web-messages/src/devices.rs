//! One's own devices: which there are, one that is being linked, and histories on their way.

use serde::{Deserialize, Serialize};

use crate::ids::{DeviceKey, MessageKey};

/// All that there is to show about devices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Devices {
    /// The account's devices, this one first.
    pub devices: Vec<Device>,
    /// Histories under way and the log of those that were, the newest first.
    pub transfers: Vec<Transfer>,
    /// A device that is being linked.
    pub linking: Option<Linking>,
}

/// A device of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Names it.
    pub device: DeviceKey,
    /// What it is called.
    pub name: String,
    /// What it runs.
    pub kind: DeviceKind,
    /// Whether it is this one.
    pub here: bool,
    /// When it was linked, in milliseconds since 1970; 0 if that is not known.
    pub linked_at: u64,
    /// The beginning of the day on which it was last active, in milliseconds since 1970.
    pub active_at: Option<u64>,
}

/// What sort of client a device runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceKind {
    /// In a browser.
    Browser,
    /// On a command line.
    CommandLine,
    /// Something of a newer version.
    Other,
}

/// A history on its way, or one that was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// Names it.
    pub id: MessageKey,
    /// Whether this device gives.
    pub giving: bool,
    /// What the other device is called.
    pub name: String,
    /// How far it is.
    pub state: TransferState,
    /// Messages that are across.
    pub messages: u64,
    /// Messages in all.
    pub total: u64,
    /// Bytes that are across.
    pub bytes: u64,
    /// When it began, in milliseconds since 1970.
    pub begun_at: u64,
}

/// How far a history is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TransferState {
    /// On its way.
    UnderWay,
    /// All of it is there.
    Done,
    /// Given up.
    Cancelled,
}

/// A device that is being linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linking {
    /// Whether it is this one.
    pub new: bool,
    /// How far it is.
    pub stage: LinkStage,
    /// On the new device: the code to enter on the other.
    pub code: Option<String>,
    /// When the code ends, in milliseconds since 1970.
    pub expires_at: u64,
}

/// How far linking is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkStage {
    /// On the way to the server.
    Connecting,
    /// The code is shown.
    Waiting,
    /// The devices have found each other.
    Meeting,
    /// The user of this device decides.
    Asking {
        /// What the new device calls itself.
        name: String,
    },
    /// The user of the other device decides.
    Deciding,
    /// The new device is told what it needs.
    Finishing,
    /// They belong to one account.
    Done,
    /// It came to nothing.
    Failed(LinkFailure),
}

/// Why linking came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkFailure {
    /// No device shows this code.
    NoSuchCode,
    /// The code was not the same on both.
    WrongCode,
    /// The code has ended.
    Expired,
    /// The other said no, or went away.
    Declined,
    /// Too many tries.
    TooMany,
    /// The other runs another version.
    Version,
}

/// How much of the history a new device gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum History {
    /// Everything.
    All,
    /// The last 30 days.
    Month,
    /// Nothing.
    None,
}

/// What is to be done about devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeviceChange {
    /// Show a code: this device is to be linked.
    ShowCode {
        /// What this device is called.
        name: String,
    },
    /// Meet the device that shows a code.
    EnterCode(String),
    /// Let it come.
    Approve(History),
    /// Give linking up, or take away what is shown of it.
    End,
    /// What this device is called, if it has no name yet.
    Describe(String),
    /// Call a device something else.
    Rename(DeviceKey, String),
    /// Sign a device out.
    Revoke(DeviceKey),
    /// Stop a history that is on its way.
    Cancel(MessageKey),
}

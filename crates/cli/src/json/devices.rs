//! What is printed with `--json` about one's own devices and the histories that go between them.

use serde::Serialize;
use undertone_engine::{AccountView, DeviceKind, DeviceView, TransferState, TransferView};
use undertone_wire::time::Timestamp;

use crate::{
    hex,
    when::{rfc3339, rfc3339_day},
};

/// The first line of `device code`.
#[derive(Debug, Serialize)]
pub struct Code {
    pub code: String,
    pub expires_at: String,
}

/// The last line of `device code`: the account that the new device belongs to.
#[derive(Debug, Serialize)]
pub struct Joined {
    kind: &'static str,
    pub account: String,
    pub name: String,
}

impl Joined {
    pub fn new(view: &AccountView) -> Self {
        Self {
            kind: "linked",
            account: hex::person(&view.account),
            name: view.name.clone(),
        }
    }
}

/// `device link`: the device that is new.
#[derive(Debug, Serialize)]
pub struct Linked {
    kind: &'static str,
    pub id: String,
    pub name: String,
}

impl Linked {
    pub fn new(view: &DeviceView) -> Self {
        Self {
            kind: "linked",
            id: hex::encode(view.id.as_bytes()),
            name: view.name.clone(),
        }
    }
}

/// One line of `devices`.
#[derive(Debug, Serialize)]
pub struct Device {
    pub id: String,
    pub name: String,
    pub kind: &'static str,
    pub this_device: bool,
    /// Nothing if none of the devices said it.
    pub linked_at: Option<String>,
    /// By the day; nothing if it was not heard of yet.
    pub last_active: Option<String>,
}

impl Device {
    pub fn new(view: &DeviceView) -> Self {
        Self {
            id: hex::encode(view.id.as_bytes()),
            name: view.name.clone(),
            kind: match view.kind {
                DeviceKind::Browser => "browser",
                DeviceKind::CommandLine => "command-line",
                DeviceKind::Other => "other",
            },
            this_device: view.this_device,
            linked_at: known(view.linked_at),
            last_active: view.last_active.map(|day| rfc3339_day(day.start())),
        }
    }
}

/// One line of `transfers`, and within `receive`.
#[derive(Debug, Serialize)]
pub struct Transfer {
    pub id: String,
    pub direction: &'static str,
    pub device: String,
    pub state: &'static str,
    pub messages: u64,
    pub total: u64,
    pub bytes: u64,
    pub begun_at: String,
    pub ended_at: Option<String>,
}

impl Transfer {
    pub fn new(view: &TransferView) -> Self {
        Self {
            id: hex::encode(view.id.as_bytes()),
            direction: if view.giving { "giving" } else { "getting" },
            device: hex::encode(view.device.as_bytes()),
            state: match view.state {
                TransferState::UnderWay => "under-way",
                TransferState::Done => "done",
                TransferState::Cancelled => "cancelled",
            },
            messages: view.messages,
            total: view.total,
            bytes: view.bytes,
            begun_at: rfc3339(view.begun_at),
            ended_at: known(view.ended_at),
        }
    }
}

fn known(at: Timestamp) -> Option<String> {
    (at != Timestamp(0)).then(|| rfc3339(at))
}

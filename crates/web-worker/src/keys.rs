//! Ids as the page writes them and as the engine does; and the name of a tab.

use serde::{Deserialize, Serialize};
use undertone_engine::{ChatId, RequestId};
use undertone_web_messages::{ChatKey, DeviceKey, MessageKey, PersonKey};
use undertone_wire::ids::{AccountId, ContentId, Serial};

/// Names a page from when it is loaded until it is left, drawn at random.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TabId([u8; TabId::LEN]);

impl TabId {
    /// Length in bytes.
    pub const LEN: usize = 16;

    /// A tab by its name.
    pub fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// Its name in a channel's name.
    pub fn to_hex(self) -> String {
        MessageKey(self.0).to_string()
    }

    /// Reads what [`TabId::to_hex`] wrote.
    pub fn from_hex(text: &str) -> Option<Self> {
        text.parse().ok().map(|MessageKey(bytes)| Self(bytes))
    }

    /// Names one of the tab's questions among those of all tabs.
    pub(crate) fn request(self, number: u64) -> RequestId {
        let mut bytes = [0; RequestId::LEN];
        let parts = self.0.into_iter().chain(number.to_be_bytes());
        bytes
            .iter_mut()
            .zip(parts)
            .for_each(|(to, from)| *to = from);
        RequestId::new(bytes)
    }
}

pub(crate) fn chat_id(key: ChatKey) -> ChatId {
    ChatId::new(key.0)
}

pub(crate) fn chat_key(id: &ChatId) -> ChatKey {
    ChatKey(*id.as_bytes())
}

pub(crate) fn content_id(key: MessageKey) -> ContentId {
    ContentId::new(key.0)
}

pub(crate) fn message_key(id: &ContentId) -> MessageKey {
    MessageKey(*id.as_bytes())
}

pub(crate) fn serial(key: DeviceKey) -> Serial {
    Serial::new(key.0)
}

pub(crate) fn device_key(id: &Serial) -> DeviceKey {
    DeviceKey(*id.as_bytes())
}

pub(crate) fn account_id(key: PersonKey) -> AccountId {
    AccountId::new(key.0)
}

pub(crate) fn person_key(id: &AccountId) -> PersonKey {
    PersonKey(*id.as_bytes())
}

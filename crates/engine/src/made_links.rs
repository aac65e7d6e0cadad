//! Which links were made for which request, so that a request which comes twice makes one link. The memory changes in
//! the transaction that makes the link, and is short: a request is only repeated while nobody has answered it.

use undertone_store::{StoreError, WriteTx};
use undertone_wire::reach::ReachSecret;

/// The setting that holds the memory: entries of a request and the secret of its link, oldest first.
const SETTING: &str = "links made";
/// Requests that are remembered.
const REMEMBERED: usize = 32;
const SECRET: usize = 32;
const ENTRY: usize = RequestId::LEN + SECRET;

/// Names a request of a user interface, drawn so that no other has the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RequestId([u8; RequestId::LEN]);

impl RequestId {
    /// Length in bytes.
    pub const LEN: usize = 24;

    /// A request by its name.
    pub fn new(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }
}

/// The link that was made for a request, if it was carried out before.
pub(crate) fn recall(
    tx: &WriteTx<'_>,
    request: &RequestId,
) -> Result<Option<ReachSecret>, StoreError> {
    let memory = tx.setting_get(SETTING)?.unwrap_or_default();
    let found = memory
        .chunks_exact(ENTRY)
        .find_map(|entry| entry.strip_prefix(&request.0));
    let secret = found.and_then(|secret| <[u8; SECRET]>::try_from(secret).ok());
    Ok(secret.map(ReachSecret::new))
}

/// Notes the link that was made for a request.
pub(crate) fn remember(
    tx: &WriteTx<'_>,
    request: &RequestId,
    secret: &ReachSecret,
) -> Result<(), StoreError> {
    let memory = tx.setting_get(SETTING)?.unwrap_or_default();
    let beyond = memory.len().saturating_sub((REMEMBERED - 1) * ENTRY);
    let kept = memory.get(beyond..).unwrap_or_default();
    let memory = [kept, &request.0, secret.as_bytes()].concat();
    tx.setting_put(SETTING, &memory)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use undertone_store::{Location, Store, StoreKey};

    use super::*;

    fn request(number: u8) -> RequestId {
        RequestId::new([number; RequestId::LEN])
    }

    #[test]
    fn the_newest_requests_are_remembered() {
        let mut store = Store::open(Location::Memory, &StoreKey::from_bytes(&[1; 32])).unwrap();
        let count = u8::try_from(REMEMBERED).unwrap();
        for number in 0..=count {
            store
                .write(|tx| remember(tx, &request(number), &ReachSecret::new([number; 32])))
                .unwrap();
        }
        let recalled = |store: &mut Store, number: u8| {
            store
                .write(|tx| recall(tx, &request(number)))
                .unwrap()
                .map(|secret| *secret.as_bytes())
        };
        assert_eq!(recalled(&mut store, 0), None);
        for number in 1..=count {
            assert_eq!(recalled(&mut store, number), Some([number; 32]));
        }
    }
}

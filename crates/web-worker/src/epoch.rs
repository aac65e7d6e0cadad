//! Which of the tabs that have led does so now. The number stands in the store and grows with each that opens it.

use serde::{Deserialize, Serialize};
use undertone_store::{Store, StoreError};

const SETTING: &str = "leader epoch";

/// The how manieth leader it is; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Epoch(u64);

impl Epoch {
    /// Takes what was heard of another; tells whether it is a later one, so that all has to be asked anew.
    pub fn hear(&mut self, other: Self) -> bool {
        let later = other > *self;
        *self = other.max(*self);
        later
    }
}

/// Begins the epoch of whoever has the store open now, later than all that were `heard` of: a store that was begun anew
/// knows none of them. It is durable when this returns.
///
/// # Errors
/// [`StoreError`] if it cannot be written.
pub fn raise_epoch(store: &mut Store, heard: Epoch) -> Result<Epoch, StoreError> {
    store.write(|tx| {
        let stored = tx.setting_get(SETTING)?;
        let last = stored.and_then(|bytes| bytes.try_into().ok().map(u64::from_be_bytes));
        let next = last.unwrap_or(0).max(heard.0).saturating_add(1);
        tx.setting_put(SETTING, &next.to_be_bytes())?;
        Ok(Epoch(next))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use undertone_store::{Location, StoreKey};

    use super::*;

    #[test]
    fn each_that_opens_the_store_leads_in_a_later_epoch() {
        let key = StoreKey::from_bytes(&[1; 32]);
        let location = || Location::SharedMemory("epochs".into());
        let mut first = Store::open(location(), &key).unwrap();
        let one = raise_epoch(&mut first, Epoch::default()).unwrap();
        let mut second = Store::open(location(), &key).unwrap();
        let two = raise_epoch(&mut second, Epoch::default()).unwrap();
        assert!(Epoch::default() < one && one < two);
        let mut anew = Store::open(Location::Memory, &key).unwrap();
        assert!(two < raise_epoch(&mut anew, two).unwrap());
    }

    #[test]
    fn only_a_later_leader_is_news() {
        let mut known = Epoch::default();
        assert!(known.hear(Epoch(2)));
        assert!(!known.hear(Epoch(2)));
        assert!(!known.hear(Epoch(1)));
        assert!(known.hear(Epoch(3)));
    }
}

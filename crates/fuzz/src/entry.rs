//! Entries of a queue: the server's key for a run, the place in an id, the sealed body.

use undertone_wire::{
    entry::{EntryKeys, UnsealingKey},
    ids::EntryId,
    proto::EntryBody,
};

use crate::{cut::Cut, frames::comes_back};

/// A run's encapsulated key (32 bytes), an entry's id (16) and its body.
pub fn entry(bytes: &[u8]) -> bool {
    let owner = UnsealingKey::from_seed(&[1; 32]).expect("a key");
    let mut input = Cut::new(bytes);
    let encapsulated = input.bytes(32);
    let id = EntryId::new(input.array());
    let body = input.rest();
    if let Ok(keys) = EntryKeys::open(&owner, encapsulated) {
        if let Ok(place) = keys.place(&id) {
            assert_eq!(keys.entry_id(place), id);
        }
        let _ = keys.unseal(&id, body);
        let sealed = keys.seal(&id, body);
        assert_eq!(keys.unseal(&id, &sealed).as_deref(), Ok(body));
    }
    comes_back::<EntryBody>(body).is_some()
}

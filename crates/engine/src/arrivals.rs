//! What waits in the queue, in order: the backlog that was listed and what is pushed while attached.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use prost::Message as _;
use undertone_wire::{
    entry::{EntryKeys, Place, UnsealingKey},
    ids::{Alias, EntryId, SlotId},
    proto::{self, entry_body::Payload},
};

/// An entry that is opened, or as far as it can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Opened {
    /// Its payload is here.
    Payload {
        alias: Alias,
        payload: Bytes,
        slot: Option<SlotId>,
        sequenced: bool,
    },
    /// Its payload has to be fetched.
    Shared {
        alias: Alias,
        slot: SlotId,
        sequenced: bool,
    },
    /// It does not open: damaged, or not made by this server.
    Unreadable,
}

/// Places that are remembered of what was dealt with.
const REMEMBERED: usize = 1_024;

struct Waiting {
    entry: EntryId,
    opened: Option<Opened>,
}

/// The entries that have not been dealt with, by their place.
#[derive(Default)]
pub(crate) struct Arrivals {
    keys: BTreeMap<Vec<u8>, EntryKeys>,
    waiting: BTreeMap<Place, Waiting>,
    /// The places of the last entries that were dealt with on this connection: pushed again they are nothing new, and what
    /// comes late is.
    dealt_with: BTreeSet<Place>,
    /// The backlog has been listed on this connection.
    pub(crate) listed: bool,
    /// A barrier was answered after the last entry was dealt with.
    pub(crate) barrier_passed: bool,
    /// The barrier that is under way was asked for before something that it has to come after.
    overtaken: bool,
}

impl Arrivals {
    /// Something was learnt that the queue may tell too: whether it does, the next barrier says.
    pub(crate) fn want_barrier(&mut self) {
        self.barrier_passed = false;
        self.overtaken = true;
    }

    /// A barrier is asked for.
    pub(crate) fn barrier_asked(&mut self) {
        self.overtaken = false;
    }

    /// The barrier is answered: all that was in the queue when it was asked for has come.
    pub(crate) fn barrier_answered(&mut self) {
        self.barrier_passed = self.waiting.is_empty() && !self.overtaken;
    }

    /// Takes the names of what waits. Names that cannot be placed are given back, to be acknowledged unread.
    pub(crate) fn list(&mut self, list: &proto::EntryList, key: &UnsealingKey) -> Vec<EntryId> {
        let mut lost = Vec::new();
        for run in &list.runs {
            let entries = run
                .entries
                .iter()
                .filter_map(|entry| EntryId::try_from(entry.as_slice()).ok());
            for entry in entries {
                match self
                    .keys(&run.encapsulated, key)
                    .map(|keys| keys.place(&entry))
                {
                    Some(Ok(place)) => {
                        self.waiting.entry(place).or_insert(Waiting {
                            entry,
                            opened: None,
                        });
                    }
                    _ => lost.push(entry),
                }
            }
        }
        self.listed = true;
        lost
    }

    /// Takes an entry, pushed or fetched. Gives its name back if it cannot even be placed.
    pub(crate) fn take(&mut self, entry: &proto::Entry, key: &UnsealingKey) -> Option<EntryId> {
        let id = EntryId::try_from(entry.entry.as_slice()).ok()?;
        let placed = self
            .keys(&entry.encapsulated, key)
            .and_then(|keys| Some((keys.place(&id).ok()?, open(keys, &id, &entry.sealed))));
        let Some((place, opened)) = placed else {
            return Some(id);
        };
        let full = self.dealt_with.len() >= REMEMBERED;
        let long_ago = full && self.dealt_with.first().is_some_and(|first| place < *first);
        if long_ago || self.dealt_with.contains(&place) {
            return None;
        }
        self.waiting.insert(
            place,
            Waiting {
                entry: id,
                opened: Some(opened),
            },
        );
        None
    }

    /// Takes the payload that the first entry shares with others; `None` if it is gone.
    pub(crate) fn take_payload(&mut self, place: Place, payload: Option<Bytes>) {
        let Some(waiting) = self.waiting.get_mut(&place) else {
            return;
        };
        waiting.opened = Some(match (&waiting.opened, payload) {
            (
                Some(Opened::Shared {
                    alias,
                    slot,
                    sequenced,
                }),
                Some(payload),
            ) => Opened::Payload {
                alias: *alias,
                payload,
                slot: Some(*slot),
                sequenced: *sequenced,
            },
            _ => Opened::Unreadable,
        });
    }

    /// Forgets names that the server did not give: they are gone, by expiry or because they were acknowledged.
    pub(crate) fn forget_unfetched(&mut self, asked: usize) {
        let gone: Vec<_> = self.unfetched(asked).map(|(place, _)| place).collect();
        for place in gone {
            self.waiting.remove(&place);
        }
    }

    /// The first entry, if it is opened.
    pub(crate) fn first(&self) -> Option<(Place, EntryId, &Opened)> {
        let (place, waiting) = self.waiting.first_key_value()?;
        Some((*place, waiting.entry, waiting.opened.as_ref()?))
    }

    /// The first entries, as far as their payloads are here; `limit` at most.
    pub(crate) fn ready(&self, limit: usize) -> Vec<(Place, EntryId, Opened)> {
        self.waiting
            .iter()
            .map_while(|(place, waiting)| match &waiting.opened {
                None | Some(Opened::Shared { .. }) => None,
                Some(opened) => Some((*place, waiting.entry, opened.clone())),
            })
            .take(limit)
            .collect()
    }

    /// An entry is dealt with.
    pub(crate) fn done(&mut self, place: Place) {
        self.waiting.remove(&place);
        self.dealt_with.insert(place);
        if self.dealt_with.len() > REMEMBERED {
            self.dealt_with.pop_first();
        }
    }

    /// The names of the first `limit` entries if none of them has been fetched.
    pub(crate) fn to_fetch(&self, limit: usize) -> Vec<EntryId> {
        self.unfetched(limit).map(|(_, entry)| entry).collect()
    }

    /// Whether nothing waits.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    fn unfetched(&self, limit: usize) -> impl Iterator<Item = (Place, EntryId)> {
        self.waiting
            .iter()
            .take_while(|(_, waiting)| waiting.opened.is_none())
            .take(limit)
            .map(|(place, waiting)| (*place, waiting.entry))
    }

    fn keys(&mut self, encapsulated: &[u8], key: &UnsealingKey) -> Option<&EntryKeys> {
        if !self.keys.contains_key(encapsulated) {
            self.keys.insert(
                encapsulated.to_vec(),
                EntryKeys::open(key, encapsulated).ok()?,
            );
        }
        self.keys.get(encapsulated)
    }
}

fn open(keys: &EntryKeys, id: &EntryId, sealed: &[u8]) -> Opened {
    let body = keys
        .unseal(id, sealed)
        .ok()
        .and_then(|body| proto::EntryBody::decode(body.as_slice()).ok());
    let opened = body.and_then(|body| {
        let alias = Alias::try_from(body.alias.as_slice()).ok()?;
        Some(match body.payload? {
            Payload::Inline(payload) => Opened::Payload {
                alias,
                payload: payload.into(),
                slot: None,
                sequenced: body.sequenced,
            },
            Payload::Slot(slot) => Opened::Shared {
                alias,
                slot: SlotId::try_from(slot.as_slice()).ok()?,
                sequenced: body.sequenced,
            },
        })
    });
    opened.unwrap_or(Opened::Unreadable)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn entry(keys: &EntryKeys, encapsulated: &[u8], number: u64) -> proto::Entry {
        let id = keys.entry_id(Place { run: 1, number });
        let payload = Some(Payload::Inline(number.to_be_bytes().to_vec()));
        let body = proto::EntryBody {
            alias: vec![1; 32],
            payload,
            sequenced: false,
        };
        proto::Entry {
            entry: id.to_vec(),
            encapsulated: encapsulated.to_vec(),
            sealed: keys.seal(&id, &body.encode_to_vec()).into(),
        }
    }

    #[test]
    fn backlog_and_pushes_come_out_in_the_order_of_the_queue() {
        let owner = UnsealingKey::from_seed(&[1; 32]).unwrap();
        let (keys, encapsulated) = EntryKeys::encapsulate(&owner.public()).unwrap();
        let mut arrivals = Arrivals::default();
        assert_eq!(arrivals.take(&entry(&keys, &encapsulated, 3), &owner), None);
        let entries = [2, 1, 3]
            .map(|number| keys.entry_id(Place { run: 1, number }).to_vec())
            .to_vec();
        let runs = vec![proto::EntryRun {
            encapsulated: encapsulated.to_vec(),
            entries,
        }];
        assert!(arrivals.list(&proto::EntryList { runs }, &owner).is_empty());
        assert_eq!(arrivals.first(), None);
        assert_eq!(arrivals.to_fetch(10).len(), 2);
        for number in [2, 1] {
            arrivals.take(&entry(&keys, &encapsulated, number), &owner);
        }
        let mut order = Vec::new();
        while let Some((place, _, Opened::Payload { payload, .. })) = arrivals.first() {
            order.push((place.number, payload.to_vec()));
            arrivals.done(place);
        }
        assert_eq!(
            order,
            [1_u64, 2, 3].map(|number| (number, number.to_be_bytes().to_vec()))
        );
    }

    #[test]
    fn a_barrier_says_nothing_of_what_was_learnt_after_it_was_asked_for() {
        let mut arrivals = Arrivals::default();
        arrivals.barrier_asked();
        arrivals.want_barrier();
        arrivals.barrier_answered();
        assert!(!arrivals.barrier_passed);
        arrivals.barrier_asked();
        arrivals.barrier_answered();
        assert!(arrivals.barrier_passed);
    }

    #[test]
    fn what_is_pushed_again_after_it_was_dealt_with_is_nothing_new() {
        let owner = UnsealingKey::from_seed(&[1; 32]).unwrap();
        let (keys, encapsulated) = EntryKeys::encapsulate(&owner.public()).unwrap();
        let mut arrivals = Arrivals::default();
        for number in [1, 2] {
            arrivals.take(&entry(&keys, &encapsulated, number), &owner);
        }
        for (place, ..) in arrivals.ready(10) {
            arrivals.done(place);
        }
        for number in [1, 2, 3] {
            arrivals.take(&entry(&keys, &encapsulated, number), &owner);
        }
        let ready = arrivals.ready(10);
        let numbers: Vec<_> = ready.iter().map(|(place, ..)| place.number).collect();
        assert_eq!(numbers, [3]);
    }

    #[test]
    fn what_cannot_be_placed_is_given_back_and_what_cannot_be_read_keeps_its_place() {
        let owner = UnsealingKey::from_seed(&[1; 32]).unwrap();
        let (keys, encapsulated) = EntryKeys::encapsulate(&owner.public()).unwrap();
        let mut arrivals = Arrivals::default();
        let mut damaged = entry(&keys, &encapsulated, 1);
        damaged.sealed = Bytes::from_static(b"x");
        assert_eq!(arrivals.take(&damaged, &owner), None);
        assert!(matches!(arrivals.first(), Some((_, _, Opened::Unreadable))));
        let foreign = proto::Entry {
            encapsulated: vec![0; 3],
            ..entry(&keys, &encapsulated, 2)
        };
        assert!(arrivals.take(&foreign, &owner).is_some());
    }
}

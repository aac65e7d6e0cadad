//! What is stored of a card and of its items.

use std::collections::BTreeSet;

use prost::Message;
use rand_core::CryptoRngCore;
use sha2::{Digest as _, Sha256};
use undertone_wire::{
    ids::CardId,
    sealed_row::{RowKey, Table, UnsealError},
};

use super::{
    StoreError,
    failure::Outcome,
    sealed::Secret,
    statements::{CARD_DROP, CARD_GET, CARD_PUT, ITEM_DROP, ITEM_GET, ITEM_PUT, ITEM_RENEW},
    store::Store,
};

/// The week of an item that is handed out once.
pub(super) const ONCE: u32 = 0;

/// Which item of a card: slot, then week.
pub(super) type Place = (u32, u32);

/// The head of a card's row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct CardRecord {
    pub owner_key: Vec<u8>,
    pub head: Vec<u8>,
    /// The last week in which it can be read. The plain column is later, at random.
    pub last_week: u32,
    /// Which items there are, those handed out included: nothing else leads to them.
    pub places: BTreeSet<Place>,
}

#[derive(Clone, PartialEq, Message)]
struct Encoded {
    #[prost(bytes = "vec", tag = "1")]
    owner_key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    head: Vec<u8>,
    #[prost(fixed32, tag = "3")]
    last_week: u32,
    #[prost(fixed64, repeated, tag = "4")]
    places: Vec<u64>,
}

impl CardRecord {
    /// With the week until which its rows are kept.
    pub fn read(store: &Store, card: &CardId) -> Outcome<Option<(Self, u32)>> {
        let row = store.get_with_end(CARD_GET, card_secret(&[card.as_bytes()]))?;
        row.map(|(value, kept)| Ok((Self::decode(&value)?, kept)))
            .transpose()
    }

    pub fn store(
        &self,
        store: &Store,
        card: &CardId,
        kept: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let parts: [&[u8]; 1] = [card.as_bytes()];
        let secret = card_secret(&parts);
        store.put(CARD_PUT, secret, kept, &self.encode(), rng)
    }

    /// Deletes the card and all its items.
    pub fn drop_rows(&self, store: &Store, card: &CardId) -> Result<(), StoreError> {
        for place in &self.places {
            drop_item(store, card, *place)?;
        }
        let row = card_secret(&[card.as_bytes()]).key();
        store.execute(CARD_DROP, (row,)).map(drop)
    }

    fn encode(&self) -> Vec<u8> {
        Encoded {
            owner_key: self.owner_key.clone(),
            head: self.head.clone(),
            last_week: self.last_week,
            places: self
                .places
                .iter()
                .map(|(slot, week)| u64::from(*slot) << 32 | u64::from(*week))
                .collect(),
        }
        .encode_to_vec()
    }

    fn decode(value: &[u8]) -> Result<Self, UnsealError> {
        let encoded = Encoded::decode(value).map_err(|_| UnsealError)?;
        let places = encoded.places.iter().map(|place| {
            let slot = u32::try_from(place >> 32).unwrap_or(u32::MAX);
            let week = u32::try_from(place & u64::from(u32::MAX)).unwrap_or(u32::MAX);
            (slot, week)
        });
        Ok(Self {
            places: places.collect(),
            owner_key: encoded.owner_key,
            head: encoded.head,
            last_week: encoded.last_week,
        })
    }
}

/// An item, or what is left of one that was handed out once: its hash, so that putting the very same one again (a
/// repeat that was under way) does not hand it out twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    Waiting(Vec<u8>),
    HandedOut([u8; 32]),
}

const WAITING: u8 = 1;
const HANDED_OUT: u8 = 2;

impl Item {
    pub fn read(store: &Store, card: &CardId, place: Place) -> Outcome<Option<Self>> {
        let value = with_item_secret(card, place, |secret| store.get(ITEM_GET, secret))?;
        let Some(value) = value else {
            return Ok(None);
        };
        Ok(Some(match value.split_first() {
            Some((&WAITING, item)) => Self::Waiting(item.to_vec()),
            Some((&HANDED_OUT, hash)) => Self::HandedOut(hash.try_into().map_err(|_| UnsealError)?),
            _ => return Err(UnsealError.into()),
        }))
    }

    pub fn store(
        &self,
        store: &Store,
        card: &CardId,
        place: Place,
        kept: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let value = match self {
            Self::Waiting(item) => [&[WAITING], item.as_slice()].concat(),
            Self::HandedOut(hash) => [&[HANDED_OUT], hash.as_slice()].concat(),
        };
        with_item_secret(card, place, |secret| {
            store.put(ITEM_PUT, secret, kept, &value, rng)
        })
    }

    /// What is left of an item after it was handed out.
    pub fn handed_out(item: &[u8]) -> Self {
        Self::HandedOut(Sha256::digest(item).into())
    }

    /// Whether this is left of that very item.
    pub fn is_left_of(&self, item: &[u8]) -> bool {
        *self == Self::handed_out(item)
    }
}

pub(super) fn renew_item(
    store: &Store,
    card: &CardId,
    place: Place,
    kept: u32,
) -> Result<(), StoreError> {
    let row = with_item_secret(card, place, |secret| secret.key());
    store.execute(ITEM_RENEW, (row, kept)).map(drop)
}

pub(super) fn drop_item(store: &Store, card: &CardId, place: Place) -> Result<(), StoreError> {
    let row: RowKey = with_item_secret(card, place, |secret| secret.key());
    store.execute(ITEM_DROP, (row,)).map(drop)
}

fn card_secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Card,
        parts,
    }
}

fn with_item_secret<T>(
    card: &CardId,
    (slot, week): Place,
    use_it: impl FnOnce(Secret<'_>) -> T,
) -> T {
    use_it(Secret {
        table: Table::CardItem,
        parts: &[card.as_bytes(), &slot.to_be_bytes(), &week.to_be_bytes()],
    })
}

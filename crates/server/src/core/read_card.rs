//! A card read: its head, and one item of each slot.

use prost::Message as _;
use undertone_wire::{
    ids::{CardId, ReaderNonce},
    proto::{Card, CardItem, ErrorKind, send_answer},
    sealed_row::{Table, UnsealError},
    signing::hash_parts,
    token::Token,
};

use super::{
    Core,
    batch::Batch,
    card_record::{CardRecord, Item, ONCE, Place},
    failure::{Outcome, refuse},
    sealed::Secret,
    statements::{READING_GET, READING_PUT},
};

/// Days for which a reader who asks again is given the same: as long as the token of the first time is known.
const READING_DAYS: u32 = 2;

impl Batch<'_> {
    /// Items that are handed out once go first. Unknown, expired and used up are one answer.
    pub fn read_card(
        &mut self,
        card: &CardId,
        reader: &ReaderNonce,
        token: &Token,
    ) -> Outcome<send_answer::Body> {
        let week = self.now.week().0;
        let stored = CardRecord::read(&self.core.store, card)?;
        let Some((record, kept)) = stored.filter(|(record, _)| record.last_week >= week) else {
            return not_found();
        };
        let parts: [&[u8]; 2] = [card.as_bytes(), reader.as_bytes()];
        let reading = Secret {
            table: Table::CardItem,
            parts: &parts,
        };
        let digest = hash_parts("undertone/1 read card", &parts);
        let tokens = std::slice::from_ref(token);
        if let Some(given) = self.core.store.get(READING_GET, reading)? {
            let mut given = Card::decode(given.as_slice()).map_err(|_| UnsealError)?;
            self.spend(tokens, &digest)?;
            given.head = record.head;
            return Ok(send_answer::Body::Card(given));
        }
        let items = self.core.choose_items(card, &record, week)?;
        if items.is_empty() {
            return not_found();
        }
        self.spend(tokens, &digest)?;
        if items.iter().any(|item| item.week == ONCE) {
            let Core { store, rng, .. } = &mut *self.core;
            for item in items.iter().filter(|item| item.week == ONCE) {
                Item::handed_out(&item.sealed).store(
                    store,
                    card,
                    (item.slot, ONCE),
                    kept,
                    &mut **rng,
                )?;
            }
            let given = Card {
                head: Vec::new(),
                items: items.clone(),
            };
            let expiry_day = self.now.day().0.saturating_add(READING_DAYS);
            let given = given.encode_to_vec();
            store.put(READING_PUT, reading, expiry_day, &given, &mut **rng)?;
        }
        Ok(send_answer::Body::Card(Card {
            head: record.head,
            items,
        }))
    }
}

impl Core {
    /// For each slot the item that is handed out once, or else the newest weekly one that has begun.
    fn choose_items(
        &self,
        card: &CardId,
        record: &CardRecord,
        week: u32,
    ) -> Outcome<Vec<CardItem>> {
        let mut items: Vec<CardItem> = Vec::new();
        // By slot; within a slot the one-time item first, then the newest week.
        let mut places: Vec<Place> = record
            .places
            .iter()
            .copied()
            .filter(|(_, item)| *item <= week)
            .collect();
        places.sort_by_key(|(slot, week)| (*slot, *week != ONCE, u32::MAX - week));
        for (slot, week) in places {
            if items.last().is_some_and(|item| item.slot == slot) {
                continue;
            }
            if let Some(Item::Waiting(sealed)) = Item::read(&self.store, card, (slot, week))? {
                items.push(CardItem { slot, week, sealed });
            }
        }
        Ok(items)
    }
}

fn not_found<T>() -> Outcome<T> {
    refuse(ErrorKind::NotFound, "there is no such card")
}

//! A card made, renewed, or given other items.

use undertone_wire::{
    ids::CardId,
    limits::{CARD_LEASE_WEEKS, PRICE_CARD, PRICE_CARD_CHANGE},
    proto::{ErrorKind, send_answer},
};

use super::{
    Core, StoreError,
    batch::Batch,
    card_record::{CardRecord, Item, ONCE, drop_item, renew_item},
    failure::{Outcome, refuse},
    rearrange::Registry,
    spend::Paid,
};
use crate::{answer::done, session::CardChange};

/// Weeks for which rows are kept beyond the card's end, at random, at most.
const EXTRA_WEEKS: u32 = 8;

impl Batch<'_> {
    pub fn put_card(&mut self, change: &CardChange) -> Outcome<send_answer::Body> {
        let week = self.now.week().0;
        let latest = week.saturating_add(CARD_LEASE_WEEKS);
        if change.items.iter().any(|item| item.week > latest) {
            return refuse(ErrorKind::TooLarge, "an item is for too late a week");
        }
        let stored = CardRecord::read(&self.core.store, &change.card)?;
        let there = stored.filter(|(record, _)| record.last_week >= week);
        let price = match &there {
            Some((record, _)) if record.owner_key != change.owner_key.as_bytes() => {
                return refuse(ErrorKind::Unauthorised, "the card is of another owner");
            }
            Some(_) => PRICE_CARD_CHANGE,
            None if change.head.is_empty() => {
                return refuse(ErrorKind::Malformed, "a new card has a head");
            }
            None => PRICE_CARD,
        };
        let Some(tokens) = change.tokens.get(..price) else {
            return refuse(ErrorKind::TokenInvalid, "fewer tokens than the price");
        };
        if self.spend(tokens, &change.digest)? == Paid::Now {
            self.store_card(change, there)?;
        }
        Ok(done::SEND)
    }

    fn store_card(&mut self, change: &CardChange, there: Option<(CardRecord, u32)>) -> Outcome<()> {
        let week = self.now.week().0;
        let (mut record, kept) = match there {
            Some(there) => there,
            // What an expired card may have left is of another owner.
            None => {
                drop_leftovers(&self.core.store, &change.card)?;
                Default::default()
            }
        };
        record.owner_key = change.owner_key.to_vec();
        if !change.head.is_empty() {
            record.head.clone_from(&change.head);
        }
        record.last_week = week.saturating_add(change.lease_weeks);
        let Core { store, rng, .. } = &mut *self.core;
        let kept = if kept < record.last_week {
            let extra = 1 + rng.next_u32() % EXTRA_WEEKS;
            let kept = record.last_week.saturating_add(extra);
            for place in &record.places {
                renew_item(store, &change.card, *place, kept)?;
            }
            kept
        } else {
            kept
        };
        for item in &change.items {
            let place = (item.slot, item.week);
            let again = item.week == ONCE
                && Item::read(store, &change.card, place)?
                    .is_some_and(|stored| stored.is_left_of(&item.sealed));
            if !again {
                let item = Item::Waiting(item.sealed.clone());
                item.store(store, &change.card, place, kept, &mut **rng)?;
                record.places.insert(place);
            }
        }
        drop_outdated(store, &change.card, &mut record, week)?;
        record.store(store, &change.card, kept, &mut **rng)?;
        self.core.maintenance.changed(Registry::Cards);
        self.core.maintenance.changed(Registry::CardItems);
        Ok(())
    }
}

fn drop_leftovers(store: &super::store::Store, card: &CardId) -> Outcome<()> {
    if let Some((expired, _)) = CardRecord::read(store, card)? {
        expired.drop_rows(store, card)?;
    }
    Ok(())
}

/// Of the weekly items that have begun, only the newest of each slot is ever handed out.
fn drop_outdated(
    store: &super::store::Store,
    card: &CardId,
    record: &mut CardRecord,
    week: u32,
) -> Result<(), StoreError> {
    let begun: Vec<_> = record
        .places
        .iter()
        .copied()
        .filter(|(_, item)| *item != ONCE && *item <= week)
        .collect();
    for (older, newer) in begun.iter().zip(begun.iter().skip(1)) {
        if older.0 == newer.0 {
            drop_item(store, card, *older)?;
            record.places.remove(older);
        }
    }
    Ok(())
}

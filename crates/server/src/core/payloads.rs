//! Payloads that several entries share, or that are too large for one: stored once, each recipient with a slot of its
//! own, gone with the last.

use rand_core::CryptoRngCore;
use undertone_wire::{
    ids::SlotId,
    sealed_row::{RowKey, Table, UnsealError, row_key},
};
use zeroize::Zeroizing;

use super::{
    StoreError,
    failure::Outcome,
    sealed::Secret,
    statements::{
        CLAIM_DROP, CLAIM_PUT, CLAIM_RELEASE, PAYLOAD_DROP, PAYLOAD_GET, PAYLOAD_PUT, SLOT_DROP,
        SLOT_GET, SLOT_PUT,
    },
    store::Store,
};

/// What opens a shared payload. It stands on the disk only sealed under the slots.
pub(super) struct PayloadSecret(Zeroizing<[u8; 32]>);

impl PayloadSecret {
    /// Stores a payload that `refs` recipients may fetch.
    pub fn put(
        store: &Store,
        payload: &[u8],
        refs: usize,
        expiry_day: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<Self, StoreError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(bytes.as_mut());
        let secret = Self(bytes);
        secret.row(|row| store.put(PAYLOAD_PUT, row, expiry_day, payload, rng))?;
        let refs = i64::try_from(refs).unwrap_or(i64::MAX);
        store.execute(CLAIM_PUT, (secret.claim(), expiry_day, refs))?;
        Ok(secret)
    }

    /// Makes a slot by which one recipient fetches the payload and lets go of it.
    pub fn put_slot(
        &self,
        store: &Store,
        expiry_day: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<SlotId, StoreError> {
        let slot = SlotId::random(rng);
        let parts: [&[u8]; 1] = [slot.as_bytes()];
        let secret = slot_secret(&parts);
        store.put(SLOT_PUT, secret, expiry_day, self.0.as_ref(), rng)?;
        Ok(slot)
    }

    fn of_slot(store: &Store, slot: &SlotId) -> Outcome<Option<Self>> {
        let Some(value) = store.get(SLOT_GET, slot_secret(&[slot.as_bytes()]))? else {
            return Ok(None);
        };
        let bytes = value.as_slice().try_into().map_err(|_| UnsealError)?;
        Ok(Some(Self(Zeroizing::new(bytes))))
    }

    fn row<T>(&self, use_it: impl FnOnce(Secret<'_>) -> T) -> T {
        use_it(Secret {
            table: Table::Payload,
            parts: &[self.0.as_ref()],
        })
    }

    fn claim(&self) -> RowKey {
        row_key(Table::Payload, &[self.0.as_ref(), b"claim"])
    }
}

fn slot_secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Slot,
        parts,
    }
}

/// The payload that a slot gives, if it is still there.
pub(super) fn fetch(store: &Store, slot: &SlotId) -> Outcome<Option<Zeroizing<Vec<u8>>>> {
    match PayloadSecret::of_slot(store, slot)? {
        Some(secret) => secret.row(|row| store.get(PAYLOAD_GET, row)),
        None => Ok(None),
    }
}

/// The recipient of a slot lets go of the payload. Once: the slot goes with it.
pub(super) fn release(store: &Store, slot: &SlotId) -> Outcome<()> {
    let Some(secret) = PayloadSecret::of_slot(store, slot)? else {
        return Ok(());
    };
    store.execute(SLOT_DROP, (row_key(Table::Slot, &[slot.as_bytes()]),))?;
    let claim = secret.claim();
    let left = store.first(CLAIM_RELEASE, (claim,), |row| row.get::<_, i64>(0))?;
    if left.is_none_or(|left| left <= 0) {
        store.execute(CLAIM_DROP, (claim,))?;
        secret.row(|row| store.execute(PAYLOAD_DROP, (row.key(),)))?;
    }
    Ok(())
}

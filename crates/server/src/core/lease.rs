//! How long things without a fixed end are kept: in weeks, longer at random, so that the week tells little about when.

use rand_core::CryptoRngCore;
use undertone_wire::{limits::LEASE_WEEKS, time::Timestamp};

/// The week until which something is kept that is made or renewed now.
pub(super) fn until(now: Timestamp, rng: &mut dyn CryptoRngCore) -> u32 {
    let extra = rng.next_u32() % (LEASE_WEEKS / 2 + 1);
    now.week()
        .0
        .saturating_add(LEASE_WEEKS)
        .saturating_add(extra)
}

/// Whether less than half of a lease is left: renewing earlier would only show when somebody was there.
pub(super) fn wants_renewal(lease_week: u32, now: Timestamp) -> bool {
    lease_week < now.week().0.saturating_add(LEASE_WEEKS / 2)
}

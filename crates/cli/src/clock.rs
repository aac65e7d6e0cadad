//! The system's clock. Only this program asks for the time; everything below is told.

use std::time::{SystemTime, UNIX_EPOCH};

use undertone_wire::time::Timestamp;

/// Now, as the protocol counts it; a clock before 1970 counts as 1970.
pub fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

//! Points in time as they are shown: RFC 3339 in UTC for programs, the local day and minute for people.

use jiff::{Zoned, tz::TimeZone};
use undertone_wire::time::Timestamp;

/// The end of the years that RFC 3339 knows; whatever a sender's clock says beyond is shown as this.
const LAST_MS: i64 = 253_402_207_200_000;

/// `2026-03-01T17:04:05.678Z`.
pub fn rfc3339(at: Timestamp) -> String {
    point(at).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `2026-03-01`, in UTC.
pub fn rfc3339_day(at: Timestamp) -> String {
    point(at).strftime("%Y-%m-%d").to_string()
}

fn point(at: Timestamp) -> jiff::Timestamp {
    let ms = i64::try_from(at.0).unwrap_or(LAST_MS).min(LAST_MS);
    jiff::Timestamp::from_millisecond(ms).unwrap_or_default()
}

/// Where the reader is.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl Zone {
    /// As the system says; UTC if it says nothing.
    pub fn of_system() -> Self {
        Self(TimeZone::try_system().unwrap_or(TimeZone::UTC))
    }

    /// For tests, which must not depend on where they run.
    #[cfg(test)]
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    fn local(&self, at: Timestamp) -> Zoned {
        point(at).to_zoned(self.0.clone())
    }

    /// `17:04`.
    pub fn minute(&self, at: Timestamp) -> String {
        self.local(at).strftime("%H:%M").to_string()
    }

    /// `2026-03-01 17:04`.
    pub fn day_and_minute(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m-%d %H:%M").to_string()
    }

    /// `Sunday, 1 March 2026`.
    pub fn day(&self, at: Timestamp) -> String {
        self.local(at).strftime("%A, %-d %B %Y").to_string()
    }

    /// Whether two points lie in the same local day.
    pub fn same_day(&self, one: Timestamp, other: Timestamp) -> bool {
        self.local(one).date() == self.local(other).date()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const POINT: Timestamp = Timestamp(1_772_384_645_678);

    #[test]
    fn programs_get_milliseconds_in_utc() {
        assert_eq!(rfc3339(POINT), "2026-03-01T17:04:05.678Z");
        assert_eq!(rfc3339(Timestamp(0)), "1970-01-01T00:00:00.000Z");
        assert_eq!(rfc3339_day(POINT), "2026-03-01");
    }

    #[test]
    fn a_clock_gone_wild_is_shown_as_the_end_of_time() {
        assert!(rfc3339(Timestamp(u64::MAX)).starts_with("9999-12-30T"));
        assert_eq!(Zone::utc().day_and_minute(Timestamp(u64::MAX)).len(), 16);
    }

    #[test]
    fn people_get_their_own_day() {
        assert_eq!(Zone::utc().minute(POINT), "17:04");
        assert_eq!(Zone::utc().day(POINT), "Sunday, 1 March 2026");
        let later = Timestamp(POINT.0 + 7 * 3_600_000);
        assert!(!Zone::utc().same_day(POINT, later));
        let west = Zone(TimeZone::fixed(jiff::tz::offset(-8)));
        assert_eq!(west.minute(POINT), "09:04");
        assert!(west.same_day(POINT, later));
    }
}

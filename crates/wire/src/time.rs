//! Points in time as the protocol counts them: milliseconds, days and weeks since 1970-01-01 UTC.

/// Milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub u64);

/// Days since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub u32);

/// Weeks of seven days since 1970-01-01 UTC (so they begin on Thursdays).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Week(pub u32);

/// Milliseconds in a second.
pub const SECOND_MS: u64 = 1_000;
/// Milliseconds in a minute.
pub const MINUTE_MS: u64 = 60 * SECOND_MS;
/// Milliseconds in a day.
pub const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
/// Milliseconds in a week.
pub const WEEK_MS: u64 = 7 * DAY_MS;

impl Timestamp {
    /// The day that this point lies in.
    pub fn day(self) -> Day {
        Day(u32::try_from(self.0 / DAY_MS).unwrap_or(u32::MAX))
    }

    /// The week that this point lies in.
    pub fn week(self) -> Week {
        Week(u32::try_from(self.0 / WEEK_MS).unwrap_or(u32::MAX))
    }

    /// Months since January 1970 in the Gregorian calendar: all that the directory keeps of an account's age.
    pub fn month(self) -> u32 {
        // Howard Hinnant's civil_from_days, in the part that yields year and month.
        let days = i64::try_from(self.0 / DAY_MS).unwrap_or(i64::MAX / 2) + 719_468;
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        let year = days.div_euclid(146_097) * 400 + year_of_era + i64::from(month <= 2);
        u32::try_from((year - 1970) * 12 + month - 1).unwrap_or(u32::MAX)
    }

    /// This point and `ms` milliseconds.
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds since `earlier`; 0 if that lies in the future.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl Day {
    /// Midnight UTC at which the day begins.
    pub fn start(self) -> Timestamp {
        Timestamp(u64::from(self.0) * DAY_MS)
    }
}

impl Week {
    /// Midnight UTC at which the week begins.
    pub fn start(self) -> Timestamp {
        Timestamp(u64::from(self.0) * WEEK_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn months_follow_the_calendar() {
        for (ms, month) in [
            (0, 0),
            (31 * DAY_MS - 1, 0),
            (31 * DAY_MS, 1),
            (951_782_400_000, 30 * 12 + 1),    // 2000-02-29
            (951_868_800_000, 30 * 12 + 2),    // 2000-03-01
            (1_798_761_599_000, 56 * 12 + 11), // 2026-12-31
            (1_798_761_600_000, 57 * 12),      // 2027-01-01
        ] {
            assert_eq!(Timestamp(ms).month(), month, "{ms}");
        }
    }
}

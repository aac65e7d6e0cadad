//! How long a single-use link lives, as it is typed: `30m`, `12h`, `7d`, `2w`.

use std::time::Duration;

use undertone_wire::limits::CARD_LEASE_WEEKS;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// Reads a number with its unit; at least a minute, at most what a server keeps a card.
///
/// # Errors
/// What is right, for who typed it.
pub fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || format!("a time such as 30m, 12h, 7d or 2w, up to {CARD_LEASE_WEEKS}w");
    let (number, unit) = text
        .char_indices()
        .next_back()
        .and_then(|(at, unit)| Some((text.get(..at)?, unit)))
        .ok_or_else(wrong)?;
    let seconds = match unit {
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        'w' => WEEK,
        _ => return Err(wrong()),
    };
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let longest = u64::from(CARD_LEASE_WEEKS) * WEEK;
    number
        .checked_mul(seconds)
        .filter(|total| (MINUTE..=longest).contains(total))
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        for (text, seconds) in [
            ("1m", 60),
            ("12h", 43_200),
            ("7d", 604_800),
            ("52w", 31_449_600),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "d",
            "7",
            "7 d",
            "-7d",
            "0d",
            "53w",
            "7y",
            "99999999999999999999d",
            "7é",
            "20000000000000000d",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}

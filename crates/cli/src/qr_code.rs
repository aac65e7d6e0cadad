//! A short text as a QR code (ISO/IEC 18004) of characters, for a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, as the standard asks.
const QUIET: i32 = 4;
/// Black on white, whatever colours the terminal has: a camera needs to know which is which.
const COLORS: &str = "\u{1b}[38;5;16;48;5;231m";
const NO_COLORS: &str = "\u{1b}[0m";

/// Draws a text, each line ended; nothing if it is too long, or if the environment wants no colours (`NO_COLOR`).
pub fn draw(text: &str) -> Option<String> {
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let rows = (!no_color).then(|| rows(text)).flatten()?;
    let lines = rows.iter().map(|row| format!("{COLORS}{row}{NO_COLORS}\n"));
    Some(lines.collect())
}

/// Two rows of modules in each line of characters. A screen has no spots: as small as can be, it fits into 24 lines.
fn rows(text: &str) -> Option<Vec<String>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let modules = -QUIET..code.size() + QUIET;
    let rows = modules.clone().step_by(2).map(|y| {
        let row =
            modules.clone().map(
                |x| match (code.get_module(x, y), code.get_module(x, y + 1)) {
                    (false, false) => ' ',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (true, true) => '█',
                },
            );
        row.collect()
    });
    Some(rows.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn a_code_of_a_device_fits_into_every_terminal() {
        let rows = rows("https://chat.example/#device.ABCD-EFGH-JKMN").unwrap();
        assert_eq!(rows.len(), 19);
        assert!(rows.iter().all(|row| row.chars().count() == 37));
        // Light all around, and the upper left finder pattern.
        assert!(rows[0].trim().is_empty() && rows[1].trim().is_empty());
        assert!(rows[2].starts_with("    █▀▀▀▀▀█ "), "{}", rows[2]);
        assert!(rows[3].starts_with("    █ ███ █ "), "{}", rows[3]);
    }

    #[test]
    fn what_is_too_long_is_not_drawn() {
        assert!(rows(&"x".repeat(4_000)).is_none());
    }
}

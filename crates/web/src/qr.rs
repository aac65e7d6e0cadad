//! A link as a QR code (ISO/IEC 18004), as the path of a drawing.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, as the standard asks.
const QUIET: i32 = 4;

/// A code, ready to be drawn in one colour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Side of the square, in modules.
    pub side: i32,
    /// The dark modules, as the data of an SVG path.
    pub path: String,
}

/// Draws a text; `None` if it is too long for a code.
pub fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let from = x;
            while x < code.size() && code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                let (left, top, width) = (from + QUIET, y + QUIET, x - from);
                path.push_str(&format!("M{left} {top}h{width}v1h-{width}z"));
            }
            x += 1;
        }
    }
    Some(Drawing {
        side: code.size() + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_link_becomes_a_drawing() {
        let drawing = draw("https://example.org/#1.abc").unwrap();
        assert!(drawing.side >= 21 + 2 * QUIET);
        // The corner of the upper left finder pattern is seven modules wide.
        assert!(drawing.path.starts_with("M4 4h7v1h-7z"));
        assert!(draw(&"x".repeat(4_000)).is_none());
    }
}

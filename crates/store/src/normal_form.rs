//! Unicode's normal forms (UAX #15): of a crate natively; in the browser its own, which nobody has to download.

#[cfg(not(target_family = "wasm"))]
mod tables {
    use unicode_normalization::UnicodeNormalization as _;

    pub fn nfkd(text: &str) -> String {
        text.nfkd().collect()
    }

    pub fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub fn is_mark(c: char) -> bool {
        unicode_normalization::char::is_combining_mark(c)
    }
}

#[cfg(target_family = "wasm")]
mod tables {
    use js_sys::{JsString, RegExp};

    thread_local! {
        static MARK: RegExp = RegExp::new("^\\p{M}$", "u");
    }

    fn normal(text: &str, form: &str) -> String {
        JsString::from(text).normalize(form).into()
    }

    pub fn nfkd(text: &str) -> String {
        normal(text, "NFKD")
    }

    pub fn nfc(text: &str) -> String {
        normal(text, "NFC")
    }

    pub fn is_mark(c: char) -> bool {
        MARK.with(|mark| mark.test(c.encode_utf8(&mut [0; 4])))
    }
}

/// Compatibility forms apart, accents by themselves.
pub(crate) fn nfkd(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    tables::nfkd(text)
}

/// What belongs together as one character.
pub(crate) fn nfc(text: String) -> String {
    if text.is_ascii() {
        return text;
    }
    tables::nfc(&text)
}

/// Whether a character is a mark that belongs to the one before it.
pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii() && tables::is_mark(c)
}

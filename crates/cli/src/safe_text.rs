//! Others' words, made safe for a terminal: they must not move the cursor, change colours, hide, or reorder what stands
//! around them.

use unicode_width::UnicodeWidthChar as _;

/// Accents and the like that one letter may carry; more would bleed into the lines above and below.
const MARKS: usize = 8;
const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// A name or another short text in one line.
pub fn line(text: &str) -> String {
    let flat: String = text
        .chars()
        .map(|c| if is_break(c) || c == '\t' { ' ' } else { c })
        .collect();
    isolated(clean(&flat).trim())
}

/// A text in its lines.
pub fn lines(text: &str) -> Vec<String> {
    split(text)
        .map(|line| isolated(clean(&line).trim_end()))
        .collect()
}

/// The same for a screen of cells, where each line stands alone and needs no marks around it.
pub fn cell_lines(text: &str) -> Vec<String> {
    split(text)
        .map(|line| clean(&line).trim_end().to_owned())
        .collect()
}

/// A name or another short text for a screen of cells.
pub fn cell_line(text: &str) -> String {
    line(text)
        .chars()
        .filter(|c| !is_direction_mark(*c))
        .collect()
}

fn split(text: &str) -> impl Iterator<Item = String> {
    text.replace("\r\n", "\n")
        .split(is_break)
        .map(|line| line.replace('\t', "    "))
        .collect::<Vec<_>>()
        .into_iter()
}

fn is_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Embeddings, overrides and isolates: what reorders the text around it.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn clean(text: &str) -> String {
    let mut marks: usize = 0;
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            marks = 0;
            safe.push(char::REPLACEMENT_CHARACTER);
            continue;
        }
        // Byte order marks and annotation marks are never meant to be seen; what reorders is taken out, so that no
        // mark of theirs can end an isolate of ours.
        if is_direction_mark(c) || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}') {
            continue;
        }
        marks = if c.width() == Some(0) {
            marks.saturating_add(1)
        } else {
            0
        };
        if marks <= MARKS {
            safe.push(c);
        }
    }
    safe
}

/// Keeps right-to-left text to itself.
fn isolated(text: &str) -> String {
    if text.chars().any(is_right_to_left) {
        format!("{FIRST_STRONG_ISOLATE}{text}{POP_ISOLATE}")
    } else {
        text.to_owned()
    }
}

/// The blocks of the scripts that run from right to left, and the marks that act as their letters.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_power() {
        assert_eq!(
            line("\u{1b}]0;owned\u{7}\u{1b}[31mred"),
            "\u{fffd}]0;owned\u{fffd}\u{fffd}[31mred"
        );
        assert_eq!(
            lines("a\u{9b}2Jb\u{8}\u{7f}"),
            ["a\u{fffd}2Jb\u{fffd}\u{fffd}"]
        );
    }

    #[test]
    fn a_name_is_one_line_and_a_text_keeps_its_own() {
        assert_eq!(line(" Ben\r\nAdmin:\tyes\u{2028}x "), "Ben  Admin: yes x");
        assert_eq!(
            lines("one\r\ntwo\n\n\tfour\u{2029}five"),
            ["one", "two", "", "    four", "five"]
        );
    }

    #[test]
    fn overrides_go_and_right_to_left_text_stays_by_itself() {
        assert_eq!(line("gpj.\u{202e}exe\u{2066}"), "gpj.exe");
        assert_eq!(line("שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(line("\u{2069}שלום"), "\u{2068}שלום\u{2069}");
        assert_eq!(cell_line("שלום"), "שלום");
        assert_eq!(lines("plain"), ["plain"]);
    }

    #[test]
    fn accents_do_not_pile_up_and_emoji_stay_whole() {
        let piled = format!("a{}b", "\u{301}".repeat(500));
        assert_eq!(line(&piled).chars().count(), 2 + MARKS);
        for whole in [
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "❤\u{fe0f}",
            "é",
            "e\u{301}",
            "नमस्ते",
        ] {
            assert_eq!(line(whole), whole);
        }
    }
}

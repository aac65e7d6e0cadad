//! Folds text into search tokens, the same way for what is stored and for what is looked for.
//!
//! All knowledge of scripts is here and none in SQLite's tokenizer. Case, accents, vowel points and compatibility
//! forms vanish. Scripts written without spaces between words (Chinese, Japanese, Thai, …), Korean with its attached
//! particles, and emoji are split into single characters: a phrase of such tokens finds any part of the text, one
//! character included, which neither a tokenizer by words nor one by trigrams can.

use crate::normal_form::{is_mark, nfc, nfkd};

/// Characters of one token that count, so that a wall of letters cannot bloat the index.
const MAX_TOKEN_CHARS: usize = 64;

/// The tokens of `text`, separated by single spaces; empty if it has none. The result has no ASCII character but
/// lower-case letters, digits and those spaces.
#[must_use]
pub fn fold_for_search(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    // Characters of the open token; nothing when the next character begins a new one.
    let mut open: Option<usize> = None;
    let characters: String = nfkd(text)
        .chars()
        .filter(|&c| !is_dropped(c))
        .flat_map(char::to_lowercase)
        .flat_map(fold_letter)
        .collect();
    for c in nfc(characters).chars() {
        match role(c) {
            Role::Gap => open = None,
            Role::Token => {
                begin_token(&mut folded, c);
                open = None;
            }
            Role::Part => {
                match open {
                    None => begin_token(&mut folded, c),
                    Some(count) if count < MAX_TOKEN_CHARS => folded.push(c),
                    Some(_) => {}
                }
                open = Some(open.map_or(1, |count| count.saturating_add(1)));
            }
        }
    }
    folded
}

fn begin_token(folded: &mut String, c: char) {
    if !folded.is_empty() {
        folded.push(' ');
    }
    folded.push(c);
}

enum Role {
    /// Part of a word.
    Part,
    /// A token by itself.
    Token,
    /// Between words.
    Gap,
}

fn role(c: char) -> Role {
    let in_words = c.is_alphanumeric() || is_mark(c);
    if is_pictograph(c) || (in_words && is_of_unspaced_script(c)) {
        Role::Token
    } else if in_words {
        Role::Part
    } else {
        Role::Gap
    }
}

/// Marks that people leave out or type differently, and characters that cannot be seen.
fn is_dropped(c: char) -> bool {
    matches!(
        c,
        // Accents: Latin, Greek, Cyrillic, and for symbols.
        '\u{0300}'..='\u{036f}'
            | '\u{0483}'..='\u{0487}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
        // Hebrew points and cantillation.
            | '\u{0591}'..='\u{05bd}'
            | '\u{05bf}'
            | '\u{05c1}'..='\u{05c2}'
            | '\u{05c4}'..='\u{05c5}'
            | '\u{05c7}'
        // Arabic vowel points, Koranic marks, and the line that only stretches a word.
            | '\u{0610}'..='\u{061a}'
            | '\u{0640}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{06d6}'..='\u{06dc}'
            | '\u{06df}'..='\u{06e4}'
            | '\u{06e7}'..='\u{06e8}'
            | '\u{06ea}'..='\u{06ed}'
            | '\u{08d3}'..='\u{08e1}'
            | '\u{08e3}'..='\u{08ff}'
        // Soft hyphen, joiners, direction marks, variation selectors, tags.
            | '\u{00ad}'
            | '\u{061c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e01ef}'
        // Skin tones, so that a waving hand is found whatever its colour.
            | '\u{1f3fb}'..='\u{1f3ff}'
    )
}

/// Letters that have no decomposition but that people take for others.
fn fold_letter(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'þ' => ('t', Some('h')),
        'ø' => ('o', None),
        'đ' | 'ð' => ('d', None),
        'ħ' => ('h', None),
        'ł' => ('l', None),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        // Arabic and Persian spellings of the same letters.
        '\u{0671}' => ('\u{0627}', None),
        '\u{0649}' | '\u{06cc}' => ('\u{064a}', None),
        '\u{0629}' => ('\u{0647}', None),
        '\u{06a9}' => ('\u{0643}', None),
        // Arabic-Indic digits, western and eastern.
        '\u{0660}'..='\u{0669}' => (ascii_digit(c, '\u{0660}'), None),
        '\u{06f0}'..='\u{06f9}' => (ascii_digit(c, '\u{06f0}'), None),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

fn ascii_digit(c: char, zero: char) -> char {
    let value = u32::from(c).wrapping_sub(u32::from(zero));
    char::from_digit(value, 10).unwrap_or(c)
}

/// Scripts whose words are not separated by spaces, or, as in Korean, carry attached particles.
fn is_of_unspaced_script(c: char) -> bool {
    matches!(
        c,
        // Thai, Lao, Myanmar, Khmer.
        '\u{0e00}'..='\u{0eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{a9e0}'..='\u{a9ff}'
            | '\u{aa60}'..='\u{aa7f}'
        // Tai Le, New Tai Lue, Tai Tham, Tai Viet.
            | '\u{1950}'..='\u{19df}'
            | '\u{1a20}'..='\u{1aaf}'
            | '\u{aa80}'..='\u{aadf}'
        // Kana, bopomofo, Chinese characters and their iteration marks, Yi.
            | '\u{3005}'..='\u{3007}'
            | '\u{3021}'..='\u{3029}'
            | '\u{3031}'..='\u{3035}'
            | '\u{3040}'..='\u{312f}'
            | '\u{31a0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{a4cf}'
            | '\u{f900}'..='\u{faff}'
            | '\u{1aff0}'..='\u{1b16f}'
            | '\u{20000}'..='\u{3ffff}'
        // Hangul.
            | '\u{1100}'..='\u{11ff}'
            | '\u{3130}'..='\u{318f}'
            | '\u{a960}'..='\u{a97f}'
            | '\u{ac00}'..='\u{d7ff}'
    )
}

/// Emoji and other pictures that people search for.
fn is_pictograph(c: char) -> bool {
    matches!(
        c,
        '\u{2190}'..='\u{21ff}'
            | '\u{2300}'..='\u{23ff}'
            | '\u{25a0}'..='\u{27bf}'
            | '\u{2900}'..='\u{297f}'
            | '\u{2b00}'..='\u{2bff}'
            | '\u{1f000}'..='\u{1faff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_TOKEN_CHARS, fold_for_search};

    #[test]
    fn case_accents_and_forms_vanish() {
        for (text, tokens) in [
            ("", ""),
            (" \t\r\n", ""),
            ("Hello, World!", "hello world"),
            ("l'été CAFÉ cafe\u{301}", "l ete cafe cafe"),
            ("Straße STRASSE ẞ", "strasse strasse ss"),
            ("İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"),
            ("Łódź Øre æon", "lodz ore aeon"),
            ("ΟΔΟΣ οδός", "οδοσ οδοσ"),
            ("Ёлка ЁЖ", "елка еж"),
            ("ﬁn ＡＢＣ ①", "fin abc 1"),
            ("co\u{ad}operate a\u{200b}b", "cooperate ab"),
            ("a_b-c.d@e.org", "a b c d e org"),
            ("tiếng Việt", "tieng viet"),
        ] {
            assert_eq!(fold_for_search(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn arabic_hebrew_and_indic_words_stay_whole() {
        for (text, tokens) in [
            ("مُحَمَّد محـــمد", "محمد محمد"),
            ("أحمد إحسان آخر ٱلله", "احمد احسان اخر الله"),
            ("مدرسة على", "مدرسه علي"),
            ("می\u{200c}خواهم کتاب", "ميخواهم كتاب"),
            ("٢٠٢٦ ۲۰۲۶", "2026 2026"),
            ("שָׁלוֹם", "שלום"),
            ("हिन्दी", "हिन्दी"),
            ("தமிழ்", "தமிழ்"),
        ] {
            assert_eq!(fold_for_search(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn unspaced_scripts_become_single_characters() {
        for (text, tokens) in [
            ("我爱北京。你好", "我 爱 北 京 你 好"),
            ("iPhone手机x2", "iphone 手 机 x2"),
            ("ｶﾞｷﾞ がき", "ガ ギ が き"),
            ("สวัสดี", "ส ว ั ส ด ี"),
            ("한국어는", "한 국 어 는"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(fold_for_search(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn emoji_are_words_whatever_their_skin() {
        for (text, tokens) in [
            ("ok👍🏽 ok👍", "ok 👍 ok 👍"),
            ("👩\u{200d}👩\u{200d}👧", "👩 👩 👧"),
            ("❤\u{fe0f}", "❤"),
            ("🇩🇪", "🇩 🇪"),
            ("1\u{fe0f}\u{20e3}", "1"),
        ] {
            assert_eq!(fold_for_search(text), tokens, "{text:?}");
        }
    }

    #[test]
    fn a_wall_of_letters_is_cut() {
        assert_eq!(fold_for_search(&"a".repeat(100_000)).len(), MAX_TOKEN_CHARS);
        let marks = format!("a{}", "\u{094d}".repeat(100_000));
        assert_eq!(fold_for_search(&marks).chars().count(), MAX_TOKEN_CHARS);
    }

    proptest! {
        #[test]
        fn the_result_is_safe_inside_quotes(text in "\\PC*|.*") {
            let folded = fold_for_search(&text);
            prop_assert!(folded.is_empty() || folded.split(' ').all(|token| !token.is_empty()));
            let plain = |c: char| {
                !c.is_ascii() || c == ' ' || c.is_ascii_lowercase() || c.is_ascii_digit()
            };
            prop_assert!(folded.chars().all(plain));
        }
    }
}

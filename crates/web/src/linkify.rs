//! Finds the addresses in a text that may be opened: `https://` and `http://` alone, shown exactly as they were
//! written, so that nothing can hide where they lead.

use undertone_web_messages::Mentioned;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// To be shown.
    Text(&'a str),
    /// To be shown, and opened when it is chosen.
    Link(&'a str),
    /// A name, and whether it means the user.
    Mention(&'a str, bool),
}

/// Characters that end an address, or that stand at its end without being meant.
const CLOSING: &[char] = &['.', ',', ';', ':', '!', '?', '\'', '"', '”', '’', '»', '…'];

/// Cuts a text into parts; together they are the text.
pub fn parts<'a>(text: &'a str, mentions: &[Mentioned]) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for mention in mentions {
        let end = mention.start.saturating_add(mention.length);
        // What does not fit the text was refused long before it is shown.
        let (Some(before), Some(name)) =
            (text.get(from..mention.start), text.get(mention.start..end))
        else {
            continue;
        };
        parts.extend(link_parts(before));
        parts.push(Part::Mention(name, mention.me));
        from = end;
    }
    parts.extend(link_parts(text.get(from..).unwrap_or_default()));
    parts
}

fn link_parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(found) = next_scheme(rest, from) {
        let (before, candidate) = rest.split_at(found);
        let link = address(candidate);
        if link.is_empty() {
            from = found + 1;
            continue;
        }
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Link(link));
        rest = candidate.get(link.len()..).unwrap_or_default();
        from = 0;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Where the next scheme stands that no letter or digit precedes.
fn next_scheme(text: &str, from: usize) -> Option<usize> {
    text.match_indices("http")
        .map(|(at, _)| at)
        .filter(|at| *at >= from)
        .find(|at| {
            let rest = text.get(*at..).unwrap_or_default();
            let before = text.get(..*at).unwrap_or_default().chars().next_back();
            (rest.starts_with("https://") || rest.starts_with("http://"))
                && !before.is_some_and(char::is_alphanumeric)
        })
}

/// The address at the beginning, or nothing if its host is not a plain one.
fn address(text: &str) -> &str {
    let end = text.find(ends_address).unwrap_or(text.len());
    let mut link = text.get(..end).unwrap_or_default();
    loop {
        let trimmed = link.trim_end_matches(CLOSING);
        // A closing bracket belongs to the address if it was opened within it.
        let trimmed = match trimmed.strip_suffix([')', ']', '}']) {
            Some(shorter) if !balanced(trimmed) => shorter,
            _ => trimmed,
        };
        if trimmed.len() == link.len() {
            break;
        }
        link = trimmed;
    }
    let after = link.split_once("://").map_or("", |(_, after)| after);
    let host = after.split(['/', '?', '#']).next().unwrap_or_default();
    // `https://bank.example@evil.example` reads as one and leads to another.
    let plain =
        !host.is_empty() && !host.contains('@') && host.contains(|c: char| c.is_alphanumeric());
    if plain { link } else { "" }
}

fn ends_address(c: char) -> bool {
    let invisible = matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}');
    c.is_whitespace() || c.is_control() || invisible || matches!(c, '<' | '>' | '`' | '|')
}

fn balanced(text: &str) -> bool {
    let count = |wanted: char| text.chars().filter(|c| *c == wanted).count();
    [('(', ')'), ('[', ']'), ('{', '}')]
        .into_iter()
        .all(|(open, close)| count(open) >= count(close))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn links(text: &str) -> Vec<&str> {
        parts(text, &[])
            .into_iter()
            .filter_map(|part| match part {
                Part::Link(link) => Some(link),
                Part::Text(_) | Part::Mention(..) => None,
            })
            .collect()
    }

    #[test]
    fn addresses_are_found_as_people_write_them() {
        assert_eq!(
            links("see https://a.example/x, then http://b.example."),
            ["https://a.example/x", "http://b.example"]
        );
        assert_eq!(
            links("(https://a.example/x_(y))"),
            ["https://a.example/x_(y)"]
        );
        assert_eq!(
            links("\"https://a.example/?q=1#z\"!"),
            ["https://a.example/?q=1#z"]
        );
        assert_eq!(
            links("https://münchen.example/ä"),
            ["https://münchen.example/ä"]
        );
    }

    #[test]
    fn what_would_deceive_is_no_link() {
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "https://",
            "https://@",
            "https://bank.example@evil.example/",
            "xhttps://a.example",
            "https://.",
        ] {
            assert_eq!(links(text), Vec::<&str>::new(), "{text}");
        }
        // What turns the direction of writing around ends the address.
        assert_eq!(
            links("https://a.example/\u{202e}gpj.exe"),
            ["https://a.example/"]
        );
    }

    #[test]
    fn together_the_parts_are_the_text() {
        for text in [
            "",
            "x",
            "https://a.b",
            "a https://a.b c http",
            "httphttp://x.y)",
            "http://@ http://ok.example",
        ] {
            let whole: String = parts(text, &[])
                .into_iter()
                .map(|part| match part {
                    Part::Text(text) | Part::Link(text) | Part::Mention(text, _) => text,
                })
                .collect();
            assert_eq!(whole, text);
        }
        assert_eq!(links("http://@ http://ok.example"), ["http://ok.example"]);
    }

    #[test]
    fn names_stand_between_links_and_what_does_not_fit_is_text() {
        let mention = |start, length, me| Mentioned { start, length, me };
        let text = "@Zoë see https://a.example @all";
        let found = parts(text, &[mention(0, 5, false), mention(28, 4, true)]);
        let expected = [
            Part::Mention("@Zoë", false),
            Part::Text(" see "),
            Part::Link("https://a.example"),
            Part::Text(" "),
            Part::Mention("@all", true),
        ];
        assert_eq!(found, expected);
        assert_eq!(
            parts("short", &[mention(3, 9, true)]),
            [Part::Text("short")]
        );
    }
}

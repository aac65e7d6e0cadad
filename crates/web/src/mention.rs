//! Mentions as they are typed: `@` and the beginning of a name.

/// Characters of a name that is looked for, at most.
const MOST: usize = 40;

/// What is typed after the last `@`, if somebody may be meant by it.
pub fn begun(text: &str) -> Option<&str> {
    let (before, name) = text.rsplit_once('@')?;
    let within_word = before
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    (!within_word && !name.contains('\n') && name.chars().count() <= MOST).then_some(name)
}

/// The text with a whole name in place of what was typed of it.
pub fn completed(text: &str, name: &str) -> String {
    let typed = begun(text).unwrap_or_default().len();
    let kept = text.get(..text.len() - typed).unwrap_or_default();
    format!("{kept}{name} ")
}

/// Whether a name can be meant by what was typed of it. Nothing is offered for a whole name.
pub fn fits(name: &str, typed: &str) -> bool {
    name != typed && name.to_lowercase().starts_with(&typed.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_for_after_the_sign_alone() {
        let cases = [
            ("@", Some("")),
            ("Hello @An", Some("An")),
            ("@Anna Maria, @b", Some("b")),
            ("mail@example", None),
            ("@An\nna", None),
            ("nothing", None),
        ];
        for (text, found) in cases {
            assert_eq!(begun(text), found, "{text}");
        }
    }

    #[test]
    fn what_was_typed_of_a_name_is_replaced() {
        assert_eq!(completed("Hello @an", "Anna"), "Hello @Anna ");
        assert!(fits("Anna", "an") && fits("Łucja", "łu"));
        assert!(!fits("Anna", "Anna") && !fits("Anna", "nn"));
    }
}

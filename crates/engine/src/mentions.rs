//! Whom a text names: `@` and a member's name, or `@all` where that is allowed.

use undertone_content::{
    content::{Mention, Text, decode_mentions, encode_mentions},
    limits,
};
use undertone_mls::Rules;
use undertone_store::messages::MessageRow;
use undertone_wire::ids::AccountId;

/// The word that names everybody.
const EVERYBODY: &str = "all";

/// Whom a message of the history mentions, as far as its sender might.
pub fn mentioned(message: &MessageRow) -> Vec<Mention> {
    decode_mentions(&message.mentions, &message.text)
}

/// As they are kept beside the text; nothing if there are none.
pub(crate) fn kept_mentions(mentions: &[Mention]) -> Vec<u8> {
    match mentions {
        [] => Vec::new(),
        mentions => encode_mentions(mentions),
    }
}

/// Which of a sender's mentions count: their client may not have asked whether they may name everybody.
pub(crate) fn allowed_mentions(
    mentions: &[Mention],
    rules: &Rules,
    sender: &AccountId,
) -> Vec<Mention> {
    let everybody = rules.allows(rules.permissions.mention_all, sender);
    let counts = |mention: &&Mention| everybody || mention.account.is_some();
    mentions.iter().filter(counts).copied().collect()
}

/// Finds the mentions in a text. Of several names that fit, the longest counts.
pub(crate) fn find_mentions(text: &str, names: &[(AccountId, String)], everybody: bool) -> Text {
    let mut mentions = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('@')) {
        let start = from + at;
        from = start + 1;
        let before = text.get(..start).and_then(|text| text.chars().next_back());
        if before.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let rest = text.get(from..).unwrap_or_default();
        let people = names
            .iter()
            .map(|(account, name)| (name.as_str(), Some(*account)));
        let all = everybody.then_some((EVERYBODY, None));
        let longest = people
            .chain(all)
            .filter(|(name, _)| names_at(rest, name))
            .max_by_key(|(name, _)| name.len());
        if let Some((name, account)) = longest
            && mentions.len() < limits::MENTIONS
        {
            let length = 1 + name.len();
            mentions.push(Mention {
                start,
                length,
                account,
            });
            from = start + length;
        }
    }
    Text {
        text: text.to_owned(),
        mentions,
    }
}

/// Whether `text` begins with the whole of `name`.
fn names_at(text: &str, name: &str) -> bool {
    let rest = (!name.is_empty())
        .then(|| text.strip_prefix(name))
        .flatten();
    rest.is_some_and(|rest| !rest.chars().next().is_some_and(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, everybody: bool) -> Vec<(usize, usize, Option<u8>)> {
        let names = [(1, "Anna"), (2, "Anna Blum"), (3, "Зоя")];
        let names = names.map(|(byte, name)| (AccountId::new([byte; 32]), name.to_owned()));
        find_mentions(text, &names, everybody)
            .mentions
            .iter()
            .map(|mention| {
                let first = mention
                    .account
                    .and_then(|account| account.as_bytes().first().copied());
                (mention.start, mention.length, first)
            })
            .collect()
    }

    #[test]
    fn whole_names_are_found_the_longest_first_and_in_any_script() {
        assert_eq!(found("@Anna, come", true), [(0, 5, Some(1))]);
        assert_eq!(found("hi @Anna Blum!", true), [(3, 10, Some(2))]);
        assert_eq!(found("(@Зоя)", true), [(1, 7, Some(3))]);
        assert_eq!(found("@Annabel anna@Anna @", true), []);
        assert_eq!(found("@@Anna", true), [(1, 5, Some(1))]);
    }

    #[test]
    fn everybody_is_named_only_where_that_is_allowed() {
        assert_eq!(found("@all look", true), [(0, 4, None)]);
        assert_eq!(found("@all look", false), []);
        assert_eq!(found("@allow", true), []);
    }
}

//! A text message, and whom it names.

use prost::Message as _;
use undertone_wire::ids::AccountId;

use crate::{ContentError, limits, proto};

/// A text, and whom it names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// What is read.
    pub text: String,
    /// The stretches that name somebody, in the order of the text.
    pub mentions: Vec<Mention>,
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        let mentions = Vec::new();
        Self { text, mentions }
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// A stretch of a text that names somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mention {
    /// Where it begins, in bytes of UTF-8.
    pub start: usize,
    /// Its bytes.
    pub length: usize,
    /// Whom it names; nobody in particular means everybody.
    pub account: Option<AccountId>,
}

/// The encoding that [`decode_mentions`] reads.
pub fn encode_mentions(mentions: &[Mention]) -> Vec<u8> {
    let text = Text {
        text: String::new(),
        mentions: mentions.to_vec(),
    };
    to_proto(&text).encode_to_vec()
}

/// Reads the mentions that were kept beside a text; what is damaged, or does not fit it, mentions nobody.
pub fn decode_mentions(bytes: &[u8], text: &str) -> Vec<Mention> {
    let read = proto::Text::decode(bytes).ok();
    let read = read.and_then(|read| {
        let text = text.to_owned();
        from_proto(proto::Text { text, ..read }).ok()
    });
    read.filter(|read| check(read).is_ok())
        .map(|read| read.mentions)
        .unwrap_or_default()
}

pub(crate) fn to_proto(text: &Text) -> proto::Text {
    let number = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let mentions = text.mentions.iter().map(|mention| proto::Mention {
        start: number(mention.start),
        length: number(mention.length),
        account: mention
            .account
            .map(|account| account.to_vec())
            .unwrap_or_default(),
    });
    proto::Text {
        text: text.text.clone(),
        mentions: mentions.collect(),
    }
}

pub(crate) fn from_proto(text: proto::Text) -> Result<Text, ContentError> {
    let mention = |mention: proto::Mention| {
        Ok(Mention {
            start: mention.start as usize,
            length: mention.length as usize,
            account: match mention.account.as_slice() {
                [] => None,
                bytes => Some(AccountId::try_from(bytes).map_err(|_| ContentError::Malformed)?),
            },
        })
    };
    Ok(Text {
        mentions: text
            .mentions
            .into_iter()
            .map(mention)
            .collect::<Result<_, _>>()?,
        text: text.text,
    })
}

/// Mentions lie in the text, between whole characters, one after the other.
pub(crate) fn check(text: &Text) -> Result<(), ContentError> {
    if text.text.trim().is_empty() {
        return Err(ContentError::Empty);
    }
    if text.text.len() > limits::TEXT_BYTES || text.mentions.len() > limits::MENTIONS {
        return Err(ContentError::TooLarge);
    }
    let mut free = 0;
    for mention in &text.mentions {
        let end = mention.start.saturating_add(mention.length);
        let lies = mention.start >= free && mention.length > 0;
        if !lies || text.text.get(mention.start..end).is_none() {
            return Err(ContentError::Malformed);
        }
        free = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn mentioning(mentions: &[(usize, usize, Option<u8>)]) -> Text {
        let mention = |(start, length, account): &(usize, usize, Option<u8>)| Mention {
            start: *start,
            length: *length,
            account: account.map(|byte| AccountId::new([byte; 32])),
        };
        Text {
            text: "Zoë @all".into(),
            mentions: mentions.iter().map(mention).collect(),
        }
    }

    #[test]
    fn mentions_are_kept_beside_their_text_and_fit_no_other() {
        let text = mentioning(&[(0, 4, Some(1)), (5, 4, None)]);
        let kept = encode_mentions(&text.mentions);
        assert_eq!(decode_mentions(&kept, &text.text), text.mentions);
        assert_eq!(decode_mentions(&kept, "Zoë"), []);
        assert_eq!(decode_mentions(b"no mentions", &text.text), []);
        assert_eq!(decode_mentions(&[], &text.text), []);
    }

    #[test]
    fn mentions_lie_in_the_text_between_characters_and_apart() {
        for mentions in [
            &[(0, 4, Some(1))][..],
            &[(0, 1, None), (1, 1, Some(2))],
            &[(5, 4, None)],
        ] {
            assert!(check(&mentioning(mentions)).is_ok(), "{mentions:?}");
        }
        for mentions in [
            &[(0, 0, None)][..],
            &[(0, 3, None)],
            &[(3, 1, None)],
            &[(8, 2, None)],
            &[(usize::MAX, 2, None)],
            &[(1, 1, None), (0, 1, None)],
            &[(0, 2, None), (1, 1, None)],
        ] {
            let refused = check(&mentioning(mentions)).err();
            assert_eq!(refused, Some(ContentError::Malformed), "{mentions:?}");
        }
        let many = vec![(0, 1, None); limits::MENTIONS + 1];
        let refused = check(&mentioning(&many)).err();
        assert_eq!(refused, Some(ContentError::TooLarge));
    }
}

//! Checks of single fields, each with the sentence that a developer reads when it fails.

use std::collections::HashSet;
use std::hash::Hash;

use undertone_wire::{
    ids::{LengthError, SignatureBytes},
    proto::ErrorKind,
    token::Token,
};

use crate::answer::Reason;

/// What a check gives, or why the request is refused.
pub(super) type Checked<T> = Result<T, Reason>;

pub(super) const fn malformed(text: &'static str) -> Reason {
    Reason::new(ErrorKind::Malformed, text)
}

pub(super) const fn too_large(text: &'static str) -> Reason {
    Reason::new(ErrorKind::TooLarge, text)
}

/// An identifier or key of fixed length.
pub(super) fn id<'a, T: TryFrom<&'a [u8], Error = LengthError>>(bytes: &'a [u8]) -> Checked<T> {
    T::try_from(bytes).map_err(|_| malformed("an identifier or key is not of its length"))
}

/// A list of distinct identifiers, at most `limit`.
pub(super) fn distinct_ids<T>(list: &[Vec<u8>], limit: usize) -> Checked<Vec<T>>
where
    T: for<'a> TryFrom<&'a [u8], Error = LengthError> + Eq + Hash + Copy,
{
    if list.len() > limit {
        return Err(too_large("more items than one request may name"));
    }
    let ids: Vec<T> = list.iter().map(|bytes| id(bytes)).collect::<Checked<_>>()?;
    distinct(&ids)?;
    Ok(ids)
}

/// No item stands twice.
pub(super) fn distinct<T: Eq + Hash>(items: &[T]) -> Checked<()> {
    // Comparing is cheaper than hashing for what most requests name.
    let twice = if items.len() <= 8 {
        items
            .iter()
            .enumerate()
            .any(|(index, item)| items.iter().skip(index + 1).any(|other| other == item))
    } else {
        items.iter().collect::<HashSet<_>>().len() != items.len()
    };
    if twice {
        return Err(malformed("an item is named twice"));
    }
    Ok(())
}

/// Bytes that must not be empty nor exceed `limit`.
pub(super) fn sized<B: AsRef<[u8]>>(bytes: B, limit: usize) -> Checked<B> {
    match bytes.as_ref().len() {
        0 => Err(malformed("a field is empty that must not be")),
        length if length > limit => Err(too_large("a field is larger than its limit")),
        _ => Ok(bytes),
    }
}

/// Distinct tokens, of their form, at most `limit`. Whether they are genuine and unspent, the core decides.
pub(super) fn tokens(list: &[Vec<u8>], limit: usize) -> Checked<Vec<Token>> {
    if list.len() > limit {
        return Err(malformed("more tokens than the price"));
    }
    if list
        .iter()
        .enumerate()
        .any(|(index, token)| list.iter().skip(index + 1).any(|other| other == token))
    {
        return Err(malformed("a token is named twice"));
    }
    list.iter().map(|token| self::token(token)).collect()
}

/// One token.
pub(super) fn token(bytes: &[u8]) -> Checked<Token> {
    Token::from_slice(bytes).map_err(|_| malformed("a token is not of its form"))
}

/// A signature, not yet verified.
pub(super) fn signature(bytes: &[u8]) -> Checked<SignatureBytes> {
    id(bytes)
}

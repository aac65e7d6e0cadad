//! Reads the MessagePack that [`encode`](crate::stored::encode) writes, and no other.
//!
//! `rmp_serde`'s own reader takes every form of every value, and the compiler repeats all of that for each of OpenMLS's
//! some hundred stored types: half a megabyte for every browser. This one asks each type for the form in which it is
//! written, does what is the same for all types in functions that are there once, and has an error without words, so
//! that the words are not there either.

use std::fmt::{self, Display};

use rmp::Marker;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};

/// Lists and maps within each other: far more than any stored type has.
const DEPTH: u8 = 128;

/// What was read is not what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Damaged;

impl Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("damaged")
    }
}

impl std::error::Error for Damaged {}

impl Error for Damaged {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

/// The one value that `bytes` are.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Damaged> {
    let mut reader = Reader {
        rest: bytes,
        numbers: 0,
        depth: DEPTH,
    };
    let value = T::deserialize(&mut reader)?;
    reader.rest.is_empty().then_some(value).ok_or(Damaged)
}

/// A value, or how long is what comes then.
enum Head<'de> {
    Nothing,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Text(&'de str),
    Bytes(usize),
    List(usize),
    Map(usize),
}

struct Reader<'de> {
    rest: &'de [u8],
    /// How many of the next bytes are a number each: a list of such numbers is written as a byte string.
    numbers: usize,
    depth: u8,
}

// Nothing here depends on what is read, and `inline(never)` keeps it out of what does.
impl<'de> Reader<'de> {
    #[inline(never)]
    fn take(&mut self, length: usize) -> Result<&'de [u8], Damaged> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number of so many bytes.
    #[inline(never)]
    fn number(&mut self, bytes: usize) -> Result<u64, Damaged> {
        let taken = self.take(bytes)?.iter();
        Ok(taken.fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// The same, below zero when its first bit says so.
    fn signed_number(&mut self, bytes: usize) -> Result<i64, Damaged> {
        let unused = 64_usize.saturating_sub(bytes.saturating_mul(8));
        Ok((self.number(bytes)?.cast_signed() << unused) >> unused)
    }

    fn length(&mut self, bytes: usize) -> Result<usize, Damaged> {
        usize::try_from(self.number(bytes)?).map_err(|_| Damaged)
    }

    fn characters(&mut self, length: usize) -> Result<Head<'de>, Damaged> {
        let text = std::str::from_utf8(self.take(length)?);
        text.map(Head::Text).map_err(|_| Damaged)
    }

    #[inline(never)]
    fn head(&mut self) -> Result<Head<'de>, Damaged> {
        let first = self.number(1)?;
        if let Some(numbers) = self.numbers.checked_sub(1) {
            self.numbers = numbers;
            return Ok(Head::Unsigned(first));
        }
        let marker = u8::try_from(first).map_err(|_| Damaged)?;
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Head::Nothing,
            Marker::False => Head::Bool(false),
            Marker::True => Head::Bool(true),
            Marker::FixPos(number) => Head::Unsigned(number.into()),
            Marker::U8 => Head::Unsigned(self.number(1)?),
            Marker::U16 => Head::Unsigned(self.number(2)?),
            Marker::U32 => Head::Unsigned(self.number(4)?),
            Marker::U64 => Head::Unsigned(self.number(8)?),
            Marker::FixNeg(number) => Head::Negative(number.into()),
            Marker::I8 => Head::Negative(self.signed_number(1)?),
            Marker::I16 => Head::Negative(self.signed_number(2)?),
            Marker::I32 => Head::Negative(self.signed_number(4)?),
            Marker::I64 => Head::Negative(self.signed_number(8)?),
            Marker::FixStr(length) => self.characters(length.into())?,
            Marker::Str8 => self.length(1).and_then(|length| self.characters(length))?,
            Marker::Str16 => self.length(2).and_then(|length| self.characters(length))?,
            Marker::Str32 => self.length(4).and_then(|length| self.characters(length))?,
            Marker::Bin8 => Head::Bytes(self.length(1)?),
            Marker::Bin16 => Head::Bytes(self.length(2)?),
            Marker::Bin32 => Head::Bytes(self.length(4)?),
            Marker::FixArray(length) => Head::List(length.into()),
            Marker::Array16 => Head::List(self.length(2)?),
            Marker::Array32 => Head::List(self.length(4)?),
            Marker::FixMap(length) => Head::Map(length.into()),
            Marker::Map16 => Head::Map(self.length(2)?),
            Marker::Map32 => Head::Map(self.length(4)?),
            _ => return Err(Damaged),
        })
    }

    /// Takes the next byte if it is this marker.
    #[inline(never)]
    fn takes(&mut self, marker: Marker) -> bool {
        let comes = self.numbers == 0 && self.rest.first() == Some(&marker.to_u8());
        comes && self.take(1).is_ok()
    }

    #[inline(never)]
    fn boolean(&mut self) -> Result<bool, Damaged> {
        match self.head()? {
            Head::Bool(value) => Ok(value),
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn unsigned(&mut self) -> Result<u64, Damaged> {
        match self.head()? {
            Head::Unsigned(number) => Ok(number),
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn signed(&mut self) -> Result<i64, Damaged> {
        match self.head()? {
            Head::Unsigned(number) => i64::try_from(number).map_err(|_| Damaged),
            Head::Negative(number) => Ok(number),
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn text(&mut self) -> Result<&'de str, Damaged> {
        match self.head()? {
            Head::Text(text) => Ok(text),
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn byte_string(&mut self) -> Result<&'de [u8], Damaged> {
        match self.head()? {
            Head::Bytes(length) => self.take(length),
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn list(&mut self) -> Result<Items<'_, 'de>, Damaged> {
        match self.head()? {
            Head::List(length) => self.items(length),
            Head::Bytes(length) => {
                self.numbers = length;
                self.items(length)
            }
            _ => Err(Damaged),
        }
    }

    #[inline(never)]
    fn map(&mut self) -> Result<Items<'_, 'de>, Damaged> {
        match self.head()? {
            Head::Map(length) => self.items(length),
            _ => Err(Damaged),
        }
    }

    fn items(&mut self, left: usize) -> Result<Items<'_, 'de>, Damaged> {
        self.depth = self.depth.checked_sub(1).ok_or(Damaged)?;
        Ok(Items { reader: self, left })
    }
}

/// What is left of a list or a map.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl Items<'_, '_> {
    #[inline(never)]
    fn next(&mut self) -> bool {
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or_default();
        left.is_some()
    }

    #[inline(never)]
    fn end(self) -> Result<(), Damaged> {
        self.reader.depth = self.reader.depth.saturating_add(1);
        (self.left == 0).then_some(()).ok_or(Damaged)
    }
}

impl<'de> SeqAccess<'de> for &mut Items<'_, 'de> {
    type Error = Damaged;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Damaged> {
        if self.next() {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'de> MapAccess<'de> for &mut Items<'_, 'de> {
    type Error = Damaged;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Damaged> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Damaged> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A variant of an enum: its name alone, or a map from its name to what it holds.
struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    holds: bool,
}

impl<'r, 'de> Variant<'r, 'de> {
    #[inline(never)]
    fn held(self) -> Result<&'r mut Reader<'de>, Damaged> {
        self.holds.then_some(self.reader).ok_or(Damaged)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Damaged;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Damaged> {
        Ok((seed.deserialize(&mut *self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Damaged;

    fn unit_variant(self) -> Result<(), Damaged> {
        (!self.holds).then_some(()).ok_or(Damaged)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Damaged> {
        seed.deserialize(self.held()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Damaged> {
        self.held()?.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        self.held()?.deserialize_map(visitor)
    }
}

/// Says of several types that they are read alike.
macro_rules! read_by {
    ($($method:ident)* => $read:ident, $visit:ident) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
            visitor.$visit(self.$read()?)
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Damaged;

    read_by!(deserialize_bool => boolean, visit_bool);
    read_by!(
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => unsigned, visit_u64
    );
    read_by!(
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => signed, visit_i64
    );
    read_by!(
        deserialize_char deserialize_str deserialize_string deserialize_identifier
            => text, visit_borrowed_str
    );
    read_by!(deserialize_bytes deserialize_byte_buf => byte_string, visit_borrowed_bytes);

    /// For the few types that look what comes.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        match self.head()? {
            Head::Nothing => visitor.visit_unit(),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Unsigned(number) => visitor.visit_u64(number),
            Head::Negative(number) => visitor.visit_i64(number),
            Head::Text(text) => visitor.visit_borrowed_str(text),
            Head::Bytes(length) => visitor.visit_borrowed_bytes(self.take(length)?),
            Head::List(length) => {
                let mut items = self.items(length)?;
                let value = visitor.visit_seq(&mut items)?;
                items.end().map(|()| value)
            }
            Head::Map(length) => {
                let mut items = self.items(length)?;
                let value = visitor.visit_map(&mut items)?;
                items.end().map(|()| value)
            }
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        if self.takes(Marker::Null) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        if self.takes(Marker::Null) {
            visitor.visit_unit()
        } else {
            Err(Damaged)
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        if self.takes(Marker::FixArray(0)) {
            visitor.visit_unit()
        } else {
            Err(Damaged)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        let mut items = self.list()?;
        let value = visitor.visit_seq(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Damaged> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Damaged> {
        let mut items = self.map()?;
        let value = visitor.visit_map(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Damaged> {
        let holds = self.takes(Marker::FixMap(1));
        visitor.visit_enum(Variant {
            reader: self,
            holds,
        })
    }

    /// No stored type has floating-point numbers.
    fn deserialize_f32<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Damaged> {
        Err(Damaged)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Damaged> {
        Err(Damaged)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use serde::{Deserialize, Serialize};
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::stored::encode;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Kind {
        Unit,
        Newtype(u16),
        Tuple(u8, String),
        Struct { a: bool, b: Option<i8> },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Newtype(Vec<u8>);

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Fields { a: u64, b: (bool, Option<u8>) },
        List(Vec<i64>),
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct All {
        unsigned: (u8, u16, u32, u64),
        signed: Vec<i64>,
        bytes: Newtype,
        none_of_bytes: Vec<u8>,
        array: [u8; 3],
        none: Vec<String>,
        optional: [Option<Vec<u8>>; 2],
        kinds: Vec<Kind>,
        names: BTreeMap<String, Vec<Newtype>>,
        either: Vec<Either>,
        unit: (Unit, (), char),
    }

    fn all() -> All {
        All {
            unsigned: (u8::MAX, u16::MAX, u32::MAX, u64::MAX),
            signed: vec![
                0,
                127,
                128,
                -1,
                -32,
                -33,
                -128,
                -129,
                40_000,
                -40_000,
                i64::MAX,
                i64::MIN,
            ],
            bytes: Newtype((0..=255).cycle().take(70_000).collect()),
            none_of_bytes: vec![],
            array: [0xc0, 200, 3],
            none: vec![],
            optional: [None, Some(vec![0xc0, 0x81])],
            kinds: vec![
                Kind::Unit,
                Kind::Newtype(300),
                Kind::Tuple(1, "ü".repeat(200)),
                Kind::Struct { a: true, b: None },
                Kind::Struct {
                    a: false,
                    b: Some(-5),
                },
            ],
            names: (0..300)
                .map(|n| (n.to_string(), vec![Newtype(vec![1]), Newtype(vec![])]))
                .collect(),
            either: vec![
                Either::Text("text".into()),
                Either::Fields {
                    a: 1,
                    b: (true, None),
                },
                Either::List(vec![-1, 1_000]),
            ],
            unit: (Unit, (), 'ß'),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let written = encode(&all()).unwrap();
        assert_eq!(read::<All>(&written), Ok(all()));
        assert_eq!(rmp_serde::from_slice::<All>(&written).unwrap(), all());
    }

    #[test]
    fn what_is_cut_or_lengthened_is_damaged() {
        let mut written = encode(&all()).unwrap();
        written.push(0);
        assert_eq!(read::<All>(&written), Err(Damaged));
        for length in (0..500).chain(written.len() - 500..written.len() - 1) {
            let cut = written.get(..length).unwrap();
            assert_eq!(read::<All>(cut), Err(Damaged));
        }
    }

    #[test]
    fn depth_has_an_end() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Nested(Vec<Nested>);
        assert!(read::<Nested>(&[vec![0x91; 100], vec![0x90]].concat()).is_ok());
        assert_eq!(read::<Nested>(&vec![0x91; 1_000_000]), Err(Damaged));
        assert_eq!(read::<Nested>(&[0xdd, 255, 255, 255, 255]), Err(Damaged));
    }
}

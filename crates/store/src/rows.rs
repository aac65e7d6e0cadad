//! Reading columns as the types that they are.

use rusqlite::{Row, types::Type};
use undertone_wire::{ids::LengthError, time::Timestamp};

/// An identifier of a fixed length.
pub(crate) fn id<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<T>
where
    T: for<'a> TryFrom<&'a [u8], Error = LengthError>,
{
    let bytes = row.get_ref(column)?.as_blob()?;
    T::try_from(bytes).map_err(|error| conversion(column, error))
}

/// An identifier, or nothing where the column holds an empty value.
pub(crate) fn optional_id<T>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>>
where
    T: for<'a> TryFrom<&'a [u8], Error = LengthError>,
{
    if row.get_ref(column)?.as_blob()?.is_empty() {
        Ok(None)
    } else {
        id(row, column).map(Some)
    }
}

/// A number that SQLite holds as 64 bits with sign.
pub(crate) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

/// A point in time.
pub(crate) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    number(row, column).map(Timestamp)
}

/// A value of one of our enumerations, stored by its number.
pub(crate) fn choice<T: Copy>(
    row: &Row<'_>,
    column: usize,
    all: &[(i64, T)],
) -> rusqlite::Result<T> {
    let found: i64 = row.get(column)?;
    all.iter()
        .find(|(number, _)| *number == found)
        .map(|(_, value)| *value)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, found))
}

/// The number under which a value of an enumeration is stored.
pub(crate) fn choice_number<T: Copy + PartialEq>(value: T, all: &[(i64, T)]) -> i64 {
    all.iter()
        .find(|(_, candidate)| *candidate == value)
        .map_or(0, |(number, _)| *number)
}

fn conversion(column: usize, error: LengthError) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Blob, Box::new(error))
}

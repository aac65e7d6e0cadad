//! Why an operation did not happen.

use undertone_wire::{proto::ErrorKind, sealed_row::UnsealError};

use super::StoreError;
use crate::answer::{Reason, UNAVAILABLE};

/// Either the request is refused and the batch goes on, or the storage failed and the whole batch did not happen.
#[derive(Debug)]
pub(super) enum Failure {
    Refused(Reason),
    Store(StoreError),
}

/// What an operation gives.
pub(super) type Outcome<T> = Result<T, Failure>;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl From<UnsealError> for Failure {
    /// One damaged row must not stop what others ask for.
    fn from(_: UnsealError) -> Self {
        Self::Refused(UNAVAILABLE)
    }
}

/// The request is refused.
pub(super) fn refuse<T>(kind: ErrorKind, text: &'static str) -> Outcome<T> {
    Err(Failure::Refused(Reason::new(kind, text)))
}

/// A row that cannot be read counts as missing, where refusing one request would leave others half done.
pub(super) fn readable<T>(outcome: Outcome<Option<T>>) -> Result<Option<T>, StoreError> {
    match outcome {
        Ok(found) => Ok(found),
        Err(Failure::Refused(_)) => Ok(None),
        Err(Failure::Store(error)) => Err(error),
    }
}

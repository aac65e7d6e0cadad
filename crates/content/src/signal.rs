//! Signals: receipts and typing. Losable and idempotent; the envelope carries the device's signature.

use prost::Message as _;
use undertone_wire::ids::ContentId;

use crate::{CONTENT_VERSION, ContentError, limits, proto};

/// What a device tells the others in passing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signal {
    /// What the device has stored and what its owner has seen.
    Receipts {
        /// Stored.
        delivered: Vec<ContentId>,
        /// Seen.
        read: Vec<ContentId>,
    },
    /// The owner writes, or has stopped.
    Typing {
        /// Whether they write now.
        active: bool,
    },
    /// Something that this version does not know.
    Newer,
}

impl Signal {
    /// The encoding that [`Signal::decode`] reads. At most [`limits::RECEIPTS`] ids of each sort go along.
    pub fn encode(&self) -> Vec<u8> {
        let ids = |ids: &[ContentId]| {
            ids.iter()
                .take(limits::RECEIPTS)
                .map(ContentId::to_vec)
                .collect()
        };
        let body = match self {
            Self::Receipts { delivered, read } => {
                Some(proto::signal::Body::Receipts(proto::Receipts {
                    delivered: ids(delivered),
                    read: ids(read),
                }))
            }
            Self::Typing { active } => Some(proto::signal::Body::Typing(proto::Typing {
                active: *active,
            })),
            Self::Newer => None,
        };
        proto::Signal {
            version: CONTENT_VERSION,
            body,
        }
        .encode_to_vec()
    }

    /// Reads a signal.
    ///
    /// # Errors
    /// [`ContentError`] if it is malformed or too large.
    pub fn decode(bytes: &[u8]) -> Result<Self, ContentError> {
        let signal = proto::Signal::decode(bytes).map_err(|_| ContentError::Malformed)?;
        let ids = |ids: Vec<Vec<u8>>| {
            if ids.len() > limits::RECEIPTS {
                return Err(ContentError::TooLarge);
            }
            ids.iter()
                .map(|id| ContentId::try_from(id.as_slice()).map_err(|_| ContentError::Malformed))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match signal.body {
            _ if signal.version > CONTENT_VERSION => Self::Newer,
            Some(proto::signal::Body::Receipts(receipts)) => Self::Receipts {
                delivered: ids(receipts.delivered)?,
                read: ids(receipts.read)?,
            },
            Some(proto::signal::Body::Typing(typing)) => Self::Typing {
                active: typing.active,
            },
            None => Self::Newer,
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn signals_come_back() {
        let receipts = Signal::Receipts {
            delivered: vec![ContentId::new([1; 16])],
            read: vec![ContentId::new([2; 16])],
        };
        for signal in [receipts, Signal::Typing { active: true }, Signal::Newer] {
            assert_eq!(Signal::decode(&signal.encode()).unwrap(), signal);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Signal::decode(&bytes);
        }
    }
}

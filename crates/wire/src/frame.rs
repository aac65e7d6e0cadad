//! Encoding and decoding of whole frames, with their limits.

use bytes::Bytes;
use prost::Message;

use crate::limits::FRAME_BYTES;

/// A frame that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Longer than [`FRAME_BYTES`].
    #[error("the frame is too large")]
    TooLarge,
    /// Not a frame of this connection.
    #[error("the frame cannot be read")]
    Malformed,
}

/// Encodes a frame.
pub fn encode(frame: &impl Message) -> Bytes {
    frame.encode_to_vec().into()
}

/// Reads a frame; large payloads inside share `bytes`.
///
/// # Errors
/// [`FrameError`] if it is too large or not of its form.
pub fn decode<T: Message + Default>(bytes: Bytes) -> Result<T, FrameError> {
    if bytes.len() > FRAME_BYTES {
        return Err(FrameError::TooLarge);
    }
    T::decode(bytes).map_err(|_| FrameError::Malformed)
}

//! The ladder of sizes: what leaves a client is padded so that its length tells one of few sizes.

/// The content of the padding or its length is not as [`pad`] makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PaddingError {
    /// More bytes than the largest step holds.
    #[error("larger than the largest size of the ladder")]
    TooLarge,
    /// Not something that was padded.
    #[error("the padding is not of its form")]
    Malformed,
}

/// The sizes in bytes, padding included. Content that exceeds the last travels as a blob.
pub const LADDER: [usize; 13] = [
    256, 512, 1_024, 2_048, 4_096, 8_192, 16_384, 24_576, 32_768, 65_536, 131_072, 262_144, 524_288,
];

/// Pads to the next step: the content, a byte 0x80, then zeros (ISO/IEC 7816-4).
///
/// # Errors
/// [`PaddingError::TooLarge`] if no step holds it.
pub fn pad(mut content: Vec<u8>) -> Result<Vec<u8>, PaddingError> {
    let needed = content.len() + 1;
    let size = LADDER
        .into_iter()
        .find(|step| *step >= needed)
        .ok_or(PaddingError::TooLarge)?;
    content.reserve_exact(size - content.len());
    content.push(0x80);
    content.resize(size, 0);
    Ok(content)
}

/// Takes the padding off.
///
/// # Errors
/// [`PaddingError::Malformed`] if the length is not on the ladder or the padding is not what [`pad`] makes.
pub fn unpad(mut padded: Vec<u8>) -> Result<Vec<u8>, PaddingError> {
    if !LADDER.contains(&padded.len()) {
        return Err(PaddingError::Malformed);
    }
    let end = padded
        .iter()
        .rposition(|byte| *byte != 0)
        .ok_or(PaddingError::Malformed)?;
    if padded.get(end) != Some(&0x80) {
        return Err(PaddingError::Malformed);
    }
    padded.truncate(end);
    Ok(padded)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    proptest! {
        #[test]
        fn what_is_padded_comes_back(content in proptest::collection::vec(any::<u8>(), 0..5_000)) {
            let padded = pad(content.clone()).unwrap();
            prop_assert!(LADDER.contains(&padded.len()));
            prop_assert_eq!(unpad(padded).unwrap(), content);
        }

        #[test]
        fn any_bytes_unpad_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(content) = unpad(bytes.clone()) {
                prop_assert_eq!(pad(content).unwrap(), bytes);
            }
        }
    }

    #[test]
    fn the_largest_step_is_the_limit() {
        assert!(pad(vec![0; 524_287]).is_ok());
        assert_eq!(pad(vec![0; 524_288]), Err(PaddingError::TooLarge));
    }
}

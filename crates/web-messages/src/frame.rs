//! How questions, answers and news travel between page and Worker: [postcard](https://postcard.jamesmunns.com/wire-format),
//! which describes nothing, because both are of one release, and is small to download.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ask::{Answer, Ask},
    news::News,
};

/// What came is not what a page or Worker of this release says.
#[derive(Debug, thiserror::Error)]
#[error("a message between page and Worker cannot be read or written")]
pub struct FrameError(#[from] postcard::Error);

/// Something asked, with the number by which it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique in the tab.
    pub number: u64,
    /// What is asked.
    pub ask: Ask,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The question's number.
    pub number: u64,
    /// The answer.
    pub answer: Answer,
}

/// What a page tells its Worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToWorker {
    /// It asks.
    Question(Question),
}

/// What a Worker tells its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWorker {
    /// A question is answered.
    Reply(Reply),
    /// Something happened.
    News(News),
    /// Another tab leads now, or this one: all may look different.
    Anew,
    /// The engine cannot run here; a sentence for the user is chosen by this.
    Unusable(Unusable),
}

/// Why there is no engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unusable {
    /// The browser gives no private files: too old, or a private window that forbids them.
    NoFiles,
    /// The key of the store is gone from this browser, or does not fit: what is stored cannot be read.
    NoKey,
    /// What is stored was written by a newer release.
    Newer,
    /// Anything else; reloading the page may help.
    Broken,
}

/// Writes.
///
/// # Errors
/// [`FrameError`] never happens for the types of this crate.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FrameError> {
    Ok(postcard::to_stdvec(value)?)
}

/// Reads.
///
/// # Errors
/// [`FrameError`] if the bytes are something else.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    Ok(postcard::from_bytes(bytes)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{ChatKey, MessageKey};

    #[test]
    fn what_is_written_is_read() -> Result<(), FrameError> {
        let question = ToWorker::Question(Question {
            number: u64::MAX,
            ask: Ask::Send {
                chat: ChatKey([1; 16]),
                id: MessageKey([2; 16]),
                text: "שלום\n".into(),
            },
        });
        assert_eq!(decode::<ToWorker>(&encode(&question)?)?, question);
        Ok(())
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_comes_causes_a_panic(bytes: Vec<u8>) {
            let _ = decode::<ToWorker>(&bytes);
            let _ = decode::<FromWorker>(&bytes);
        }
    }
}

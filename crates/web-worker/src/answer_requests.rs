//! The answers to strangers who ask.

use undertone_engine::{ChatState, CommandError, Engine};
use undertone_web_messages::{ChatKey, Refusal};
use undertone_wire::time::Timestamp;

use crate::{
    keys::chat_id,
    refusal::{failure, refusal},
};

/// Accepts; a request that is a chat by now was accepted before.
pub(crate) fn accept(engine: &mut Engine, request: ChatKey, now: Timestamp) -> Result<(), Refusal> {
    let id = chat_id(request);
    match engine.accept_request(&id, now) {
        Err(CommandError::Unknown(_)) => {
            let chats = engine.chats().map_err(|error| failure(&error))?;
            let accepted = chats
                .iter()
                .any(|chat| chat.chat == id && chat.state == ChatState::Active);
            if accepted {
                Ok(())
            } else {
                Err(Refusal::Unknown)
            }
        }
        other => other.map_err(|error| refusal(&error)),
    }
}

/// Forgets a request; what is not there is forgotten.
pub(crate) fn delete(engine: &mut Engine, request: ChatKey, now: Timestamp) -> Result<(), Refusal> {
    match engine.delete_request(&chat_id(request), now) {
        Err(CommandError::Unknown(_)) => Ok(()),
        other => other.map_err(|error| refusal(&error)),
    }
}

/// Forgets a request and takes none of its sender again. One that is not there is refused, because then it may have
/// been deleted only, and its sender not be blocked.
pub(crate) fn block(engine: &mut Engine, request: ChatKey, now: Timestamp) -> Result<(), Refusal> {
    engine
        .block_request(&chat_id(request), now)
        .map_err(|error| refusal(&error))
}

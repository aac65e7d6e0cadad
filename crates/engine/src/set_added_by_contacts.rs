//! Whether contacts may add one to groups without being asked: possession of a card, not a promise.

use undertone_store::{
    cards::CardKind,
    chats::{ChatKind, ChatState},
};
use undertone_wire::time::Timestamp;

use crate::{
    cards::{current_card, drop_card, want_card},
    conversation::tell_profile,
    engine::Engine,
    error::{CommandError, EngineError},
};

impl Engine {
    /// Lets contacts add one to groups, or has them ask each time.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn set_added_by_contacts(
        &mut self,
        allowed: bool,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let card = current_card(step.tx.cards()?, CardKind::Contacts);
            match (card, allowed) {
                (Some(card), false) => drop_card(step, card)?,
                (None, true) => {
                    want_card(step, CardKind::Contacts, Timestamp(0))?;
                    // Those who have the old secret find nothing there, and ask; now they can add again.
                    for chat in step.tx.chats()? {
                        let active = chat.state == ChatState::Active;
                        if active && chat.kind == ChatKind::Direct {
                            tell_profile(step, &chat.chat)?;
                        }
                    }
                }
                _ => {}
            }
            Ok::<_, EngineError>(())
        })?;
        self.work(now)?;
        Ok(())
    }

    /// Whether contacts may add one to groups without being asked.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn added_by_contacts(&self) -> Result<bool, EngineError> {
        let cards = self.store.read(|tx| tx.cards())?;
        Ok(current_card(cards, CardKind::Contacts).is_some())
    }
}

//! One's own contact links: the reusable one, which can be reset, and single-use ones that expire.

use undertone_store::cards::CardKind;
use undertone_wire::{link::ContactLink, reach::ReachSecret, time::Timestamp};

use crate::{
    cards::{current_card, drop_card, want_card},
    engine::Engine,
    error::{CommandError, EngineError},
    made_links::{RequestId, recall, remember},
    step::Step,
};

impl Engine {
    /// The reusable link. Whoever has it can ask to write.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn link(&self) -> Result<ContactLink, CommandError> {
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        let cards = self.store.read(|tx| tx.cards())?;
        let card = current_card(cards, CardKind::Link).ok_or(CommandError::Unknown("link"))?;
        Ok(ContactLink::new(
            me.server.clone(),
            card.secret,
            &me.account,
        ))
    }

    /// Makes a link for one person: who uses it first is accepted at once.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn new_once_link(
        &mut self,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<ContactLink, CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let secret = self.step(now, |step| want_card(step, CardKind::Once, expires_at))?;
        self.work(now)?;
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        Ok(ContactLink::new(me.server.clone(), secret, &me.account))
    }

    /// Like [`Engine::new_once_link`]; the same request again is answered with the link that was made for it.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn new_once_link_for(
        &mut self,
        request: &RequestId,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<ContactLink, CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        let secret = self.step(now, |step| {
            if let Some(secret) = recall(step.tx, request)? {
                return Ok(secret);
            }
            let secret = want_card(step, CardKind::Once, expires_at)?;
            remember(step.tx, request, &secret)?;
            Ok::<_, EngineError>(secret)
        })?;
        self.work(now)?;
        let me = self.me.as_ref().ok_or(CommandError::NoAccount)?;
        Ok(ContactLink::new(me.server.clone(), secret, &me.account))
    }

    /// Makes another reusable link; the one before leads nowhere from now on.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn reset_link(&mut self, now: Timestamp) -> Result<ContactLink, CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, reset)?;
        self.work(now)?;
        self.link()
    }

    /// Like [`Engine::reset_link`]; the same request again changes nothing.
    ///
    /// # Errors
    /// [`CommandError::NoAccount`].
    pub fn reset_link_for(
        &mut self,
        request: &RequestId,
        now: Timestamp,
    ) -> Result<ContactLink, CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            if recall(step.tx, request)?.is_none() {
                let secret = reset(step)?;
                remember(step.tx, request, &secret)?;
            }
            Ok::<_, EngineError>(())
        })?;
        self.work(now)?;
        self.link()
    }

    /// Whether the server has the card behind a link of one's own, so that others can use it.
    ///
    /// # Errors
    /// [`EngineError`] if the store fails.
    pub fn link_is_ready(&self, link: &ContactLink) -> Result<bool, EngineError> {
        let card = self.store.read(|tx| tx.card(&link.secret))?;
        Ok(card.is_some_and(|card| card.state == undertone_store::cards::CardState::Published))
    }
}

fn reset(step: &mut Step<'_>) -> Result<ReachSecret, EngineError> {
    if let Some(card) = current_card(step.tx.cards()?, CardKind::Link) {
        drop_card(step, card)?;
    }
    want_card(step, CardKind::Link, Timestamp(0))
}

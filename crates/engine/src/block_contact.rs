//! Blocking: silent, at once, and for good. To the blocked side the server answers as before.

use undertone_store::{cards::CardKind, chats::ChatState, messages::MessageState};
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    cards::{current_card, drop_card, want_card},
    conversation::tell_profile,
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    step::Step,
};

impl Engine {
    /// Blocks a contact. What was said stays; nothing of theirs arrives any more, and they can add one to nothing.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such contact.
    pub fn block_contact(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| match step.tx.contact(account)? {
            Some(_) => Ok::<_, CommandError>(block(step, account)?),
            None => Err(CommandError::Unknown("contact")),
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// Drops the way to oneself: the aliases of the conversations, and the card that contacts hold, which the others are
/// told anew.
pub(crate) fn block(step: &mut Step<'_>, account: &AccountId) -> Result<(), EngineError> {
    if shut_out(step, account)? {
        rotate_contacts_card(step)?;
    }
    Ok(())
}

/// Shuts the conversations with somebody; tells whether they were open.
pub(crate) fn shut_out(step: &mut Step<'_>, account: &AccountId) -> Result<bool, EngineError> {
    let Some(mut contact) = step.tx.contact(account)? else {
        return Ok(false);
    };
    if contact.blocked {
        return Ok(false);
    }
    contact.blocked = true;
    step.tx.put_contact(&contact)?;
    for mut chat in step
        .tx
        .chats()?
        .into_iter()
        .filter(|chat| chat.account == account.as_bytes())
    {
        for group in step.tx.groups_of(&chat.chat)? {
            step.tx.drop_group_aliases(&group.group_id)?;
        }
        for item in step.tx.outbox_of(&chat.chat)? {
            step.tx.delete_from_outbox(item.seq)?;
            step.tx
                .advance_message(&step.me.account, &item.content_id, MessageState::Failed)?;
        }
        step.tx.delete_receipts(&chat.chat)?;
        chat.state = ChatState::Blocked;
        step.tx.put_chat(&chat)?;
        note(step.tx, Event::Chat { chat: chat.chat })?;
    }
    Ok(true)
}

fn rotate_contacts_card(step: &mut Step<'_>) -> Result<(), EngineError> {
    // Who lets nobody add them without being asked has no such card.
    let Some(card) = current_card(step.tx.cards()?, CardKind::Contacts) else {
        return Ok(());
    };
    drop_card(step, card)?;
    want_card(step, CardKind::Contacts, Timestamp(0))?;
    let others = step.tx.chats()?;
    for chat in others
        .into_iter()
        .filter(|chat| chat.state == ChatState::Active)
    {
        if chat.kind == undertone_store::chats::ChatKind::Direct {
            tell_profile(step, &chat.chat)?;
        }
    }
    Ok(())
}

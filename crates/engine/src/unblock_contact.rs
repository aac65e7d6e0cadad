//! Takes messages from somebody again. What they sent meanwhile is lost: the server took it and gave it to nobody.

use undertone_store::{
    chats::{ChatRow, ChatState},
    contacts::ContactRow,
};
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    conversation::{others, tell_profile},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    loaded_groups::load_group,
    receive_commit::{forget_pending, note_behind},
    step::Step,
};

/// What a chat says whose group did not outlive the block.
const GROUP_IS_GONE: &str =
    "this conversation had not begun when you blocked them; follow a link of theirs to begin";

impl Engine {
    /// Unblocks a contact. The chat with them goes on as soon as one's own leaf, with a new address, is in the group.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] if there is no such contact.
    pub fn unblock_contact(
        &mut self,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| match step.tx.contact(account)? {
            Some(contact) if contact.blocked => Ok::<_, CommandError>(unblock(step, contact)?),
            Some(_) => Ok(()),
            None => Err(CommandError::Unknown("contact")),
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// Lets them in again.
pub(crate) fn unblock(step: &mut Step<'_>, mut contact: ContactRow) -> Result<(), EngineError> {
    contact.blocked = false;
    step.tx.put_contact(&contact)?;
    let account = contact.account;
    let blocked = step
        .tx
        .chats()?
        .into_iter()
        .filter(|chat| chat.account == account.as_bytes() && chat.state == ChatState::Blocked);
    for mut chat in blocked {
        // Why it had failed before the block still stands there.
        let failed = !chat.reason.is_empty();
        if !failed && come_back(step, &chat)? {
            chat.state = ChatState::Active;
            step.tx.put_chat(&chat)?;
            tell_profile(step, &chat.chat)?;
        } else {
            chat.state = ChatState::Failed;
            if !failed {
                GROUP_IS_GONE.clone_into(&mut chat.reason);
            }
            step.tx.put_chat(&chat)?;
        }
        note(step.tx, Event::Chat { chat: chat.chat })?;
    }
    Ok(())
}

/// Wants a new leaf, because the block dropped the address in the old one; tells whether the group stands at all.
fn come_back(step: &mut Step<'_>, chat: &ChatRow) -> Result<bool, EngineError> {
    let Some(mut row) = step.tx.group(&chat.group_id)? else {
        return Ok(false);
    };
    row.wants_leaf = true;
    row.leaf_due = step.now;
    step.tx.put_group(&row)?;
    let mut group = load_group(step, &row.group_id)?;
    match step.tx.pending_commit(&row.group_id)? {
        // It counts, but its place in the queue was dropped with the address: it is fetched instead.
        Some(commit) if commit.accepted => {
            note_behind(step, &row.group_id, commit.epoch + 1)?;
            Ok(true)
        }
        Some(_) if others(&group)?.is_empty() => Ok(false),
        Some(_) => {
            group
                .discard_pending(&step.mls().provider())
                .map_err(|_| EngineError::Mls("discarding a commit"))?;
            forget_pending(step, &row.group_id)?;
            Ok(true)
        }
        None => Ok(!others(&group)?.is_empty()),
    }
}

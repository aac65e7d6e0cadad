//! Another name for oneself, told to all contacts.

use undertone_content::content::check_name;
use undertone_store::chats::{ChatKind, ChatState};
use undertone_wire::time::Timestamp;

use crate::{
    conversation::tell_profile,
    engine::Engine,
    error::{CommandError, EngineError},
    step::Step,
};

impl Engine {
    /// Is called `name` from now on. Contacts are told; strangers and those who are blocked are not.
    ///
    /// # Errors
    /// [`CommandError`] if there is no account, or the name cannot be used.
    pub fn set_name(&mut self, name: &str, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        check_name(name)?;
        let name = name.trim();
        self.step(now, |step| {
            let Some(mut account) = step.tx.account()? else {
                return Err(EngineError::Damaged("no account"));
            };
            if account.name == name {
                return Ok(());
            }
            name.clone_into(&mut account.name);
            step.tx.put_account(&account)?;
            for chat in step.tx.chats()? {
                let told = matches!(chat.state, ChatState::Active | ChatState::Adding);
                if told && chat.kind == ChatKind::Direct {
                    tell_profile(step, &chat.chat)?;
                }
                if told && chat.kind == ChatKind::Group {
                    rename_leaf(step, &chat.group_id)?;
                }
            }
            Ok(())
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// A group in which the user has no other name hears of the new one with their next leaf.
fn rename_leaf(step: &mut Step<'_>, group_id: &[u8]) -> Result<(), EngineError> {
    let Some(mut row) = step.tx.group(group_id)? else {
        return Ok(());
    };
    if row.name.is_empty() {
        row.wants_leaf = true;
        row.leaf_due = step.now;
        step.tx.put_group(&row)?;
    }
    Ok(())
}

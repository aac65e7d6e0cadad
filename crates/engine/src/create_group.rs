//! A new group: its founder is its first member and admin, everybody else is wished for.

use undertone_content::{
    change::Change,
    content::{check_description, check_title},
};
use undertone_mls::{CardKind, Group, LeafInfo, Permissions, Rules};
use undertone_store::{
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    wishes::WishKind,
};
use undertone_wire::{
    ids::{AccountId, Alias, Handle},
    time::Timestamp,
};

use crate::{
    conversation::{new_group_row, random_group_id, shown_name, want_group_alias},
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    group_members::keep_members,
    step::Step,
    system_line::say,
    wish::{Wish, add_wish},
};

impl Engine {
    /// Founds a group named by an id that the caller drew at random: with the same one again, it is the group that was
    /// founded already. Members are added as soon as the way to them is found.
    ///
    /// # Errors
    /// [`CommandError`] if the title cannot be used or a member is no contact.
    pub fn create_group(
        &mut self,
        chat: ChatId,
        title: &str,
        description: &str,
        members: &[AccountId],
        now: Timestamp,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        check_title(title)?;
        check_description(description)?;
        self.step(now, |step| {
            if step.tx.chat(&chat)?.is_some() {
                return Ok(());
            }
            for member in members {
                check_addable(step, member)?;
            }
            found(step, chat, title.trim(), description.trim())?;
            for member in members {
                add_wish(step, &chat, Wish::about(WishKind::Add, member))?;
            }
            Ok::<_, CommandError>(())
        })?;
        self.work(now)?;
        Ok(())
    }
}

/// Whether somebody can be added to a group at all: a contact, whom one has not blocked.
pub(crate) fn check_addable(step: &Step<'_>, account: &AccountId) -> Result<(), CommandError> {
    match step.tx.contact(account)? {
        Some(contact) if contact.blocked => {
            Err(CommandError::NotNow("you have blocked this person"))
        }
        Some(_) => Ok(()),
        None => Err(CommandError::Unknown("contact")),
    }
}

fn found(
    step: &mut Step<'_>,
    chat: ChatId,
    title: &str,
    description: &str,
) -> Result<(), EngineError> {
    let (group_id, handle) = (random_group_id(step.rng), Handle::random(step.rng));
    let alias = Alias::random(step.rng);
    let row = new_group_row(step, &group_id, chat, handle, alias);
    let leaf = LeafInfo {
        alias: row.own_alias,
        rescue_key: step.me.rescue_key,
        card: CardKind::OwnDevice,
        name: shown_name(step, &row)?,
    };
    let rules = Rules {
        description: description.to_owned(),
        permissions: Permissions::GROUP,
        ..Rules::group(handle, title.to_owned(), step.me.account)
    };
    let keys = step.mls();
    let group = Group::found(&keys.provider(), &step.me.identity, group_id, rules, &leaf)
        .map_err(|_| EngineError::Mls("founding a group"))?;
    want_group_alias(step, row.own_alias, &group_id, handle)?;
    step.tx.put_group(&row)?;
    step.tx.put_chat(&ChatRow {
        chat,
        kind: ChatKind::Group,
        account: Vec::new(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: row.group_id.clone(),
        came_by: None,
        devices: Vec::new(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: 0,
        title: title.to_owned(),
        thread: row.group_id.clone(),
    })?;
    keep_members(step, &chat, &group)?;
    let me = step.me.account;
    say(step, &row, &group, &me, &[Change::Founded])?;
    note(step.tx, Event::Chat { chat })?;
    Ok(())
}

//! What the user can change in a group. Whether it is allowed is said at once, by the rules as they stand here; whether
//! it comes true is decided by the sequencer, and by every member's client.

use std::sync::Arc;

use undertone_content::{
    change::Permitted,
    content::{check_description, check_name, check_title},
};
use undertone_mls::{Group, Who};
use undertone_store::{
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    wishes::WishKind,
};
use undertone_wire::{ids::AccountId, time::Timestamp};

use crate::{
    create_group::check_addable,
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    loaded_groups::view_group,
    step::Step,
    wish::{Wish, add_wish},
};

const NOT_ADMIN: &str = "only an admin of this group may do that";

/// A group as it stands here.
pub(crate) struct Place {
    pub(crate) chat: ChatRow,
    pub(crate) row: GroupRow,
    pub(crate) group: Arc<Group>,
}

impl Place {
    fn require_admin(&self, me: &AccountId) -> Result<(), CommandError> {
        let may = self.group.rules().is_admin(me);
        may.then_some(()).ok_or(CommandError::NotNow(NOT_ADMIN))
    }

    fn require(&self, who: Who, me: &AccountId) -> Result<(), CommandError> {
        let may = self.group.rules().allows(who, me);
        may.then_some(()).ok_or(CommandError::NotNow(NOT_ADMIN))
    }
}

/// Finds a group in which the user is.
pub(crate) fn place(step: &Step<'_>, chat: &ChatId) -> Result<Place, CommandError> {
    let chat = step.tx.chat(chat)?.ok_or(CommandError::Unknown("group"))?;
    if chat.kind != ChatKind::Group {
        return Err(CommandError::NotNow("this is no group"));
    }
    match chat.state {
        ChatState::Active => {}
        ChatState::Dissolved => return Err(CommandError::NotNow("this group has been ended")),
        ChatState::Failed => {
            return Err(CommandError::NotNow(
                "this group cannot go on; an admin has to renew it",
            ));
        }
        _ => return Err(CommandError::NotNow("you are not in this group any more")),
    }
    let row = step
        .tx
        .group(&chat.group_id)?
        .ok_or(EngineError::Damaged("a chat without its group"))?;
    let group = view_group(step, &chat.group_id)?;
    Ok(Place { chat, row, group })
}

impl Engine {
    /// Adds a contact to a group.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed, or they are no contact.
    pub fn add_to_group(
        &mut self,
        chat: &ChatId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.in_group(chat, now, |step, place| {
            check_addable(step, account)?;
            place.require(place.group.rules().permissions.add, &step.me.account)?;
            let member = step.tx.member(&place.chat.chat, account)?;
            if member.is_some_and(|member| member.is_present()) {
                return Err(CommandError::NotNow("they are in this group already"));
            }
            Ok(add_wish(
                step,
                &place.chat.chat,
                Wish::about(WishKind::Add, account),
            )?)
        })
    }

    /// Removes somebody from a group with all their devices, or takes back that they were to be added.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed, or they are not in it.
    pub fn remove_from_group(
        &mut self,
        chat: &ChatId,
        account: &AccountId,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.in_group(chat, now, |step, place| {
            if *account == step.me.account {
                return Err(CommandError::NotNow("leave the group instead"));
            }
            require_member_or_wish(step, &place.chat.chat, account)?;
            place.require_admin(&step.me.account)?;
            let wish = Wish::about(WishKind::Remove, account);
            Ok(add_wish(step, &place.chat.chat, wish)?)
        })
    }

    /// Calls a group something else.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed, or the title cannot be used.
    pub fn rename_group(
        &mut self,
        chat: &ChatId,
        title: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        check_title(title)?;
        self.in_group(chat, now, |step, place| {
            place.require(place.group.rules().permissions.edit, &step.me.account)?;
            let wish = Wish::new(WishKind::Title).text(title.trim());
            Ok(add_wish(step, &place.chat.chat, wish)?)
        })
    }

    /// Describes a group, or takes its description away.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed, or the description cannot be used.
    pub fn describe_group(
        &mut self,
        chat: &ChatId,
        description: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        check_description(description)?;
        self.in_group(chat, now, |step, place| {
            place.require(place.group.rules().permissions.edit, &step.me.account)?;
            let wish = Wish::new(WishKind::Description).text(description.trim());
            Ok(add_wish(step, &place.chat.chat, wish)?)
        })
    }

    /// Makes somebody an admin, or no admin any more.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed, or they are not in the group.
    pub fn set_role(
        &mut self,
        chat: &ChatId,
        account: &AccountId,
        admin: bool,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.in_group(chat, now, |step, place| {
            place.require_admin(&step.me.account)?;
            let member = step.tx.member(&place.chat.chat, account)?;
            if !member.is_some_and(|member| member.is_present()) {
                return Err(CommandError::Unknown("member"));
            }
            let admins = &place.group.rules().admins;
            if !admin && admins.len() == 1 && admins.contains(account) {
                return Err(CommandError::NotNow(
                    "a group needs an admin; make somebody else one first",
                ));
            }
            let wish = Wish::about(WishKind::Role, account).number(i64::from(admin));
            Ok(add_wish(step, &place.chat.chat, wish)?)
        })
    }

    /// Allows something to everybody in a group, or to its admins alone.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed.
    pub fn set_permission(
        &mut self,
        chat: &ChatId,
        what: Permitted,
        everybody: bool,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        self.in_group(chat, now, |step, place| {
            place.require_admin(&step.me.account)?;
            let wish = Wish::new(WishKind::Permission)
                .text(what.name())
                .number(i64::from(everybody));
            Ok(add_wish(step, &place.chat.chat, wish)?)
        })
    }

    /// Ends a group for everybody. What was said stays with those who have it.
    ///
    /// # Errors
    /// [`CommandError`] if that is not allowed.
    pub fn dissolve_group(&mut self, chat: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        self.in_group(chat, now, |step, place| {
            place.require_admin(&step.me.account)?;
            Ok(add_wish(
                step,
                &place.chat.chat,
                Wish::new(WishKind::Dissolve),
            )?)
        })
    }

    /// Is called `name` in this group from now on, or as everywhere if it is empty.
    ///
    /// # Errors
    /// [`CommandError`] if the name cannot be used.
    pub fn set_name_in_group(
        &mut self,
        chat: &ChatId,
        name: &str,
        now: Timestamp,
    ) -> Result<(), CommandError> {
        let name = name.trim();
        if !name.is_empty() {
            check_name(name)?;
        }
        self.in_group(chat, now, |step, place| {
            let mut row = place.row;
            if row.name != name {
                name.clone_into(&mut row.name);
                row.wants_leaf = true;
                row.leaf_due = step.now;
                step.tx.put_group(&row)?;
            }
            Ok(())
        })
    }

    pub(crate) fn in_group(
        &mut self,
        chat: &ChatId,
        now: Timestamp,
        change: impl FnOnce(&mut Step<'_>, Place) -> Result<(), CommandError>,
    ) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let place = place(step, chat)?;
            change(step, place)?;
            Ok::<_, CommandError>(note(step.tx, Event::Chat { chat: *chat })?)
        })?;
        self.work(now)?;
        Ok(())
    }
}

fn require_member_or_wish(
    step: &Step<'_>,
    chat: &ChatId,
    account: &AccountId,
) -> Result<(), CommandError> {
    let present = step
        .tx
        .member(chat, account)?
        .is_some_and(|member| member.is_present());
    let wished = step
        .tx
        .wishes_for(chat)?
        .iter()
        .any(|wish| wish.kind == WishKind::Add && wish.account == account.as_bytes());
    (present || wished)
        .then_some(())
        .ok_or(CommandError::Unknown("member"))
}

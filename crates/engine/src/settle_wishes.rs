//! Wishes at each new epoch: what is as it was wished has come true, and is not wished any more, whatever comes later.

use undertone_content::change::Permitted;
use undertone_mls::{Group, Member, Rules, Who};
use undertone_store::{
    chats::{ChatId, ChatState},
    members::{MemberRow, Presence},
    wishes::{WishKind, WishRow},
};
use undertone_wire::{ids::AccountId, time::SECOND_MS};

use crate::{
    compose_commit::permission,
    conversation::{addresses_of, members_of},
    error::EngineError,
    give_places::{Place, name_of},
    step::Step,
    wish::{QUIET, Wish, add_wish},
};

/// Admins' devices wait up to so long before they remove somebody who leaves, so that not all of them do it at once.
const REMOVAL_MS: u64 = 4 * SECOND_MS;

/// Forgets what has come true, and wishes those out who asked to leave, if the user governs the group.
pub(crate) fn settle_wishes(
    step: &mut Step<'_>,
    chat: &ChatId,
    group: &Group,
) -> Result<(), EngineError> {
    let members = step.tx.members(chat)?;
    for wish in step.tx.wishes_for(chat)? {
        if is_true(&wish, group, &members)? {
            step.tx.delete_wish(wish.seq)?;
        }
    }
    for member in members {
        if member.presence == Presence::Leaving {
            wish_out(step, chat, group.rules(), &member.account)?;
        }
    }
    Ok(())
}

/// Wishes somebody out who asked to leave, if that is for this client to do.
pub(crate) fn wish_out(
    step: &mut Step<'_>,
    chat: &ChatId,
    rules: &Rules,
    account: &AccountId,
) -> Result<(), EngineError> {
    let stays = step.tx.chat(chat)?;
    let stays = stays.is_some_and(|chat| chat.state == ChatState::Active);
    if !stays || !rules.is_admin(&step.me.account) || *account == step.me.account {
        return Ok(());
    }
    let due_at = step.now.plus(step.rng.next_u64() % REMOVAL_MS);
    let wish = Wish::about(WishKind::Remove, account)
        .number(QUIET)
        .due(due_at);
    add_wish(step, chat, wish)
}

fn is_true(wish: &WishRow, group: &Group, members: &[MemberRow]) -> Result<bool, EngineError> {
    let rules = group.rules();
    let account = AccountId::try_from(wish.account.as_slice()).ok();
    let is_present = members
        .iter()
        .any(|member| member.is_present() && Some(member.account) == account);
    let is = match wish.kind {
        WishKind::Add | WishKind::Follow => is_present,
        WishKind::Remove => !is_present,
        WishKind::Title => rules.title == wish.text,
        WishKind::Description => rules.description == wish.text,
        WishKind::Role => {
            account.is_some_and(|account| rules.admins.contains(&account) == (wish.number != 0))
        }
        WishKind::Permission => Permitted::named(&wish.text).is_some_and(|what| {
            let mut permissions = rules.permissions;
            (*permission(&mut permissions, what) == Who::Everyone) == (wish.number != 0)
        }),
        WishKind::Dissolve => rules.dissolved,
        WishKind::Leave => false,
        // A commit was merged: it goes on.
        WishKind::Renew => true,
        WishKind::AddDevice => match Place::of(wish) {
            Some(place) => {
                let members = addresses_of(group)?;
                members.iter().any(|(_, alias)| *alias == place.alias())
            }
            None => true,
        },
        WishKind::RemoveDevice => {
            let named = |member: &Member| name_of(&member.certificate.device_key) == wish.text;
            !members_of(group)?.iter().any(named)
        }
    };
    Ok(is)
}

//! A Welcome from another device of one's own account: this one has its place in a conversation.

use undertone_content::change::Change as Line;
use undertone_mls::{CardKind, ConversationKind, Group, Invitation};
use undertone_store::{
    cards::CardKind as StoredKind,
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
};
use undertone_wire::ids::AccountId;

use crate::{
    ask_for_places::own_name_in_group,
    conversation::members_of,
    error::EngineError,
    event::{Event, note},
    group_members::keep_members,
    join_account::DOOR,
    join_group::leave_behind,
    receive_welcome::{decline, joined_group_row},
    step::Step,
    system_line::say,
};

/// Joins, if it is a place that was asked for.
pub(crate) fn take_place(
    step: &mut Step<'_>,
    kind: StoredKind,
    invitation: Invitation,
) -> Result<(), EngineError> {
    // Beside the account's other devices only who was in the state that this device lost adds it anew.
    let mine = invitation.inviter.account == step.me.account;
    let rescued = kind == StoredKind::Rescue && invitation.replaces;
    let asked = (mine || rescued) && invitation.own.leaf.card == CardKind::OwnDevice;
    let place = step.tx.place(invitation.group_id.as_bytes())?;
    let chat = match place {
        Some(place) if asked && place.alias == invitation.own.leaf.alias => {
            step.tx.chat(&place.chat)?
        }
        _ => None,
    };
    let Some(mut chat) = chat.filter(|chat| fits(chat, invitation.rules.kind)) else {
        return decline(step, invitation);
    };
    let mut row = joined_group_row(step, &invitation, chat.chat);
    let (by, lost) = (invitation.inviter.account, step.tx.group(&row.group_id)?);
    row.name = match &lost {
        Some(lost) => lost.name.clone(),
        None => own_name_in_group(step.tx, &chat)?,
    };
    let title = invitation.rules.title.clone();
    let predecessors = match chat.kind {
        ChatKind::Group => invitation.rules.predecessors.clone(),
        ChatKind::Direct | ChatKind::Notes => Vec::new(),
    };
    let group = invitation
        .accept(&step.mls().provider())
        .map_err(|_| EngineError::Mls("joining a group"))?;
    if lost.is_some() {
        step.tx.drop_group_aliases(&row.group_id)?;
        keep_address(step, &row)?;
        say(step, &row, &group, &by, &[Line::ReaddedMyself])?;
    }
    for id in predecessors {
        let old = step.tx.group(id.as_bytes())?;
        if old.is_some_and(|old| old.chat == row.chat) {
            leave_behind(step, id.as_bytes())?;
            let founder = founder(&group)?.unwrap_or(by);
            say(step, &row, &group, &founder, &[Line::Renewed])?;
        }
    }
    step.tx.put_group(&row)?;
    step.tx.delete_place(&row.group_id)?;
    chat.group_id.clone_from(&row.group_id);
    match chat.kind {
        ChatKind::Notes => step.tx.setting_delete(DOOR)?,
        ChatKind::Group => {
            keep_members(step, &chat.chat, &group)?;
            chat.title = title;
        }
        ChatKind::Direct => {}
    }
    step.tx.put_chat(&chat)?;
    // What was written before there was a place is encrypted now.
    for item in step.tx.outbox_of(&chat.chat)? {
        step.tx.set_envelope(item.seq, &[], 0, &[])?;
    }
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

/// Who founded a group, as far as it shows: the first in the tree, while they govern it.
fn founder(group: &Group) -> Result<Option<AccountId>, EngineError> {
    let members = members_of(group)?;
    let first = members.first().map(|member| member.account);
    Ok(first.filter(|first| group.rules().is_admin(first)))
}

/// The address by which this device was called back is of this conversation alone from now on.
fn keep_address(step: &Step<'_>, row: &GroupRow) -> Result<(), EngineError> {
    let Some(mut alias) = step.tx.alias(&row.own_alias)? else {
        return Ok(());
    };
    if let Some(secret) = alias.card.take()
        && step
            .tx
            .card(&secret)?
            .is_some_and(|card| card.kind == StoredKind::Rescue)
    {
        step.tx.drop_card_aliases(&secret)?;
        step.tx.delete_card(&secret)?;
        alias.group_id.clone_from(&row.group_id);
        step.tx.put_alias(&alias)?;
    }
    Ok(())
}

fn fits(chat: &ChatRow, kind: ConversationKind) -> bool {
    let same = matches!(
        (chat.kind, kind),
        (ChatKind::Notes, ConversationKind::Own)
            | (ChatKind::Direct, ConversationKind::Direct)
            | (ChatKind::Group, ConversationKind::Group)
    );
    // Who leaves while away has to be back to say so.
    same && matches!(chat.state, ChatState::Active | ChatState::Left)
}

//! A Welcome into a group: from a contact who may add this account, or from an admin who founds the group anew.

use undertone_content::change::Change as Line;
use undertone_mls::{GroupId, Invitation, Rules};
use undertone_store::{
    cards::{CardKind, CardRow},
    chats::{ChatId, ChatKind, ChatRow, ChatState},
};
use undertone_wire::time::{SECOND_MS, Timestamp, WEEK_MS};

use crate::{
    ask_for_places::own_name_in_group,
    check_forks::keep_mark,
    error::EngineError,
    event::{Event, note},
    fall_behind::forget_place,
    group_members::keep_members,
    loaded_groups::{find_group, load_group},
    receive_welcome::{decline, joined_group_row},
    step::Step,
    system_line::say,
};

/// In groups of more devices one's own leaf is not made anew on joining, but some time in the week after.
const PROMPT_LEAF: usize = 64;
/// How long each device waits at most, for each device in the group, so that those who come together do not all commit
/// at once.
const LEAF_MS: u64 = SECOND_MS / 2;

/// Joins, or declines what nobody asked for.
pub(crate) fn join(
    step: &mut Step<'_>,
    card: &CardRow,
    invitation: Invitation,
) -> Result<(), EngineError> {
    let inviter = invitation.inviter.account;
    let ended = card.expires_at != Timestamp(0) && card.expires_at <= step.now;
    let (known, renewed) = known_chat(step, &invitation)?;
    let by_card = match card.kind {
        CardKind::Contacts | CardKind::Admission => true,
        CardKind::Rescue => renewed && asked_by(step, known.as_ref(), card)?,
        CardKind::Link | CardKind::Once | CardKind::OwnDevice | CardKind::Newcomer => false,
    };
    let contact = step.tx.contact(&inviter)?;
    let welcome = contact.map_or(card.kind == CardKind::Rescue, |contact| !contact.blocked);
    let in_it = known
        .as_ref()
        .is_some_and(|chat| chat.state == ChatState::Active && !renewed && !invitation.replaces);
    if ended || !by_card || !welcome || in_it {
        return decline(step, invitation);
    }
    let chat = known
        .as_ref()
        .map_or_else(|| ChatId::random(step.rng), |chat| chat.chat);
    let mut row = joined_group_row(step, &invitation, chat);
    let size = invitation.members.len();
    if size <= PROMPT_LEAF {
        let wait = LEAF_MS * u64::try_from(size).unwrap_or(u64::MAX);
        row.wants_leaf = true;
        row.leaf_due = step.now.plus(step.rng.next_u64() % wait.max(1));
    } else {
        // As if it had been made some time in the week before: it is made anew some time in the week that comes.
        row.leaf_at = Timestamp(step.now.0.saturating_sub(step.rng.next_u64() % WEEK_MS));
    }
    let title = invitation.rules.title.clone();
    let thread = thread_of(&invitation.rules, &invitation.group_id);
    if matches!(card.kind, CardKind::Admission | CardKind::Rescue) {
        step.tx.delete_card(&card.secret)?;
    }
    if renewed && let Some(chat) = &known {
        leave_behind(step, &chat.group_id)?;
    }
    if let Some(chat) = &known {
        row.name = own_name_in_group(step.tx, chat)?;
    }
    let group = invitation
        .accept(&step.mls().provider())
        .map_err(|_| EngineError::Mls("joining a group"))?;
    step.tx.put_group(&row)?;
    let mut shown = known.unwrap_or_else(|| ChatRow {
        chat,
        kind: ChatKind::Group,
        account: Vec::new(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: Vec::new(),
        came_by: Some(card.kind),
        devices: Vec::new(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: 0,
        title: String::new(),
        thread,
    });
    shown.state = ChatState::Active;
    shown.reason.clear();
    shown.group_id.clone_from(&row.group_id);
    shown.title = title;
    shown.last_at = step.now;
    step.tx.put_chat(&shown)?;
    // What was encrypted for another group, or not at all, is encrypted for this one.
    for item in step.tx.outbox_of(&chat)? {
        step.tx.set_envelope(item.seq, &[], 0, &[])?;
    }
    keep_members(step, &chat, &group)?;
    let line = if renewed { Line::Renewed } else { Line::Joined };
    say(step, &row, &group, &inviter, &[line])?;
    note(step.tx, Event::Chat { chat })?;
    Ok(())
}

/// What a group is called among one's own devices: the group that it was first.
pub(crate) fn thread_of(rules: &Rules, id: &GroupId) -> Vec<u8> {
    rules.predecessors.first().unwrap_or(id).as_bytes().to_vec()
}

/// The chat that the group belongs to already, and whether the group goes on from the one that the chat had: an admin
/// of that one founded it anew. What anybody else says of where a group comes from counts for nothing.
fn known_chat(
    step: &Step<'_>,
    invitation: &Invitation,
) -> Result<(Option<ChatRow>, bool), EngineError> {
    if let Some(chat) = group_chat(step, invitation.group_id.as_bytes())? {
        return Ok((Some(chat), false));
    }
    for id in invitation.rules.predecessors.iter().rev() {
        let Some(chat) = group_chat(step, id.as_bytes())? else {
            continue;
        };
        let inviter = step.tx.member(&chat.chat, &invitation.inviter.account)?;
        if inviter.is_some_and(|member| member.admin) {
            return Ok((Some(chat), true));
        }
    }
    Ok((None, false))
}

/// Whether it was by this card that the chat's group, or the one founded in its place, was asked for a place.
fn asked_by(step: &Step<'_>, chat: Option<&ChatRow>, card: &CardRow) -> Result<bool, EngineError> {
    let Some(chat) =
        chat.filter(|chat| matches!(chat.state, ChatState::Active | ChatState::Failed))
    else {
        return Ok(false);
    };
    let Some(place) = step.tx.place(&chat.group_id)? else {
        return Ok(false);
    };
    let alias = step.tx.alias(&place.alias)?;
    Ok(alias.is_some_and(|alias| alias.card.as_ref() == Some(&card.secret)))
}

fn group_chat(step: &Step<'_>, id: &[u8]) -> Result<Option<ChatRow>, EngineError> {
    let chat = step.tx.chat_of_group(id)?;
    Ok(chat.filter(|chat| chat.kind == ChatKind::Group))
}

/// The group that a chat had is given up for the one that goes on from it.
pub(crate) fn leave_behind(step: &Step<'_>, id: &[u8]) -> Result<(), EngineError> {
    if find_group(step, id)?.is_some() {
        let old = load_group(step, id)?;
        keep_mark(step, &old)?;
        old.delete(&step.mls().provider())
            .map_err(|_| EngineError::Mls("deleting a group"))?;
    }
    step.tx.drop_group_aliases(id)?;
    forget_place(step, id)?;
    Ok(step.tx.delete_group(id)?)
}

//! A Welcome: somebody founded a conversation with this device. Whether they are a stranger who asks, or let in at
//! once, depends on the card that they hold and on whether the user reached out to them first.

use prost::Message as _;
use undertone_mls::{
    CardKind as LeafKind, ConversationKind, Fetched, Invitation, InvitationError, Knocked, Pointer,
    open_knock,
};
use undertone_store::{
    cards::{CardKind, CardRow, CardState},
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    contacts::ContactRow,
    groups::GroupRow,
};
use undertone_wire::{identity::DeviceList, reach::ReachSecret, time::Timestamp};

use crate::{
    accept_request::greet,
    conversation::{members_of, new_group_row},
    error::EngineError,
    event::{Event, note},
    give_places::receive_at_the_door,
    join_group,
    loaded_groups::view_group,
    step::Step,
    take_place::take_place,
};

/// Requests that wait for the user; strangers beyond are let go.
const MAX_REQUESTS: usize = 500;

/// Takes what came by the alias of a card and belongs to no conversation yet.
pub(crate) fn receive(
    step: &mut Step<'_>,
    secret: &ReachSecret,
    payload: &[u8],
    fetched: Option<Option<&Fetched>>,
) -> Result<Option<Pointer>, EngineError> {
    let Some(card) = step.tx.card(secret)? else {
        return Ok(None);
    };
    if card.kind == CardKind::Newcomer {
        receive_at_the_door(step, &card, payload)?;
        return Ok(None);
    }
    match (open_knock(&secret.knock_key(), payload), fetched) {
        (Ok(Knocked::Welcome(welcome)), _) => knock(step, &card, &welcome)?,
        (Ok(Knocked::Outside(_)), Some(Some(Fetched::Welcome(welcome)))) => {
            knock(step, &card, welcome)?;
        }
        // Only groups are large, and into those strangers let nobody.
        (Ok(Knocked::Outside(pointer)), None) if leads_into_groups(card.kind) => {
            return Ok(Some(pointer));
        }
        _ => {}
    }
    Ok(None)
}

fn leads_into_groups(kind: CardKind) -> bool {
    match kind {
        CardKind::Link | CardKind::Once | CardKind::Newcomer => false,
        CardKind::Contacts | CardKind::Admission | CardKind::OwnDevice | CardKind::Rescue => true,
    }
}

fn knock(step: &mut Step<'_>, card: &CardRow, welcome: &[u8]) -> Result<(), EngineError> {
    let keys = step.mls();
    let invitation = match Invitation::read(&keys.provider(), welcome) {
        Ok(invitation) => invitation,
        Err(InvitationError::Storage(_)) => return Err(EngineError::Mls("reading a Welcome")),
        Err(_) => return Ok(()),
    };
    let inviter = invitation.inviter.account;
    if is_old(step, &invitation)? {
        return decline(step, invitation);
    }
    // What is told with a call for help is of two kinds: for the group itself, and for the one founded in its place.
    let follows = card.kind == CardKind::Rescue && invitation.own.leaf.card == LeafKind::Contacts;
    if matches!(card.kind, CardKind::OwnDevice | CardKind::Rescue) && !follows {
        return take_place(step, card.kind, invitation);
    }
    if invitation.rules.kind == ConversationKind::Group {
        return join_group::join(step, card, invitation);
    }
    let direct = invitation.rules.kind == ConversationKind::Direct;
    let blocked = step
        .tx
        .contact(&inviter)?
        .is_some_and(|contact| contact.blocked);
    let ended = card.expires_at != Timestamp(0) && card.expires_at <= step.now;
    let asks_for_one_group = matches!(card.kind, CardKind::Admission | CardKind::Rescue);
    let unwanted = blocked || ended || asks_for_one_group;
    if !direct || unwanted || inviter == step.me.account || invitation.replaces {
        return decline(step, invitation);
    }
    let known = step.tx.chat_with(inviter.as_bytes())?;
    if known.is_none() && card.kind == CardKind::Link && requests(step)? >= MAX_REQUESTS {
        return decline(step, invitation);
    }

    let chat = known
        .as_ref()
        .map_or_else(|| ChatId::random(step.rng), |chat| chat.chat);
    let row = joined_group_row(step, &invitation, chat);
    let certificate = invitation.inviter.certificate.clone();
    let predecessors = invitation.rules.predecessors.clone();
    invitation
        .accept(&keys.provider())
        .map_err(|_| EngineError::Mls("joining a group"))?;
    step.tx.put_group(&row)?;
    if card.kind == CardKind::Once && card.state != CardState::Dropping {
        used_up(step, card.clone())?;
    }
    let devices = DeviceList::new(certificate);
    match known {
        None => newcomer(step, card, row, &devices),
        Some(chat) => crossing(step, chat, row, &devices, &predecessors),
    }
}

/// Whether it leads back into a group that this device has been in and left. It may be the same Welcome as then: a
/// KeyPackage that serves more than once does not tell.
fn is_old(step: &Step<'_>, invitation: &Invitation) -> Result<bool, EngineError> {
    let id = invitation.group_id.as_bytes();
    if !invitation.reusable || step.tx.group(id)?.is_some() {
        return Ok(false);
    }
    let last = step.tx.last_epoch(id)?;
    Ok(last.is_some_and(|last| invitation.epoch <= last))
}

fn requests(step: &Step<'_>) -> Result<usize, EngineError> {
    let chats = step.tx.chats()?;
    Ok(chats
        .iter()
        .filter(|chat| chat.state == ChatState::Request)
        .count())
}

/// What is kept of a group that one was added to, beside its MLS state.
pub(crate) fn joined_group_row(step: &Step<'_>, invitation: &Invitation, chat: ChatId) -> GroupRow {
    let (handle, alias) = (invitation.rules.handle, invitation.own.leaf.alias);
    GroupRow {
        handle_made: true,
        ..new_group_row(step, &invitation.group_id, chat, handle, alias)
    }
}

pub(crate) fn decline(step: &Step<'_>, invitation: Invitation) -> Result<(), EngineError> {
    invitation
        .decline(&step.mls().provider())
        .map_err(|_| EngineError::Mls("declining a Welcome"))
}

/// A single-use card leaves the server; its alias stays until one's own leaf has another.
pub(crate) fn used_up(step: &Step<'_>, mut card: CardRow) -> Result<(), EngineError> {
    card.state = CardState::Dropping;
    card.put.clear();
    step.tx.put_card(&card)?;
    Ok(())
}

/// Somebody of whom nothing was known. Holders of the reusable link ask; others were told that they may come.
fn newcomer(
    step: &mut Step<'_>,
    card: &CardRow,
    mut row: GroupRow,
    devices: &DeviceList,
) -> Result<(), EngineError> {
    let asks = card.kind == CardKind::Link;
    let chat = ChatRow {
        chat: row.chat,
        kind: ChatKind::Direct,
        account: devices.account().to_vec(),
        state: if asks {
            ChatState::Request
        } else {
            ChatState::Active
        },
        reason: String::new(),
        group_id: row.group_id.clone(),
        came_by: Some(card.kind),
        devices: devices.to_proto().encode_to_vec(),
        created_at: step.now,
        last_at: step.now,
        read_up_to: 0,
        title: String::new(),
        thread: Vec::new(),
    };
    step.tx.put_chat(&chat)?;
    if asks {
        note(step.tx, Event::Request { chat: chat.chat })?;
        return Ok(());
    }
    row.wants_leaf = true;
    row.leaf_due = step.now;
    step.tx.put_group(&row)?;
    remember(step, devices)?;
    greet(step, &chat)
}

/// Somebody with whom there is a chat, or whose link is being followed: both began at once, or they begin anew.
fn crossing(
    step: &mut Step<'_>,
    mut chat: ChatRow,
    mut row: GroupRow,
    devices: &DeviceList,
    predecessors: &[undertone_mls::GroupId],
) -> Result<(), EngineError> {
    if chat.state == ChatState::Request {
        // The stranger asks again; the newest group is the one that can be answered.
        chat.group_id = row.group_id;
        step.tx.put_chat(&chat)?;
        return Ok(());
    }
    if chat.state == ChatState::Adding {
        step.tx.delete_add(&chat.chat)?;
        chat.account = devices.account().to_vec();
        chat.state = ChatState::Active;
    } else if !wins(step, &chat, &row, predecessors)? {
        return Ok(());
    } else {
        row.predecessor.clone_from(&chat.group_id);
    }
    remember(step, devices)?;
    row.wants_leaf = true;
    row.leaf_due = step.now;
    step.tx.put_group(&row)?;
    chat.group_id = row.group_id;
    chat.last_at = step.now;
    step.tx.put_chat(&chat)?;
    // What was encrypted for the other group and may not have arrived is encrypted anew for this one.
    for item in step.tx.outbox_of(&chat.chat)? {
        step.tx.set_envelope(item.seq, &[], 0, &[])?;
    }
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

/// Which of two groups goes on, decided alike on both sides: a named successor, else an accepted group, else the one
/// with the smaller id.
fn wins(
    step: &Step<'_>,
    chat: &ChatRow,
    row: &GroupRow,
    predecessors: &[undertone_mls::GroupId],
) -> Result<bool, EngineError> {
    if chat.state != ChatState::Active || step.tx.group(&chat.group_id)?.is_none() {
        return Ok(chat.state == ChatState::Active);
    }
    if predecessors
        .iter()
        .any(|id| id.as_bytes() == chat.group_id.as_slice())
    {
        return Ok(true);
    }
    let current = view_group(step, &chat.group_id)?;
    let members = members_of(&current)?;
    // Before the founder's commit is merged there is one member; a leaf from a card has not accepted yet.
    let accepted = members.len() > 1
        && members
            .iter()
            .all(|member| member.leaf.card == LeafKind::OwnDevice);
    Ok(!accepted && row.group_id < chat.group_id)
}

/// Makes the account behind a device list a contact, or adds to what is known of its devices.
pub(crate) fn remember(step: &Step<'_>, devices: &DeviceList) -> Result<(), EngineError> {
    let account = devices.account();
    let contact = match step.tx.contact(&account)? {
        Some(mut contact) => {
            let known = undertone_wire::proto::DeviceList::decode(contact.devices.as_slice())
                .map_err(|_| EngineError::Damaged("a device list"))?;
            let mut known = DeviceList::verify(known)?;
            // More devices than an account may have come from them, not from us: what is known stays.
            if known.merge(devices).is_ok() {
                contact.devices = known.to_proto().encode_to_vec();
            }
            contact
        }
        None => ContactRow {
            account,
            root_key: devices.root_key(),
            devices: devices.to_proto().encode_to_vec(),
            name: String::new(),
            verified: false,
            blocked: false,
            contacts_secret: None,
            added_at: step.now,
        },
    };
    step.tx.put_contact(&contact)?;
    Ok(())
}

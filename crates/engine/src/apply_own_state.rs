//! What another device of one's own wrote takes effect here.

use prost::Message as _;
use undertone_content::{
    content::{check_name, check_title},
    proto as content,
    register::kind,
};
use undertone_store::{
    cards::{CardKind, CardRow, CardState},
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    contacts::ContactRow,
    registers::RegisterRow,
    wishes::WishKind,
};
use undertone_wire::{
    identity::DeviceList,
    ids::{AccountId, ContentId},
    proto,
    reach::ReachSecret,
    time::Timestamp,
};
use zeroize::Zeroizing;

use crate::{
    accept_request::accept,
    block_contact::shut_out,
    cards::{current_card, drop_card},
    error::EngineError,
    event::{Event, note},
    fall_behind::forget_place,
    join_account::FIRST_SEQ,
    receive_welcome::remember,
    step::Step,
    unblock_contact::unblock,
    wish::{Wish, add_wish},
};

/// Tries again what waited for something that was not here.
pub(crate) fn apply_waiting(step: &mut Step<'_>) -> Result<(), EngineError> {
    for mut row in step.tx.registers()? {
        if row.unapplied && apply(step, &row)? {
            row.unapplied = false;
            step.tx.put_register(&row)?;
        }
    }
    Ok(())
}

/// Lets a register take effect; tells whether it could. What cannot be read, or is of a newer version, has none.
pub(crate) fn apply(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    match row.kind {
        kind::NAME => apply_name(step, row),
        kind::DEVICE | kind::ACTIVE => {
            note(step.tx, Event::Devices)?;
            Ok(true)
        }
        kind::CONTACT => apply_contact(step, row),
        kind::VERIFIED => change_contact(step, row, |step, mut contact, verified| {
            contact.verified = verified;
            Ok(step.tx.put_contact(&contact)?)
        }),
        kind::BLOCKED => change_contact(step, row, |step, contact, blocked| {
            match (contact.blocked, blocked) {
                (false, true) => shut_out(step, &contact.account).map(drop),
                (true, false) => unblock(step, contact),
                _ => Ok(()),
            }
        }),
        kind::CHAT => apply_chat(step, row),
        kind::READ => apply_read(step, row),
        kind::DRAFT => apply_draft(step, row),
        kind::CARD => apply_card(step, row),
        kind::GROUP_NAME => apply_group_name(step, row),
        _ => Ok(true),
    }
}

fn apply_name(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let name = String::from_utf8_lossy(&row.value).into_owned();
    if let Some(mut account) = step.tx.account()?
        && check_name(&name).is_ok()
        && account.name != name
    {
        account.name = name;
        step.tx.put_account(&account)?;
        if let Some(notes) = step.tx.notes()? {
            note(step.tx, Event::Chat { chat: notes.chat })?;
        }
    }
    Ok(true)
}

fn apply_contact(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let Ok(told) = content::OwnContact::decode(row.value.as_slice()) else {
        return Ok(true);
    };
    let devices = proto::DeviceList::decode(told.devices.as_slice())
        .ok()
        .and_then(|list| DeviceList::verify(list).ok())
        .filter(|list| list.account().as_bytes() == row.name.as_slice());
    let Some(devices) = devices else {
        return Ok(true);
    };
    let asked = step.tx.chat_with(&row.name)?;
    remember(step, &devices)?;
    let Some(mut contact) = step.tx.contact(&devices.account())? else {
        return Ok(true);
    };
    contact.name = told.name;
    contact.added_at = Timestamp(told.added_at_ms);
    if let Ok(secret) = told.contacts_secret.try_into() {
        contact.contacts_secret = Some(ReachSecret::new(secret));
    }
    step.tx.put_contact(&contact)?;
    // Accepted there is accepted here.
    if let Some(chat) = asked.filter(|chat| chat.state == ChatState::Request) {
        accept(step, &chat)?;
    }
    if let Some(chat) = step.tx.chat_with(&row.name)? {
        note(step.tx, Event::Chat { chat: chat.chat })?;
    }
    Ok(true)
}

fn change_contact(
    step: &mut Step<'_>,
    row: &RegisterRow,
    change: impl FnOnce(&mut Step<'_>, ContactRow, bool) -> Result<(), EngineError>,
) -> Result<bool, EngineError> {
    let Ok(account) = AccountId::try_from(row.name.as_slice()) else {
        return Ok(true);
    };
    let Some(contact) = step.tx.contact(&account)? else {
        return Ok(false);
    };
    change(step, contact, row.value == [1])?;
    if let Some(chat) = step.tx.chat_with(&row.name)? {
        note(step.tx, Event::Chat { chat: chat.chat })?;
    }
    Ok(true)
}

/// The conversation of a name among the account's devices.
pub(crate) fn chat_named(step: &Step<'_>, name: &[u8]) -> Result<Option<ChatRow>, EngineError> {
    if let Some(chat) = step.tx.chat_of_thread(name)? {
        return Ok(Some(chat));
    }
    if let Some(chat) = step.tx.chat_of_group(name)? {
        return Ok(Some(chat));
    }
    Ok(step.tx.chat_with(name)?)
}

fn apply_chat(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let Ok(told) = content::OwnChat::decode(row.value.as_slice()) else {
        return Ok(true);
    };
    let direct = told.kind == 1;
    let there = ChatState::numbered(told.state).unwrap_or(ChatState::Failed);
    let title = match check_title(&told.title) {
        Ok(()) => told.title,
        Err(_) => String::new(),
    };
    let known = chat_named(step, &row.name)?;
    let mut chat = match known {
        // What was asked is answered by the contact's register.
        Some(chat) if chat.state == ChatState::Request => return Ok(true),
        Some(chat) => chat,
        None => ChatRow {
            chat: ChatId::random(step.rng),
            kind: if direct {
                ChatKind::Direct
            } else {
                ChatKind::Group
            },
            account: if direct { row.name.clone() } else { Vec::new() },
            state: there,
            reason: String::new(),
            group_id: Vec::new(),
            came_by: Some(CardKind::OwnDevice),
            devices: Vec::new(),
            created_at: Timestamp(told.created_at_ms),
            last_at: Timestamp(told.created_at_ms),
            read_up_to: FIRST_SEQ,
            title: title.clone(),
            thread: if direct { Vec::new() } else { row.name.clone() },
        },
    };
    if there == ChatState::Left && chat.state == ChatState::Active {
        chat.state = ChatState::Left;
        // The device where the user left may have been signed out before it could tell the group.
        if chat.kind == ChatKind::Group && step.tx.group(&chat.group_id)?.is_some() {
            add_wish(step, &chat.chat, Wish::new(WishKind::Leave))?;
        }
    }
    // However it ended for one device, it ended so for all, or they would contradict each other for ever.
    if chat.group_id == told.group_id && has_ended(there) && has_ended(chat.state) {
        chat.state = there;
    }
    let moved = chat.group_id != told.group_id && there == ChatState::Active;
    let goes_on = matches!(
        chat.state,
        ChatState::Active | ChatState::Failed | ChatState::Removed | ChatState::Adding
    );
    if moved && goes_on {
        if chat.state == ChatState::Adding {
            step.tx.delete_add(&chat.chat)?;
            chat.account.clone_from(&row.name);
        }
        forget_place(step, &chat.group_id)?;
        chat.group_id = told.group_id;
        chat.state = ChatState::Active;
        chat.reason.clear();
        for item in step.tx.outbox_of(&chat.chat)? {
            step.tx.set_envelope(item.seq, &[], 0, &[])?;
        }
    }
    if chat.kind == ChatKind::Group && chat.title.is_empty() {
        chat.title = title;
    }
    step.tx.put_chat(&chat)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(true)
}

fn has_ended(state: ChatState) -> bool {
    matches!(
        state,
        ChatState::Left | ChatState::Removed | ChatState::Dissolved
    )
}

/// Read there is read here, as far as it has come. Whoever read it tells the senders.
fn apply_read(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let Ok(told) = content::OwnRead::decode(row.value.as_slice()) else {
        return Ok(true);
    };
    let (Ok(sender), Ok(id)) = (
        AccountId::try_from(told.sender.as_slice()),
        ContentId::try_from(told.content_id.as_slice()),
    ) else {
        return Ok(true);
    };
    let (Some(mut chat), Some(message)) = (
        chat_named(step, &row.name)?,
        step.tx.message_by_id(&sender, &id)?,
    ) else {
        return Ok(false);
    };
    if message.chat == chat.chat && message.seq > chat.read_up_to {
        chat.read_up_to = message.seq;
        step.tx.put_chat(&chat)?;
        note(step.tx, Event::Chat { chat: chat.chat })?;
    }
    Ok(true)
}

fn apply_draft(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let Some(chat) = chat_named(step, &row.name)? else {
        return Ok(false);
    };
    let text = String::from_utf8_lossy(&row.value);
    if text.is_empty() {
        step.tx.delete_draft(&chat.chat)?;
    } else {
        step.tx.put_draft(&chat.chat, &text)?;
    }
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(true)
}

/// The account's cards are kept by all of its devices: each has a place of its own on them.
fn apply_card(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let kind = match row.name.as_slice() {
        [1] => CardKind::Link,
        [4] => CardKind::Contacts,
        _ => return Ok(true),
    };
    let told = content::OwnCard::decode(row.value.as_slice()).ok();
    let told = told.and_then(|told| {
        let secret = ReachSecret::new(told.secret.as_slice().try_into().ok()?);
        (told.owner_seed.len() == 32).then_some((secret, told))
    });
    let current = current_card(step.tx.cards()?, kind);
    let same = match (&current, &told) {
        (Some(card), Some((secret, _))) => card.secret == *secret,
        (None, None) => true,
        _ => false,
    };
    if same {
        return Ok(true);
    }
    if let Some(card) = current {
        drop_card(step, card)?;
    }
    if let Some((secret, told)) = told {
        step.tx.put_card(&CardRow {
            secret,
            kind,
            owner_seed: Zeroizing::new(told.owner_seed),
            state: CardState::Published,
            published_until: 0,
            created_at: Timestamp(told.created_at_ms),
            expires_at: Timestamp(0),
            put: Vec::new(),
            slot: 0,
            // This device has no place on it yet.
            head_due: true,
        })?;
    }
    Ok(true)
}

fn apply_group_name(step: &mut Step<'_>, row: &RegisterRow) -> Result<bool, EngineError> {
    let Some(chat) = chat_named(step, &row.name)? else {
        return Ok(false);
    };
    let name = String::from_utf8_lossy(&row.value).into_owned();
    let usable = name.is_empty() || check_name(&name).is_ok();
    if let Some(mut group) = step.tx.group(&chat.group_id)?
        && usable
        && group.name != name
    {
        group.name = name;
        group.wants_leaf = true;
        group.leaf_due = step.now;
        step.tx.put_group(&group)?;
    }
    Ok(true)
}

//! What this device holds of what one's devices have in common, as registers would say it.

use prost::Message as _;
use undertone_content::{proto as content, register::kind};
use undertone_store::{
    ReadTx,
    cards::{CardKind, CardRow},
    chats::{ChatKind, ChatRow, ChatState},
};
use undertone_wire::{identity::DeviceList, proto};

use crate::{
    cards::current_card, conversation::other_account, error::EngineError, own_devices::own_devices,
    share_own_state::thread_of,
};

/// Kind, name and value of a register.
pub(crate) type Projected = (u32, Vec<u8>, Vec<u8>);

/// Longest draft that is told, in bytes.
const DRAFT_BYTES: usize = 16_384;

/// All that this device would say. What others said and this device cannot do yet is not in it.
pub(crate) fn project(tx: &ReadTx<'_>) -> Result<Vec<Projected>, EngineError> {
    let mut all = Vec::new();
    let Some(account) = tx.account()? else {
        return Ok(all);
    };
    all.push((kind::NAME, Vec::new(), account.name.into_bytes()));
    let devices = own_devices(tx)?.to_proto().encode_to_vec();
    all.push((kind::DEVICES, Vec::new(), devices));
    for contact in tx.contacts()? {
        let name = contact.account.to_vec();
        let told = content::OwnContact {
            root_key: contact.root_key.to_vec(),
            devices: contact.devices,
            name: contact.name,
            contacts_secret: contact
                .contacts_secret
                .map(|secret| secret.as_bytes().to_vec())
                .unwrap_or_default(),
            added_at_ms: contact.added_at.0,
        };
        all.push((kind::CONTACT, name.clone(), told.encode_to_vec()));
        all.push((kind::VERIFIED, name.clone(), flag(contact.verified)));
        all.push((kind::BLOCKED, name, flag(contact.blocked)));
    }
    for chat in tx.chats()? {
        project_chat(tx, &chat, &mut all)?;
    }
    let cards = tx.cards()?;
    for (number, card) in [(1, CardKind::Link), (4, CardKind::Contacts)] {
        let value = current_card(cards.clone(), card).map(|card| card_value(&card));
        let name = vec![number];
        // A device that has not heard of a card yet does not say that there is none.
        if value.is_some() || tx.register(kind::CARD, &name)?.is_some() {
            all.push((kind::CARD, name, value.unwrap_or_default()));
        }
    }
    Ok(all)
}

fn project_chat(
    tx: &ReadTx<'_>,
    chat: &ChatRow,
    all: &mut Vec<Projected>,
) -> Result<(), EngineError> {
    let thread = thread_of(chat);
    let known = chat.kind == ChatKind::Group || other_account(chat).is_some();
    let unanswered = matches!(chat.state, ChatState::Request | ChatState::Adding);
    if !known || unanswered || thread.is_empty() {
        return Ok(());
    }
    let group = tx.group(&chat.group_id)?;
    // Where this device has no place yet, it knows nothing that the others do not; and whether a conversation can go on
    // each sees for itself.
    let knows_more = group.is_some() || chat.state != ChatState::Active;
    if knows_more && chat.state != ChatState::Failed {
        let told = content::OwnChat {
            kind: if chat.kind == ChatKind::Group { 2 } else { 1 },
            account: chat.account.clone(),
            group_id: chat.group_id.clone(),
            handle: group
                .as_ref()
                .map(|group| group.handle.to_vec())
                .unwrap_or_default(),
            title: chat.title.clone(),
            created_at_ms: chat.created_at.0,
            state: chat.state.number(),
        };
        // Title and time only help a device that has no place yet: each sees for itself when they change.
        let known = tx.register(kind::CHAT, &thread)?;
        let known = known.and_then(|row| content::OwnChat::decode(row.value.as_slice()).ok());
        let same =
            known.is_some_and(|known| known.group_id == told.group_id && known.state == told.state);
        if !same {
            all.push((kind::CHAT, thread.clone(), told.encode_to_vec()));
        }
        if let Some(group) = group
            && chat.kind == ChatKind::Group
        {
            let known = tx.register(kind::GROUP_NAME, &thread)?.is_some();
            if known || !group.name.is_empty() {
                all.push((kind::GROUP_NAME, thread.clone(), group.name.into_bytes()));
            }
        }
    }
    if let Some((sender, content_id)) = tx.last_received(&chat.chat, chat.read_up_to)? {
        let told = content::OwnRead {
            sender: sender.to_vec(),
            content_id: content_id.to_vec(),
        };
        all.push((kind::READ, thread.clone(), told.encode_to_vec()));
    }
    let draft = tx.draft(&chat.chat)?.unwrap_or_default();
    let told_before = tx.register(kind::DRAFT, &thread)?.is_some();
    if draft.len() <= DRAFT_BYTES && (told_before || !draft.is_empty()) {
        all.push((kind::DRAFT, thread, draft.into_bytes()));
    }
    Ok(())
}

fn flag(value: bool) -> Vec<u8> {
    vec![u8::from(value)]
}

fn card_value(card: &CardRow) -> Vec<u8> {
    content::OwnCard {
        secret: card.secret.as_bytes().to_vec(),
        owner_seed: card.owner_seed.to_vec(),
        created_at_ms: card.created_at.0,
    }
    .encode_to_vec()
}

/// Reads the register of devices, verified.
pub(crate) fn read_devices(value: &[u8]) -> Option<DeviceList> {
    DeviceList::verify(proto::DeviceList::decode(value).ok()?).ok()
}

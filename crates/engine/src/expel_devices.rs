//! Devices of one's own that are revoked are put out of every conversation, by whichever of the others comes first.

use undertone_mls::Group;
use undertone_store::{
    chats::{ChatRow, ChatState},
    wishes::WishKind,
};
use undertone_wire::time::SECOND_MS;

use crate::{
    conversation::members_of,
    error::EngineError,
    give_places::name_of,
    loaded_groups::find_group,
    own_devices::own_devices,
    step::Step,
    wish::{Wish, add_wish},
};

/// Devices wait up to so long before they put another out, so that not all of them do it at once.
const WAIT_MS: u64 = 2 * SECOND_MS;

/// Wishes revoked devices out of all conversations.
pub(crate) fn expel_everywhere(step: &mut Step<'_>) -> Result<(), EngineError> {
    for chat in step.tx.chats()? {
        if let Some(group) = find_group(step, &chat.group_id)? {
            expel(step, &chat, &group)?;
        }
    }
    Ok(())
}

/// Wishes revoked devices out of one conversation.
pub(crate) fn expel(step: &mut Step<'_>, chat: &ChatRow, group: &Group) -> Result<(), EngineError> {
    if !matches!(chat.state, ChatState::Active | ChatState::Left) || !group.is_active() {
        return Ok(());
    }
    let devices = own_devices(step.tx)?;
    let members = members_of(group)?;
    for member in members {
        let device = member.certificate.device_key;
        if member.account != step.me.account || devices.device(&device).is_some() {
            continue;
        }
        let wait = step.rng.next_u64() % WAIT_MS;
        let wish = Wish::about(WishKind::RemoveDevice, &step.me.account)
            .text(&name_of(&device))
            .due(step.now.plus(wait));
        add_wish(step, &chat.chat, wish)?;
    }
    Ok(())
}

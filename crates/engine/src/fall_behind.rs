//! A device that was away for longer than commits are kept cannot catch up any more. It calls for help: another member
//! adds it anew, over the rescue lane (`docs/protocol/conversations.md`, *Falling behind*).

use undertone_store::{
    aliases::AliasState,
    cards::CardKind,
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
};
use undertone_wire::time::{MINUTE_MS, Timestamp};

use crate::{
    ask_for_places::{make_place, own_card},
    cards::keep_local_card,
    conversation::{group_id, shown_name},
    engine::Engine,
    error::EngineError,
    event::{Event, note},
    invitations::make_admission,
    loaded_groups::view_group,
    receive_commit::{forget_pending, note_behind},
    renew_group::wish_renewal,
    step::Step,
    tasks::Hold,
};

/// How long a device waits, and up to as long again, before it asks to be added to a group that is founded in place of a
/// broken one: a contact of its founder is added within seconds.
const FOLLOWS_AFTER_MS: u64 = MINUTE_MS;

/// How long an admin's device waits for help before it founds a group anew that it cannot follow.
const PATIENCE_MS: u64 = 15 * MINUTE_MS;

impl Engine {
    /// The sequencer says that the group stands where this device has it.
    pub(crate) fn not_behind(&mut self, id: &[u8], stands_at: u64) -> Result<(), EngineError> {
        self.release(&Hold::Group(id.to_vec()));
        if let Some(doubt) = self.doubt.as_mut().filter(|doubt| doubt.misses(id)) {
            doubt.settled = true;
        }
        self.step(Timestamp(0), |step| note_behind(step, id, stands_at))
    }

    /// The commit that this device lacks is nowhere any more.
    pub(crate) fn fell_behind(&mut self, id: &[u8], now: Timestamp) -> Result<(), EngineError> {
        self.release(&Hold::Group(id.to_vec()));
        self.step(now, |step| match step.tx.group(id)? {
            Some(row) => lose_place(step, row),
            None => Ok(()),
        })
    }

    /// The sequencer stands at the epoch of this device, with other keys, or before it: whoever made the epoch told it wrong
    /// ones, or this device was given another commit.
    pub(crate) fn keys_are_others(
        &mut self,
        id: &[u8],
        epoch: u64,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.release(&Hold::Group(id.to_vec()));
        self.step(now, |step| match step.tx.group(id)? {
            Some(row) if view_group(step, id)?.epoch() == epoch => cannot_follow(step, row),
            _ => Ok(()),
        })
    }
}

/// The sequencer has what this device cannot follow: a commit that is damaged for it, or keys of the epoch that are others.
/// Whether it is alone with that it cannot know. It calls for help; and if it is an admin's, and nothing helps, founds the
/// group anew.
pub(crate) fn cannot_follow(step: &mut Step<'_>, row: GroupRow) -> Result<(), EngineError> {
    let due_at = step.now.plus(PATIENCE_MS);
    wish_renewal(step, &row, None, due_at)?;
    lose_place(step, row)
}

/// This device's state of a group leads nowhere any more: it wants to be added anew. What is written waits until then.
pub(crate) fn lose_place(step: &mut Step<'_>, mut row: GroupRow) -> Result<(), EngineError> {
    if step.tx.place(&row.group_id)?.is_some() {
        return Ok(());
    }
    let chat = step.tx.chat(&row.chat)?;
    // Whoever is leaving cannot say so before they are back.
    let wanted = chat.filter(|chat| {
        chat.group_id == row.group_id && matches!(chat.state, ChatState::Active | ChatState::Left)
    });
    let Some(chat) = wanted else {
        // Nobody writes there any more.
        row.behind = 0;
        return Ok(step.tx.put_group(&row)?);
    };
    forget_pending(step, &row.group_id)?;
    want_place(step, &row, &chat, step.now)?;
    let epoch = view_group(step, &row.group_id)?.epoch();
    row.behind = row.behind.max(epoch.saturating_add(1));
    step.tx.put_group(&row)?;
    note(step.tx, Event::Chat { chat: chat.chat })?;
    Ok(())
}

/// Nothing more can be said in a group, and an admin's device founds it anew. Who is no contact of that admin has to say
/// by what they can be added to it; a contact's device has their card, and is sooner.
pub(crate) fn follow(
    step: &mut Step<'_>,
    row: &GroupRow,
    chat: &ChatRow,
) -> Result<(), EngineError> {
    forget_place(step, &row.group_id)?;
    let call_at = step
        .now
        .plus(FOLLOWS_AFTER_MS + step.rng.next_u64() % FOLLOWS_AFTER_MS);
    want_place(step, row, chat, call_at)
}

/// Makes what somebody needs to add this device anew, to the group or to the one that is founded in its place, and calls
/// for that from `call_at` on.
fn want_place(
    step: &mut Step<'_>,
    row: &GroupRow,
    chat: &ChatRow,
    call_at: Timestamp,
) -> Result<(), EngineError> {
    let name = shown_name(step, row)?;
    // The account's other devices know a card of this device by which they add it; whom it calls for help is told another.
    let card = match chat.kind {
        ChatKind::Notes => own_card(step)?,
        ChatKind::Direct | ChatKind::Group => {
            keep_local_card(step, CardKind::Rescue, Timestamp(0))?
        }
    };
    let id = group_id(&row.group_id)?;
    let mut place = make_place(step, &chat.chat, id, row.handle, name, &card)?;
    if chat.kind == ChatKind::Group && chat.state == ChatState::Active {
        place.following = make_admission(step, &card)?;
    }
    place.call_at = call_at;
    Ok(step.tx.put_place(&place)?)
}

/// This device has no use any more for a place that it wanted.
pub(crate) fn forget_place(step: &Step<'_>, id: &[u8]) -> Result<(), EngineError> {
    let Some(place) = step.tx.place(id)? else {
        return Ok(());
    };
    if let Some(mut alias) = step.tx.alias(&place.alias)? {
        if let Some(secret) = &alias.card
            && step
                .tx
                .card(secret)?
                .is_some_and(|card| card.kind == CardKind::Rescue)
        {
            step.tx.drop_card_aliases(secret)?;
            step.tx.delete_card(secret)?;
        }
        alias.state = AliasState::Dropping;
        step.tx.put_alias(&alias)?;
    }
    Ok(step.tx.delete_place(id)?)
}

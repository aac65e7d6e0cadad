//! Signals: receipts move one's own messages on, typing is passed to whoever watches.

use undertone_content::signal::Signal;
use undertone_mls::{Member, Opened};
use undertone_store::{chats::ChatState, groups::GroupRow, messages::MessageState};
use undertone_wire::{ids::Alias, proto};

use crate::{
    conversation::{load_group, other_account},
    error::EngineError,
    event::{Event, note},
    step::Step,
};

/// Takes a signal of a member; gives what is to be passed on and not kept.
pub(crate) fn receive(
    step: &Step<'_>,
    row: &GroupRow,
    sender: &Member,
    body: &[u8],
) -> Result<Option<Event>, EngineError> {
    let (Ok(signal), Some(chat)) = (Signal::decode(body), step.tx.chat(&row.chat)?) else {
        return Ok(None);
    };
    if chat.state != ChatState::Active || other_account(&chat) != Some(sender.account) {
        return Ok(None);
    }
    match signal {
        Signal::Receipts { delivered, read } => {
            let states = [
                (delivered, MessageState::Delivered),
                (read, MessageState::Read),
            ];
            for (ids, state) in states {
                for id in ids {
                    let own = step.tx.message_by_id(&step.me.account, &id)?;
                    if own.is_some_and(|message| message.chat == chat.chat)
                        && let Some(seq) = step.tx.advance_message(&step.me.account, &id, state)?
                    {
                        note(
                            step.tx,
                            Event::MessageState {
                                chat: chat.chat,
                                seq,
                                state,
                            },
                        )?;
                    }
                }
            }
            Ok(None)
        }
        Signal::Typing { active } => Ok(Some(Event::Typing {
            chat: chat.chat,
            active,
        })),
        Signal::Newer => Ok(None),
    }
}

/// Takes a delivery that is pushed and never stored.
pub(crate) fn receive_live(
    step: &Step<'_>,
    signal: &proto::Signal,
) -> Result<Option<Event>, EngineError> {
    let Ok(alias) = Alias::try_from(signal.alias.as_slice()) else {
        return Ok(None);
    };
    for row in step.tx.groups_at(&alias)? {
        let mut group = load_group(step, &row.group_id)?;
        if let Ok(Opened::Signal { sender, body }) =
            group.open(&step.mls().provider(), &signal.payload)
        {
            return receive(step, &row, &sender, &body);
        }
    }
    Ok(None)
}

//! Signals: receipts move one's own messages on, typing is passed to whoever watches.

use undertone_content::signal::Signal;
use undertone_mls::{Member, OpenError, Opened, Rules};
use undertone_store::{
    chats::{ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    members::MemberRow,
    messages::MessageState,
};
use undertone_wire::{ids::Alias, proto};

use crate::{
    conversation::other_account,
    error::EngineError,
    event::{Event, note},
    leave_group::note_leaver,
    loaded_groups::{keep_group, load_group},
    step::Step,
};

/// Takes a signal of a member; gives what is to be passed on and not kept.
pub(crate) fn receive(
    step: &mut Step<'_>,
    row: &GroupRow,
    rules: &Rules,
    sender: &Member,
    body: &[u8],
) -> Result<Option<Event>, EngineError> {
    let (Ok(signal), Some(chat)) = (Signal::decode(body), step.tx.chat(&row.chat)?) else {
        return Ok(None);
    };
    let in_group = chat.kind == ChatKind::Group;
    let known = in_group || other_account(&chat) == Some(sender.account);
    // Whoever leaves too has to know who is no heir.
    let here = chat.state == ChatState::Active
        || chat.state == ChatState::Left && matches!(signal, Signal::Leave);
    if !here || !known || sender.account == step.me.account {
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
                    let Some(own) = own.filter(|message| message.chat == chat.chat) else {
                        continue;
                    };
                    if in_group && !all_heard(step, &chat, own.seq, sender, state)? {
                        continue;
                    }
                    if let Some(seq) = step.tx.advance_message(&step.me.account, &id, state)? {
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
            account: sender.account,
            active,
        })),
        Signal::Leave if in_group => {
            note_leaver(step, &chat.chat, &sender.account, rules)?;
            Ok(None)
        }
        Signal::Leave => Ok(None),
        Signal::Newer => Ok(None),
    }
}

/// Notes that a member of a group has heard a message; tells whether all others have, who are in it now.
fn all_heard(
    step: &Step<'_>,
    chat: &ChatRow,
    seq: u64,
    sender: &Member,
    state: MessageState,
) -> Result<bool, EngineError> {
    let read = state == MessageState::Read;
    step.tx.note_heard(seq, &sender.account, read)?;
    let heard = step.tx.heard(seq)?;
    let has = |member: &MemberRow| {
        let theirs = heard.iter().find(|heard| heard.account == member.account);
        theirs.is_some_and(|heard| heard.read || !read)
    };
    let members = step.tx.members(&chat.chat)?;
    let mut others = members
        .iter()
        .filter(|member| member.is_present() && member.account != step.me.account);
    Ok(others.all(has))
}

/// Takes a delivery that is pushed and never stored.
pub(crate) fn receive_live(
    step: &mut Step<'_>,
    signal: &proto::Signal,
) -> Result<Option<Event>, EngineError> {
    let Ok(alias) = Alias::try_from(signal.alias.as_slice()) else {
        return Ok(None);
    };
    for row in step.tx.groups_at(&alias)? {
        let mut group = load_group(step, &row.group_id)?;
        match group.open(&step.mls().provider(), &signal.payload) {
            Ok(Opened::Signal { sender, body }) => {
                let group = keep_group(step, group)?;
                return receive(step, &row, group.rules(), &sender, &body);
            }
            Err(OpenError::NotOurs) => drop(keep_group(step, group)?),
            _ => {}
        }
    }
    Ok(None)
}

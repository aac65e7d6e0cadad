//! A group that cannot go on is founded anew by an admin: its successor names it, and those who were in it follow.

use std::collections::BTreeMap;

use undertone_content::change::{Change as Line, GivenUp};
use undertone_mls::{CardKind, Group, LeafInfo, MAX_PREDECESSORS, Rules};
use undertone_store::{
    chats::{ChatId, ChatKind, ChatState},
    groups::GroupRow,
    members::Presence,
    wishes::WishKind,
};
use undertone_wire::{
    ids::{AccountId, Alias, Handle},
    time::{DAY_MS, MINUTE_MS, SECOND_MS, Timestamp},
};

use crate::{
    conversation::{
        group_id, members_of, new_group_row, random_group_id, shown_name, want_group_alias,
    },
    engine::Engine,
    error::{CommandError, EngineError},
    event::{Event, note},
    give_places::name_of,
    group_members::keep_members,
    join_group::leave_behind,
    loaded_groups::find_group,
    step::Step,
    system_line::{say, say_once},
    wish::{Wish, add_wish},
};

/// How much later the next admin's device does it, and the next of the same admin's.
const TURN_MS: u64 = 10 * MINUTE_MS;
const DEVICE_TURN_MS: u64 = 3 * MINUTE_MS;
/// How long members who are no contacts are waited for in a group that was founded anew.
const FOLLOW_DAYS: u64 = 30;
/// How long the first waits.
const SOON_MS: u64 = 2 * SECOND_MS;

impl Engine {
    /// Founds a group anew that somebody broke. Members whom the user knows are added again; the devices of the others ask
    /// for it by themselves.
    ///
    /// # Errors
    /// [`CommandError`] if the group can go on, or the user did not govern it.
    pub fn renew_group(&mut self, chat: &ChatId, now: Timestamp) -> Result<(), CommandError> {
        if self.me.is_none() {
            return Err(CommandError::NoAccount);
        }
        self.step(now, |step| {
            let row = step.tx.chat(chat)?.ok_or(CommandError::Unknown("group"))?;
            if row.kind != ChatKind::Group || row.state != ChatState::Failed {
                return Err(CommandError::NotNow("this group can go on as it is"));
            }
            let me = step.tx.member(chat, &step.me.account)?;
            if !me.is_some_and(|me| me.admin) {
                return Err(CommandError::NotNow(
                    "only an admin of this group can found it anew",
                ));
            }
            Ok::<_, CommandError>(renew(step, chat, None)?)
        })?;
        self.work(now)?;
        Ok(())
    }

    /// Founds groups anew that cannot go on, where that is due; tells whether there were any.
    pub(crate) fn renew_broken(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.survey.found_anew_at == Timestamp(0) || self.survey.found_anew_at > now {
            return Ok(false);
        }
        let wishes = self.store.read(|tx| tx.wishes())?.into_iter();
        let due: Vec<_> = wishes
            .filter(|wish| wish.kind == WishKind::Renew && wish.due_at <= now)
            .collect();
        let any = !due.is_empty();
        for wish in due {
            self.step(now, |step| {
                step.tx.delete_wish(wish.seq)?;
                if is_broken(step, &wish.chat)? {
                    renew(
                        step,
                        &wish.chat,
                        AccountId::try_from(wish.account.as_slice()).ok(),
                    )?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
        Ok(any)
    }
}

/// Whether a group still needs to be founded anew.
fn is_broken(step: &Step<'_>, chat: &ChatId) -> Result<bool, EngineError> {
    let Some(row) = step.tx.chat(chat)? else {
        return Ok(false);
    };
    let lost = row.state == ChatState::Active && step.tx.place(&row.group_id)?.is_some();
    Ok(row.kind == ChatKind::Group && (lost || row.state == ChatState::Failed))
}

/// Wishes that a group be founded anew, without `by` if that is who broke it, after `due_at` and when it is this device's
/// turn: the devices of admins take turns, so that not each of them makes a group.
pub(crate) fn wish_renewal(
    step: &mut Step<'_>,
    row: &GroupRow,
    by: Option<AccountId>,
    due_at: Timestamp,
) -> Result<(), EngineError> {
    let me = step.me.account;
    let chat = step.tx.chat(&row.chat)?;
    let current = chat.filter(|chat| {
        let stands = chat.state == ChatState::Active && chat.group_id == row.group_id;
        stands && chat.kind == ChatKind::Group
    });
    let (Some(chat), Some(group)) = (current, find_group(step, &row.group_id)?) else {
        return Ok(());
    };
    let mut admins = group
        .rules()
        .admins
        .iter()
        .filter(|admin| by != Some(**admin));
    let turn = admins.position(|admin| *admin == me);
    let members = members_of(&group)?;
    let mut own = members.iter().filter(|member| member.account == me);
    let device = own.position(|member| member.index == group.own_index());
    let (Some(turn), Some(device)) = (turn, device) else {
        return Ok(());
    };
    let turns = TURN_MS * turn as u64 + DEVICE_TURN_MS * device as u64;
    let due_at = Timestamp(due_at.0.max(step.now.0)).plus(SOON_MS + turns);
    let wish = match by {
        Some(by) => Wish::about(WishKind::Renew, &by),
        None => Wish::new(WishKind::Renew),
    };
    add_wish(step, &chat.chat, wish.due(due_at))
}

fn renew(
    step: &mut Step<'_>,
    chat: &ChatId,
    without: Option<AccountId>,
) -> Result<(), EngineError> {
    for wish in step.tx.wishes_for(chat)? {
        if wish.kind == WishKind::Renew {
            step.tx.delete_wish(wish.seq)?;
        }
    }
    let Some(mut row) = step.tx.chat(chat)? else {
        return Ok(());
    };
    let old = find_group(step, &row.group_id)?;
    let old = old.ok_or(EngineError::Damaged("a group without its state"))?;
    let (id, handle) = (random_group_id(step.rng), Handle::random(step.rng));
    let mut rules = Rules {
        description: old.rules().description.clone(),
        permissions: old.rules().permissions,
        disappearing_seconds: old.rules().disappearing_seconds,
        privacy: old.rules().privacy,
        predecessors: old.rules().predecessors.clone(),
        ..Rules::group(handle, old.rules().title.clone(), step.me.account)
    };
    // The oldest are forgotten first: whoever follows comes from the newest.
    if rules.predecessors.len() >= MAX_PREDECESSORS {
        rules.predecessors.remove(0);
    }
    rules.predecessors.push(group_id(&row.group_id)?);
    let mut devices: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
    let members = members_of(&old)?;
    for member in members {
        let device = name_of(&member.certificate.device_key);
        devices.entry(member.account).or_default().push(device);
    }
    drop(old);
    let name = match step.tx.group(&row.group_id)? {
        Some(group) => group.name,
        None => String::new(),
    };
    // Who is no contact calls at the old address.
    let waits_until = step.now.plus(FOLLOW_DAYS * DAY_MS);
    let address = match step.tx.group(&row.group_id)? {
        Some(group) => step.tx.alias(&group.own_alias)?,
        None => None,
    };
    leave_behind(step, &row.group_id)?;
    if let Some(mut address) = address.filter(|address| address.group_id == row.group_id) {
        address.retire_at = waits_until;
        step.tx.put_alias(&address)?;
    }
    let alias = Alias::random(step.rng);
    let mut group_row = new_group_row(step, &id, *chat, handle, alias);
    group_row.name = name;
    let leaf = LeafInfo {
        alias,
        rescue_key: step.me.rescue_key,
        card: CardKind::OwnDevice,
        name: shown_name(step, &group_row)?,
    };
    let keys = step.mls();
    let group = Group::found(&keys.provider(), &step.me.identity, id, rules, &leaf)
        .map_err(|_| EngineError::Mls("founding a group"))?;
    want_group_alias(step, alias, &id, handle)?;
    step.tx.put_group(&group_row)?;
    let me = step.me.account;
    let others: Vec<_> = step
        .tx
        .members(chat)?
        .into_iter()
        .filter(|member| member.presence == Presence::Present && member.account != me)
        .filter(|member| without != Some(member.account))
        .collect();
    keep_members(step, chat, &group)?;
    row.group_id.clone_from(&group_row.group_id);
    row.state = ChatState::Active;
    row.reason.clear();
    row.last_at = step.now;
    step.tx.put_chat(&row)?;
    say(step, &group_row, &group, &me, &[Line::Renewed])?;
    for member in others {
        let wish = match step.tx.contact(&member.account)? {
            Some(contact) if contact.blocked => {
                let about = Some(member.account);
                say_once(step, chat, &me, &Line::GivenUp(about, GivenUp::Unreachable))?;
                continue;
            }
            Some(_) => Wish::about(WishKind::Add, &member.account),
            None => Wish::about(WishKind::Follow, &member.account)
                .text(
                    &devices
                        .remove(&member.account)
                        .unwrap_or_default()
                        .join(" "),
                )
                .due(waits_until),
        };
        add_wish(step, chat, wish)?;
        // Who was an admin is one again once they are in.
        if member.admin {
            let wish = Wish::about(WishKind::Role, &member.account).number(1);
            add_wish(step, chat, wish)?;
        }
    }
    for item in step.tx.outbox_of(chat)? {
        step.tx.set_envelope(item.seq, &[], 0, &[])?;
    }
    note(step.tx, Event::Chat { chat: *chat })?;
    Ok(())
}

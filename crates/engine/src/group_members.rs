//! Who is in a group, kept beside the MLS state so that lists, names and mentions need not load it.

use std::collections::BTreeMap;

use undertone_mls::Group;
use undertone_store::{
    chats::ChatId,
    members::{MemberRow, Presence},
};
use undertone_wire::ids::AccountId;

use crate::{conversation::members_of, error::EngineError, step::Step};

/// Brings what is kept into line with the group; gives what was kept before.
pub(crate) fn keep_members(
    step: &Step<'_>,
    chat: &ChatId,
    group: &Group,
) -> Result<BTreeMap<AccountId, MemberRow>, EngineError> {
    let before: BTreeMap<AccountId, MemberRow> = step
        .tx
        .members(chat)?
        .into_iter()
        .map(|member| (member.account, member))
        .collect();
    let mut now: BTreeMap<AccountId, MemberRow> = BTreeMap::new();
    let members = members_of(group)?;
    for member in members {
        let known = before.get(&member.account).filter(|row| row.is_present());
        let row = now.entry(member.account).or_insert_with(|| MemberRow {
            account: member.account,
            name: String::new(),
            presence: known.map_or(Presence::Present, |row| row.presence),
            admin: group.rules().is_admin(&member.account),
            devices: 0,
            since: known.map_or(step.now, |row| row.since),
        });
        row.devices += 1;
        // Of several devices, the first in the tree that says a name says it for all.
        if row.name.is_empty() {
            row.name.clone_from(&member.leaf.name);
        }
    }
    for (account, row) in &before {
        if !now.contains_key(account) && row.is_present() {
            step.tx.put_member(
                chat,
                &MemberRow {
                    presence: Presence::Gone,
                    admin: false,
                    devices: 0,
                    ..row.clone()
                },
            )?;
        }
    }
    for (account, row) in &now {
        if before.get(account) != Some(row) {
            step.tx.put_member(chat, row)?;
        }
    }
    Ok(before)
}

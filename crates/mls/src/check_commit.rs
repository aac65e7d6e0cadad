//! Whether a commit is allowed: a pure function of the state of its epoch and of what the commit says.
//!
//! Nothing else may be asked here, no clock, no contact list, no newer device list: members who know
//! different things must still agree, or the conversation falls apart. What a client learns elsewhere makes it
//! commit a removal; it never makes it refuse.
//!
//! # Form (`open.rs`, `read_commit.rs`, `key_package.rs`, `member.rs`)
//! - A commit is a PrivateMessage of a member of this epoch. PublicMessages (external commits among them) and
//!   standalone proposals are not looked at.
//! - It holds Add, Remove and at most one GroupContextExtensions proposal, inline, and no other kind: no PSK, no
//!   ReInit, no ExternalInit, no custom ones.
//! - The GroupContext has exactly two extensions, in this order: RequiredCapabilities (0xF100, 0xF101, the basic
//!   credential) and 0xF100, which decodes as [`Rules`] to the byte.
//! - Every leaf that is added or renewed has exactly one extension, 0xF101, which decodes as
//!   [`LeafInfo`](crate::LeafInfo) to the byte; a basic credential that is the one encoding of a device certificate
//!   which verifies; the certificate's device key as signature key; HPKE keys that can be encrypted to.
//! - A KeyPackage is of the suite, has no extension but LastResort, is able to use 0xF100, 0xF101 and LastResort,
//!   and is valid from 0 to 2^64 − 1.
//!
//! # Who may do what
//! - Kind and handle never change. The list of predecessors keeps what it has, and grows only at its end.
//! - In a group, title, description and disappearing time are changed by those whom `edit` names; admins,
//!   permissions, privacy and predecessors by admins, who may also dissolve it: after that no commit is allowed.
//!   In other conversations everybody may.
//! - A device is added by a member whom `add` names, or by another device of the same account, or by anybody if the
//!   same commit removes a leaf of the same device and the KeyPackage is of the kind *own device* (it fell behind
//!   and asked for it). In other conversations than groups everybody may.
//! - A device is removed by an admin, by another device of the same account, or by whoever adds it anew in the same
//!   commit as above. In other conversations than groups everybody may. Nobody removes itself (RFC 9420).
//! - *Contacts* serve everywhere but in one's own group. *Own device* serves for accounts that have a device in the
//!   epoch. *Link*, *once* and *name* serve only for the second account of a conversation between two, while that
//!   has only one: nobody is put into a group by what serves for requests.
//! - No bot is added to a conversation whose rules, after the commit, want none.
//! - A renewed leaf keeps its certificate to the byte, and the kind of its card or takes *own device*. Alias and
//!   rescue key are its own affair.
//! - At most 64 devices are added at once.
//!
//! # What holds afterwards
//! - One's own group has one account. A conversation between two has one or two, and whoever was in it still is. Every
//!   admin of a group has a device in it, and there is one.
//! - At most 2,048 devices, at most 64 of one account.

use std::collections::{BTreeMap, BTreeSet};

use undertone_wire::{
    identity::Capability,
    ids::{AccountId, DeviceKey},
    limits,
};

use crate::{
    leaf_info::CardKind,
    member::{LeafError, Member},
    rules::{ConversationKind, Privacy, Rules, RulesError},
};

/// Most devices in a conversation.
pub const MAX_MEMBERS: usize = limits::ALIASES_PER_DELIVERY;
/// Most devices of one account in a conversation.
pub const MAX_DEVICES: usize = limits::DEVICE_CERTIFICATES;

/// Which rule a commit breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RuleViolation {
    /// A proposal other than Add, Remove and GroupContextExtensions, or one twice that may come once.
    #[error("a kind of change that is not used")]
    Proposal,
    /// GroupContext extensions other than the rules and what they require.
    #[error("extensions that are not used")]
    Extensions,
    /// The new rules cannot be read.
    #[error("the new rules are refused")]
    Rules(#[source] RulesError),
    /// A leaf cannot be a member's.
    #[error("a leaf is refused")]
    Leaf(#[source] LeafError),
    /// An added KeyPackage is of another suite or has extensions that are not used.
    #[error("a KeyPackage is refused")]
    KeyPackage,
    /// The committer or somebody removed is no member.
    #[error("somebody in the change is no member")]
    NoMember,
    /// A leaf changed whose it is.
    #[error("a device changed its certificate")]
    CertificateChanged,
    /// A leaf changed how it came into the conversation.
    #[error("a device changed how it came here")]
    CardChanged,
    /// Kind or handle changed.
    #[error("what never changes was changed")]
    Fixed,
    /// The list of predecessors does not begin with what it was.
    #[error("the history of the conversation was changed")]
    Predecessors,
    /// The committer may not change this rule.
    #[error("changing this is not allowed to the member")]
    MayNotEdit,
    /// The committer may not add this device.
    #[error("adding this is not allowed to the member")]
    MayNotAdd,
    /// The committer may not remove this device.
    #[error("removing this is not allowed to the member")]
    MayNotRemove,
    /// The KeyPackage lay on a card that does not serve for this.
    #[error("a device was added by a card that does not allow it")]
    Card,
    /// A bot where none is wanted.
    #[error("bots are not allowed in this conversation")]
    Bot,
    /// More at once, or in all, than allowed.
    #[error("too many devices")]
    TooMany,
    /// The accounts of the members do not fit the kind of conversation.
    #[error("the members do not fit the conversation")]
    Accounts,
    /// An admin without a device in the group.
    #[error("an admin is no member")]
    Admins,
    /// The group has been ended.
    #[error("the group has been dissolved")]
    Dissolved,
}

/// What a commit changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CommitContents {
    /// Leaf index of the committer.
    pub(crate) committer: u32,
    /// The indices in these mean nothing.
    pub(crate) added: Vec<Member>,
    pub(crate) removed: BTreeSet<u32>,
    pub(crate) rules: Option<Rules>,
    /// The committer's leaf afterwards, if it is a new one.
    pub(crate) new_leaf: Option<Member>,
}

/// Decides whether members of an epoch with these rules and members accept the commit.
pub(crate) fn check_commit(
    rules: &Rules,
    members: &[Member],
    commit: &CommitContents,
) -> Result<(), RuleViolation> {
    let before: BTreeMap<u32, &Member> = members
        .iter()
        .map(|member| (member.index, member))
        .collect();
    let committer = *before
        .get(&commit.committer)
        .ok_or(RuleViolation::NoMember)?;
    if rules.dissolved {
        return Err(RuleViolation::Dissolved);
    }
    let new_rules = commit.rules.as_ref().unwrap_or(rules);
    if commit.added.len() > limits::WELCOMES_PER_COMMIT {
        return Err(RuleViolation::TooMany);
    }
    let mut removed = Vec::new();
    for index in &commit.removed {
        removed.push(*before.get(index).ok_or(RuleViolation::NoMember)?);
    }

    check_rules_change(rules, new_rules, &committer.account)?;
    check_new_leaf(committer, commit.new_leaf.as_ref())?;
    let present: BTreeSet<AccountId> = members.iter().map(|member| member.account).collect();
    let removed_keys: BTreeSet<DeviceKey> = device_keys(removed.iter().copied());
    for added in &commit.added {
        let replaces = removed_keys.contains(&added.certificate.device_key);
        check_add(rules, new_rules, committer, added, &present, replaces)?;
    }
    let added_keys = device_keys(
        commit
            .added
            .iter()
            .filter(|added| added.leaf.card == CardKind::OwnDevice),
    );
    for gone in &removed {
        let replaced = added_keys.contains(&gone.certificate.device_key);
        let may =
            rules.is_admin(&committer.account) || gone.account == committer.account || replaced;
        if !may {
            return Err(RuleViolation::MayNotRemove);
        }
    }

    let stay = members
        .iter()
        .filter(|member| !commit.removed.contains(&member.index));
    let after: Vec<AccountId> = stay
        .chain(&commit.added)
        .map(|member| member.account)
        .collect();
    let accounts = check_members(new_rules, &after)?;
    // Somebody's place in a conversation between two must not be given to another.
    if rules.kind == ConversationKind::Direct && !present.is_subset(&accounts) {
        return Err(RuleViolation::Accounts);
    }
    Ok(())
}

/// What holds in every epoch, whatever led to it. Gives the accounts.
pub(crate) fn check_members(
    rules: &Rules,
    accounts_of_devices: &[AccountId],
) -> Result<BTreeSet<AccountId>, RuleViolation> {
    if accounts_of_devices.len() > MAX_MEMBERS {
        return Err(RuleViolation::TooMany);
    }
    let mut devices: BTreeMap<AccountId, usize> = BTreeMap::new();
    for account in accounts_of_devices {
        *devices.entry(*account).or_default() += 1;
    }
    if devices.values().any(|devices| *devices > MAX_DEVICES) {
        return Err(RuleViolation::TooMany);
    }
    let fits = match rules.kind {
        ConversationKind::Own => devices.len() == 1,
        ConversationKind::Direct => matches!(devices.len(), 1 | 2),
        ConversationKind::Group => !devices.is_empty(),
    };
    if !fits {
        return Err(RuleViolation::Accounts);
    }
    if rules
        .admins
        .iter()
        .any(|admin| !devices.contains_key(admin))
    {
        return Err(RuleViolation::Admins);
    }
    Ok(devices.into_keys().collect())
}

fn check_rules_change(old: &Rules, new: &Rules, by: &AccountId) -> Result<(), RuleViolation> {
    new.check().map_err(RuleViolation::Rules)?;
    if new.kind != old.kind || new.handle != old.handle {
        return Err(RuleViolation::Fixed);
    }
    if !new.predecessors.starts_with(&old.predecessors) {
        return Err(RuleViolation::Predecessors);
    }
    let edited = new.title != old.title
        || new.description != old.description
        || new.disappearing_seconds != old.disappearing_seconds;
    let governed = new.admins != old.admins
        || new.permissions != old.permissions
        || new.privacy != old.privacy
        || new.dissolved != old.dissolved
        || new.predecessors != old.predecessors;
    let may = (!edited || old.allows(old.permissions.edit, by)) && (!governed || old.is_admin(by));
    may.then_some(()).ok_or(RuleViolation::MayNotEdit)
}

fn check_new_leaf(old: &Member, new: Option<&Member>) -> Result<(), RuleViolation> {
    let Some(new) = new else { return Ok(()) };
    if new.certificate != old.certificate {
        return Err(RuleViolation::CertificateChanged);
    }
    if new.leaf.card != old.leaf.card && new.leaf.card != CardKind::OwnDevice {
        return Err(RuleViolation::CardChanged);
    }
    Ok(())
}

/// `replaces`: the same commit removes a leaf of the same device, as when it fell behind.
fn check_add(
    rules: &Rules,
    new_rules: &Rules,
    committer: &Member,
    added: &Member,
    present: &BTreeSet<AccountId>,
    replaces: bool,
) -> Result<(), RuleViolation> {
    let founding = rules.kind == ConversationKind::Direct && present.len() == 1;
    let is_present = present.contains(&added.account);
    let serves = match added.leaf.card {
        CardKind::OwnDevice => is_present,
        CardKind::Contacts => rules.kind != ConversationKind::Own,
        CardKind::Link | CardKind::Once | CardKind::Name => founding && !is_present,
    };
    if !serves {
        return Err(RuleViolation::Card);
    }
    let may = rules.allows(rules.permissions.add, &committer.account)
        || added.account == committer.account
        || (replaces && added.leaf.card == CardKind::OwnDevice);
    if !may {
        return Err(RuleViolation::MayNotAdd);
    }
    if added.certificate.capability == Capability::Bot && new_rules.privacy.has(Privacy::NO_BOTS) {
        return Err(RuleViolation::Bot);
    }
    Ok(())
}

fn device_keys<'a>(members: impl Iterator<Item = &'a Member>) -> BTreeSet<DeviceKey> {
    members
        .map(|member| member.certificate.device_key)
        .collect()
}

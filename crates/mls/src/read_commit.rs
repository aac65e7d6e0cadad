//! Reads what a commit changes out of OpenMLS's staged form.

use std::collections::BTreeSet;

use openmls::{
    group::StagedCommit,
    prelude::{Extension, Extensions, GroupContext, Proposal},
};

use crate::{
    check_commit::{CommitContents, RuleViolation},
    crypto::Crypto,
    key_package::{KeyPackageFault, check_key_package},
    member::{Member, check_leaf_key},
    rules::Rules,
    suite::{RULES_EXTENSION, required_capabilities},
};

/// What `commit`, which OpenMLS found valid, changes. The proposals are all inline: no other are ever kept.
pub(crate) fn read_commit(
    committer: u32,
    commit: &StagedCommit,
    crypto: &Crypto,
) -> Result<CommitContents, RuleViolation> {
    let mut contents = CommitContents {
        committer,
        added: Vec::new(),
        removed: BTreeSet::new(),
        rules: None,
        new_leaf: None,
    };
    for queued in commit.queued_proposals() {
        match queued.proposal() {
            Proposal::Add(add) => {
                let added = check_key_package(add.key_package(), crypto);
                contents.added.push(added.map_err(|fault| match fault {
                    KeyPackageFault::NotOurs => RuleViolation::KeyPackage,
                    KeyPackageFault::Leaf(error) => RuleViolation::Leaf(error),
                })?);
            }
            Proposal::Remove(remove) => {
                contents.removed.insert(remove.removed().u32());
            }
            Proposal::GroupContextExtensions(change) => {
                if contents.rules.is_some() {
                    return Err(RuleViolation::Proposal);
                }
                contents.rules = Some(read_rules(change.extensions())?);
            }
            _ => return Err(RuleViolation::Proposal),
        }
    }
    if let Some(leaf) = commit.update_path_leaf_node() {
        let new_leaf = Member::of_leaf(committer, leaf).map_err(RuleViolation::Leaf)?;
        check_leaf_key(leaf, crypto).map_err(RuleViolation::Leaf)?;
        contents.new_leaf = Some(new_leaf);
    }
    Ok(contents)
}

/// The rules in the extensions of a GroupContext, if those are exactly what they must be.
pub(crate) fn read_rules(extensions: &Extensions<GroupContext>) -> Result<Rules, RuleViolation> {
    let mut extensions = extensions.iter();
    let (
        Some(Extension::RequiredCapabilities(required)),
        Some(Extension::Unknown(RULES_EXTENSION, rules)),
        None,
    ) = (extensions.next(), extensions.next(), extensions.next())
    else {
        return Err(RuleViolation::Extensions);
    };
    if *required != required_capabilities() {
        return Err(RuleViolation::Extensions);
    }
    Rules::decode(&rules.0).map_err(RuleViolation::Rules)
}

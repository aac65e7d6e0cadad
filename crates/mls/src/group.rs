//! A conversation's MLS group on this device: founding, loading, what it is, and deleting.

use std::sync::OnceLock;

use openmls::{
    group::{MlsGroup, NewGroupError},
    prelude::{GroupEpoch, LeafNodeIndex},
};
use openmls_traits::{OpenMlsProvider as _, storage::StorageProvider as _};
use undertone_wire::ids::Alias;

use crate::{
    check_commit::{RuleViolation, check_members},
    group_id::GroupId,
    identity::DeviceIdentity,
    key_value::KeyValue,
    leaf_info::LeafInfo,
    member::{LeafError, Member, leaf_info},
    provider::Provider,
    read_commit::read_rules,
    rules::Rules,
    secrets::EpochSecrets,
    stored::{Label, OF_GROUP, StorageError, key},
    suite::create_config,
};

/// Why something could not be done with a group.
#[derive(Debug, thiserror::Error)]
pub enum GroupError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A group of this id is there already.
    #[error("this conversation is there already")]
    Exists,
    /// This device has been removed.
    #[error("this device is no longer a member of the conversation")]
    NotAMember,
    /// A commit of this device waits for its place in the queue.
    #[error("a change of this device is still under way")]
    CommitPending,
    /// No commit of this device waits.
    #[error("no change of this device is under way")]
    NothingPending,
    /// The change is against the rules of the conversation.
    #[error("the rules of the conversation do not allow this")]
    NotAllowed(#[source] RuleViolation),
    /// More than fits an envelope.
    #[error("too large for an envelope")]
    TooLarge,
    /// A received commit is for another group or another epoch.
    #[error("the change belongs to another state of the conversation")]
    OtherEpoch,
    /// OpenMLS would not do it.
    #[error("the conversation's state does not allow this")]
    Refused,
}

/// One MLS group.
///
/// After an error [`GroupError::Storage`], and whenever the transaction behind the provider did not commit,
/// the value no longer agrees with the store: drop it and [`Group::load`] again. So it is after an error of
/// [`Group::open`], but for [`OpenError::NotOurs`](crate::OpenError::NotOurs) and
/// [`OpenError::NotAMember`](crate::OpenError::NotAMember).
#[derive(Debug)]
pub struct Group {
    pub(crate) mls: MlsGroup,
    pub(crate) id: GroupId,
    pub(crate) rules: Rules,
    /// Of this epoch, once somebody asked for them.
    members: OnceLock<Vec<Member>>,
    secrets: OnceLock<EpochSecrets>,
}

impl Group {
    pub(crate) fn new(mls: MlsGroup, id: GroupId, rules: Rules) -> Self {
        Self {
            mls,
            id,
            rules,
            members: OnceLock::new(),
            secrets: OnceLock::new(),
        }
    }

    /// Founds a group with this device as its only member.
    ///
    /// # Errors
    /// [`GroupError::Exists`]; [`GroupError::NotAllowed`] if the rules are not in order or the founder is not
    /// an admin of them.
    pub fn found<K: KeyValue>(
        provider: &Provider<'_, K>,
        identity: &DeviceIdentity,
        id: GroupId,
        rules: Rules,
        leaf: &LeafInfo,
    ) -> Result<Self, GroupError> {
        let account = identity.certificate.account();
        rules
            .check()
            .map_err(RuleViolation::Rules)
            .and_then(|()| check_members(&rules, &[account]))
            .map_err(GroupError::NotAllowed)?;
        let config = create_config(&rules, leaf).ok_or(GroupError::Refused)?;
        let credential = identity.credential();
        let founded =
            MlsGroup::new_with_group_id(provider, identity, &config, id.to_mls(), credential);
        let mls = provider.checked(founded)?.map_err(|error| match error {
            NewGroupError::GroupAlreadyExists => GroupError::Exists,
            _ => GroupError::Refused,
        })?;
        Ok(Self::new(mls, id, rules))
    }

    /// The group of this id, if the store holds it.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn load<K: KeyValue>(
        provider: &Provider<'_, K>,
        id: GroupId,
    ) -> Result<Option<Self>, StorageError> {
        let loaded = MlsGroup::load(provider.storage(), &id.to_mls());
        let Ok(Some(mls)) = provider.checked(loaded)? else {
            return Ok(None);
        };
        let rules = read_rules(mls.extensions()).map_err(|_| StorageError::Damaged)?;
        Ok(Some(Self::new(mls, id, rules)))
    }

    /// Erases all that the store holds of the group.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn delete<K: KeyValue>(mut self, provider: &Provider<'_, K>) -> Result<(), StorageError> {
        let storage = provider.storage();
        let _ = provider.checked(self.mls.delete(storage))?;
        // OpenMLS leaves these. When the last commit removed this device, they are still of the epoch before.
        let (id, epoch, own) = (self.id.to_mls(), self.epoch(), self.own_index());
        for epoch in [epoch, epoch.saturating_sub(1)] {
            let epoch = GroupEpoch::from(epoch);
            let _ =
                provider.checked(storage.delete_encryption_epoch_key_pairs(&id, &epoch, own))?;
        }
        storage.erase(Label::PendingEnvelope, &id)
    }

    /// The group's id.
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// The epoch that the group is in on this device.
    pub fn epoch(&self) -> u64 {
        self.mls.epoch().as_u64()
    }

    /// The rules of this epoch.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Whether this device is a member still.
    pub fn is_active(&self) -> bool {
        self.mls.is_active()
    }

    /// This device's place in the tree.
    pub fn own_index(&self) -> u32 {
        self.mls.own_leaf_index().u32()
    }

    /// All members, by index. Verifies every certificate, the first time in an epoch.
    ///
    /// # Errors
    /// [`StorageError::Damaged`] never, unless the store is.
    pub fn members(&self) -> Result<&[Member], StorageError> {
        if let Some(members) = self.members.get() {
            return Ok(members);
        }
        let members = self.mls.members();
        let members: Result<Vec<Member>, StorageError> = members
            .map(|member| self.member(member.index.u32()).ok_or(StorageError::Damaged))
            .collect();
        let members = members?;
        Ok(self.members.get_or_init(|| members))
    }

    /// What changes with the epoch, after a commit was merged.
    pub(crate) fn enter_epoch(&mut self) -> Result<(), GroupError> {
        self.members = OnceLock::new();
        self.secrets = OnceLock::new();
        self.rules = read_rules(self.mls.extensions()).map_err(GroupError::NotAllowed)?;
        Ok(())
    }

    /// The keys in the store under which that lies of which this value is made. Whoever keeps the value from one
    /// transaction to the next drops it as soon as something else writes under one of them.
    ///
    /// # Errors
    /// [`StorageError::Unencodable`] never.
    pub fn stored_keys(&self) -> Result<Vec<[u8; 33]>, StorageError> {
        let id = self.id.to_mls();
        OF_GROUP.iter().map(|label| key(*label, &id)).collect()
    }

    /// The member at `index`.
    pub fn member(&self, index: u32) -> Option<Member> {
        let leaf = self.mls.public_group().leaf(LeafNodeIndex::new(index))?;
        let member: Result<Member, LeafError> = Member::of_leaf(index, leaf);
        member.ok()
    }

    /// The addresses of all members with their indices, in their order. Unlike [`Group::members`] it verifies no
    /// certificate.
    ///
    /// # Errors
    /// [`StorageError::Damaged`] never, unless the store is.
    pub fn addresses(&self) -> Result<Vec<(u32, Alias)>, StorageError> {
        let leaves = self.mls.public_group().treesync().full_leaves();
        leaves
            .map(|(index, leaf)| {
                let info = leaf_info(leaf).map_err(|_| StorageError::Damaged)?;
                Ok((index.u32(), info.alias))
            })
            .collect()
    }

    /// How many devices are members.
    pub fn size(&self) -> usize {
        self.mls.public_group().treesync().full_leaves().count()
    }

    /// What is the same for all who are in the same state of this epoch, and for nobody else.
    pub fn epoch_authenticator(&self) -> Vec<u8> {
        self.mls.epoch_authenticator().as_slice().to_vec()
    }

    /// The keys of this epoch, derived the first time in it.
    ///
    /// # Errors
    /// [`GroupError::NotAMember`].
    pub fn secrets<K: KeyValue>(
        &self,
        provider: &Provider<'_, K>,
    ) -> Result<EpochSecrets, GroupError> {
        if let Some(secrets) = self.secrets.get() {
            return Ok(secrets.clone());
        }
        let secrets = EpochSecrets::of_group(&self.mls, provider.crypto());
        let secrets = secrets.ok_or(GroupError::NotAMember)?;
        Ok(self.secrets.get_or_init(|| secrets).clone())
    }
}

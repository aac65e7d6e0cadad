//! Reading a Welcome, and joining by it or not.

use openmls::{
    group::{JoinBuilder, MlsGroup, ProcessedWelcome, WelcomeError},
    prelude::{ExtensionType, MlsMessageBodyIn, MlsMessageIn},
};
use openmls_traits::OpenMlsProvider as _;
use tls_codec::Deserialize as _;

use crate::{
    check_commit::{RuleViolation, check_members},
    group::{Group, GroupError},
    group_id::GroupId,
    key_package::{KeyPackageRef, delete_key_package},
    key_value::{KeyValue, Writes},
    leaf_info::CardKind,
    member::Member,
    provider::Provider,
    read_commit::read_rules,
    rules::{ConversationKind, Rules},
    stored::StorageError,
    suite::join_config,
};

/// An inviter may claim any epoch, and OpenMLS counts on from it without a look at the end of the numbers.
const MAX_EPOCH: u64 = 1 << 48;

/// A Welcome that has been read and found in order. Nothing has been written.
#[derive(Debug)]
pub struct Invitation {
    /// Of the conversation.
    pub rules: Rules,
    /// Everybody in it, this device included.
    pub members: Vec<Member>,
    /// Who added this device.
    pub inviter: Member,
    /// This device's leaf.
    pub own: Member,
    /// Of the group.
    pub group_id: GroupId,
    /// That this device joins in.
    pub epoch: u64,
    /// The KeyPackage of this device that was used.
    pub key_package: KeyPackageRef,
    /// Whether that KeyPackage serves for others too. One that does not is deleted by accepting or declining.
    pub reusable: bool,
    /// Set if this device has an older state of the same group: the Welcome would add it anew.
    pub replaces: bool,
    mls: MlsGroup,
    writes: Writes,
}

/// Why a Welcome is refused.
#[derive(Debug, thiserror::Error)]
pub enum InvitationError {
    /// The store failed: nothing is known about the Welcome.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Bytes that are no Welcome.
    #[error("an invitation cannot be read")]
    Malformed,
    /// For no KeyPackage whose secret half this device (still) has.
    #[error("an invitation is not for this device, or has been used")]
    NoKeyPackage,
    /// MLS does not accept it.
    #[error("an invitation is not valid")]
    Invalid,
    /// It leads into a conversation that is against the rules.
    #[error("an invitation leads into a conversation that is not in order")]
    NotAllowed(#[source] RuleViolation),
    /// The leaf in the tree is not the one of this device's KeyPackage.
    #[error("an invitation changes what this device says about itself")]
    OtherLeaf,
    /// It claims to be a later state of a group that this device is in, and does not fit it.
    #[error("an invitation contradicts a conversation that this device is in")]
    Contradicts,
}

impl Invitation {
    /// Reads an MLS Welcome. Nothing is written, so that it may be read again later.
    ///
    /// # Errors
    /// [`InvitationError`] says what is wrong.
    pub fn read<K: KeyValue>(
        provider: &Provider<'_, K>,
        welcome: &[u8],
    ) -> Result<Self, InvitationError> {
        // OpenMLS deletes the KeyPackage as it reads: here, that write goes nowhere.
        let overlay = provider.overlay();
        let scratch = Provider::new(&overlay);
        let processed = process(&scratch, welcome)?;
        let own_package = processed
            .own_key_package()
            .ok_or(InvitationError::Invalid)?
            .clone();
        // Lifetimes are checked with the leaves, without a clock.
        let staged = JoinBuilder::new(&scratch, processed)
            .replace_old_group()
            .skip_lifetime_validation()
            .build();
        let staged = scratch
            .checked(staged)?
            .map_err(|_| InvitationError::Invalid)?;
        if staged.own_leaf_node() != Some(own_package.leaf_node()) {
            return Err(InvitationError::OtherLeaf);
        }
        let inviter = staged.welcome_sender_index().u32();
        let mls = scratch
            .checked(staged.into_group(&scratch))?
            .map_err(|_| InvitationError::Invalid)?;
        drop(scratch);
        let key_package =
            KeyPackageRef::of(&own_package, provider.crypto()).ok_or(InvitationError::Invalid)?;
        Self::describe(
            mls,
            overlay.into_writes(),
            inviter,
            key_package,
            own_package.last_resort(),
        )?
        .check_against_old(provider)
    }

    fn describe(
        mls: MlsGroup,
        writes: Writes,
        inviter: u32,
        key_package: KeyPackageRef,
        reusable: bool,
    ) -> Result<Self, InvitationError> {
        let group_id =
            GroupId::try_from(mls.group_id().as_slice()).map_err(|_| InvitationError::Invalid)?;
        let rules = read_rules(mls.extensions()).map_err(InvitationError::NotAllowed)?;
        let members = mls
            .public_group()
            .treesync()
            .full_leaves()
            .map(|(index, leaf)| Member::of_leaf(index.u32(), leaf))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| InvitationError::NotAllowed(RuleViolation::Leaf(error)))?;
        let find = |index: u32| members.iter().find(|member| member.index == index).cloned();
        let own = find(mls.own_leaf_index().u32()).ok_or(InvitationError::Invalid)?;
        let inviter = find(inviter).ok_or(InvitationError::Invalid)?;
        check_state(&rules, &members, &own).map_err(InvitationError::NotAllowed)?;
        Ok(Self {
            rules,
            members,
            inviter,
            own,
            group_id,
            epoch: mls.epoch().as_u64(),
            key_package,
            reusable,
            replaces: false,
            mls,
            writes,
        })
    }

    /// A group id is known to all who ever were members, so it does not show that a Welcome continues the group
    /// that this device has: it must come from a member of that, and go on from it. One for a KeyPackage that serves once
    /// is no old one; it may lead back, from another chain of commits than that of the others.
    fn check_against_old<K: KeyValue>(
        mut self,
        provider: &Provider<'_, K>,
    ) -> Result<Self, InvitationError> {
        let Some(old) = Group::load(provider, self.group_id)? else {
            return Ok(self);
        };
        let fits = (self.epoch > old.epoch() || !self.reusable)
            && self.rules.kind == old.rules.kind
            && self.rules.handle == old.rules.handle
            && old
                .members()?
                .iter()
                .any(|member| member.certificate == self.inviter.certificate);
        if !fits {
            return Err(InvitationError::Contradicts);
        }
        self.replaces = true;
        Ok(self)
    }

    /// Joins. An older state of the same group is replaced; see [`Invitation::replaces`].
    ///
    /// # Errors
    /// [`GroupError::Exists`] if a state of the group came into the store since the Welcome was read;
    /// [`GroupError::Storage`].
    pub fn accept<K: KeyValue>(self, provider: &Provider<'_, K>) -> Result<Group, GroupError> {
        if let Some(old) = Group::load(provider, self.group_id)? {
            if !self.replaces || (self.reusable && old.epoch() >= self.epoch) {
                return Err(GroupError::Exists);
            }
            old.delete(provider)?;
        }
        // Among them the deletion of the KeyPackage, unless it is reusable.
        provider.apply(self.writes)?;
        Ok(Group::new(self.mls, self.group_id, self.rules))
    }

    /// Does not join: deletes the KeyPackage that was used, unless it is reusable.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn decline<K: KeyValue>(self, provider: &Provider<'_, K>) -> Result<(), StorageError> {
        if self.reusable {
            return Ok(());
        }
        delete_key_package(provider, &self.key_package)
    }
}

/// Decrypts a Welcome, and refuses what a Welcome may hold but ours never does.
fn process<K: KeyValue>(
    provider: &Provider<'_, K>,
    welcome: &[u8],
) -> Result<ProcessedWelcome, InvitationError> {
    let message =
        MlsMessageIn::tls_deserialize_exact(welcome).map_err(|_| InvitationError::Malformed)?;
    let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
        return Err(InvitationError::Malformed);
    };
    let processed = ProcessedWelcome::new_from_welcome(provider, &join_config(), welcome);
    let processed = provider.checked(processed)?.map_err(|error| match error {
        WelcomeError::NoMatchingKeyPackage => InvitationError::NoKeyPackage,
        _ => InvitationError::Invalid,
    })?;
    let info = processed.unverified_group_info();
    let plain = processed.psks().is_empty()
        && info.epoch().as_u64() <= MAX_EPOCH
        && info
            .extensions()
            .iter()
            .all(|extension| extension.extension_type() == ExtensionType::RatchetTree);
    plain.then_some(processed).ok_or(InvitationError::Invalid)
}

/// What a joiner can check of a conversation whose history it does not know.
fn check_state(rules: &Rules, members: &[Member], own: &Member) -> Result<(), RuleViolation> {
    rules.check().map_err(RuleViolation::Rules)?;
    let accounts: Vec<_> = members.iter().map(|member| member.account).collect();
    let accounts = check_members(rules, &accounts)?;
    if rules.kind == ConversationKind::Direct && accounts.len() != 2 {
        return Err(RuleViolation::Accounts);
    }
    let serves = match own.leaf.card {
        CardKind::OwnDevice => true,
        CardKind::Contacts => rules.kind != ConversationKind::Own,
        CardKind::Link | CardKind::Once | CardKind::Name => rules.kind == ConversationKind::Direct,
    };
    serves.then_some(()).ok_or(RuleViolation::Card)
}

//! Making a commit of this device, and what becomes of it when its place in the queue has come.

use openmls::prelude::{LeafNodeIndex, LeafNodeParameters};
use openmls_traits::OpenMlsProvider as _;
use rand_core::{CryptoRng, RngCore};
use tls_codec::Serialize as _;
use undertone_wire::{proto::EpochKeys, signing::hash_parts};

use crate::{
    check_commit::check_commit,
    envelope::seal,
    group::{Group, GroupError},
    identity::DeviceIdentity,
    key_package::VerifiedKeyPackage,
    key_value::KeyValue,
    leaf_info::LeafInfo,
    outside::{Outside, inside_or_outside},
    proto::envelope_body::Body,
    provider::Provider,
    read_commit::read_commit,
    rules::Rules,
    secrets::EpochSecrets,
    stored::{Label, StorageError},
    suite::{context_extensions, leaf_extensions},
};

/// What a commit is to change. Nothing at all renews this device's keys.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Devices to add.
    pub add: Vec<VerifiedKeyPackage>,
    /// Leaf indices to remove.
    pub remove: Vec<u32>,
    /// New rules.
    pub rules: Option<Rules>,
    /// A new leaf of this device: this, and a new key.
    pub leaf: Option<LeafInfo>,
}

/// A commit that has been made and not yet merged.
#[derive(Debug, Clone)]
pub struct PendingCommit {
    /// For the sequencer: sealed under the epoch that the commit ends.
    pub envelope: Vec<u8>,
    /// For those added: an MLS Welcome, to be sealed for each card (`seal_welcome`).
    pub welcome: Option<Vec<u8>>,
    /// To be put outside before the envelope is sent, if the commit is large.
    pub outside: Option<Outside>,
    /// For the sequencer: the keys of the epoch that the commit begins.
    pub next: EpochKeys,
}

impl Group {
    /// Makes a commit. It stays pending, in the store too, until it is merged at its place in the queue
    /// ([`Group::merge_own_pending`]), another is merged, or it is discarded. Messages of this epoch can be sent
    /// meanwhile.
    ///
    /// # Errors
    /// [`GroupError::CommitPending`], [`GroupError::NotAMember`]; [`GroupError::NotAllowed`],
    /// [`GroupError::TooLarge`] or [`GroupError::Refused`], after which nothing is pending.
    pub fn commit<K: KeyValue>(
        &mut self,
        provider: &Provider<'_, K>,
        identity: &DeviceIdentity,
        change: Change,
        rng: &mut (impl RngCore + CryptoRng + ?Sized),
    ) -> Result<PendingCommit, GroupError> {
        let secrets = self.secrets(provider)?;
        if self.has_pending() {
            return Err(GroupError::CommitPending);
        }
        let (commit, welcome) = self.stage(provider, identity, change)?;
        let finished = self.check_pending(provider).and_then(|next| {
            let too_large = |_| GroupError::TooLarge;
            let (body, outside) =
                inside_or_outside(Body::MlsMessage(commit), rng).map_err(too_large)?;
            let envelope = seal(&secrets.envelope, body, rng).map_err(too_large)?;
            Ok(PendingCommit {
                envelope,
                outside,
                welcome,
                next,
            })
        });
        match &finished {
            Ok(pending) => {
                let digest = digest(&pending.envelope);
                let storage = provider.storage();
                storage.write_bytes(Label::PendingEnvelope, &self.id.to_mls(), &digest)?;
            }
            Err(_) => self.discard_pending(provider)?,
        }
        finished
    }

    /// Whether a commit of this device waits for its place in the queue.
    pub fn has_pending(&self) -> bool {
        self.mls.pending_commit().is_some()
    }

    /// Merges this device's pending commit. Only at its place in the queue.
    ///
    /// # Errors
    /// [`GroupError::NothingPending`], [`GroupError::Storage`].
    pub fn merge_own_pending<K: KeyValue>(
        &mut self,
        provider: &Provider<'_, K>,
    ) -> Result<(), GroupError> {
        if !self.has_pending() {
            return Err(GroupError::NothingPending);
        }
        let merged = self.mls.merge_pending_commit(provider);
        provider.checked(merged)?.map_err(|_| GroupError::Refused)?;
        self.forget_pending(provider)?;
        self.enter_epoch()
    }

    /// Discards this device's pending commit, if there is one.
    ///
    /// Only for a commit that the sequencer certainly does not have: this device cannot read its own commit,
    /// and would be left behind if it came back.
    ///
    /// # Errors
    /// [`StorageError`].
    pub fn discard_pending<K: KeyValue>(
        &mut self,
        provider: &Provider<'_, K>,
    ) -> Result<(), StorageError> {
        let cleared = self.mls.clear_pending_commit(provider.storage());
        let _ = provider.checked(cleared)?;
        self.forget_pending(provider)
    }

    pub(crate) fn forget_pending<K: KeyValue>(
        &self,
        provider: &Provider<'_, K>,
    ) -> Result<(), StorageError> {
        provider
            .storage()
            .erase(Label::PendingEnvelope, &self.id.to_mls())
    }

    /// Whether `envelope` is, to the byte, the commit of this device that is pending.
    pub(crate) fn is_own_pending<K: KeyValue>(
        &self,
        provider: &Provider<'_, K>,
        envelope: &[u8],
    ) -> Result<bool, StorageError> {
        let name = self.id.to_mls();
        let pending = provider
            .storage()
            .read_bytes(Label::PendingEnvelope, &name)?;
        Ok(self.has_pending() && pending.is_some_and(|pending| *pending == digest(envelope)))
    }

    /// Builds the commit and leaves it pending; gives the bytes of commit and Welcome.
    fn stage<K: KeyValue>(
        &mut self,
        provider: &Provider<'_, K>,
        identity: &DeviceIdentity,
        change: Change,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), GroupError> {
        let adds = change.add.into_iter().map(VerifiedKeyPackage::into_inner);
        let removes = change.remove.into_iter().map(LeafNodeIndex::new);
        let mut builder = self
            .mls
            .commit_builder()
            .propose_adds(adds)
            .propose_removals(removes);
        if let Some(rules) = &change.rules {
            let extensions = context_extensions(rules).map_err(|_| GroupError::Refused)?;
            builder = builder
                .propose_group_context_extensions(extensions)
                .map_err(|_| GroupError::Refused)?;
        }
        if let Some(leaf) = &change.leaf {
            let extensions = leaf_extensions(leaf).map_err(|_| GroupError::Refused)?;
            let parameters = LeafNodeParameters::builder().with_extensions(extensions);
            builder = builder.leaf_node_parameters(parameters.build());
        }
        let built = builder.load_psks(provider.storage()).and_then(|builder| {
            builder.create_group_info(false).build(
                provider.rand(),
                provider.crypto(),
                identity,
                |_| true,
            )
        });
        let built = provider.checked(built)?.map_err(|_| GroupError::Refused)?;
        let bundle = provider
            .checked(built.stage_commit(provider))?
            .map_err(|_| GroupError::Refused)?;
        let (commit, welcome, _) = bundle.into_messages();
        let commit = commit.tls_serialize_detached();
        let welcome = welcome
            .map(|welcome| welcome.tls_serialize_detached())
            .transpose();
        Ok((
            commit.map_err(|_| GroupError::Refused)?,
            welcome.map_err(|_| GroupError::Refused)?,
        ))
    }

    /// Holds the pending commit against the rules, as every receiver will; gives the keys of the next epoch.
    fn check_pending<K: KeyValue>(
        &self,
        provider: &Provider<'_, K>,
    ) -> Result<EpochKeys, GroupError> {
        let commit = self
            .mls
            .pending_commit()
            .ok_or(GroupError::NothingPending)?;
        let members = self.members()?;
        read_commit(self.own_index(), commit, provider.crypto())
            .and_then(|contents| check_commit(&self.rules, members, &contents))
            .map_err(GroupError::NotAllowed)?;
        EpochSecrets::of_commit(commit, provider.crypto())
            .map(|secrets| secrets.public())
            .ok_or(GroupError::Refused)
    }
}

fn digest(envelope: &[u8]) -> [u8; 32] {
    hash_parts("undertone/1 pending envelope", &[envelope])
}

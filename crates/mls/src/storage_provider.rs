//! OpenMLS's storage trait, said in terms of labels.

use openmls_traits::storage::{CURRENT_VERSION as V, StorageProvider, traits};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    key_value::KeyValue,
    provider::{Failed, Storage},
    stored::{Items, Label, StorageError, decode, encode},
};

// The type parameters stand in the order of the trait, which Rust compares by place.
macro_rules! write {
    ($method:ident, $label:ident, [$($kind:ident),*], $name:ident, $value:ident) => {
        fn $method<$($kind: traits::$kind<V>),*>(&self, name: &$name, value: &$value) -> Result<(), Failed> {
            self.told(self.write(Label::$label, name, value))
        }
    };
}

macro_rules! read {
    ($method:ident, $label:ident, [$($kind:ident),*], $name:ident, $value:ident) => {
        fn $method<$($kind: traits::$kind<V>),*>(&self, name: &$name) -> Result<Option<$value>, Failed> {
            self.told(self.read(Label::$label, name))
        }
    };
}

macro_rules! delete {
    ($method:ident, $label:ident, $name:ident) => {
        fn $method<$name: traits::$name<V>>(&self, name: &$name) -> Result<(), Failed> {
            self.told(self.erase(Label::$label, name))
        }
    };
}

impl<K: KeyValue> StorageProvider<V> for Storage<'_, K> {
    type Error = Failed;

    write!(
        write_mls_join_config,
        JoinConfig,
        [GroupId, MlsGroupJoinConfig],
        GroupId,
        MlsGroupJoinConfig
    );
    write!(write_tree, Tree, [GroupId, TreeSync], GroupId, TreeSync);
    write!(
        write_interim_transcript_hash,
        InterimTranscriptHash,
        [GroupId, InterimTranscriptHash],
        GroupId,
        InterimTranscriptHash
    );
    write!(
        write_context,
        GroupContext,
        [GroupId, GroupContext],
        GroupId,
        GroupContext
    );
    write!(
        write_confirmation_tag,
        ConfirmationTag,
        [GroupId, ConfirmationTag],
        GroupId,
        ConfirmationTag
    );
    write!(
        write_group_state,
        GroupState,
        [GroupState, GroupId],
        GroupId,
        GroupState
    );
    write!(
        write_message_secrets,
        MessageSecrets,
        [GroupId, MessageSecrets],
        GroupId,
        MessageSecrets
    );
    write!(
        write_resumption_psk_store,
        ResumptionPsks,
        [GroupId, ResumptionPskStore],
        GroupId,
        ResumptionPskStore
    );
    write!(
        write_own_leaf_index,
        OwnLeafIndex,
        [GroupId, LeafNodeIndex],
        GroupId,
        LeafNodeIndex
    );
    write!(
        write_group_epoch_secrets,
        EpochSecrets,
        [GroupId, GroupEpochSecrets],
        GroupId,
        GroupEpochSecrets
    );
    write!(
        write_signature_key_pair,
        SignatureKeyPair,
        [SignaturePublicKey, SignatureKeyPair],
        SignaturePublicKey,
        SignatureKeyPair
    );
    write!(
        write_encryption_key_pair,
        EncryptionKeyPair,
        [EncryptionKey, HpkeKeyPair],
        EncryptionKey,
        HpkeKeyPair
    );
    write!(
        write_key_package,
        KeyPackage,
        [HashReference, KeyPackage],
        HashReference,
        KeyPackage
    );
    write!(write_psk, Psk, [PskId, PskBundle], PskId, PskBundle);

    read!(
        mls_group_join_config,
        JoinConfig,
        [GroupId, MlsGroupJoinConfig],
        GroupId,
        MlsGroupJoinConfig
    );
    read!(tree, Tree, [GroupId, TreeSync], GroupId, TreeSync);
    read!(
        group_context,
        GroupContext,
        [GroupId, GroupContext],
        GroupId,
        GroupContext
    );
    read!(
        interim_transcript_hash,
        InterimTranscriptHash,
        [GroupId, InterimTranscriptHash],
        GroupId,
        InterimTranscriptHash
    );
    read!(
        confirmation_tag,
        ConfirmationTag,
        [GroupId, ConfirmationTag],
        GroupId,
        ConfirmationTag
    );
    read!(
        group_state,
        GroupState,
        [GroupState, GroupId],
        GroupId,
        GroupState
    );
    read!(
        message_secrets,
        MessageSecrets,
        [GroupId, MessageSecrets],
        GroupId,
        MessageSecrets
    );
    read!(
        resumption_psk_store,
        ResumptionPsks,
        [GroupId, ResumptionPskStore],
        GroupId,
        ResumptionPskStore
    );
    read!(
        own_leaf_index,
        OwnLeafIndex,
        [GroupId, LeafNodeIndex],
        GroupId,
        LeafNodeIndex
    );
    read!(
        group_epoch_secrets,
        EpochSecrets,
        [GroupId, GroupEpochSecrets],
        GroupId,
        GroupEpochSecrets
    );
    read!(
        signature_key_pair,
        SignatureKeyPair,
        [SignaturePublicKey, SignatureKeyPair],
        SignaturePublicKey,
        SignatureKeyPair
    );
    read!(
        encryption_key_pair,
        EncryptionKeyPair,
        [HpkeKeyPair, EncryptionKey],
        EncryptionKey,
        HpkeKeyPair
    );
    read!(
        key_package,
        KeyPackage,
        [HashReference, KeyPackage],
        HashReference,
        KeyPackage
    );
    read!(psk, Psk, [PskBundle, PskId], PskId, PskBundle);

    delete!(delete_own_leaf_nodes, OwnLeafNodes, GroupId);
    delete!(delete_group_config, JoinConfig, GroupId);
    delete!(delete_tree, Tree, GroupId);
    delete!(delete_confirmation_tag, ConfirmationTag, GroupId);
    delete!(delete_group_state, GroupState, GroupId);
    delete!(delete_context, GroupContext, GroupId);
    delete!(
        delete_interim_transcript_hash,
        InterimTranscriptHash,
        GroupId
    );
    delete!(delete_message_secrets, MessageSecrets, GroupId);
    delete!(delete_all_resumption_psk_secrets, ResumptionPsks, GroupId);
    delete!(delete_own_leaf_index, OwnLeafIndex, GroupId);
    delete!(delete_group_epoch_secrets, EpochSecrets, GroupId);
    delete!(
        delete_signature_key_pair,
        SignatureKeyPair,
        SignaturePublicKey
    );
    delete!(delete_encryption_key_pair, EncryptionKeyPair, EncryptionKey);
    delete!(delete_key_package, KeyPackage, HashReference);
    delete!(delete_psk, Psk, PskId);

    fn append_own_leaf_node<GroupId: traits::GroupId<V>, LeafNode: traits::LeafNode<V>>(
        &self,
        group_id: &GroupId,
        leaf_node: &LeafNode,
    ) -> Result<(), Failed> {
        self.told(self.append(Label::OwnLeafNodes, group_id, leaf_node))
    }

    fn own_leaf_nodes<GroupId: traits::GroupId<V>, LeafNode: traits::LeafNode<V>>(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<LeafNode>, Failed> {
        self.told(self.list(Label::OwnLeafNodes, group_id))
    }

    fn queue_proposal<
        GroupId: traits::GroupId<V>,
        ProposalRef: traits::ProposalRef<V>,
        QueuedProposal: traits::QueuedProposal<V>,
    >(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
        proposal: &QueuedProposal,
    ) -> Result<(), Failed> {
        self.told(
            self.write(Label::QueuedProposal, &(group_id, proposal_ref), proposal)
                .and_then(|()| self.append(Label::ProposalRefs, group_id, proposal_ref)),
        )
    }

    fn queued_proposal_refs<GroupId: traits::GroupId<V>, ProposalRef: traits::ProposalRef<V>>(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<ProposalRef>, Failed> {
        self.told(self.list(Label::ProposalRefs, group_id))
    }

    fn queued_proposals<
        GroupId: traits::GroupId<V>,
        ProposalRef: traits::ProposalRef<V>,
        QueuedProposal: traits::QueuedProposal<V>,
    >(
        &self,
        group_id: &GroupId,
    ) -> Result<Vec<(ProposalRef, QueuedProposal)>, Failed> {
        let read = || {
            let refs: Vec<ProposalRef> = self.list(Label::ProposalRefs, group_id)?;
            refs.into_iter()
                .map(|name| {
                    let proposal = self.read(Label::QueuedProposal, &(group_id, &name))?;
                    Ok((name, proposal.ok_or(StorageError::Damaged)?))
                })
                .collect()
        };
        self.told(read())
    }

    fn remove_proposal<GroupId: traits::GroupId<V>, ProposalRef: traits::ProposalRef<V>>(
        &self,
        group_id: &GroupId,
        proposal_ref: &ProposalRef,
    ) -> Result<(), Failed> {
        let remove = || {
            let removed = encode(proposal_ref)?;
            let mut items = self.items(Label::ProposalRefs, group_id)?;
            items.0.retain(|item| *item != *removed);
            self.write_bytes(Label::ProposalRefs, group_id, &items.encode())?;
            self.erase(Label::QueuedProposal, &(group_id, proposal_ref))
        };
        self.told(remove())
    }

    fn clear_proposal_queue<GroupId: traits::GroupId<V>, ProposalRef: traits::ProposalRef<V>>(
        &self,
        group_id: &GroupId,
    ) -> Result<(), Failed> {
        let clear = || {
            let refs: Vec<ProposalRef> = self.list(Label::ProposalRefs, group_id)?;
            for name in refs {
                self.erase(Label::QueuedProposal, &(group_id, name))?;
            }
            self.erase(Label::ProposalRefs, group_id)
        };
        self.told(clear())
    }

    fn write_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        EpochKey: traits::EpochKey<V>,
        HpkeKeyPair: traits::HpkeKeyPair<V>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
        key_pairs: &[HpkeKeyPair],
    ) -> Result<(), Failed> {
        let name = (group_id, epoch, leaf_index);
        self.told(self.write(Label::EpochKeyPairs, &name, key_pairs))
    }

    fn encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        EpochKey: traits::EpochKey<V>,
        HpkeKeyPair: traits::HpkeKeyPair<V>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<Vec<HpkeKeyPair>, Failed> {
        let name = (group_id, epoch, leaf_index);
        self.told(self.read(Label::EpochKeyPairs, &name))
            .map(Option::unwrap_or_default)
    }

    fn delete_encryption_epoch_key_pairs<
        GroupId: traits::GroupId<V>,
        EpochKey: traits::EpochKey<V>,
    >(
        &self,
        group_id: &GroupId,
        epoch: &EpochKey,
        leaf_index: u32,
    ) -> Result<(), Failed> {
        self.told(self.erase(Label::EpochKeyPairs, &(group_id, epoch, leaf_index)))
    }
}

impl<K: KeyValue> Storage<'_, K> {
    fn items(&self, label: Label, name: &impl Serialize) -> Result<Items, StorageError> {
        Items::decode(self.read_bytes(label, name)?)
    }

    fn append(
        &self,
        label: Label,
        name: &impl Serialize,
        item: &impl Serialize,
    ) -> Result<(), StorageError> {
        let mut items = self.items(label, name)?;
        items.0.push(encode(item)?.to_vec());
        self.write_bytes(label, name, &items.encode())
    }

    fn list<T: DeserializeOwned>(
        &self,
        label: Label,
        name: &impl Serialize,
    ) -> Result<Vec<T>, StorageError> {
        self.items(label, name)?
            .0
            .iter()
            .map(|item| decode(item))
            .collect()
    }
}

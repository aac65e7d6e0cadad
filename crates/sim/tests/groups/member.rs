//! A member whose client keeps to no rule: it has all that an honest one has, and builds what it likes with it.

use std::{cell::RefCell, collections::BTreeMap};

use bytes::Bytes;
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _, Payload},
};
use openmls::{
    group::{CommitBuilder, Initial, MlsGroup},
    prelude::{
        CredentialType, Extension, ExtensionType, Extensions, GroupContext, GroupId as MlsGroupId,
        RequiredCapabilitiesExtension, UnknownExtension,
    },
};
use openmls_traits::{OpenMlsProvider as _, crypto::OpenMlsCrypto};
use prost::Message as _;
use tls_codec::Serialize as _;
use undertone_engine::ChatId;
use undertone_mls::{
    DeviceIdentity, Group, GroupId, KeyValue, LEAF_EXTENSION, Provider, RULES_EXTENSION, Rules,
};
use undertone_sim::world::World;
use undertone_store::{ReadTx, Store, StoreError};
use undertone_wire::{
    digest::commit_digest,
    frame,
    identity::Certificate,
    padding::pad,
    proto::{self, EpochKeys, send_request::Body},
    reach::SymmetricKey,
    signing::{Purpose, SecretKey},
};

use crate::{half_valid::HalfValid, story::act};

/// What is in the hostile device's store; what is written goes nowhere.
struct Keys<'a> {
    tx: &'a ReadTx<'a>,
    written: RefCell<BTreeMap<Vec<u8>, Option<Vec<u8>>>>,
}

impl KeyValue for Keys<'_> {
    type Error = StoreError;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        if let Some(value) = self.written.borrow().get(key) {
            return Ok(value.clone());
        }
        Ok(self.tx.kv_get(key)?.map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.written
            .borrow_mut()
            .insert(key.to_vec(), Some(value.to_vec()));
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), StoreError> {
        self.written.borrow_mut().insert(key.to_vec(), None);
        Ok(())
    }
}

/// All that a hostile device needs to make a commit as it likes.
pub struct Forge<'a> {
    provider: &'a Provider<'a, Keys<'a>>,
    identity: &'a DeviceIdentity,
    id: GroupId,
    rules: &'a Rules,
    envelope: &'a SymmetricKey,
}

impl Forge<'_> {
    /// A commit that gives the group another title, whoever may do that.
    pub fn titled(&self, title: &str) -> Vec<u8> {
        let rules = Rules {
            title: title.to_owned(),
            ..self.rules.clone()
        };
        let mut group = self.group();
        let builder = group
            .commit_builder()
            .propose_group_context_extensions(context(&rules))
            .unwrap();
        self.finish(builder, self.provider.crypto())
    }

    /// A commit with new keys of which wrong ones are told to `spoilt`: leaves, or nodes above them; and the keys of the
    /// epoch to which it leads all others.
    pub fn half_valid(&self, spoilt: impl Fn(Option<u32>) -> bool + Sync) -> (Vec<u8>, EpochKeys) {
        let mut group = self.group();
        let leaves: BTreeMap<_, _> = group
            .members()
            .map(|member| (member.encryption_key, member.index.u32()))
            .collect();
        let half = HalfValid {
            crypto: self.provider.crypto(),
            spoilt: |key: &[u8]| spoilt(leaves.get(key).copied()),
        };
        let envelope = self.finish(group.commit_builder().force_self_update(true), &half);
        self.group().merge_pending_commit(self.provider).unwrap();
        let group = Group::load(self.provider, self.id).unwrap().unwrap();
        (envelope, group.secrets(self.provider).unwrap().public())
    }

    /// The group in the state in which the device has it, without a commit of its own.
    fn group(&self) -> MlsGroup {
        let id = MlsGroupId::from_slice(self.id.as_bytes());
        MlsGroup::load(self.provider.storage(), &id)
            .unwrap()
            .unwrap()
    }

    fn finish(
        &self,
        builder: CommitBuilder<'_, Initial, &mut MlsGroup>,
        crypto: &impl OpenMlsCrypto,
    ) -> Vec<u8> {
        let bundle = builder
            .load_psks(self.provider.storage())
            .unwrap()
            .create_group_info(false)
            .build(self.provider.rand(), crypto, self.identity, |_| true)
            .unwrap()
            .stage_commit(self.provider)
            .unwrap();
        let (commit, ..) = bundle.into_messages();
        seal(
            self.envelope.as_bytes(),
            &commit.tls_serialize_detached().unwrap(),
        )
    }
}

/// A member's device takes another name in a group; the commits that it makes from now on are altered so.
pub fn makes_altered_commit(
    world: &mut World,
    member: usize,
    chat: ChatId,
    alter: impl Fn(&mut proto::Commit, &Forge<'_>) + 'static,
) {
    let store = world.people[member].open_store().unwrap();
    world.tampers.insert(
        member,
        Box::new(move |bytes| alter_commits(&store, bytes, &alter)),
    );
    act(world, member, |engine, now| {
        engine.set_name_in_group(&chat, "M", now)
    });
}

/// Alters the commits that a device sends, and signs them anew: the server cannot tell.
fn alter_commits(
    store: &Store,
    bytes: Bytes,
    alter: impl FnOnce(&mut proto::Commit, &Forge<'_>),
) -> Bytes {
    let mut request: proto::SendRequest = frame::decode(bytes.clone()).unwrap();
    let Some(Body::Commit(commit)) = &mut request.body else {
        return bytes;
    };
    store
        .read(|tx| {
            let row = tx
                .groups()?
                .into_iter()
                .find(|row| row.handle.to_vec() == commit.handle);
            let id = GroupId::try_from(row.unwrap().group_id.as_slice()).unwrap();
            let keys = Keys {
                tx,
                written: RefCell::default(),
            };
            let provider = Provider::new(&keys);
            let group = Group::load(&provider, id).unwrap().unwrap();
            let secrets = group.secrets(&provider).unwrap();
            let account = tx.account()?.unwrap();
            let identity = DeviceIdentity {
                certificate: Certificate::decode(&account.certificate).unwrap(),
                key: SecretKey::from_seed(account.device_seed.as_slice().try_into().unwrap()),
            };
            let forge = Forge {
                provider: &provider,
                identity: &identity,
                id,
                rules: group.rules(),
                envelope: &secrets.envelope,
            };
            // What the honest part of the device had in mind.
            forge
                .group()
                .clear_pending_commit(provider.storage())
                .unwrap();
            alter(commit, &forge);
            commit.signature = secrets
                .commit_key
                .sign(Purpose::SequencedCommit, &[&commit_digest(commit)])
                .to_vec();
            Ok::<_, StoreError>(())
        })
        .unwrap();
    frame::encode(&request)
}

fn context(rules: &Rules) -> Extensions<GroupContext> {
    let required = [
        ExtensionType::Unknown(RULES_EXTENSION),
        ExtensionType::Unknown(LEAF_EXTENSION),
    ];
    let required = RequiredCapabilitiesExtension::new(&required, &[], &[CredentialType::Basic]);
    Extensions::from_vec(vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(RULES_EXTENSION, UnknownExtension(rules.encode())),
    ])
    .unwrap()
}

/// The envelope as docs/protocol/conversations.md describes it.
fn seal(key: &[u8; 32], mls_message: &[u8]) -> Vec<u8> {
    let mut body = vec![0x0a];
    prost::encoding::encode_varint(mls_message.len() as u64, &mut body);
    body.extend_from_slice(mls_message);
    let nonce = [3; 24];
    let message = Payload {
        msg: &pad(body).unwrap(),
        aad: b"undertone/1 envelope",
    };
    let cipher = XChaCha20Poly1305::new(key.into());
    let sealed = cipher.encrypt(&nonce.into(), message).unwrap();
    [nonce.to_vec(), sealed].concat()
}

/// What a device's frame asks the sending service for.
pub fn asked(bytes: &Bytes) -> Option<Body> {
    frame::decode::<proto::SendRequest>(bytes.clone())
        .unwrap()
        .body
}

/// The same frame with another body.
pub fn with_body(bytes: &Bytes, body: Body) -> Bytes {
    let request: proto::SendRequest = frame::decode(bytes.clone()).unwrap();
    let request = proto::SendRequest {
        body: Some(body),
        ..request
    };
    assert!(request.encoded_len() > 0);
    frame::encode(&request)
}

//! A member whose client keeps to no rule: it has all that an honest one has, and builds what it likes with it.

use std::{cell::RefCell, collections::BTreeMap};

use bytes::Bytes;
use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _, Payload},
};
use openmls::{
    group::MlsGroup,
    prelude::{
        CredentialType, Extension, ExtensionType, Extensions, GroupContext, GroupId as MlsGroupId,
        RequiredCapabilitiesExtension, UnknownExtension,
    },
};
use openmls_traits::OpenMlsProvider as _;
use prost::Message as _;
use tls_codec::Serialize as _;
use undertone_mls::{
    DeviceIdentity, Group, GroupId, KeyValue, LEAF_EXTENSION, Provider, RULES_EXTENSION, Rules,
};
use undertone_store::{ReadTx, Store, StoreError};
use undertone_wire::{
    digest::commit_digest,
    frame,
    identity::Certificate,
    padding::pad,
    proto::{self, send_request::Body},
    signing::{Purpose, SecretKey},
};

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

/// Alters the commits that a device sends, and signs them anew: the server cannot tell.
pub fn alter_commits(
    store: &Store,
    bytes: Bytes,
    alter: impl FnOnce(&mut proto::Commit, &Group, &dyn Fn(&str) -> Vec<u8>),
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
            let titled = |title: &str| {
                let identity = DeviceIdentity {
                    certificate: Certificate::decode(&account.certificate).unwrap(),
                    key: SecretKey::from_seed(account.device_seed.as_slice().try_into().unwrap()),
                };
                let rules = Rules {
                    title: title.to_owned(),
                    ..group.rules().clone()
                };
                let message = forbidden(&provider, &identity, id, &rules);
                seal(secrets.envelope.as_bytes(), &message)
            };
            alter(commit, &group, &titled);
            commit.signature = secrets
                .commit_key
                .sign(Purpose::SequencedCommit, &[&commit_digest(commit)])
                .to_vec();
            Ok::<_, StoreError>(())
        })
        .unwrap();
    frame::encode(&request)
}

/// A commit that gives the group other rules, whoever may do that.
fn forbidden(
    provider: &Provider<'_, Keys<'_>>,
    identity: &DeviceIdentity,
    id: GroupId,
    rules: &Rules,
) -> Vec<u8> {
    let id = MlsGroupId::from_slice(id.as_bytes());
    let mut group = MlsGroup::load(provider.storage(), &id).unwrap().unwrap();
    group.clear_pending_commit(provider.storage()).unwrap();
    let bundle = group
        .commit_builder()
        .propose_group_context_extensions(context(rules))
        .unwrap()
        .load_psks(provider.storage())
        .unwrap()
        .create_group_info(false)
        .build(provider.rand(), provider.crypto(), identity, |_| true)
        .unwrap()
        .stage_commit(provider)
        .unwrap();
    let (commit, ..) = bundle.into_messages();
    commit.tls_serialize_detached().unwrap()
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

//! A member that asks no rule: it builds commits with OpenMLS alone, and seals them itself.

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead as _, KeyInit as _, Payload},
};
use openmls::{
    group::MlsGroup,
    prelude::{
        BasicCredential, Capabilities, CredentialType, CredentialWithKey, Extension, ExtensionType,
        Extensions, GroupContext, GroupId as MlsGroupId, KeyPackage, KeyPackageIn, LeafNode,
        LeafNodeIndex, LeafNodeParameters, Lifetime, Proposal, ProtocolVersion,
        RequiredCapabilitiesExtension, UnknownExtension,
    },
};
use openmls_traits::{OpenMlsProvider as _, signatures::Signer as _};
use tls_codec::{Deserialize as _, Serialize as _, VLBytes};
use undertone_mls::{
    CardKind, Crypto, LEAF_EXTENSION, LeafInfo, OwnKeyPackage, Provider, RULES_EXTENSION, Rules,
    SUITE,
};
use undertone_wire::{padding::pad, reach::SymmetricKey};

use crate::device::{Device, GROUP};

/// What a lawless commit is to hold.
#[derive(Default)]
pub struct Content {
    pub adds: Vec<KeyPackage>,
    pub removes: Vec<u32>,
    pub context: Option<Extensions<GroupContext>>,
    pub leaf: Option<LeafNodeParameters>,
    pub more: Vec<Proposal>,
}

/// What a lawless commit gave: the sealed commit and the Welcome.
pub struct Lawless {
    pub envelope: Vec<u8>,
    pub welcome: Option<Vec<u8>>,
}

/// Builds a commit and leaves it pending in the device's store; nothing if OpenMLS itself will not.
pub fn commits(device: &mut Device, content: &Content) -> Option<Lawless> {
    let key = device.with(|group, provider, _, _| group.secrets(provider).unwrap().envelope);
    let provider = Provider::new(&device.store);
    let id = MlsGroupId::from_slice(GROUP.as_bytes());
    let mut group = MlsGroup::load(provider.storage(), &id).unwrap().unwrap();
    let mut builder = group
        .commit_builder()
        .propose_adds(content.adds.clone())
        .propose_removals(content.removes.iter().copied().map(LeafNodeIndex::new))
        .add_proposals(content.more.clone());
    if let Some(context) = &content.context {
        builder = builder
            .propose_group_context_extensions(context.clone())
            .unwrap();
    }
    if let Some(leaf) = &content.leaf {
        builder = builder.leaf_node_parameters(leaf.clone());
    }
    let bundle = builder
        .load_psks(provider.storage())
        .ok()?
        .create_group_info(false)
        .build(provider.rand(), provider.crypto(), &device.identity, |_| {
            true
        })
        .ok()?
        .stage_commit(&provider)
        .unwrap();
    let (commit, welcome, _) = bundle.into_messages();
    let envelope = seal(&key, &commit.tls_serialize_detached().unwrap());
    device.restarts();
    Some(Lawless {
        envelope,
        welcome: welcome.map(|welcome| welcome.tls_serialize_detached().unwrap()),
    })
}

/// The envelope as docs/protocol/conversations.md describes it, written a second time.
pub fn seal(key: &SymmetricKey, mls_message: &[u8]) -> Vec<u8> {
    let mut body = vec![0x0a];
    let mut length = mls_message.len();
    while length >= 0x80 {
        body.push((length % 0x80) as u8 | 0x80);
        length /= 0x80;
    }
    body.push(length as u8);
    body.extend_from_slice(mls_message);
    let nonce = [3; 24];
    let message = Payload {
        msg: &pad(body).unwrap(),
        aad: b"undertone/1 envelope",
    };
    let cipher = XChaCha20Poly1305::new(key.as_bytes().into());
    let sealed = cipher.encrypt(&nonce.into(), message).unwrap();
    [nonce.to_vec(), sealed].concat()
}

/// The GroupContext extensions that hold `rules`, with `more` beside them.
pub fn context(rules: &[u8], more: Vec<Extension>) -> Extensions<GroupContext> {
    let mut required = vec![
        ExtensionType::Unknown(RULES_EXTENSION),
        ExtensionType::Unknown(LEAF_EXTENSION),
    ];
    let unknown = more.iter().map(Extension::extension_type);
    required.extend(unknown.filter(|kind| matches!(kind, ExtensionType::Unknown(_))));
    let required = RequiredCapabilitiesExtension::new(&required, &[], &[CredentialType::Basic]);
    let mut all = vec![
        Extension::RequiredCapabilities(required),
        Extension::Unknown(RULES_EXTENSION, UnknownExtension(rules.to_vec())),
    ];
    all.extend(more);
    Extensions::from_vec(all).unwrap()
}

pub fn rules_context(rules: &Rules) -> Extensions<GroupContext> {
    context(&rules.encode(), Vec::new())
}

pub fn leaf_extensions(infos: &[(u16, Vec<u8>)]) -> Extensions<LeafNode> {
    let all = infos
        .iter()
        .map(|(kind, bytes)| Extension::Unknown(*kind, UnknownExtension(bytes.clone())));
    Extensions::from_vec(all.collect()).unwrap()
}

pub fn new_leaf(infos: &[(u16, Vec<u8>)]) -> LeafNodeParameters {
    LeafNodeParameters::builder()
        .with_extensions(leaf_extensions(infos))
        .with_capabilities(capabilities())
        .build()
}

pub fn info(device: &mut Device, card: CardKind) -> Vec<u8> {
    let leaf: LeafInfo = device.leaf(card);
    leaf.encode()
}

pub fn capabilities() -> Capabilities {
    Capabilities::new(
        Some(&[ProtocolVersion::Mls10]),
        Some(&[SUITE]),
        Some(&[
            ExtensionType::Unknown(RULES_EXTENSION),
            ExtensionType::Unknown(LEAF_EXTENSION),
            ExtensionType::Unknown(0xF1FF),
            ExtensionType::LastResort,
        ]),
        Some(&[]),
        Some(&[CredentialType::Basic]),
    )
}

/// A KeyPackage in every part of which something may be wrong.
pub struct Forgery {
    pub credential: Vec<u8>,
    pub signature_key: Vec<u8>,
    pub lifetime: Lifetime,
    pub capabilities: Capabilities,
    pub leaf: Vec<(u16, Vec<u8>)>,
    pub extensions: Vec<Extension>,
}

impl Forgery {
    /// In which nothing is wrong yet.
    pub fn of(device: &mut Device, card: CardKind) -> Self {
        Self {
            credential: device.identity.certificate.encode(),
            signature_key: device.identity.key.public().to_vec(),
            lifetime: Lifetime::init(0, u64::MAX),
            capabilities: capabilities(),
            leaf: vec![(LEAF_EXTENSION, info(device, card))],
            extensions: Vec::new(),
        }
    }

    /// Signed by `device`, with the secret half in its store.
    pub fn sign(self, device: &Device) -> KeyPackage {
        let credential = CredentialWithKey {
            credential: BasicCredential::new(self.credential).into(),
            signature_key: self.signature_key.into(),
        };
        let provider = Provider::new(&device.store);
        KeyPackage::builder()
            .key_package_lifetime(self.lifetime)
            .key_package_extensions(Extensions::from_vec(self.extensions).unwrap())
            .leaf_node_capabilities(self.capabilities)
            .leaf_node_extensions(leaf_extensions(&self.leaf))
            .build(SUITE, &provider, &device.identity, credential)
            .unwrap()
            .into_key_package()
    }
}

/// What `made` holds, past all checks of ours.
pub fn key_package(made: &OwnKeyPackage) -> KeyPackage {
    parse(&made.bytes)
}

pub fn parse(bytes: &[u8]) -> KeyPackage {
    let unverified = KeyPackageIn::tls_deserialize_exact(bytes).unwrap();
    unverified
        .validate(&Crypto::default(), ProtocolVersion::Mls10)
        .unwrap()
}

pub fn bytes(key_package: &KeyPackage) -> Vec<u8> {
    key_package.tls_serialize_detached().unwrap()
}

/// No rules at all.
pub fn no_context() -> Extensions<GroupContext> {
    Extensions::empty()
}

/// `made`, which is not reusable, with other HPKE keys and signed anew (RFC 9420, 7.2 and 10).
pub fn with_keys(
    device: &Device,
    made: &OwnKeyPackage,
    init_key: Option<&[u8]>,
    leaf_key: Option<&[u8]>,
) -> Vec<u8> {
    let vl = |bytes: &[u8]| VLBytes::from(bytes).tls_serialize_detached().unwrap();
    let sign = |label: &[u8], content: &[u8]| {
        let content = [vl(label), vl(content)].concat();
        vl(&device.identity.sign(&content).unwrap())
    };
    let (header, mut rest) = made.bytes.split_at(4);
    let old_init = VLBytes::tls_deserialize(&mut rest).unwrap();
    let old_leaf = VLBytes::tls_deserialize(&mut rest).unwrap();
    let signature = 2 + 64;
    let (rest, _) = rest.split_at(rest.len() - signature - 1 - signature);
    let leaf = [vl(leaf_key.unwrap_or(old_leaf.as_slice())), rest.to_vec()].concat();
    let leaf_signature = sign(b"MLS 1.0 LeafNodeTBS", &leaf);
    let init = vl(init_key.unwrap_or(old_init.as_slice()));
    let no_extensions = vec![0];
    let unsigned = [header.to_vec(), init, leaf, leaf_signature, no_extensions].concat();
    let signature = sign(b"MLS 1.0 KeyPackageTBS", &unsigned);
    [unsigned, signature].concat()
}

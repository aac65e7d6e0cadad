//! How MLS state is written: one key for each thing, MessagePack with field names for its value.
//!
//! `key = 1 byte version of this form || SHA-256 of label and encoded name`, so keys are of one length and a
//! store that is read without its encryption does not name groups. Values name their fields: a later OpenMLS
//! may add some.

use prost::Message as _;
use rmp_serde::{Serializer, config::BytesMode};
use serde::{Serialize, de::DeserializeOwned};
use undertone_wire::signing::hash_parts;
use zeroize::{Zeroize as _, Zeroizing};

use crate::{proto::StoredList, stored_reader};

/// The version of the stored form: the first byte of every key.
pub const STORED_VERSION: u8 = 1;

/// Why MLS state could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The store beneath failed.
    #[error("the store of the conversations failed")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What was read is not what was written.
    #[error("the stored state of a conversation is damaged")]
    Damaged,
    /// OpenMLS gave something that cannot be written.
    #[error("the state of a conversation cannot be stored")]
    Unencodable,
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    KeyPackage,
    Psk,
    EncryptionKeyPair,
    SignatureKeyPair,
    EpochKeyPairs,
    Tree,
    GroupContext,
    InterimTranscriptHash,
    ConfirmationTag,
    JoinConfig,
    OwnLeafNodes,
    GroupState,
    QueuedProposal,
    ProposalRefs,
    OwnLeafIndex,
    EpochSecrets,
    ResumptionPsks,
    MessageSecrets,
    /// Ours, not OpenMLS's: the digest of the envelope of the commit that is pending.
    PendingEnvelope,
}

/// What is kept of a group under its id alone, and of which the value in memory is made.
pub(crate) const OF_GROUP: [Label; 12] = [
    Label::Tree,
    Label::GroupContext,
    Label::InterimTranscriptHash,
    Label::ConfirmationTag,
    Label::JoinConfig,
    Label::OwnLeafNodes,
    Label::GroupState,
    Label::ProposalRefs,
    Label::OwnLeafIndex,
    Label::EpochSecrets,
    Label::ResumptionPsks,
    Label::MessageSecrets,
];

impl Label {
    fn name(self) -> &'static str {
        match self {
            Self::KeyPackage => "key package",
            Self::Psk => "psk",
            Self::EncryptionKeyPair => "encryption key pair",
            Self::SignatureKeyPair => "signature key pair",
            Self::EpochKeyPairs => "epoch key pairs",
            Self::Tree => "tree",
            Self::GroupContext => "group context",
            Self::InterimTranscriptHash => "interim transcript hash",
            Self::ConfirmationTag => "confirmation tag",
            Self::JoinConfig => "join config",
            Self::OwnLeafNodes => "own leaf nodes",
            Self::GroupState => "group state",
            Self::QueuedProposal => "queued proposal",
            Self::ProposalRefs => "proposal refs",
            Self::OwnLeafIndex => "own leaf index",
            Self::EpochSecrets => "epoch secrets",
            Self::ResumptionPsks => "resumption psks",
            Self::MessageSecrets => "message secrets",
            Self::PendingEnvelope => "pending envelope",
        }
    }
}

/// The key under which the thing of this label and name is kept.
pub(crate) fn key(label: Label, name: &impl Serialize) -> Result<[u8; 33], StorageError> {
    let name = encode(name)?;
    let hash = hash_parts("undertone/1 mls storage", &[label.name().as_bytes(), &name]);
    let mut key = [STORED_VERSION; 33];
    for (to, from) in key.iter_mut().skip(1).zip(hash) {
        *to = from;
    }
    Ok(key)
}

pub(crate) fn encode(
    value: &(impl Serialize + ?Sized),
) -> Result<Zeroizing<Vec<u8>>, StorageError> {
    let mut bytes = Zeroizing::new(Vec::new());
    let mut serializer = Serializer::new(&mut *bytes)
        .with_struct_map()
        // OpenMLS's byte strings say to serde that they are lists of numbers: half as large again, and slow.
        .with_bytes(BytesMode::ForceIterables);
    value
        .serialize(&mut serializer)
        .map_err(|_| StorageError::Unencodable)?;
    Ok(bytes)
}

pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, StorageError> {
    stored_reader::read(bytes).map_err(|_| StorageError::Damaged)
}

/// Encoded items in the order in which they were added.
pub(crate) struct Items(pub(crate) Vec<Vec<u8>>);

impl Items {
    pub(crate) fn decode(bytes: Option<Zeroizing<Vec<u8>>>) -> Result<Self, StorageError> {
        match bytes {
            None => Ok(Self(Vec::new())),
            Some(bytes) => StoredList::decode(bytes.as_slice())
                .map(|mut list| Self(std::mem::take(&mut list.items)))
                .map_err(|_| StorageError::Damaged),
        }
    }

    pub(crate) fn encode(mut self) -> Zeroizing<Vec<u8>> {
        let mut list = StoredList {
            items: std::mem::take(&mut self.0),
        };
        let bytes = Zeroizing::new(list.encode_to_vec());
        list.items.zeroize();
        bytes
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

// Its one test is a snapshot.
#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::fmt::Write as _;

    use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
    use undertone_wire::{
        identity::{Capability, Certificate},
        ids::{Alias, DeviceKey, Handle, Serial},
        signing::SecretKey,
    };

    use super::*;
    use crate::{
        CardKind, Change, DeviceIdentity, Group, GroupId, LeafInfo, MemoryKeyValue, Provider,
        Rules, VerifiedKeyPackage, hex, make_key_package, provider::Storage,
    };
    use openmls::prelude::GroupEpoch;
    use openmls_traits::OpenMlsProvider as _;

    /// How a value is built: the names of its fields and what sort of thing is in each.
    enum Shape {
        Leaf(&'static str),
        Number(i64),
        Text(String),
        List(Vec<Shape>),
        Fields(Vec<(Shape, Shape)>),
    }

    impl Shape {
        fn print(&self, depth: usize, out: &mut String) {
            let indent = "  ".repeat(depth);
            match self {
                Self::Leaf(kind) => writeln!(out, "{indent}{kind}").unwrap(),
                Self::Number(_) => writeln!(out, "{indent}number").unwrap(),
                Self::Text(_) => writeln!(out, "{indent}text").unwrap(),
                Self::List(items) => {
                    writeln!(out, "{indent}list").unwrap();
                    let mut seen = Vec::new();
                    for item in items {
                        let mut printed = String::new();
                        item.print(depth + 1, &mut printed);
                        if !seen.contains(&printed) {
                            out.push_str(&printed);
                            seen.push(printed);
                        }
                    }
                }
                Self::Fields(fields) => {
                    for (name, value) in fields {
                        let name = match name {
                            Self::Text(name) => name.clone(),
                            Self::Number(tag) => format!("variant {tag}"),
                            _ => "key".into(),
                        };
                        writeln!(out, "{indent}{name}:").unwrap();
                        value.print(depth + 1, out);
                    }
                }
            }
        }
    }

    impl<'de> Deserialize<'de> for Shape {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Look;
            impl<'de> Visitor<'de> for Look {
                type Value = Shape;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("anything")
                }
                fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
                    Ok(Shape::Leaf("bool"))
                }
                fn visit_i64<E>(self, number: i64) -> Result<Shape, E> {
                    Ok(Shape::Number(number))
                }
                fn visit_u64<E>(self, number: u64) -> Result<Shape, E> {
                    Ok(Shape::Number(number.try_into().unwrap_or(i64::MAX)))
                }
                fn visit_str<E>(self, text: &str) -> Result<Shape, E> {
                    Ok(Shape::Text(text.into()))
                }
                fn visit_bytes<E>(self, _: &[u8]) -> Result<Shape, E> {
                    Ok(Shape::Leaf("bytes"))
                }
                fn visit_unit<E>(self) -> Result<Shape, E> {
                    Ok(Shape::Leaf("nothing"))
                }
                fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Shape, A::Error> {
                    let mut list = Vec::new();
                    while let Some(item) = items.next_element()? {
                        list.push(item);
                    }
                    Ok(Shape::List(list))
                }
                fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Shape, A::Error> {
                    let mut map = Vec::new();
                    while let Some((name, value)) = fields.next_entry()? {
                        map.push((name, value));
                    }
                    Ok(Shape::Fields(map))
                }
            }
            deserializer.deserialize_any(Look)
        }
    }

    fn device(seed: u8) -> (DeviceIdentity, LeafInfo) {
        let key = SecretKey::from_seed(&[seed + 100; 32]);
        let certificate = Certificate::issue(
            &SecretKey::from_seed(&[seed; 32]),
            DeviceKey::new(key.public()),
            Serial::new([1; 16]),
            Capability::Full,
        );
        let leaf = LeafInfo {
            alias: Alias::new([1; 32]),
            rescue_key: [2; 32],
            card: CardKind::Contacts,
            name: String::new(),
        };
        (DeviceIdentity { certificate, key }, leaf)
    }

    fn describe(
        storage: &Storage<'_, MemoryKeyValue>,
        label: Label,
        name: &impl Serialize,
    ) -> String {
        let key = hex(&key(label, name).unwrap());
        let mut out = format!("# {} {key}\n", label.name());
        match storage.read_bytes(label, name).unwrap() {
            Some(bytes) => decode::<Shape>(&bytes).unwrap().print(1, &mut out),
            None => out.push_str("  not there\n"),
        }
        out
    }

    /// What stands on people's disks. If this changes, [`STORED_VERSION`] and a migration must, too: OpenMLS
    /// promises to read older forms of its own, so a field that it added is fine and one that is gone is not.
    #[test]
    fn the_stored_form_is_fixed() {
        let store = MemoryKeyValue::new();
        let provider = Provider::new(&store);
        let (alice, leaf) = device(1);
        let (bob, bobs_leaf) = device(2);
        let id = GroupId::new([3; 32]);
        let rules = Rules::direct(Handle::new([4; 32]));
        let mut group = Group::found(&provider, &alice, id, rules, &leaf).unwrap();
        let offered = make_key_package(&provider, &bob, &bobs_leaf, true).unwrap();
        let mut rng =
            <rand_chacha::ChaCha20Rng as rand_chacha::rand_core::SeedableRng>::seed_from_u64(1);
        let change = Change {
            add: vec![VerifiedKeyPackage::verify(&offered.bytes).unwrap()],
            leaf: Some(leaf),
            ..Change::default()
        };
        group.commit(&provider, &alice, change, &mut rng).unwrap();

        let storage = provider.storage();
        let group = id.to_mls();
        let mut out = format!("version {STORED_VERSION}\n");
        for label in [
            Label::Tree,
            Label::GroupContext,
            Label::InterimTranscriptHash,
            Label::ConfirmationTag,
            Label::JoinConfig,
            Label::GroupState,
            Label::OwnLeafIndex,
            Label::EpochSecrets,
            Label::ResumptionPsks,
            Label::MessageSecrets,
        ] {
            out.push_str(&describe(storage, label, &group));
        }
        let name = (&group, GroupEpoch::from(0), 0_u32);
        out.push_str(&describe(storage, Label::EpochKeyPairs, &name));
        insta::assert_snapshot!(out);
    }
}

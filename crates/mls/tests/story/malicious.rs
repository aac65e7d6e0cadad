//! What a hostile member or inviter sends, that MLS or its library would let pass.

use std::cell::RefCell;

use openmls::{
    group::{GroupId as MlsGroupId, MlsGroup, MlsGroupCreateConfig, MlsGroupJoinConfig},
    prelude::{
        Extensions, ExternalCommitBuilder, GroupContext, KeyPackage, KeyPackageBundle,
        LeafNodeParameters, Lifetime, MlsMessageBodyIn, MlsMessageIn, MlsMessageOut,
    },
};
use openmls_traits::{
    OpenMlsProvider as _, crypto::OpenMlsCrypto as _, storage::StorageProvider as _,
    types::HpkeCiphertext,
};
use proptest::{prelude::*, test_runner::TestRunner};
use tls_codec::{Deserialize as _, Serialize as _, VLBytes};
use undertone_mls::{
    CardKind, Invitation, InvitationError, LEAF_EXTENSION, OpenError, OwnKeyPackage, Provider,
    RuleViolation, Rules, SUITE, VerifiedKeyPackage,
};
use undertone_wire::ids::AccountId;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::{
    device::{Device, GROUP, HANDLE, adding, alice_and_bob, sequence, three},
    lawless,
};

fn mls_group(device: &Device) -> MlsGroup {
    let id = MlsGroupId::from_slice(GROUP.as_bytes());
    MlsGroup::load(Provider::new(&device.store).storage(), &id)
        .unwrap()
        .unwrap()
}

fn mls_bytes(message: &MlsMessageOut) -> Vec<u8> {
    message.tls_serialize_detached().unwrap()
}

/// A group that asks no rule, with `added` in it besides the founder.
fn lawless_welcome(
    founder: &mut Device,
    context: Extensions<GroupContext>,
    added: &[KeyPackage],
) -> Vec<u8> {
    let leaf = lawless::info(founder, CardKind::OwnDevice);
    let config = MlsGroupCreateConfig::builder()
        .ciphersuite(SUITE)
        .capabilities(lawless::capabilities())
        .lifetime(Lifetime::init(0, u64::MAX))
        .use_ratchet_tree_extension(true)
        .with_group_context_extensions(context)
        .with_leaf_node_extensions(lawless::leaf_extensions(&[(LEAF_EXTENSION, leaf)]))
        .unwrap()
        .build();
    let provider = Provider::new(&founder.store);
    let id = MlsGroupId::from_slice(GROUP.as_bytes());
    let credential = founder.identity.credential();
    let mut group =
        MlsGroup::new_with_group_id(&provider, &founder.identity, &config, id, credential).unwrap();
    let (_, welcome, _) = group
        .add_members(&provider, &founder.identity, added)
        .unwrap();
    mls_bytes(&welcome)
}

fn read(device: &Device, welcome: &[u8]) -> Result<Invitation, InvitationError> {
    let before = device.store.snapshot();
    let read = Invitation::read(&Provider::new(&device.store), welcome);
    assert_eq!(device.store.snapshot(), before);
    read
}

/// Bob, offered `card`, is invited into a group with these rules by Alice, with `others` in it.
fn invited(card: CardKind, context: Extensions<GroupContext>, others: &[u8]) -> RuleViolation {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    let mut added = vec![lawless::key_package(&bob.makes_key_package(card, false))];
    for person in others {
        let offered = Device::new(*person, 7).makes_key_package(CardKind::Contacts, false);
        added.push(lawless::key_package(&offered));
    }
    let welcome = lawless_welcome(&mut alice, context, &added);
    match read(&bob, &welcome) {
        Err(InvitationError::NotAllowed(violation)) => violation,
        unexpected => panic!("{unexpected:?}"),
    }
}

#[test]
fn an_invitation_into_a_conversation_that_is_not_in_order_is_refused() {
    let alice = Device::new(1, 1).account();
    let group = Rules::group(HANDLE, "Trap".into(), alice);
    let context = lawless::rules_context;
    use CardKind::{Contacts, Link, OwnDevice};

    assert_eq!(
        invited(Contacts, Extensions::empty(), &[]),
        RuleViolation::Extensions
    );
    let two_handles = [
        Rules::direct(HANDLE).encode(),
        Rules::direct(HANDLE).encode(),
    ]
    .concat();
    assert!(matches!(
        invited(Contacts, lawless::context(&two_handles, vec![]), &[]),
        RuleViolation::Rules(_)
    ));
    // Three in a conversation between two; others among one's own devices.
    assert_eq!(
        invited(Contacts, context(&Rules::direct(HANDLE)), &[3]),
        RuleViolation::Accounts
    );
    assert_eq!(
        invited(Link, context(&Rules::direct(HANDLE)), &[3]),
        RuleViolation::Accounts
    );
    assert_eq!(
        invited(OwnDevice, context(&Rules::own(HANDLE)), &[]),
        RuleViolation::Accounts
    );
    // A request is a conversation between two, never a group.
    assert_eq!(invited(Link, context(&group), &[]), RuleViolation::Card);
    let mut absent = group.clone();
    absent.admins.insert(AccountId::new([9; 32]));
    assert_eq!(
        invited(Contacts, context(&absent), &[]),
        RuleViolation::Admins
    );
}

#[test]
fn an_invitation_into_a_group_that_is_known_must_continue_it() {
    let (mut alice, mut bob, _) = three(|_| ());
    let rules = alice.group().rules().clone();
    // Mallory was told the group's id, and invites Bob into a group of her own under it.
    let mut mallory = Device::new(9, 1);
    let mut theirs = Rules::group(HANDLE, "Garden".into(), mallory.account());
    theirs.permissions = rules.permissions;
    let offered = bob.makes_key_package(CardKind::Contacts, true);
    let added = [lawless::key_package(&offered)];
    let welcome = lawless_welcome(&mut mallory, lawless::rules_context(&theirs), &added);
    assert!(matches!(
        read(&bob, &welcome),
        Err(InvitationError::Contradicts)
    ));
    // Alice's client lost its state and begins anew under the old id: epoch 1 again.
    let mut forgetful = Device::new(1, 1);
    let welcome = lawless_welcome(&mut forgetful, lawless::rules_context(&rules), &added);
    assert!(matches!(
        read(&bob, &welcome),
        Err(InvitationError::Contradicts)
    ));
    let message = alice.sends("still here");
    bob.receives(&message);
}

/// The Welcome for one KeyPackage of a device, turned into one for another.
fn redirect(device: &Device, welcome: &[u8], from: &OwnKeyPackage, to: &OwnKeyPackage) -> Vec<u8> {
    let message = MlsMessageIn::tls_deserialize_exact(welcome).unwrap();
    let MlsMessageBodyIn::Welcome(welcome) = message.extract() else {
        panic!("a Welcome");
    };
    let provider = Provider::new(&device.store);
    let crypto = provider.crypto();
    let (from, to) = (lawless::key_package(from), lawless::key_package(to));
    let from_ref = from.hash_ref(crypto).unwrap();
    let bundle: KeyPackageBundle = provider.storage().key_package(&from_ref).unwrap().unwrap();

    // struct { CipherSuite; EncryptedGroupSecrets secrets<V>; opaque encrypted_group_info<V>; } Welcome
    let bytes = welcome.tls_serialize_detached().unwrap();
    let secrets_bytes = VLBytes::tls_deserialize(&mut &bytes[2..]).unwrap();
    let secrets_length = secrets_bytes.tls_serialize_detached().unwrap().len();
    let group_info = VLBytes::tls_deserialize_exact(&bytes[2 + secrets_length..]).unwrap();
    let mut secrets = secrets_bytes.as_slice();
    VLBytes::tls_deserialize(&mut secrets).unwrap();
    let sealed = HpkeCiphertext::tls_deserialize(&mut secrets).unwrap();

    let label = VLBytes::from(&b"MLS 1.0 Welcome"[..]);
    let info = [
        label.tls_serialize_detached().unwrap(),
        group_info.tls_serialize_detached().unwrap(),
    ]
    .concat();
    let opened = crypto
        .hpke_open(
            SUITE.hpke_config(),
            &sealed,
            bundle.init_private_key(),
            &info,
            &[],
        )
        .unwrap();
    let init_key = to.hpke_init_key().as_slice();
    let sealed = crypto
        .hpke_seal(SUITE.hpke_config(), init_key, &info, &[], &opened)
        .unwrap();
    let secrets = [
        to.hash_ref(crypto)
            .unwrap()
            .tls_serialize_detached()
            .unwrap(),
        sealed.tls_serialize_detached().unwrap(),
    ]
    .concat();
    let secrets = VLBytes::from(secrets.as_slice())
        .tls_serialize_detached()
        .unwrap();
    let header = [0, 1, 0, 3];
    [
        &header[..],
        &bytes[..2],
        &secrets,
        &group_info.tls_serialize_detached().unwrap(),
    ]
    .concat()
}

#[test]
fn an_invitation_with_another_leaf_than_that_of_the_key_package_is_refused() {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    let by_link = bob.makes_key_package(CardKind::Link, true);
    let by_contacts = bob.makes_key_package(CardKind::Contacts, true);
    let rules = Rules::direct(HANDLE);
    let added = [lawless::key_package(&by_contacts)];
    let welcome = lawless_welcome(&mut alice, lawless::rules_context(&rules), &added);
    assert!(read(&bob, &welcome).is_ok());
    let same = redirect(&bob, &welcome, &by_contacts, &by_contacts);
    assert!(read(&bob, &same).is_ok(), "the forgery is well made");
    let forged = redirect(&bob, &welcome, &by_contacts, &by_link);
    assert!(matches!(
        read(&bob, &forged),
        Err(InvitationError::OtherLeaf)
    ));
}

#[test]
fn a_stranger_with_the_group_info_does_not_commit_itself_in() {
    let (alice, mut bob) = alice_and_bob();
    let provider = Provider::new(&alice.store);
    let group = mls_group(&alice);
    let info = group
        .export_group_info(provider.crypto(), &alice.identity, true)
        .unwrap();
    let info = MlsMessageIn::tls_deserialize_exact(mls_bytes(&info)).unwrap();
    let MlsMessageBodyIn::GroupInfo(info) = info.extract() else {
        panic!("a GroupInfo");
    };
    let mut mallory = Device::new(9, 1);
    let leaf = lawless::info(&mut mallory, CardKind::Contacts);
    let leaf = lawless::new_leaf(&[(LEAF_EXTENSION, leaf)]);
    let theirs = Provider::new(&mallory.store);
    let (_, commit) = ExternalCommitBuilder::new()
        .with_config(
            MlsGroupJoinConfig::builder()
                .use_ratchet_tree_extension(true)
                .build(),
        )
        .build_group(&theirs, info, mallory.identity.credential())
        .unwrap()
        .leaf_node_parameters(leaf)
        .load_psks(theirs.storage())
        .unwrap()
        .build(theirs.rand(), theirs.crypto(), &mallory.identity, |_| true)
        .unwrap()
        .finalize(&theirs)
        .unwrap();
    let key = alice.group().secrets(&provider).unwrap().envelope;
    let sealed = lawless::seal(&key, &mls_bytes(&commit.into_commit()));
    let before = bob.store.snapshot();
    assert!(matches!(bob.opens(&sealed), Err(OpenError::Malformed)));
    assert_eq!(bob.store.snapshot(), before);
}

#[test]
fn a_standalone_proposal_stops_nobody_from_sending() {
    let (mut alice, mut bob) = alice_and_bob();
    let provider = Provider::new(&alice.store);
    let mut group = mls_group(&alice);
    let (proposal, _) = group
        .propose_self_update(&provider, &alice.identity, LeafNodeParameters::default())
        .unwrap();
    let key = alice.group().secrets(&provider).unwrap().envelope;
    let sealed = lawless::seal(&key, &mls_bytes(&proposal));
    let before = bob.store.snapshot();
    assert!(matches!(bob.opens(&sealed), Err(OpenError::Malformed)));
    assert_eq!(bob.store.snapshot(), before);
    let message = bob.sends("still here");
    alice.receives(&message);
}

#[test]
fn what_does_not_belong_into_an_envelope_is_refused() {
    let (mut alice, mut bob) = alice_and_bob();
    let key = alice.with(|group, provider, _, _| group.secrets(provider).unwrap().envelope);
    let offered = Device::new(3, 1).makes_key_package(CardKind::Contacts, false);
    for content in [vec![], vec![0], vec![0; 200], offered.bytes.clone()] {
        assert!(matches!(
            bob.opens(&lawless::seal(&key, &content)),
            Err(OpenError::Malformed)
        ));
    }
    // Every byte of a real message and a real commit, damaged behind the envelope.
    let provider = Provider::new(&alice.store);
    let mut group = mls_group(&alice);
    let message = group
        .create_message(&provider, &alice.identity, b"hello")
        .unwrap();
    let message = mls_bytes(&message);
    let before = bob.store.snapshot();
    for index in 0..message.len() {
        let mut damaged = message.clone();
        damaged[index] ^= 0x55;
        assert!(
            bob.opens(&lawless::seal(&key, &damaged)).is_err(),
            "byte {index}"
        );
    }
    for length in 0..message.len() {
        assert!(bob.opens(&lawless::seal(&key, &message[..length])).is_err());
    }
    assert_eq!(bob.store.snapshot(), before);
    assert!(bob.opens(&lawless::seal(&key, &message)).is_ok());
}

#[test]
fn damaged_key_packages_and_welcomes_are_refused() {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    let offered = bob.makes_key_package(CardKind::Once, true);
    for index in (0..offered.bytes.len()).step_by(7) {
        let mut damaged = offered.bytes.clone();
        damaged[index] ^= 0x55;
        assert!(
            VerifiedKeyPackage::verify(&damaged).is_err(),
            "byte {index}"
        );
        assert!(VerifiedKeyPackage::verify(&damaged[..index]).is_err());
    }
    assert!(VerifiedKeyPackage::verify(&[offered.bytes.clone(), vec![0]].concat()).is_err());
    assert!(VerifiedKeyPackage::verify(&vec![0; 100_000]).is_err());

    alice.founds(Rules::direct(HANDLE));
    let pending = alice.commits(adding(
        [VerifiedKeyPackage::verify(&offered.bytes).unwrap()],
    ));
    let welcome = pending.welcome.clone().unwrap();
    for index in (0..welcome.len()).step_by(41) {
        let mut damaged = welcome.clone();
        damaged[index] ^= 0x55;
        assert!(read(&bob, &damaged).is_err(), "byte {index}");
        assert!(read(&bob, &welcome[..index]).is_err());
    }
    bob.joins(&pending);
}

#[test]
fn a_welcome_for_somebody_else_is_not_for_me() {
    let (mut alice, mut bob) = alice_and_bob();
    let mut phone = Device::new(2, 2);
    let add = alice.commits(adding([phone.offers(CardKind::OwnDevice)]));
    sequence(&add, &mut alice, &mut [&mut bob]);
    let welcome: Vec<u8> = add.welcome.unwrap();
    assert!(matches!(
        read(&bob, &welcome),
        Err(InvitationError::NoKeyPackage)
    ));
    assert!(matches!(read(&bob, b""), Err(InvitationError::Malformed)));
}

/// Real bytes with some of them replaced, cut out or put in.
fn disturb(bytes: &[u8], changes: &[(usize, u8, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, kind, value) in changes {
        let place = place % bytes.len().max(1);
        match kind % 4 {
            _ if bytes.is_empty() => bytes.push(*value),
            0 => bytes[place] = *value,
            1 => bytes.truncate(place),
            2 => bytes.insert(place, *value),
            // The largest length that TLS encoding can claim.
            _ => drop(bytes.splice(place..place, [0xbf, 0xff, 0xff, 0xff])),
        }
    }
    bytes
}

#[test]
fn no_bytes_at_all_make_a_decoder_panic() {
    let (mut alice, bob) = alice_and_bob();
    let bob = RefCell::new(bob);
    let key = alice.with(|group, provider, _, _| group.secrets(provider).unwrap().envelope);
    let offered = bob.borrow_mut().makes_key_package(CardKind::Contacts, true);
    let mut phone = Device::new(2, 2);
    let mut copy = mls_group(&alice);
    let provider = Provider::new(&alice.store);
    let message = copy
        .create_message(&provider, &alice.identity, b"hello")
        .unwrap();
    let message = mls_bytes(&message);
    let mine = phone.makes_key_package(CardKind::OwnDevice, true);
    alice.restarts();
    let add = alice.commits(adding([VerifiedKeyPackage::verify(&mine.bytes).unwrap()]));
    let welcome = add.welcome.unwrap();

    let any_bytes = proptest::collection::vec(any::<u8>(), 0..300);
    let change = (any::<usize>(), any::<u8>(), any::<u8>());
    let changes = proptest::collection::vec(change, 1..4);
    let before = bob.borrow().store.snapshot();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    let ran = runner.run(&(any_bytes, changes), |(bytes, changes)| {
        let mut bob = bob.borrow_mut();
        prop_assert!(VerifiedKeyPackage::verify(&bytes).is_err());
        prop_assert!(read(&phone, &bytes).is_err());
        prop_assert!(bob.opens(&bytes).is_err());
        prop_assert!(bob.opens(&lawless::seal(&key, &bytes)).is_err());
        let disturbed = disturb(&offered.bytes, &changes);
        prop_assert!(disturbed == offered.bytes || VerifiedKeyPackage::verify(&disturbed).is_err());
        let disturbed = disturb(&welcome, &changes);
        prop_assert!(disturbed == welcome || read(&phone, &disturbed).is_err());
        let disturbed = disturb(&message, &changes);
        prop_assert!(disturbed == message || bob.opens(&lawless::seal(&key, &disturbed)).is_err());
        Ok(())
    });
    ran.unwrap();
    assert_eq!(bob.borrow().store.snapshot(), before);
}

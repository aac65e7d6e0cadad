//! What no member accepts, whoever made it and however well it is formed.

use openmls::prelude::{
    CustomProposal, Extension, ExternalSendersExtension, KeyPackage, LeafNodeParameters, Lifetime,
    Proposal, UnknownExtension,
};
use undertone_mls::{
    CardKind, Change, GroupError, GroupId, KeyPackageError, LEAF_EXTENSION, LeafError, OpenError,
    OwnKeyPackage, Privacy, RuleViolation, Rules, RulesError, VerifiedKeyPackage, Who,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{AccountId, Handle, Serial},
    signing::SecretKey,
};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::{
    device::{
        Device, HANDLE, adding, alice_and_bob, desk_and_phone, removing, ruling, sequence, three,
    },
    lawless::{self, Content, Forgery},
};

/// `author`'s commit is refused by each of `others` for the same reason, and they go on as if it had never been.
fn refused(author: &mut Device, others: &mut [&mut Device], content: &Content, by: RuleViolation) {
    let before = author.store.snapshot();
    let commit = lawless::commits(author, content).expect("OpenMLS builds it");
    for other in others.iter_mut() {
        let before = other.store.snapshot();
        match other.opens(&commit.envelope) {
            Err(OpenError::InvalidCommit { violation, .. }) => assert_eq!(violation, by),
            unexpected => panic!("{by:?} expected: {unexpected:?}"),
        }
        assert_eq!(other.store.snapshot(), before);
    }
    author.store.restore(&before);
    author.restarts();
    let next = author.commits(Change::default());
    sequence(&next, author, others);
}

/// As [`refused`]; and the author's own client would not make it.
fn forbidden(
    author: &mut Device,
    others: &mut [&mut Device],
    added: &[OwnKeyPackage],
    mut change: Change,
    by: RuleViolation,
) {
    let verified = added
        .iter()
        .map(|made| VerifiedKeyPackage::verify(&made.bytes).unwrap());
    change.add = verified.collect();
    match author.try_commit(change.clone()) {
        Err(GroupError::NotAllowed(violation)) => assert_eq!(violation, by),
        unexpected => panic!("{by:?} expected: {unexpected:?}"),
    }
    assert!(!author.group().has_pending());
    author.restarts();
    let content = Content {
        adds: added.iter().map(lawless::key_package).collect(),
        removes: change.remove,
        context: change.rules.as_ref().map(lawless::rules_context),
        leaf: change
            .leaf
            .map(|leaf| lawless::new_leaf(&[(LEAF_EXTENSION, leaf.encode())])),
        more: Vec::new(),
    };
    refused(author, others, &content, by);
}

/// Rules made out of those of `device`'s group.
fn rules(device: &Device, change: impl FnOnce(&mut Rules)) -> Change {
    let mut rules = device.group().rules().clone();
    change(&mut rules);
    ruling(rules)
}

#[test]
fn nobody_changes_kind_or_handle_or_forgets_what_was_before() {
    let (mut alice, mut bob, mut carol) = three(|rules| {
        rules.predecessors = vec![GroupId::new([1; 32]), GroupId::new([2; 32])];
    });
    let others = &mut [&mut bob, &mut carol];
    type Edit = fn(&mut Rules);
    let changes: [(Edit, RuleViolation); 5] = [
        (
            |rules| rules.handle = Handle::new([9; 32]),
            RuleViolation::Fixed,
        ),
        (|rules| *rules = Rules::direct(HANDLE), RuleViolation::Fixed),
        (
            |rules| rules.predecessors.clear(),
            RuleViolation::Predecessors,
        ),
        (
            |rules| rules.predecessors.reverse(),
            RuleViolation::Predecessors,
        ),
        (
            |rules| rules.predecessors.push(GroupId::new([1; 32])),
            RuleViolation::Rules(RulesError::Malformed),
        ),
    ];
    for (change, by) in changes {
        let change = rules(&alice, change);
        forbidden(&mut alice, others, &[], change, by);
    }
    let grown = rules(&alice, |rules| {
        rules.predecessors.push(GroupId::new([3; 32]))
    });
    let grown = alice.commits(grown);
    sequence(&grown, &mut alice, others);
}

#[test]
fn only_admins_govern_a_group() {
    let (mut alice, mut bob, mut carol) = three(|rules| {
        rules.permissions.edit = Who::Admins;
        rules.permissions.add = Who::Admins;
    });
    let bobs = bob.account();
    type Edit = Box<dyn FnOnce(&mut Rules)>;
    let changes: Vec<Edit> = vec![
        Box::new(|rules| rules.title = "Bob's".into()),
        Box::new(|rules| rules.description = "mine".into()),
        Box::new(|rules| rules.disappearing_seconds = 5),
        Box::new(move |rules| rules.admins.extend([bobs])),
        Box::new(|rules| rules.permissions.add = Who::Everyone),
        Box::new(|rules| rules.privacy = Privacy::NO_EXPORT),
        Box::new(|rules| rules.predecessors.push(GroupId::new([1; 32]))),
    ];
    for change in changes {
        let change = rules(&bob, change);
        let others = &mut [&mut alice, &mut carol];
        forbidden(&mut bob, others, &[], change, RuleViolation::MayNotEdit);
    }
    let dave = Device::new(4, 1).makes_key_package(CardKind::Contacts, false);
    let others = &mut [&mut alice, &mut carol];
    forbidden(
        &mut bob,
        others,
        &[dave],
        Change::default(),
        RuleViolation::MayNotAdd,
    );
    for index in [alice_index(others[0]), others[1].group().own_index()] {
        forbidden(
            &mut bob,
            others,
            &[],
            removing(index),
            RuleViolation::MayNotRemove,
        );
    }
    // What Bob may still do: add, and remove, a device of his own.
    let mut phone = Device::new(2, 2);
    let add = bob.commits(adding([phone.offers(CardKind::OwnDevice)]));
    sequence(&add, &mut bob, others);
    phone.joins(&add);
    let remove = bob.commits(removing(bob.index_of(&phone)));
    sequence(&remove, &mut bob, others);
}

fn alice_index(alice: &Device) -> u32 {
    alice.group().own_index()
}

#[test]
fn a_group_keeps_an_admin_who_is_in_it() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let (bobs, nobodys) = (bob.account(), AccountId::new([9; 32]));
    let others = &mut [&mut bob, &mut carol];
    let change = rules(&alice, |rules| rules.admins.extend([nobodys]));
    forbidden(&mut alice, others, &[], change, RuleViolation::Admins);
    let change = rules(&alice, |rules| rules.admins.clear());
    let by = RuleViolation::Rules(RulesError::Malformed);
    forbidden(&mut alice, others, &[], change, by);
    let two = rules(&alice, |rules| rules.admins.extend([bobs]));
    let two = alice.commits(two);
    sequence(&two, &mut alice, others);
    // Bob, an admin, goes only together with his office.
    let index = others[0].group().own_index();
    forbidden(
        &mut alice,
        &mut [&mut *others[1]],
        &[],
        removing(index),
        RuleViolation::Admins,
    );
    let mut gone = rules(&alice, |rules| rules.admins.retain(|admin| *admin != bobs));
    gone.remove = vec![index];
    let gone = alice.commits(gone);
    sequence(&gone, &mut alice, &mut [&mut carol]);
}

#[test]
fn nobody_is_put_into_a_group_by_a_card_for_requests() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    for card in [
        CardKind::Link,
        CardKind::Once,
        CardKind::Name,
        CardKind::OwnDevice,
    ] {
        let dave = Device::new(4, 1).makes_key_package(card, false);
        let others = &mut [&mut bob, &mut carol];
        forbidden(
            &mut alice,
            others,
            &[dave],
            Change::default(),
            RuleViolation::Card,
        );
    }
}

#[test]
fn bots_stay_out_where_they_are_not_wanted() {
    let (mut alice, mut bob, mut carol) = three(|rules| rules.privacy = Privacy::NO_BOTS);
    let bot = || {
        Device::with_capability(4, 1, Capability::Bot).makes_key_package(CardKind::Contacts, false)
    };
    let others = &mut [&mut bob, &mut carol];
    forbidden(
        &mut alice,
        others,
        &[bot()],
        Change::default(),
        RuleViolation::Bot,
    );
    let welcome = rules(&alice, |rules| rules.privacy = Privacy::default());
    let welcome = Change {
        add: vec![VerifiedKeyPackage::verify(&bot().bytes).unwrap()],
        ..welcome
    };
    let welcome = alice.commits(welcome);
    sequence(&welcome, &mut alice, others);
}

#[test]
fn a_conversation_between_two_stays_between_the_two() {
    let (mut alice, mut bob) = alice_and_bob();
    for card in [CardKind::Contacts, CardKind::Link, CardKind::OwnDevice] {
        let carol = Device::new(3, 1).makes_key_package(card, false);
        let by = match card {
            CardKind::Contacts => RuleViolation::Accounts,
            _ => RuleViolation::Card,
        };
        forbidden(&mut alice, &mut [&mut bob], &[carol], Change::default(), by);
    }
    // Nor is Bob's place given to Carol, nor does his account lose its last device.
    let bobs = bob.group().own_index();
    let carol = Device::new(3, 1).makes_key_package(CardKind::Contacts, false);
    forbidden(
        &mut alice,
        &mut [&mut bob],
        &[carol],
        removing(bobs),
        RuleViolation::Accounts,
    );
    forbidden(
        &mut alice,
        &mut [&mut bob],
        &[],
        removing(bobs),
        RuleViolation::Accounts,
    );
    // A second device of his comes by contact card or from himself, not by his link.
    let mut phone = Device::new(2, 2);
    let by_link = phone.makes_key_package(CardKind::Link, false);
    forbidden(
        &mut alice,
        &mut [&mut bob],
        &[by_link],
        Change::default(),
        RuleViolation::Card,
    );
    let add = alice.commits(adding([phone.offers(CardKind::Contacts)]));
    sequence(&add, &mut alice, &mut [&mut bob]);
    phone.joins(&add);
    // Either side removes a device of either: the other remains.
    let gone = alice.commits(removing(bobs));
    sequence(&gone, &mut alice, &mut [&mut phone]);
}

#[test]
fn ones_own_group_takes_only_ones_own_devices() {
    let (mut desk, mut phone) = desk_and_phone();
    for card in [CardKind::Contacts, CardKind::OwnDevice, CardKind::Link] {
        let bob = Device::new(2, 1).makes_key_package(card, false);
        forbidden(
            &mut desk,
            &mut [&mut phone],
            &[bob],
            Change::default(),
            RuleViolation::Card,
        );
    }
}

#[test]
fn a_leaf_stays_whose_it_was() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let others = &mut [&mut alice, &mut carol];
    let leaf = bob.leaf(CardKind::Link);
    let change = Change {
        leaf: Some(leaf),
        ..Change::default()
    };
    forbidden(&mut bob, others, &[], change, RuleViolation::CardChanged);

    let info = lawless::info(&mut bob, CardKind::OwnDevice);
    let by = RuleViolation::Leaf(LeafError::Info);
    for extensions in [
        vec![],
        vec![(LEAF_EXTENSION, info.clone()), (0xF1FF, vec![1])],
        vec![(LEAF_EXTENSION, [info.clone(), info].concat())],
    ] {
        let content = Content {
            leaf: Some(lawless::new_leaf(&extensions)),
            ..Content::default()
        };
        refused(&mut bob, others, &content, by);
    }

    // The same device and account, but another certificate: a capability changed, for example.
    let root = SecretKey::from_seed(&[2; 32]);
    let device_key = bob.identity.certificate.device_key;
    let certificate = Certificate::issue(&root, device_key, Serial::new([9; 16]), Capability::Bot);
    let mut identity = bob.identity.clone();
    identity.certificate = certificate;
    let credential = identity.credential();
    let leaf = LeafNodeParameters::builder().with_credential_with_key(credential);
    let content = Content {
        leaf: Some(leaf.build()),
        ..Content::default()
    };
    refused(
        &mut bob,
        others,
        &content,
        RuleViolation::CertificateChanged,
    );
}

#[test]
fn the_context_holds_the_rules_and_nothing_else() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let others = &mut [&mut bob, &mut carol];
    let rules = alice.group().rules().encode();
    let unknown = Extension::Unknown(0xF1FF, UnknownExtension(vec![1]));
    let senders = Extension::ExternalSenders(ExternalSendersExtension::new());
    let contexts = [
        (
            lawless::context(&rules, vec![senders]),
            RuleViolation::Extensions,
        ),
        (
            lawless::context(&[rules.clone(), rules.clone()].concat(), vec![]),
            RuleViolation::Rules(RulesError::Malformed),
        ),
        (
            lawless::context(&[], vec![]),
            RuleViolation::Rules(RulesError::Version),
        ),
        (lawless::no_context(), RuleViolation::Extensions),
    ];
    for (context, by) in contexts {
        let content = Content {
            context: Some(context),
            ..Content::default()
        };
        refused(&mut alice, others, &content, by);
    }
    // OpenMLS itself refuses what not all members have declared.
    let context = lawless::context(&rules, vec![unknown]);
    let content = Content {
        context: Some(context),
        ..Content::default()
    };
    assert!(lawless::commits(&mut alice, &content).is_none());
}

#[test]
fn other_kinds_of_proposals_are_refused() {
    let (mut alice, _, _) = three(|_| ());
    let custom = CustomProposal::new(0xF200, vec![1]);
    let content = Content {
        more: vec![Proposal::Custom(Box::new(custom))],
        ..Content::default()
    };
    assert!(
        lawless::commits(&mut alice, &content).is_none(),
        "not even OpenMLS builds it"
    );
}

#[test]
fn a_key_package_that_is_not_in_order_is_refused_by_the_adder_and_by_all() {
    type Flaw = fn(&mut Forgery, &mut Device);
    let flaws: [(Flaw, RuleViolation); 8] = [
        (
            |forgery, _| forgery.lifetime = Lifetime::init(0, u64::MAX - 1),
            RuleViolation::Leaf(LeafError::Lifetime),
        ),
        (
            |forgery, _| forgery.lifetime = Lifetime::init(1, u64::MAX),
            RuleViolation::Leaf(LeafError::Lifetime),
        ),
        (
            |forgery, _| forgery.credential = b"Dave".to_vec(),
            RuleViolation::Leaf(LeafError::Certificate),
        ),
        (
            |forgery, _| {
                // Protobuf would read past it.
                forgery.credential.extend_from_slice(&[0x78, 1]);
            },
            RuleViolation::Leaf(LeafError::Certificate),
        ),
        (
            |forgery, _| {
                forgery.credential = Device::new(2, 1).identity.certificate.encode();
            },
            RuleViolation::Leaf(LeafError::OtherKey),
        ),
        (
            |forgery, _| forgery.leaf.push((0xF1FF, vec![1])),
            RuleViolation::Leaf(LeafError::Info),
        ),
        (
            |forgery, _| forgery.leaf.clear(),
            RuleViolation::Leaf(LeafError::Info),
        ),
        (
            |forgery, _| {
                forgery.extensions = vec![Extension::Unknown(0xF1FF, UnknownExtension(vec![1]))];
            },
            RuleViolation::KeyPackage,
        ),
    ];
    let (mut alice, mut bob, mut carol) = three(|_| ());
    for (flaw, by) in flaws {
        let mut dave = Device::new(4, 1);
        let mut forgery = Forgery::of(&mut dave, CardKind::Contacts);
        flaw(&mut forgery, &mut dave);
        let forged: KeyPackage = forgery.sign(&dave);
        match VerifiedKeyPackage::verify(&lawless::bytes(&forged)) {
            Err(KeyPackageError::Leaf(error)) => assert_eq!(RuleViolation::Leaf(error), by),
            Err(KeyPackageError::Invalid) => assert_eq!(by, RuleViolation::KeyPackage),
            unexpected => panic!("{by:?} expected: {unexpected:?}"),
        }
        let content = Content {
            adds: vec![forged],
            ..Content::default()
        };
        refused(&mut alice, &mut [&mut bob, &mut carol], &content, by);
    }
    // In order: the same without a flaw.
    let mut dave = Device::new(4, 1);
    let sound = Forgery::of(&mut dave, CardKind::Contacts).sign(&dave);
    let pending = alice.commits(adding([VerifiedKeyPackage::verify(&lawless::bytes(
        &sound,
    ))
    .unwrap()]));
    sequence(&pending, &mut alice, &mut [&mut bob, &mut carol]);
}

#[test]
fn a_refused_commit_does_not_use_up_the_key_of_a_good_one() {
    // Bob is given a forbidden commit, then all are given a good one under the same ratchet key. Whoever had
    // used the key up for the first could not read the second.
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let before = alice.store.snapshot();
    let mut stolen = alice.group().rules().clone();
    stolen.handle = Handle::new([9; 32]);
    let content = Content {
        context: Some(lawless::rules_context(&stolen)),
        ..Content::default()
    };
    let bad = lawless::commits(&mut alice, &content).unwrap();
    assert!(matches!(
        bob.opens(&bad.envelope),
        Err(OpenError::InvalidCommit {
            violation: RuleViolation::Fixed,
            ..
        })
    ));
    alice.store.restore(&before);
    alice.restarts();
    let good = alice.commits(Change::default());
    sequence(&good, &mut alice, &mut [&mut bob, &mut carol]);
}

#[test]
fn a_key_that_nobody_can_encrypt_to_stays_out() {
    // In the tree it would stop every commit with a path: the committer must encrypt to all.
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let dave = Device::new(4, 1);
    let mut maker = Device::new(4, 1);
    let made = maker.makes_key_package(CardKind::Contacts, false);
    let unchanged = lawless::with_keys(&dave, &made, None, None);
    assert!(
        VerifiedKeyPackage::verify(&unchanged).is_ok(),
        "the forgery is well made"
    );
    for (init_key, leaf_key) in [
        (None, Some(&[][..])),
        (None, Some(&[1; 32][..])),
        (None, Some(&[0xff; 1_216][..])),
        (Some(&[0xff; 1_216][..]), None),
    ] {
        let forged = lawless::with_keys(&dave, &made, init_key, leaf_key);
        assert!(matches!(
            VerifiedKeyPackage::verify(&forged),
            Err(KeyPackageError::Leaf(LeafError::Key))
        ));
        let forged = lawless::parse(&forged);
        let content = Content {
            adds: vec![forged],
            ..Content::default()
        };
        if init_key.is_none() {
            let by = RuleViolation::Leaf(LeafError::Key);
            refused(&mut alice, &mut [&mut bob, &mut carol], &content, by);
        }
    }
}

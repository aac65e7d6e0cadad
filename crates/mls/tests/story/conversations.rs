//! What happens in conversations where everybody is honest.

use undertone_mls::{
    CardKind, Change, ConversationKind, GroupError, Invitation, InvitationError, OpenError, Opened,
    Provider, Rules, VerifiedKeyPackage, delete_key_package, open_welcome, seal_welcome,
};
use undertone_wire::reach::ReachSecret;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::device::{
    Device, GROUP, HANDLE, adding, agree, alice_and_bob, desk_and_phone, removing, ruling,
    sequence, three,
};

#[test]
fn a_request_by_a_reusable_link_is_read_accepted_and_answered() {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    let knock = ReachSecret::new([9; 32]).knock_key();
    let on_the_card = bob.makes_key_package(CardKind::Link, true);

    alice.founds(Rules::direct(HANDLE));
    let found = VerifiedKeyPackage::verify(&on_the_card.bytes).unwrap();
    assert_eq!(found.device().account, bob.account());
    assert!(found.is_reusable());
    let pending = alice.commits(adding([found]));
    let knocking = seal_welcome(&knock, pending.welcome.clone().unwrap(), &mut alice.rng).unwrap();
    alice.merges_own(&pending);
    let hello = alice.sends("hello Bob");

    let before = bob.store.snapshot();
    let welcome = open_welcome(&knock, &knocking).unwrap();
    let invitation = Invitation::read(&Provider::new(&bob.store), &welcome).unwrap();
    assert_eq!(bob.store.snapshot(), before, "reading writes nothing");
    assert_eq!(invitation.rules.kind, ConversationKind::Direct);
    assert_eq!(invitation.inviter.account, alice.account());
    assert_eq!(invitation.own.leaf.card, CardKind::Link);
    assert_eq!(invitation.group_id, GROUP);
    assert_eq!(invitation.key_package, on_the_card.reference);
    assert!(invitation.reusable && !invitation.replaces);
    bob.joins(&pending);
    agree(&alice, &bob);
    assert_eq!(bob.receives(&hello), ("hello Bob".into(), alice.account()));

    // Accepting: a new key and a new address.
    let leaf = bob.leaf(CardKind::OwnDevice);
    let accept = bob.commits(Change {
        leaf: Some(leaf.clone()),
        ..Change::default()
    });
    let received = alice.opens_commit(&accept.envelope);
    assert_eq!(received.new_leaf.unwrap().leaf, leaf);
    sequence(&accept, &mut bob, &mut [&mut alice]);
    let reply = bob.sends("hello Alice");
    assert_eq!(
        alice.receives(&reply),
        ("hello Alice".into(), bob.account())
    );
    assert_eq!(alice.group().member(1).unwrap().leaf, leaf);

    // The KeyPackage still serves for others, until it is deleted.
    let mut carol = Device::new(3, 1);
    carol.founds(Rules::direct(HANDLE));
    let again = carol.commits(adding([
        VerifiedKeyPackage::verify(&on_the_card.bytes).unwrap()
    ]));
    let provider = Provider::new(&bob.store);
    let welcome = again.welcome.unwrap();
    assert!(matches!(
        Invitation::read(&provider, &welcome),
        Err(InvitationError::Contradicts)
    ));
    delete_key_package(&provider, &on_the_card.reference).unwrap();
    assert!(matches!(
        Invitation::read(&provider, &welcome),
        Err(InvitationError::NoKeyPackage)
    ));
}

#[test]
fn a_device_is_removed_and_reads_nothing_afterwards() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let pending = alice.commits(removing(alice.index_of(&carol)));
    let received = carol.opens_commit(&pending.envelope);
    assert!(received.removes_me);
    assert_eq!(received.removed[0].account, carol.account());
    carol.with(|group, provider, _, _| group.merge(provider, received).unwrap());
    assert!(!carol.group().is_active());
    sequence(&pending, &mut alice, &mut [&mut bob]);
    let secret = bob.sends("without Carol");
    alice.receives(&secret);
    assert!(matches!(carol.opens(&secret), Err(OpenError::NotAMember)));
    carol.restarts();
    let refused = carol.with(|group, provider, identity, rng| {
        group.encrypt(provider, identity, b"still here?", rng)
    });
    assert!(matches!(refused, Err(GroupError::NotAMember)));
}

#[test]
fn rules_change_for_everybody() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let mut rules = bob.group().rules().clone();
    rules.title = "Allotment".into();
    rules.disappearing_seconds = 86_400;
    let pending = bob.commits(ruling(rules.clone()));
    assert_eq!(alice.opens_commit(&pending.envelope).rules.unwrap(), rules);
    sequence(&pending, &mut bob, &mut [&mut alice, &mut carol]);
    assert_eq!(carol.group().rules(), &rules);
    carol.restarts();
    assert_eq!(carol.group().rules(), &rules);
}

#[test]
fn the_commit_that_won_discards_the_one_that_lost() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let won = alice.commits(Change::default());
    let lost = bob.commits(Change::default());
    assert!(matches!(
        bob.try_commit(Change::default()),
        Err(GroupError::CommitPending)
    ));
    // Sending goes on while a commit is pending.
    let meanwhile = bob.sends("meanwhile");
    assert_eq!(carol.receives(&meanwhile).0, "meanwhile");
    alice.receives(&meanwhile);
    sequence(&won, &mut alice, &mut [&mut bob, &mut carol]);
    assert!(!bob.group().has_pending());
    assert!(matches!(
        carol.opens(&lost.envelope),
        Err(OpenError::NotOurs)
    ));
    assert!(matches!(bob.opens(&lost.envelope), Err(OpenError::NotOurs)));
    let again = bob.commits(Change::default());
    sequence(&again, &mut bob, &mut [&mut alice, &mut carol]);
}

#[test]
fn messages_come_once_and_in_any_order_within_the_tolerance() {
    let (mut alice, mut bob) = alice_and_bob();
    let sent: Vec<_> = (0..40).map(|n| alice.sends(&n.to_string())).collect();
    for n in (5..35).rev() {
        assert_eq!(bob.receives(&sent[n]).0, n.to_string());
    }
    for again in &sent[5..35] {
        assert!(matches!(bob.opens(again), Err(OpenError::Replayed)));
    }
    assert_eq!(bob.receives(&sent[39]).0, "39");
    // 40 is next; 8 to 39 may still come, 7 not.
    assert!(matches!(bob.opens(&sent[4]), Err(OpenError::OutOfOrder)));
    assert_eq!(bob.receives(&sent[36]).0, "36");
}

#[test]
fn signals_are_signed_and_use_nothing_up() {
    let (mut alice, mut bob) = alice_and_bob();
    let before = alice.store.snapshot();
    let signal = alice.with(|group, provider, identity, rng| {
        group
            .seal_signal(provider, identity, b"seen".to_vec(), rng)
            .unwrap()
    });
    assert_eq!(alice.store.snapshot(), before);
    for _ in 0..2 {
        match bob.opens(&signal).unwrap() {
            Opened::Signal { sender, body } => {
                assert_eq!(
                    (sender.account, body.as_slice()),
                    (alice.account(), &b"seen"[..])
                );
            }
            other => panic!("not a signal: {other:?}"),
        }
    }
    // Signed by another key than the one of the leaf that it names.
    let forged = bob.with(|group, provider, _, rng| {
        let stranger = Device::new(9, 9).identity;
        group
            .seal_signal(provider, &stranger, b"seen".to_vec(), rng)
            .unwrap()
    });
    assert!(matches!(alice.opens(&forged), Err(OpenError::Malformed)));
}

#[test]
fn an_envelope_of_another_epoch_is_not_ours() {
    let (mut alice, mut bob) = alice_and_bob();
    let old = alice.sends("old");
    let pending = bob.commits(Change::default());
    sequence(&pending, &mut bob, &mut [&mut alice]);
    assert!(matches!(bob.opens(&old), Err(OpenError::NotOurs)));
    assert!(matches!(bob.opens(b"short"), Err(OpenError::NotOurs)));
    let own = alice.sends("to myself");
    assert!(matches!(alice.opens(&own), Err(OpenError::OwnMessage)));
}

#[test]
fn the_devices_of_one_account_have_a_group_of_their_own() {
    let (mut desk, mut phone) = desk_and_phone();
    let note = phone.sends("a draft");
    assert_eq!(desk.receives(&note).0, "a draft");
}

#[test]
fn a_device_that_fell_behind_is_added_anew() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let missed = alice.commits(Change::default());
    sequence(&missed, &mut alice, &mut [&mut bob]);
    // Carol asks; Bob, who is no admin, may help.
    let change = Change {
        add: vec![carol.offers(CardKind::OwnDevice)],
        remove: vec![bob.index_of(&carol)],
        ..Change::default()
    };
    let pending = bob.commits(change);
    sequence(&pending, &mut bob, &mut [&mut alice]);
    let invitation = carol.reads(&pending);
    assert!(invitation.replaces);
    carol.joins(&pending);
    agree(&alice, &carol);
    let back = carol.sends("back again");
    alice.receives(&back);
    bob.receives(&back);
    carol.restarts();
    agree(&alice, &carol);
}

#[test]
fn a_one_time_key_package_goes_with_its_use_or_by_declining() {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    alice.founds(Rules::direct(HANDLE));
    let pending = alice.commits(adding([bob.offers(CardKind::Once)]));
    assert_eq!(bob.store.len(), 1);
    let invitation = bob.reads(&pending);
    invitation.decline(&Provider::new(&bob.store)).unwrap();
    assert!(bob.store.is_empty());
    let welcome = pending.welcome.unwrap();
    assert!(matches!(
        Invitation::read(&Provider::new(&bob.store), &welcome),
        Err(InvitationError::NoKeyPackage)
    ));
}

#[test]
fn a_deleted_group_leaves_nothing_in_the_store() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let pending = alice.commits(removing(alice.index_of(&carol)));
    let removed = carol.opens_commit(&pending.envelope);
    carol.with(|group, provider, _, _| group.merge(provider, removed).unwrap());
    sequence(&pending, &mut alice, &mut [&mut bob]);
    bob.commits(Change::default());
    for device in [&mut alice, &mut bob, &mut carol] {
        device.restarts();
        let group = undertone_mls::Group::load(&Provider::new(&device.store), GROUP).unwrap();
        group
            .unwrap()
            .delete(&Provider::new(&device.store))
            .unwrap();
        assert!(device.store.is_empty(), "{:?}", device.store);
        device.restarts();
    }
}

//! A device dies around an operation, and goes on from its store.

use undertone_mls::{CardKind, Change, OpenError, Opened};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::device::{Device, adding, agree, alice_and_bob, sequence, three};

/// Dies before the transaction of `act` commits, comes back, and does it once more; then dies after it.
fn twice<T>(device: &mut Device, act: impl Fn(&mut Device) -> T) -> (T, T) {
    let before = device.store.snapshot();
    let lost = act(device);
    device.store.restore(&before);
    device.restarts();
    let kept = act(device);
    device.restarts();
    (lost, kept)
}

#[test]
fn around_sending_and_receiving() {
    let (mut alice, mut bob) = alice_and_bob();
    // What was lost never left the device: the same key serves the message that does.
    let (_, sent) = twice(&mut alice, |alice| alice.sends("one"));
    let (first, second) = twice(&mut bob, |bob| bob.receives(&sent).0);
    assert_eq!((first.as_str(), second.as_str()), ("one", "one"));
    assert!(matches!(bob.opens(&sent), Err(OpenError::Replayed)));
    let next = alice.sends("two");
    assert_eq!(bob.receives(&next).0, "two");
    agree(&alice, &bob);
}

#[test]
fn around_committing_and_merging() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let (lost, kept) = twice(&mut alice, |alice| alice.commits(Change::default()));
    assert!(alice.group().has_pending());
    // The one that was lost is not this device's pending commit any more.
    assert!(matches!(
        alice.opens(&lost.envelope),
        Err(OpenError::OwnMessage)
    ));
    let meanwhile = alice.sends("meanwhile");
    bob.receives(&meanwhile);
    twice(&mut alice, |alice| alice.merges_own(&kept));
    twice(&mut bob, |bob| bob.merges(&kept.envelope));
    twice(&mut carol, |carol| carol.merges(&kept.envelope));
    agree(&alice, &bob);
    agree(&alice, &carol);
    assert!(!alice.group().has_pending());
    // Its entry comes again after the crash, and is of no epoch that is known.
    assert!(matches!(
        alice.opens(&kept.envelope),
        Err(OpenError::NotOurs)
    ));
    let next = bob.commits(Change::default());
    sequence(&next, &mut bob, &mut [&mut alice, &mut carol]);
}

#[test]
fn around_losing_an_epoch() {
    let (mut alice, mut bob, mut carol) = three(|_| ());
    let won = alice.commits(Change::default());
    bob.commits(Change::default());
    bob.restarts();
    twice(&mut bob, |bob| bob.merges(&won.envelope));
    assert!(!bob.group().has_pending());
    sequence(&won, &mut alice, &mut [&mut carol]);
    agree(&alice, &bob);
    let next = bob.commits(Change::default());
    sequence(&next, &mut bob, &mut [&mut alice, &mut carol]);
}

#[test]
fn around_discarding() {
    let (mut alice, mut bob) = alice_and_bob();
    alice.commits(Change::default());
    twice(&mut alice, |alice| {
        alice.with(|group, provider, _, _| group.discard_pending(provider).unwrap());
    });
    assert!(!alice.group().has_pending());
    let next = alice.commits(Change::default());
    sequence(&next, &mut alice, &mut [&mut bob]);
}

#[test]
fn around_joining() {
    let (mut alice, mut bob) = alice_and_bob();
    let mut phone = Device::new(2, 2);
    let add = alice.commits(adding([phone.offers(CardKind::OwnDevice)]));
    sequence(&add, &mut alice, &mut [&mut bob]);
    twice(&mut phone, |phone| phone.joins(&add));
    agree(&alice, &phone);
    let hello = alice.sends("hello");
    assert_eq!(phone.receives(&hello).0, "hello");
}

#[test]
fn an_opened_commit_that_is_never_merged_changes_nothing() {
    let (mut alice, mut bob) = alice_and_bob();
    let pending = alice.commits(Change::default());
    let before = bob.store.snapshot();
    for _ in 0..3 {
        assert!(matches!(
            bob.opens(&pending.envelope),
            Ok(Opened::Commit(_))
        ));
    }
    assert_eq!(bob.store.snapshot(), before);
    let message = bob.sends("still here");
    alice.receives(&message);
    bob.merges(&pending.envelope);
    alice.merges_own(&pending);
    agree(&alice, &bob);
}

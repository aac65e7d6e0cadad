//! A group that is kept in memory while its store goes on: it is as one that is loaded anew, and whoever changes the store by
//! another value writes where the keeper looks.

use std::{cell::RefCell, collections::BTreeSet, convert::Infallible};

use undertone_mls::{CardKind, Change, Group, KeyValue, MemoryKeyValue, Opened, Provider, Rules};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::device::{Device, GROUP, HANDLE, adding, alice_and_bob, sequence, three};

/// Notes under which keys something was written.
struct Watched<'a> {
    store: &'a MemoryKeyValue,
    written: RefCell<BTreeSet<Vec<u8>>>,
}

impl KeyValue for Watched<'_> {
    type Error = Infallible;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
        self.store.get(key)
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), Infallible> {
        self.written.borrow_mut().insert(key.to_vec());
        self.store.put(key, value)
    }

    fn delete(&self, key: &[u8]) -> Result<(), Infallible> {
        self.written.borrow_mut().insert(key.to_vec());
        self.store.delete(key)
    }
}

/// Whether what `act` does with a group loaded anew shows to whoever keeps one.
fn shows(device: &Device, act: impl FnOnce(Group, &Provider<'_, Watched<'_>>)) -> bool {
    let keys = device.group().stored_keys().unwrap();
    let watched = Watched {
        store: &device.store,
        written: RefCell::default(),
    };
    let provider = Provider::new(&watched);
    act(Group::load(&provider, GROUP).unwrap().unwrap(), &provider);
    let written = watched.written.borrow();
    keys.iter().any(|key| written.contains(key.as_slice()))
}

/// The value in memory goes on from where one out of the store does: both write the same with the next message. OpenMLS
/// prints the rest of what it holds, but for secrets.
fn is_as_stored(device: &mut Device) {
    let provider = Provider::new(&device.store);
    let mut stored = Group::load(&provider, GROUP).unwrap().unwrap();
    let shown = |group: &Group| {
        // What is made when it is asked for is there on both sides.
        group.members().unwrap();
        group.secrets(&provider).unwrap();
        format!("{group:?}")
    };
    assert!(shown(device.group()) == shown(&stored), "they differ");

    let before = device.store.snapshot();
    device.sends("by the one in memory");
    let by_kept = device.store.snapshot();
    assert!(by_kept != before, "a message moves a ratchet");
    device.store.restore(&before);
    let provider = Provider::new(&device.store);
    stored
        .encrypt(
            &provider,
            &device.identity,
            b"by the stored",
            &mut device.rng,
        )
        .unwrap();
    assert!(by_kept == device.store.snapshot());
}

#[test]
fn whatever_changes_a_group_is_written_where_it_shows() {
    let (mut alice, mut bob) = alice_and_bob();
    let message = alice.sends("hello");
    let commit = alice.commits(Change::default());
    let identity = bob.identity.clone();
    let mut rng = bob.rng.clone();

    assert!(shows(&bob, |mut group, provider| {
        group.encrypt(provider, &identity, b"x", &mut rng).unwrap();
    }));
    assert!(shows(&bob, |mut group, provider| {
        group.open(provider, &message).unwrap();
    }));
    assert!(shows(&bob, |mut group, provider| {
        group
            .commit(provider, &identity, Change::default(), &mut rng)
            .unwrap();
    }));
    assert!(shows(&bob, |mut group, provider| {
        group.discard_pending(provider).unwrap();
    }));
    assert!(shows(&bob, |mut group, provider| {
        let Opened::Commit(commit) = group.open(provider, &commit.envelope).unwrap() else {
            panic!("a commit");
        };
        group.merge(provider, *commit).unwrap();
    }));
    bob.restarts();
    assert!(shows(&alice, |mut group, provider| {
        group.merge_own_pending(provider).unwrap();
    }));
    assert!(shows(&bob, |group, provider| {
        group.delete(provider).unwrap();
    }));
    alice.restarts();
    assert_eq!(alice.group().epoch(), bob.group().epoch());
}

#[test]
fn whoever_joins_over_an_older_state_writes_where_it_shows() {
    let (mut alice, mut bob) = alice_and_bob();
    let offered = bob.offers(CardKind::OwnDevice);
    let change = Change {
        remove: vec![alice.index_of(&bob)],
        ..adding([offered])
    };
    let again = alice.commits(change);
    assert!(shows(&bob, |_, provider| {
        let welcome = again.welcome.as_ref().unwrap();
        let invitation = undertone_mls::Invitation::read(provider, welcome).unwrap();
        invitation.accept(provider).unwrap();
    }));
    alice.merges_own(&again);
}

#[test]
fn what_changes_nothing_does_not_show() {
    let (mut alice, mut bob) = alice_and_bob();
    let commit = alice.commits(Change::default());
    let strange = {
        let mut carol = Device::new(3, 1);
        carol.founds(Rules::direct(HANDLE));
        carol.sends("of another conversation")
    };
    let signal = alice.with(|group, provider, identity, rng| {
        let sealed = group.seal_signal(provider, identity, b"typing".to_vec(), rng);
        sealed.unwrap()
    });
    assert!(!shows(&bob, |mut group, provider| {
        group.members().unwrap();
        group.secrets(provider).unwrap();
        group.open(provider, &signal).unwrap();
        group.open(provider, &strange).unwrap_err();
        group.open(provider, &commit.envelope).unwrap();
    }));
    bob.opens(&signal).unwrap();
    bob.opens(&strange).unwrap_err();
    bob.opens(&commit.envelope).unwrap();
    is_as_stored(&mut bob);
}

/// What happens to three in a group, up to a point; then each of them is held against what they stored.
fn live_until(stop: usize) -> bool {
    let (mut alice, mut bob, mut carol) = three(|_| {});
    let mut left = stop;
    let mut goes_on = || {
        left = left.saturating_sub(1);
        left > 0
    };
    let mut live = || {
        for round in 0..2 {
            let texts = [alice.sends("one"), alice.sends("two"), alice.sends("three")];
            // Out of order, and one of them never.
            for at in [2, 0] {
                bob.receives(&texts[at]);
                if !goes_on() {
                    return false;
                }
            }
            carol.receives(&texts[2]);
            let back = bob.sends("thanks");
            alice.receives(&back);
            if !goes_on() {
                return false;
            }
            let leaf = (round > 0).then(|| alice.leaf(CardKind::OwnDevice));
            let renewed = alice.commits(Change {
                leaf,
                ..Change::default()
            });
            if !goes_on() {
                return false;
            }
            sequence(&renewed, &mut alice, &mut [&mut bob, &mut carol]);
            if !goes_on() {
                return false;
            }
        }
        true
    };
    let ended = live();
    for device in [&mut alice, &mut bob, &mut carol] {
        is_as_stored(device);
    }
    ended
}

#[test]
fn a_group_kept_in_memory_is_as_the_store_has_it() {
    let ended = (1..100).find(|stop| live_until(*stop));
    assert_eq!(ended, Some(11));
}

//! The store fails at any one access: it is reported as that, and never as a fault of what came.

use std::cell::Cell;

use undertone_mls::{
    Change, Group, GroupError, Invitation, InvitationError, KeyValue, MemoryKeyValue, OpenError,
    Opened, Provider, StorageError,
};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::device::{Device, GROUP, adding, alice_and_bob, sequence};
use undertone_mls::CardKind;

#[derive(Debug, thiserror::Error)]
#[error("the disk is full")]
struct DiskFull;

/// Fails at the access whose turn it is.
struct Failing<'a> {
    store: &'a MemoryKeyValue,
    left: Cell<usize>,
}

impl Failing<'_> {
    fn access(&self) -> Result<(), DiskFull> {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        if left == 0 { Err(DiskFull) } else { Ok(()) }
    }
}

impl KeyValue for Failing<'_> {
    type Error = DiskFull;

    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, DiskFull> {
        self.access()?;
        Ok(self.store.get(key).unwrap())
    }

    fn put(&self, key: &[u8], value: &[u8]) -> Result<(), DiskFull> {
        self.access()?;
        self.store.put(key, value).unwrap();
        Ok(())
    }

    fn delete(&self, key: &[u8]) -> Result<(), DiskFull> {
        self.access()?;
        self.store.delete(key).unwrap();
        Ok(())
    }
}

/// Lets the first, second, … access fail until `act` comes through; gives how many failed.
fn with_failures(
    store: &MemoryKeyValue,
    act: impl Fn(&Provider<'_, Failing<'_>>) -> Result<(), Option<StorageError>>,
) -> usize {
    for left in 0..10_000 {
        let before = store.snapshot();
        let failing = Failing {
            store,
            left: Cell::new(left),
        };
        match act(&Provider::new(&failing)) {
            Ok(()) => return left,
            Err(Some(StorageError::Backend(_))) => store.restore(&before),
            Err(other) => panic!("access {left}: {other:?}"),
        }
    }
    panic!("never came through");
}

fn load(provider: &Provider<'_, Failing<'_>>) -> Result<Group, Option<StorageError>> {
    Ok(Group::load(provider, GROUP)
        .map_err(Some)?
        .expect("in a group"))
}

fn of_group(error: GroupError) -> Option<StorageError> {
    match error {
        GroupError::Storage(error) => Some(error),
        _ => None,
    }
}

fn of_open(error: OpenError) -> Option<StorageError> {
    match error {
        OpenError::Storage(error) => Some(error),
        _ => None,
    }
}

#[test]
fn a_failing_store_is_told_from_a_bad_message() {
    let (mut alice, mut bob) = alice_and_bob();
    let message = alice.sends("hello");
    let opened = with_failures(&bob.store, |provider| {
        let opened = load(provider)?.open(provider, &message).map_err(of_open)?;
        assert!(matches!(opened, Opened::Application { .. }));
        Ok(())
    });
    assert!(opened > 5, "{opened}");

    let commit = alice.commits(Change::default());
    let merged = with_failures(&bob.store, |provider| {
        let mut group = load(provider)?;
        let Opened::Commit(commit) = group.open(provider, &commit.envelope).map_err(of_open)?
        else {
            panic!("a commit");
        };
        group.merge(provider, *commit).map_err(of_group)
    });
    assert!(merged > 10, "{merged}");
    alice.merges_own(&commit);
    bob.restarts();
    crate::device::agree(&alice, &bob);
}

#[test]
fn a_failing_store_is_told_from_a_bad_invitation() {
    let (mut alice, mut bob) = alice_and_bob();
    let mut phone = Device::new(2, 2);
    let add = alice.commits(adding([phone.offers(CardKind::OwnDevice)]));
    sequence(&add, &mut alice, &mut [&mut bob]);
    let welcome = add.welcome.unwrap();
    with_failures(&phone.store, |provider| {
        let invitation = Invitation::read(provider, &welcome).map_err(|error| match error {
            InvitationError::Storage(error) => Some(error),
            _ => None,
        })?;
        invitation.accept(provider).map(drop).map_err(of_group)
    });
    phone.restarts();
    crate::device::agree(&alice, &phone);
}

#[test]
fn a_failing_store_loses_no_commit() {
    let (mut alice, _) = alice_and_bob();
    let identity = alice.identity.clone();
    let leaf = alice.leaf(CardKind::OwnDevice);
    let rng = std::cell::RefCell::new(alice.rng.clone());
    with_failures(&alice.store, |provider| {
        let change = Change {
            leaf: Some(leaf.clone()),
            ..Change::default()
        };
        let mut group = load(provider)?;
        let made = group.commit(provider, &identity, change, &mut *rng.borrow_mut());
        made.map(drop).map_err(of_group)
    });
    alice.restarts();
    assert!(alice.group().has_pending());
}

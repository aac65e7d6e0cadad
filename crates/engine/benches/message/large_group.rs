//! A group of many devices, of which two are here with their stores and the others are leaves alone: what founding it,
//! adding and removing one cost, with the group loaded anew for each step.

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, Invitation, LeafInfo, MemoryKeyValue, Opened,
    PendingCommit, Provider, Rules, VerifiedKeyPackage, make_key_package,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{Alias, DeviceKey, Serial},
    limits::WELCOMES_PER_COMMIT,
    signing::SecretKey,
};

use crate::{Client, GROUP, HANDLE, Keys, cost::Cost};

/// The KeyPackage of a device that is nowhere.
fn elsewhere(number: u64) -> VerifiedKeyPackage {
    let mut rng = ChaCha20Rng::seed_from_u64(number);
    let (mut root, mut key) = ([0; 32], [0; 32]);
    rng.fill_bytes(&mut root);
    rng.fill_bytes(&mut key);
    let key = SecretKey::from_seed(&key);
    let certificate = Certificate::issue(
        &SecretKey::from_seed(&root),
        DeviceKey::new(key.public()),
        Serial::random(&mut rng),
        Capability::Full,
    );
    let leaf = LeafInfo {
        alias: Alias::random(&mut rng),
        rescue_key: [5; 32],
        card: CardKind::Contacts,
        name: "somebody of it".to_owned(),
    };
    let store = MemoryKeyValue::new();
    let identity = DeviceIdentity { certificate, key };
    let made = make_key_package(&Provider::new(&store), &identity, &leaf, false).unwrap();
    VerifiedKeyPackage::verify(&made.bytes).unwrap()
}

impl Client {
    fn commits(&mut self, change: Change) -> PendingCommit {
        self.step(|tx, identity, rng| {
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let mut group = Group::load(&provider, GROUP).unwrap().unwrap();
            group.commit(&provider, identity, change, rng).unwrap()
        })
    }

    fn merges_own(&mut self) {
        self.step(|tx, _, _| {
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let mut group = Group::load(&provider, GROUP).unwrap().unwrap();
            group.merge_own_pending(&provider).unwrap();
        });
    }

    fn merges(&mut self, pending: &PendingCommit) {
        self.step(|tx, _, _| {
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let mut group = Group::load(&provider, GROUP).unwrap().unwrap();
            let mut opened = group.open(&provider, &pending.envelope).unwrap();
            if let (Opened::Outside(pointer), Some(outside)) = (&opened, &pending.outside) {
                let chunks = (0..).zip(&outside.chunks);
                let chunks = chunks.flat_map(|(index, chunk)| {
                    let opened = pointer.open_chunk(index, chunk);
                    opened.unwrap()
                });
                let fetched = pointer.complete(chunks.collect()).unwrap();
                opened = group.open_fetched(&provider, &fetched).unwrap();
            }
            let Opened::Commit(commit) = opened else {
                panic!("a commit was sent");
            };
            group.merge(&provider, *commit).unwrap();
        });
    }
}

/// Alice founds a group of `devices`, Bob's among them, changes it, and prints what that cost.
pub fn found(alice: &mut Client, bob: &mut Client, devices: usize) {
    let (own, card) = (
        alice.leaf(CardKind::OwnDevice),
        bob.leaf(CardKind::Contacts),
    );
    let bobs = bob.step(|tx, identity, _| {
        let keys = Keys(tx);
        make_key_package(&Provider::new(&keys), identity, &card, false).unwrap()
    });
    alice.step(|tx, identity, _| {
        let keys = Keys(tx);
        let account = identity.certificate.account();
        let rules = Rules::group(HANDLE, "Large".to_owned(), account);
        Group::found(&Provider::new(&keys), identity, GROUP, rules, &own).unwrap();
    });
    let numbers = 0..u64::try_from(devices).unwrap().saturating_sub(2);
    let mut leaves: Vec<_> = numbers.map(elsewhere).collect();
    let late = elsewhere(u64::MAX);
    leaves.push(VerifiedKeyPackage::verify(&bobs.bytes).unwrap());
    let (mut founding, mut joining) = (Cost::default(), Cost::default());
    let (mut adding, mut removing) = (Cost::default(), Cost::default());
    let (mut added, mut removed) = (Cost::default(), Cost::default());
    let mut welcome = None;
    founding.of(|| {
        while !leaves.is_empty() {
            let rest = leaves.split_off(leaves.len().min(WELCOMES_PER_COMMIT));
            let add = std::mem::replace(&mut leaves, rest);
            let pending = alice.commits(Change {
                add,
                ..Change::default()
            });
            alice.merges_own();
            welcome = pending.welcome;
        }
    });
    joining.of(|| {
        bob.step(|tx, _, _| {
            let keys = Keys(tx);
            let provider = Provider::new(&keys);
            let invitation = Invitation::read(&provider, &welcome.unwrap()).unwrap();
            invitation.accept(&provider).unwrap();
        });
    });
    let pending = adding.of(|| {
        let pending = alice.commits(Change {
            add: vec![late],
            ..Change::default()
        });
        alice.merges_own();
        pending
    });
    added.of(|| bob.merges(&pending));
    let leaf = Some(alice.leaf(CardKind::OwnDevice));
    let pending = removing.of(|| {
        let pending = alice.commits(Change {
            leaf,
            remove: vec![1],
            ..Change::default()
        });
        alice.merges_own();
        pending
    });
    removed.of(|| bob.merges(&pending));
    println!("{devices} devices:");
    founding.print("found it, in commits of 64 Adds");
    joining.print("the Welcome, read and joined");
    adding.print("add one: commit, and merge it");
    added.print("received by another");
    removing.print("remove one: commit, and merge it");
    removed.print("received by another");
    alice.enter();
    bob.enter();
}

//! What MLS takes from others: KeyPackages, Welcomes, messages and commits, and what Undertone puts into them.
//!
//! Keys are drawn anew in each process, so these inputs are scripts that change true messages (`crate::edit`).

use std::cell::RefCell;

use undertone_mls::{
    CardKind, Change, Group, Invitation, LeafInfo, MemoryKeyValue, Opened, Provider, Rules,
    Snapshot, VerifiedKeyPackage,
};
use undertone_wire::{padding::pad, reach::SymmetricKey};

use crate::{
    cut::Cut,
    edit::edited,
    envelope::{opened, seal},
    peer::{GROUP, Peer},
};

/// Two in a conversation, with what one may send the other.
struct Pair {
    /// Bob's state in the conversation.
    store: MemoryKeyValue,
    before: Snapshot,
    key: SymmetricKey,
    /// From Alice, as they stand in their envelopes: a message, a signal, a commit.
    sent: [Vec<u8>; 3],
    /// A KeyPackage of Carol's, and the Welcome that Dave made of it.
    offered: Vec<u8>,
    welcome: Vec<u8>,
    carol: MemoryKeyValue,
}

thread_local! {
    static PAIR: RefCell<Pair> = RefCell::new(Pair::new());
}

impl Pair {
    fn new() -> Self {
        let (mut alice, mut bob) = (Peer::new(1), Peer::new(2));
        let offered = bob.offers(CardKind::Link, false);
        let pending = alice.founds(&offered.bytes);
        let provider = Provider::new(&bob.store);
        let welcome = pending.welcome.expect("Bob is added");
        let invitation = Invitation::read(&provider, &welcome).expect("a sound Welcome");
        invitation.accept(&provider).expect("joined");
        let key = alice.envelope_key();
        let envelopes = [
            alice.encrypts(b"hello"),
            alice.signals(b"seen"),
            alice.commits(Change::default()).envelope,
        ];
        let (mut carol, mut dave) = (Peer::new(3), Peer::new(4));
        let offered = carol.offers(CardKind::Contacts, true).bytes;
        Self {
            before: bob.store.snapshot(),
            store: bob.store,
            sent: envelopes.map(|envelope| opened(&key, &envelope)),
            key,
            welcome: dave.founds(&offered).welcome.expect("Carol is added"),
            offered,
            carol: carol.store,
        }
    }
}

/// What is in an envelope of the conversation. What is refused has changed nothing; what is taken can be merged.
pub fn message(bytes: &[u8]) -> bool {
    PAIR.with_borrow(|pair| {
        let mut input = Cut::new(bytes);
        let kind = usize::from(input.byte());
        let body = match pair.sent.get(kind % 4) {
            Some(sent) => edited(sent, input.rest()),
            None => input.rest().to_vec(),
        };
        let Ok(padded) = pad(body) else { return false };
        let provider = Provider::new(&pair.store);
        let group = Group::load(&provider, GROUP).expect("the store holds");
        let mut group = group.expect("in the conversation");
        let epoch = group.epoch();
        let taken = match group.open(&provider, &seal(&pair.key, padded)) {
            Err(_) => {
                assert!(pair.store.snapshot() == pair.before);
                false
            }
            Ok(Opened::Commit(commit)) => {
                group.merge(&provider, *commit).expect("it was checked");
                assert_eq!(group.epoch(), epoch + 1);
                true
            }
            Ok(_) => true,
        };
        pair.store.restore(&pair.before);
        taken
    })
}

/// A Welcome. Reading it writes nothing.
pub fn welcome(bytes: &[u8]) -> bool {
    PAIR.with_borrow(|pair| {
        let before = pair.carol.snapshot();
        let provider = Provider::new(&pair.carol);
        let as_it_is = Invitation::read(&provider, bytes).is_ok();
        let read = Invitation::read(&provider, &edited(&pair.welcome, bytes));
        assert!(pair.carol.snapshot() == before);
        read.is_ok_and(|invitation| {
            assert_eq!(invitation.members.len(), 2);
            invitation.accept(&provider).expect("it was checked");
            pair.carol.restore(&before);
            true
        }) || as_it_is
    })
}

/// A KeyPackage.
pub fn key_package(bytes: &[u8]) -> bool {
    PAIR.with_borrow(|pair| {
        let as_it_is = VerifiedKeyPackage::verify(bytes).is_ok();
        let edited = edited(&pair.offered, bytes);
        let Ok(taken) = VerifiedKeyPackage::verify(&edited) else {
            return as_it_is;
        };
        // Both signatures cover all of it.
        assert_eq!(edited, pair.offered);
        let member = taken.device();
        assert_eq!(member.account, member.certificate.account());
        true
    })
}

/// The rules of a conversation: one encoding alone.
pub fn rules(bytes: &[u8]) -> bool {
    Rules::decode(bytes).is_ok_and(|rules| {
        assert_eq!(rules.encode(), bytes);
        assert_eq!(rules.check(), Ok(()));
        true
    })
}

/// What a leaf says: one encoding alone.
pub fn leaf_info(bytes: &[u8]) -> bool {
    LeafInfo::decode(bytes).is_ok_and(|info| {
        assert_eq!(info.encode(), bytes);
        true
    })
}

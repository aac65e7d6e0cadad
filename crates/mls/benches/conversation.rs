//! What a conversation of two costs in MLS alone, with its state in memory: the hybrid suite, the rules, the envelope.
//! CPU time of the process as Linux counts it, and wall time; `cargo bench -p undertone-mls --bench conversation`.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::time::Instant;

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, Invitation, LeafInfo, MemoryKeyValue, Opened,
    PendingCommit, Provider, Rules, VerifiedKeyPackage, make_key_package, open_welcome,
    seal_welcome,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{Alias, DeviceKey, Handle, Serial},
    reach::{ReachSecret, SymmetricKey},
    signing::SecretKey,
};

const MESSAGES: usize = 2_000;
const COMMITS: usize = 300;
const CONVERSATIONS: usize = 300;
const BODY: usize = 1_024;
const HANDLE: Handle = Handle::new([7; 32]);

struct Device {
    store: MemoryKeyValue,
    identity: DeviceIdentity,
    rng: ChaCha20Rng,
}

impl Device {
    fn new(person: u8) -> Self {
        let (root, key) = ([person; 32], [person + 100; 32]);
        let key = SecretKey::from_seed(&key);
        let certificate = Certificate::issue(
            &SecretKey::from_seed(&root),
            DeviceKey::new(key.public()),
            Serial::new([person; 16]),
            Capability::Full,
        );
        Self {
            store: MemoryKeyValue::new(),
            identity: DeviceIdentity { certificate, key },
            rng: ChaCha20Rng::from_seed(root),
        }
    }

    fn leaf(&mut self, card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: Alias::random(&mut self.rng),
            rescue_key: [5; 32],
            card,
            name: String::new(),
        }
    }

    fn key_package(&mut self) -> Vec<u8> {
        let leaf = self.leaf(CardKind::Link);
        let provider = Provider::new(&self.store);
        let made = make_key_package(&provider, &self.identity, &leaf, false);
        made.unwrap().bytes
    }

    fn found(&mut self, id: GroupId) -> Group {
        let leaf = self.leaf(CardKind::OwnDevice);
        let provider = Provider::new(&self.store);
        Group::found(&provider, &self.identity, id, Rules::direct(HANDLE), &leaf).unwrap()
    }

    fn commit(&mut self, group: &mut Group, change: Change) -> PendingCommit {
        let provider = Provider::new(&self.store);
        let pending = group.commit(&provider, &self.identity, change, &mut self.rng);
        pending.unwrap()
    }

    /// Adds the owner of a card: the commit, and the Welcome sealed for the card.
    fn add(&mut self, group: &mut Group, card: &[u8], knock: &SymmetricKey) -> Vec<u8> {
        let add = vec![VerifiedKeyPackage::verify(card).unwrap()];
        let change = Change {
            add,
            ..Change::default()
        };
        let welcome = self.commit(group, change).welcome.unwrap();
        seal_welcome(knock, welcome, &mut self.rng).unwrap()
    }

    fn join(&self, sealed: &[u8], knock: &SymmetricKey) -> Group {
        let provider = Provider::new(&self.store);
        let welcome = open_welcome(knock, sealed).unwrap();
        let invitation = Invitation::read(&provider, &welcome).unwrap();
        invitation.accept(&provider).unwrap()
    }

    fn merge_own(&self, group: &mut Group) {
        let provider = Provider::new(&self.store);
        group.merge_own_pending(&provider).unwrap();
    }

    fn encrypt(&mut self, group: &mut Group, content: &[u8]) -> Vec<u8> {
        let provider = Provider::new(&self.store);
        let sealed = group.encrypt(&provider, &self.identity, content, &mut self.rng);
        sealed.unwrap()
    }

    fn open(&self, group: &mut Group, envelope: &[u8]) -> Opened {
        group.open(&Provider::new(&self.store), envelope).unwrap()
    }

    fn merge(&self, group: &mut Group, envelope: &[u8]) {
        let Opened::Commit(commit) = self.open(group, envelope) else {
            panic!("a commit was sent");
        };
        group.merge(&Provider::new(&self.store), *commit).unwrap();
    }
}

/// Nanoseconds that this process has had a processor.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

/// Does `work` for each of `items` and prints what one costs.
fn each<T, R>(name: &str, items: Vec<T>, work: impl FnMut(T) -> R) -> Vec<R> {
    let count = items.len() as f64;
    let (before, begun) = (cpu(), Instant::now());
    let results = items.into_iter().map(work).collect();
    let (used, wall) = (cpu() - before, begun.elapsed());
    println!(
        "{name:<52} {:>8.1} µs of CPU, {:>8.1} µs",
        used as f64 / 1e3 / count,
        wall.as_secs_f64() * 1e6 / count
    );
    results
}

fn main() {
    let (mut alice, mut bob) = (Device::new(1), Device::new(2));
    let knock = ReachSecret::new([9; 32]).knock_key();
    println!("X-Wing, ChaCha20-Poly1305, Ed25519; {BODY} bytes a message; state in memory");

    let times = || vec![(); CONVERSATIONS];
    let cards = each("make a KeyPackage", times(), |()| bob.key_package());
    let ids = (0..CONVERSATIONS).map(|number| {
        let mut id = [8; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        GroupId::new(id)
    });
    let founded = each("found a conversation", ids.collect(), |id| alice.found(id));
    let pairs: Vec<_> = founded.into_iter().zip(cards).collect();
    let added = each(
        "add the other: check the card, commit, seal Welcome",
        pairs,
        |(mut group, card)| {
            let welcome = alice.add(&mut group, &card, &knock);
            (group, welcome)
        },
    );
    let (groups, welcomes): (Vec<_>, Vec<_>) = added.into_iter().unzip();
    let mut groups = each("merge one's own commit", groups, |mut group| {
        alice.merge_own(&mut group);
        group
    });
    let mut joined = each("open a Welcome and join", welcomes, |welcome| {
        bob.join(&welcome, &knock)
    });
    let (mut mine, mut theirs) = (groups.pop().unwrap(), joined.pop().unwrap());

    let content = vec![b'a'; BODY];
    let sent = each("encrypt a message", vec![(); MESSAGES], |()| {
        alice.encrypt(&mut mine, &content)
    });
    println!(
        "{:<52} {:>8} bytes",
        "an envelope has",
        sent.last().map_or(0, Vec::len)
    );
    each("decrypt a message", sent, |envelope| {
        bob.open(&mut theirs, &envelope)
    });

    // By turns, as both must be in the same epoch; too short, each, for Linux's count of CPU time.
    let (mut made, mut merged) = (Vec::new(), Vec::new());
    for _ in 0..COMMITS {
        let begun = Instant::now();
        let envelope = alice.commit(&mut mine, Change::default()).envelope;
        made.push(begun.elapsed());
        alice.merge_own(&mut mine);
        let begun = Instant::now();
        bob.merge(&mut theirs, &envelope);
        merged.push(begun.elapsed());
    }
    for (name, mut figures) in [
        ("renew one's keys: commit", made),
        ("check and merge the commit of the other", merged),
    ] {
        figures.sort();
        let median = figures.get(COMMITS / 2).copied().unwrap_or_default();
        let median = median.as_secs_f64() * 1e6;
        println!("{name:<52} {:>8} median {median:>11.1} µs", "");
    }
}

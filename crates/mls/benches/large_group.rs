//! What a large group costs in MLS alone, with its state in memory: bytes and processor time of founding it, of adding,
//! removing and renewing one, of sending and receiving. `cargo bench -p undertone-mls --bench large_group -- 1536`; in node
//! `cargo test -p undertone-mls --bench large_group --target wasm32-unknown-unknown`, for 256 and 1,536 devices.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss
)]

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, Invitation, LeafInfo, MemoryKeyValue, Opened,
    PendingCommit, Provider, Rules, VerifiedKeyPackage, make_key_package,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{Alias, DeviceKey, Handle, Serial},
    limits::WELCOMES_PER_COMMIT,
    signing::SecretKey,
};

const GROUP: GroupId = GroupId::new([8; 32]);

struct Device {
    store: MemoryKeyValue,
    identity: DeviceIdentity,
    rng: ChaCha20Rng,
    group: Option<Group>,
}

impl Device {
    fn new(number: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(number);
        let (mut root, mut key) = ([0; 32], [0; 32]);
        rng.fill_bytes(&mut root);
        rng.fill_bytes(&mut key);
        let key = SecretKey::from_seed(&key);
        let device = DeviceKey::new(key.public());
        let serial = Serial::random(&mut rng);
        let root = SecretKey::from_seed(&root);
        let certificate = Certificate::issue(&root, device, serial, Capability::Full);
        Self {
            store: MemoryKeyValue::new(),
            identity: DeviceIdentity { certificate, key },
            rng,
            group: None,
        }
    }

    fn leaf(&mut self, card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: Alias::random(&mut self.rng),
            rescue_key: [5; 32],
            card,
            name: "somebody of it".to_owned(),
        }
    }

    fn key_package(&mut self) -> VerifiedKeyPackage {
        let leaf = self.leaf(CardKind::Contacts);
        let provider = Provider::new(&self.store);
        let made = make_key_package(&provider, &self.identity, &leaf, false).unwrap();
        VerifiedKeyPackage::verify(&made.bytes).unwrap()
    }

    /// What the store holds of it, loaded anew as for each operation.
    fn load(&mut self) {
        self.group = Group::load(&Provider::new(&self.store), GROUP).unwrap();
    }

    fn commit(&mut self, change: Change) -> PendingCommit {
        let provider = Provider::new(&self.store);
        let group = self.group.as_mut().unwrap();
        let pending = group.commit(&provider, &self.identity, change, &mut self.rng);
        pending.unwrap()
    }

    fn merge_own(&mut self) {
        let provider = Provider::new(&self.store);
        self.group
            .as_mut()
            .unwrap()
            .merge_own_pending(&provider)
            .unwrap();
    }

    fn join(&mut self, welcome: &[u8]) {
        let provider = Provider::new(&self.store);
        let invitation = Invitation::read(&provider, welcome).unwrap();
        self.group = Some(invitation.accept(&provider).unwrap());
    }

    fn merge(&mut self, pending: &PendingCommit) {
        let provider = Provider::new(&self.store);
        let group = self.group.as_mut().unwrap();
        let mut opened = group.open(&provider, &pending.envelope).unwrap();
        if let Opened::Outside(pointer) = &opened {
            let chunks = &pending.outside.as_ref().unwrap().chunks;
            let numbered = (0..).zip(chunks);
            let chunks =
                numbered.flat_map(|(index, chunk)| pointer.open_chunk(index, chunk).unwrap());
            let fetched = pointer.complete(chunks.collect()).unwrap();
            opened = group.open_fetched(&provider, &fetched).unwrap();
        }
        let Opened::Commit(commit) = opened else {
            panic!("a commit was sent");
        };
        group.merge(&provider, *commit).unwrap();
    }
}

/// What a commit weighs, with what it points to.
fn weight(pending: &PendingCommit) -> usize {
    let outside = pending.outside.iter().flat_map(|outside| &outside.chunks);
    pending.envelope.len() + outside.map(Vec::len).sum::<usize>()
}

#[cfg(not(target_family = "wasm"))]
mod here {
    /// Nanoseconds that this process has had a processor.
    pub fn cpu() -> u64 {
        let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
        let first = text.split(' ').next().unwrap_or_default();
        first.parse().unwrap_or_default()
    }

    pub fn show(text: &str) {
        println!("{text}");
    }
}

#[cfg(target_family = "wasm")]
mod here {
    use wasm_bindgen::prelude::wasm_bindgen;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance, js_name = now)]
        fn now() -> f64;
        /// What the runner of tests leaves to print by.
        #[wasm_bindgen(js_name = __wbgtest_og_console_log)]
        pub fn show(text: &str);
    }

    /// Nanoseconds of wall time: node does not tell another.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn cpu() -> u64 {
        (now() * 1e6) as u64
    }

    #[wasm_bindgen_test]
    fn large_groups() {
        super::measure(256);
        super::measure(1_536);
    }
}

use here::{cpu, show};

fn measured<T>(name: &str, work: impl FnOnce() -> T, bytes: impl FnOnce(&T) -> usize) -> T {
    let before = cpu();
    let result = work();
    let used = (cpu() - before) as f64 / 1e6;
    let bytes = bytes(&result);
    show(&format!("{name:<58} {used:>9.1} ms {bytes:>10} bytes"));
    result
}

fn main() {
    let mut numbers = std::env::args().filter_map(|word| word.parse().ok());
    measure(numbers.next_back().unwrap_or(256));
}

fn measure(size: usize) {
    show(&format!(
        "{size} devices, X-Wing; state in memory; time of one operation"
    ));
    let mut founder = Device::new(0);
    let leaf = founder.leaf(CardKind::OwnDevice);
    let account = founder.identity.certificate.account();
    let rules = Rules::group(Handle::new([7; 32]), "Large".to_owned(), account);
    let provider = Provider::new(&founder.store);
    let group = Group::found(&provider, &founder.identity, GROUP, rules, &leaf);
    founder.group = Some(group.unwrap());

    let mut others: Vec<Device> = (1..size as u64 - 1).map(Device::new).collect();
    let before = cpu();
    let mut largest = (0, 0);
    for (number, some) in (0..others.len()).step_by(WELCOMES_PER_COMMIT).enumerate() {
        let end = (some + WELCOMES_PER_COMMIT).min(others.len());
        let change = Change {
            add: others[some..end]
                .iter_mut()
                .map(Device::key_package)
                .collect(),
            ..Change::default()
        };
        let pending = founder.commit(change);
        founder.merge_own();
        let welcome = pending.welcome.clone().unwrap();
        largest = largest.max((welcome.len(), weight(&pending)));
        if number == 0 {
            others[0].join(&welcome);
            others[1].join(&welcome);
        } else {
            others[0].merge(&pending);
            others[1].merge(&pending);
        }
    }
    show(&format!(
        "founded by commits of {WELCOMES_PER_COMMIT}: {:.0} ms, with the others' KeyPackages and two that follow; \
         largest Welcome {} bytes, commit {} bytes",
        (cpu() - before) as f64 / 1e6,
        largest.0,
        largest.1
    ));

    let mut late = Device::new(9_999_999);
    let add = vec![late.key_package()];
    measured("load the state", || founder.load(), |()| 0);
    let change = Change {
        add,
        ..Change::default()
    };
    let pending = measured(
        "add one: commit, without a path",
        || founder.commit(change),
        weight,
    );
    founder.merge_own();
    let welcome = pending.welcome.clone().unwrap();
    measured(
        "  the Welcome, read and joined",
        || late.join(&welcome),
        |()| welcome.len(),
    );
    measured(
        "  received by another",
        || others[0].merge(&pending),
        |()| 0,
    );
    others[1].merge(&pending);

    let text = vec![b'x'; 1_024];
    let sent = measured(
        "send 1,024 bytes",
        || {
            let provider = Provider::new(&founder.store);
            let group = founder.group.as_mut().unwrap();
            group
                .encrypt(&provider, &founder.identity, &text, &mut founder.rng)
                .unwrap()
        },
        Vec::len,
    );
    measured(
        "  received by another",
        || {
            let other = &mut others[0];
            let provider = Provider::new(&other.store);
            let group = other.group.as_mut().unwrap();
            group.open(&provider, &sent).unwrap()
        },
        |_| 0,
    );

    for turn in 0..3 {
        let leaf = founder.leaf(CardKind::OwnDevice);
        let remove = if turn == 0 {
            vec![
                founder
                    .group
                    .as_ref()
                    .unwrap()
                    .members()
                    .unwrap()
                    .last()
                    .unwrap()
                    .index,
            ]
        } else {
            Vec::new()
        };
        let name = if turn == 0 {
            "remove one, in a tree that nobody has renewed"
        } else {
            "renew a leaf, in that tree, once more"
        };
        let change = Change {
            leaf: Some(leaf),
            remove,
            ..Change::default()
        };
        let pending = measured(name, || founder.commit(change), weight);
        founder.merge_own();
        measured(
            "  received by another",
            || others[0].merge(&pending),
            |()| 0,
        );
        others[1].merge(&pending);
        if turn == 1 {
            let leaf = others[1].leaf(CardKind::OwnDevice);
            let change = Change {
                leaf: Some(leaf),
                ..Change::default()
            };
            let pending = measured(
                "renew the leaf of another",
                || others[1].commit(change),
                weight,
            );
            others[1].merge_own();
            founder.merge(&pending);
            others[0].merge(&pending);
        }
    }
    measured("load the state", || others[0].load(), |()| 0);
}

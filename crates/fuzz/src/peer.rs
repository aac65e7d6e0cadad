//! A device that keeps to the rules, made of `undertone-mls` alone, whose secrets the checks know.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, LeafInfo, MemoryKeyValue, OwnKeyPackage,
    PendingCommit, Provider, Rules, Snapshot, VerifiedKeyPackage, make_key_package,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{Alias, DeviceKey, Handle, Serial},
    reach::SymmetricKey,
    signing::SecretKey,
};

/// The conversation that peers found.
pub const GROUP: GroupId = GroupId::new([8; 32]);
/// Its name at the sequencer.
pub const HANDLE: Handle = Handle::new([7; 32]);

/// A device of an account.
pub struct Peer {
    /// Its MLS state.
    pub store: MemoryKeyValue,
    /// Who it is.
    pub identity: DeviceIdentity,
    rng: ChaCha20Rng,
}

impl Peer {
    /// The only device of account number `account`.
    pub fn new(account: u8) -> Self {
        let root = SecretKey::from_seed(&[account; 32]);
        let key = SecretKey::from_seed(&[account ^ 0x80; 32]);
        let device = DeviceKey::new(key.public());
        let serial = Serial::new([account; 16]);
        Self {
            store: MemoryKeyValue::new(),
            identity: DeviceIdentity {
                certificate: Certificate::issue(&root, device, serial, Capability::Full),
                key,
            },
            rng: ChaCha20Rng::from_seed([account; 32]),
        }
    }

    /// A KeyPackage that lies on a card.
    pub fn offers(&mut self, card: CardKind, reusable: bool) -> OwnKeyPackage {
        let leaf = self.leaf(card);
        make_key_package(&Provider::new(&self.store), &self.identity, &leaf, reusable)
            .expect("a KeyPackage")
    }

    /// Founds the conversation with another account, and invites a device of theirs.
    pub fn founds(&mut self, offered: &[u8]) -> PendingCommit {
        let leaf = self.leaf(CardKind::OwnDevice);
        let provider = Provider::new(&self.store);
        let rules = Rules::direct(HANDLE);
        Group::found(&provider, &self.identity, GROUP, rules, &leaf).expect("a group");
        let offered = VerifiedKeyPackage::verify(offered).expect("a sound KeyPackage");
        let pending = self.commits(Change {
            add: vec![offered],
            ..Change::default()
        });
        self.with(|group, provider, _, _| group.merge_own_pending(provider).expect("merged"));
        pending
    }

    /// Makes a commit, which stays pending.
    pub fn commits(&mut self, change: Change) -> PendingCommit {
        self.with(|group, provider, identity, rng| {
            group
                .commit(provider, identity, change, rng)
                .expect("a commit")
        })
    }

    /// An envelope with a message.
    pub fn encrypts(&mut self, content: &[u8]) -> Vec<u8> {
        self.with(|group, provider, identity, rng| {
            group
                .encrypt(provider, identity, content, rng)
                .expect("a message")
        })
    }

    /// An envelope with a signal.
    pub fn signals(&mut self, body: &[u8]) -> Vec<u8> {
        self.with(|group, provider, identity, rng| {
            group
                .seal_signal(provider, identity, body.to_vec(), rng)
                .expect("a signal")
        })
    }

    /// The key of the epoch's envelopes.
    pub fn envelope_key(&mut self) -> SymmetricKey {
        self.with(|group, provider, _, _| group.secrets(provider).expect("a member").envelope)
    }

    /// Runs `act` on the conversation as it is stored.
    pub fn with<T>(
        &mut self,
        act: impl FnOnce(
            &mut Group,
            &Provider<'_, MemoryKeyValue>,
            &DeviceIdentity,
            &mut ChaCha20Rng,
        ) -> T,
    ) -> T {
        let provider = Provider::new(&self.store);
        let group = Group::load(&provider, GROUP).expect("the store holds");
        act(
            &mut group.expect("in the conversation"),
            &provider,
            &self.identity,
            &mut self.rng,
        )
    }

    /// Goes back to what it knew then.
    pub fn restore(&mut self, snapshot: &Snapshot) {
        self.store.restore(snapshot);
    }

    fn leaf(&mut self, card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: Alias::random(&mut self.rng),
            rescue_key: [5; 32],
            card,
            name: String::new(),
        }
    }
}

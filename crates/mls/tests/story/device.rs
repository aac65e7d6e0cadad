//! A device in a story, and the person that it belongs to.

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, Invitation, LeafInfo, MemoryKeyValue,
    OpenError, Opened, OwnKeyPackage, PendingCommit, Provider, ReceivedCommit, Rules,
    VerifiedKeyPackage, make_key_package,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{AccountId, Alias, DeviceKey, Handle, Serial},
    signing::SecretKey,
};

pub const HANDLE: Handle = Handle::new([7; 32]);
pub const GROUP: GroupId = GroupId::new([8; 32]);

pub struct Device {
    pub store: MemoryKeyValue,
    pub identity: DeviceIdentity,
    pub rng: ChaCha20Rng,
    group: Option<Group>,
}

impl Device {
    /// The device number `device` of the person number `person`.
    pub fn new(person: u8, device: u8) -> Self {
        Self::with_capability(person, device, Capability::Full)
    }

    pub fn with_capability(person: u8, device: u8, capability: Capability) -> Self {
        let root = SecretKey::from_seed(&[person; 32]);
        let mut seed = [person; 32];
        seed[0] = device;
        seed[1] = 99;
        let key = SecretKey::from_seed(&seed);
        let device_key = DeviceKey::new(key.public());
        let serial = Serial::new([device; 16]);
        let certificate = Certificate::issue(&root, device_key, serial, capability);
        Self {
            store: MemoryKeyValue::new(),
            identity: DeviceIdentity { certificate, key },
            rng: ChaCha20Rng::from_seed(seed),
            group: None,
        }
    }

    pub fn account(&self) -> AccountId {
        self.identity.certificate.account()
    }

    pub fn leaf(&mut self, card: CardKind) -> LeafInfo {
        LeafInfo {
            alias: Alias::random(&mut self.rng),
            rescue_key: [5; 32],
            card,
            name: String::new(),
        }
    }

    pub fn makes_key_package(&mut self, card: CardKind, reusable: bool) -> OwnKeyPackage {
        let leaf = self.leaf(card);
        make_key_package(&Provider::new(&self.store), &self.identity, &leaf, reusable).unwrap()
    }

    /// A fresh KeyPackage, as others see it.
    pub fn offers(&mut self, card: CardKind) -> VerifiedKeyPackage {
        let made = self.makes_key_package(card, false);
        VerifiedKeyPackage::verify(&made.bytes).unwrap()
    }

    pub fn founds(&mut self, rules: Rules) {
        let leaf = self.leaf(CardKind::OwnDevice);
        let provider = Provider::new(&self.store);
        let group = Group::found(&provider, &self.identity, GROUP, rules, &leaf).unwrap();
        self.group = Some(group);
    }

    pub fn group(&self) -> &Group {
        self.group.as_ref().expect("in a group")
    }

    pub fn set_group(&mut self, group: Option<Group>) {
        self.group = group;
    }

    /// Forgets everything in memory, as a crash does.
    pub fn restarts(&mut self) {
        self.group = Group::load(&Provider::new(&self.store), GROUP).unwrap();
    }

    /// Runs `act` on group and provider.
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
        let group = self.group.as_mut().expect("in a group");
        act(group, &provider, &self.identity, &mut self.rng)
    }

    pub fn sends(&mut self, text: &str) -> Vec<u8> {
        self.with(|group, provider, identity, rng| {
            group
                .encrypt(provider, identity, text.as_bytes(), rng)
                .unwrap()
        })
    }

    pub fn opens(&mut self, envelope: &[u8]) -> Result<Opened, OpenError> {
        self.with(|group, provider, _, _| group.open(provider, envelope))
    }

    /// The text of a message and the account that sent it.
    pub fn receives(&mut self, envelope: &[u8]) -> (String, AccountId) {
        match self.opens(envelope).unwrap() {
            Opened::Application { sender, content } => {
                (String::from_utf8(content).unwrap(), sender.account)
            }
            other => panic!("not a message: {other:?}"),
        }
    }

    pub fn opens_commit(&mut self, envelope: &[u8]) -> ReceivedCommit {
        match self.opens(envelope).unwrap() {
            Opened::Commit(commit) => *commit,
            other => panic!("not a commit: {other:?}"),
        }
    }

    pub fn merges(&mut self, envelope: &[u8]) {
        let commit = self.opens_commit(envelope);
        self.with(|group, provider, _, _| group.merge(provider, commit).unwrap());
    }

    pub fn commits(&mut self, change: Change) -> PendingCommit {
        self.try_commit(change).unwrap()
    }

    pub fn try_commit(
        &mut self,
        change: Change,
    ) -> Result<PendingCommit, undertone_mls::GroupError> {
        self.with(|group, provider, identity, rng| group.commit(provider, identity, change, rng))
    }

    pub fn merges_own(&mut self, pending: &PendingCommit) {
        assert!(matches!(
            self.opens(&pending.envelope).unwrap(),
            Opened::OwnCommit
        ));
        self.with(|group, provider, _, _| group.merge_own_pending(provider).unwrap());
        let secrets = self.with(|group, provider, _, _| group.secrets(provider).unwrap());
        assert_eq!(secrets.public(), pending.next);
    }

    pub fn reads(&self, pending: &PendingCommit) -> Invitation {
        let welcome = pending.welcome.as_ref().expect("somebody was added");
        Invitation::read(&Provider::new(&self.store), welcome).unwrap()
    }

    pub fn joins(&mut self, pending: &PendingCommit) {
        let invitation = self.reads(pending);
        let group = invitation.accept(&Provider::new(&self.store)).unwrap();
        self.group = Some(group);
    }

    /// Of a member of this device's group with the same key.
    pub fn index_of(&self, other: &Self) -> u32 {
        let members = self.group().members().unwrap();
        let key = other.identity.certificate.device_key;
        let found = members
            .iter()
            .find(|member| member.certificate.device_key == key);
        found.expect("a member").index
    }
}

pub fn adding(key_packages: impl IntoIterator<Item = VerifiedKeyPackage>) -> Change {
    Change {
        add: key_packages.into_iter().collect(),
        ..Change::default()
    }
}

pub fn removing(index: u32) -> Change {
    Change {
        remove: vec![index],
        ..Change::default()
    }
}

pub fn ruling(rules: Rules) -> Change {
    Change {
        rules: Some(rules),
        ..Change::default()
    }
}

/// A commit takes its place in everybody's queue.
pub fn sequence(pending: &PendingCommit, author: &mut Device, others: &mut [&mut Device]) {
    for other in others.iter_mut() {
        other.merges(&pending.envelope);
    }
    author.merges_own(pending);
    for other in others {
        agree(author, other);
    }
}

/// Both are in the same state.
pub fn agree(a: &Device, b: &Device) {
    assert_eq!(a.group().epoch(), b.group().epoch());
    assert_eq!(
        a.group().epoch_authenticator(),
        b.group().epoch_authenticator()
    );
    assert_eq!(a.group().rules(), b.group().rules());
    assert_eq!(a.group().members().unwrap(), b.group().members().unwrap());
}

/// Alice and Bob, in a conversation that she began by his link.
pub fn alice_and_bob() -> (Device, Device) {
    let (mut alice, mut bob) = (Device::new(1, 1), Device::new(2, 1));
    alice.founds(Rules::direct(HANDLE));
    let pending = alice.commits(adding([bob.offers(CardKind::Link)]));
    alice.merges_own(&pending);
    bob.joins(&pending);
    agree(&alice, &bob);
    (alice, bob)
}

/// The group of Alice's own two devices.
pub fn desk_and_phone() -> (Device, Device) {
    let (mut desk, mut phone) = (Device::new(1, 1), Device::new(1, 2));
    desk.founds(Rules::own(HANDLE));
    let pending = desk.commits(adding([phone.offers(CardKind::OwnDevice)]));
    desk.merges_own(&pending);
    phone.joins(&pending);
    agree(&desk, &phone);
    (desk, phone)
}

/// A group of three people, of whom Alice is the admin.
pub fn three(rules: impl FnOnce(&mut Rules)) -> (Device, Device, Device) {
    let (mut alice, mut bob, mut carol) = (Device::new(1, 1), Device::new(2, 1), Device::new(3, 1));
    let mut all = Rules::group(HANDLE, "Garden".into(), alice.account());
    rules(&mut all);
    alice.founds(all);
    let offers = [
        bob.offers(CardKind::Contacts),
        carol.offers(CardKind::Contacts),
    ];
    let pending = alice.commits(adding(offers));
    alice.merges_own(&pending);
    bob.joins(&pending);
    carol.joins(&pending);
    agree(&alice, &bob);
    agree(&alice, &carol);
    (alice, bob, carol)
}

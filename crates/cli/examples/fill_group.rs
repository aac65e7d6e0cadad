//! Puts a large group into a profile, to measure with: `cargo run -p undertone-cli --example fill_group -- PROFILE DEVICES`.
//! All its members but the profile's own device are nowhere: two people in three have one device, the third has two. The
//! sequencer hears of the group when the profile goes online, and whoever is added then joins it as it is.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use rand_core::OsRng;
use undertone_mls::{
    CardKind, Change, DeviceIdentity, Group, GroupId, KeyValue, LeafInfo, MemoryKeyValue, Provider,
    Rules, VerifiedKeyPackage, make_key_package,
};
use undertone_store::{
    Location, ProfileLock, Store, StoreError, WriteTx,
    aliases::{AliasRow, AliasState},
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    groups::GroupRow,
    members::{MemberRow, Presence},
    profile_key,
};
use undertone_wire::{
    identity::{Capability, Certificate},
    ids::{AccountId, Alias, DeviceKey, Handle, Serial},
    limits::WELCOMES_PER_COMMIT,
    signing::SecretKey,
    time::{Timestamp, WEEK_MS},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const TITLE: &str = "Large";

/// MLS state inside a transaction of the store.
struct Keys<'a>(&'a WriteTx<'a>);

impl KeyValue for Keys<'_> {
    type Error = StoreError;

    fn get(&self, key: &[u8]) -> std::result::Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.kv_get(key)?.map(|value| value.to_vec()))
    }

    fn put(&self, key: &[u8], value: &[u8]) -> std::result::Result<(), StoreError> {
        self.0.kv_put(key, value)
    }

    fn delete(&self, key: &[u8]) -> std::result::Result<(), StoreError> {
        self.0.kv_delete(key)
    }
}

fn leaf(alias: Alias, name: &str) -> LeafInfo {
    LeafInfo {
        alias,
        rescue_key: [5; 32],
        card: CardKind::OwnDevice,
        name: name.to_owned(),
    }
}

/// A device that is nowhere, of a person with this key.
fn elsewhere(root: &SecretKey, name: &str) -> Result<VerifiedKeyPackage> {
    let key = SecretKey::random(&mut OsRng);
    let device = DeviceKey::new(key.public());
    let serial = Serial::random(&mut OsRng);
    let certificate = Certificate::issue(root, device, serial, Capability::Full);
    let leaf = LeafInfo {
        card: CardKind::Contacts,
        ..leaf(Alias::random(&mut OsRng), name)
    };
    let store = MemoryKeyValue::new();
    let identity = DeviceIdentity { certificate, key };
    let made = make_key_package(&Provider::new(&store), &identity, &leaf, false)?;
    Ok(VerifiedKeyPackage::verify(&made.bytes)?)
}

/// Devices of people who are nowhere.
fn devices(count: usize) -> Result<Vec<VerifiedKeyPackage>> {
    let mut devices = Vec::new();
    for person in 0_usize.. {
        let root = SecretKey::random(&mut OsRng);
        let name = format!("Member {}", person + 1);
        for _ in 0..=usize::from(person % 3 == 2) {
            if devices.len() == count {
                return Ok(devices);
            }
            devices.push(elsewhere(&root, &name)?);
        }
    }
    Ok(devices)
}

fn fill(store: &mut Store, size: usize, now: Timestamp) -> Result<()> {
    let account = store.read(|tx| tx.account())?.ok_or("no account")?;
    let seed: &[u8; 32] = account.device_seed.as_slice().try_into()?;
    let identity = DeviceIdentity {
        certificate: Certificate::decode(&account.certificate)?,
        key: SecretKey::from_seed(seed),
    };
    let id = GroupId::new(Handle::random(&mut OsRng).as_bytes().to_owned());
    let (handle, alias) = (Handle::random(&mut OsRng), Alias::random(&mut OsRng));
    let rules = Rules::group(handle, TITLE.to_owned(), identity.certificate.account());
    let mut rest = devices(size.saturating_sub(1))?;
    store.write(|tx| {
        let keys = Keys(tx);
        let provider = Provider::new(&keys);
        let mut group = Group::found(&provider, &identity, id, rules, &leaf(alias, &account.name))?;
        while !rest.is_empty() {
            let change = Change {
                add: rest.drain(..rest.len().min(WELCOMES_PER_COMMIT)).collect(),
                ..Change::default()
            };
            group.commit(&provider, &identity, change, &mut OsRng)?;
            group.merge_own_pending(&provider)?;
        }
        keep(tx, &group, handle, alias, now)
    })
}

/// What is kept of the group beside its MLS state.
fn keep(
    tx: &WriteTx<'_>,
    group: &Group,
    handle: Handle,
    alias: Alias,
    now: Timestamp,
) -> Result<()> {
    let chat = ChatId::random(&mut OsRng);
    let group_id = group.id().as_bytes().to_vec();
    tx.put_alias(&AliasRow {
        alias,
        card: None,
        group_id: group_id.clone(),
        handle: Some(handle),
        key_package: Vec::new(),
        state: AliasState::Wanted,
        renew_at: now.plus(WEEK_MS),
        retire_at: Timestamp(0),
    })?;
    tx.put_group(&GroupRow {
        group_id: group_id.clone(),
        chat,
        handle,
        own_alias: alias,
        handle_made: false,
        handle_token: Vec::new(),
        wants_leaf: false,
        leaf_at: now,
        predecessor: Vec::new(),
        behind: 0,
        leaf_due: Timestamp(0),
        name: String::new(),
        epoch_at: now,
    })?;
    tx.put_chat(&ChatRow {
        chat,
        kind: ChatKind::Group,
        account: Vec::new(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: group_id.clone(),
        came_by: None,
        devices: Vec::new(),
        created_at: now,
        last_at: now,
        read_up_to: 0,
        title: TITLE.to_owned(),
        thread: group_id,
    })?;
    let mut people: BTreeMap<AccountId, MemberRow> = BTreeMap::new();
    for member in group.members()? {
        let row = people.entry(member.account).or_insert_with(|| MemberRow {
            account: member.account,
            name: member.leaf.name.clone(),
            presence: Presence::Present,
            admin: group.rules().is_admin(&member.account),
            devices: 0,
            since: now,
        });
        row.devices += 1;
    }
    for row in people.values() {
        tx.put_member(&chat, row)?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let (Some(profile), Some(devices)) = (env::args().nth(1), env::args().nth(2)) else {
        return Err("name a profile and a number of devices".into());
    };
    let lock = ProfileLock::try_acquire(Path::new(&profile))?;
    let key = profile_key::open(&lock, None)?;
    let mut store = Store::open(Location::File(lock.store_path()), &key)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    fill(&mut store, devices.parse()?, Timestamp(u64::try_from(now)?))
}

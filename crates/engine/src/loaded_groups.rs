//! Groups that stay loaded from one step to the next: loading a large one costs more than all else that a message does.
//!
//! A group that is kept here is what the store has of it. Three rules hold that up, and without them a key could serve for
//! two messages:
//!
//! - Whoever writes anything of a kept group to the store, by whatever way, drops it from here ([`LoadedGroups::written`],
//!   which [`MlsKeys`](crate::step::MlsKeys) calls for each write).
//! - Whoever changes a group has taken it out, and keeps it again right after a change that succeeded, or not at all.
//! - A step that fails, whose writes never happened, leaves none behind ([`Engine::step`](crate::Engine)).

use std::{cell::RefCell, sync::Arc};

use undertone_mls::{Group, GroupId, KeyValue, Provider, StorageError};
use undertone_store::ReadTx;

use crate::{
    conversation::group_id,
    engine::Engine,
    error::EngineError,
    step::{MlsView, Step},
};

/// Most members of all kept groups together, unless one alone has more; a group of as many takes about 15 MB.
const MOST_MEMBERS: usize = 4_096;

/// Most groups.
const MOST_GROUPS: usize = 64;

/// The groups that are kept, the one last used last.
#[derive(Default)]
pub(crate) struct LoadedGroups(Vec<Loaded>);

struct Loaded {
    group: Arc<Group>,
    members: usize,
    stored_keys: Vec<[u8; 33]>,
}

impl LoadedGroups {
    /// The group of this id, if it is kept.
    fn find(&mut self, id: GroupId) -> Option<Arc<Group>> {
        let place = self.0.iter().position(|loaded| loaded.group.id() == id)?;
        let loaded = self.0.remove(place);
        let group = loaded.group.clone();
        self.0.push(loaded);
        Some(group)
    }

    /// The group of this id, to be changed, if it is kept and nobody looks at it. It is not kept any more in any case.
    fn take(&mut self, id: GroupId) -> Option<Group> {
        let place = self.0.iter().position(|loaded| loaded.group.id() == id)?;
        Arc::into_inner(self.0.remove(place).group)
    }

    /// Keeps a group that is as the store has it.
    fn keep(&mut self, group: Arc<Group>) -> Result<(), StorageError> {
        let id = group.id();
        self.0.retain(|loaded| loaded.group.id() != id);
        self.0.push(Loaded {
            members: group.size(),
            stored_keys: group.stored_keys()?,
            group,
        });
        let mut members: usize = self.0.iter().map(|loaded| loaded.members).sum();
        while self.0.len() > MOST_GROUPS || (members > MOST_MEMBERS && self.0.len() > 1) {
            members = members.saturating_sub(self.0.remove(0).members);
        }
        Ok(())
    }

    /// Something was written under `key`: the group of which that is a part is not kept any more.
    pub(crate) fn written(&mut self, key: &[u8]) {
        let holds = |loaded: &Loaded| loaded.stored_keys.iter().any(|stored| stored == key);
        self.0.retain(|loaded| !holds(loaded));
    }
}

/// Gives a group to look at, from what is kept or out of the store, and keeps it then.
fn look<K: KeyValue>(
    groups: &RefCell<LoadedGroups>,
    provider: &Provider<'_, K>,
    id: GroupId,
) -> Result<Option<Arc<Group>>, EngineError> {
    if let Some(group) = groups.borrow_mut().find(id) {
        return Ok(Some(group));
    }
    let Some(group) = Group::load(provider, id).map_err(loading)? else {
        return Ok(None);
    };
    let group = Arc::new(group);
    groups.borrow_mut().keep(group.clone()).map_err(loading)?;
    Ok(Some(group))
}

impl Engine {
    /// The MLS state of a group as a view of the store shows it; none if there is none.
    pub(crate) fn shown_group(
        &self,
        tx: &ReadTx<'_>,
        id: &[u8],
    ) -> Result<Option<Arc<Group>>, EngineError> {
        let Ok(id) = GroupId::try_from(id) else {
            return Ok(None);
        };
        look(&self.groups, &MlsView(tx).provider(), id)
    }
}

/// The MLS state of a group, to be looked at.
pub(crate) fn view_group(step: &Step<'_>, id: &[u8]) -> Result<Arc<Group>, EngineError> {
    find_group(step, id)?.ok_or(EngineError::Damaged("a group without its state"))
}

/// As [`view_group`]; none if there is no such group.
pub(crate) fn find_group(step: &Step<'_>, id: &[u8]) -> Result<Option<Arc<Group>>, EngineError> {
    let Ok(id) = GroupId::try_from(id) else {
        return Ok(None);
    };
    look(step.groups, &step.mls().provider(), id)
}

/// The MLS state of a group, to be changed.
pub(crate) fn load_group(step: &Step<'_>, id: &[u8]) -> Result<Group, EngineError> {
    let id = group_id(id)?;
    let kept = step.groups.borrow_mut().take(id);
    match kept {
        Some(group) => Ok(group),
        None => Group::load(&step.mls().provider(), id)
            .map_err(loading)?
            .ok_or(EngineError::Damaged("a group without its state")),
    }
}

/// Keeps a group loaded, right after what changed it has succeeded.
pub(crate) fn keep_group(step: &Step<'_>, group: Group) -> Result<Arc<Group>, EngineError> {
    let group = Arc::new(group);
    let mut groups = step.groups.borrow_mut();
    groups.keep(group.clone()).map_err(loading)?;
    Ok(group)
}

fn loading(_: StorageError) -> EngineError {
    EngineError::Mls("loading a group")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
    use undertone_mls::{CardKind, DeviceIdentity, LeafInfo, MemoryKeyValue, Rules};
    use undertone_store::{Location, Store, StoreKey};
    use undertone_wire::{
        identity::{Capability, Certificate},
        ids::{Alias, DeviceKey, Handle, Serial},
        signing::SecretKey,
        time::Timestamp,
    };

    use super::*;

    /// A group of one.
    fn group(number: u8) -> Group {
        let key = SecretKey::from_seed(&[2; 32]);
        let root = SecretKey::from_seed(&[1; 32]);
        let device = DeviceKey::new(key.public());
        let serial = Serial::new([1; 16]);
        let certificate = Certificate::issue(&root, device, serial, Capability::Full);
        let leaf = LeafInfo {
            alias: Alias::new([1; 32]),
            rescue_key: [2; 32],
            card: CardKind::OwnDevice,
            name: String::new(),
        };
        let rules = Rules::own(Handle::new([4; 32]));
        let identity = DeviceIdentity { certificate, key };
        let store = MemoryKeyValue::new();
        let id = GroupId::new([number; 32]);
        Group::found(&Provider::new(&store), &identity, id, rules, &leaf).unwrap()
    }

    fn kept(groups: &LoadedGroups) -> Vec<u8> {
        let first = |loaded: &Loaded| loaded.group.id().as_bytes().first().copied();
        groups.0.iter().filter_map(first).collect()
    }

    #[test]
    fn what_is_written_by_another_is_kept_no_more() {
        let mut groups = LoadedGroups::default();
        for number in 1..=3 {
            groups.keep(Arc::new(group(number))).unwrap();
        }
        for key in group(2).stored_keys().unwrap() {
            groups.keep(Arc::new(group(2))).unwrap();
            groups.written(&key);
            assert_eq!(kept(&groups), [1, 3]);
        }
        groups.written(b"a key of none of them");
        assert_eq!(kept(&groups), [1, 3]);
    }

    #[test]
    fn what_somebody_looks_at_is_changed_by_nobody() {
        let mut groups = LoadedGroups::default();
        let id = GroupId::new([1; 32]);
        groups.keep(Arc::new(group(1))).unwrap();
        let seen = groups.find(id).unwrap();
        assert!(groups.take(id).is_none());
        assert!(groups.find(id).is_none());
        drop(seen);
        groups.keep(Arc::new(group(1))).unwrap();
        assert!(groups.take(id).is_some());
        assert!(groups.find(id).is_none());
    }

    #[test]
    fn the_one_used_longest_ago_goes_first() {
        let mut groups = LoadedGroups::default();
        for number in 0..64 {
            groups.keep(Arc::new(group(number))).unwrap();
        }
        groups.find(GroupId::new([0; 32])).unwrap();
        groups.keep(Arc::new(group(64))).unwrap();
        assert_eq!(groups.0.len(), MOST_GROUPS);
        assert!(groups.find(GroupId::new([1; 32])).is_none());
        assert!(groups.find(GroupId::new([0; 32])).is_some());

        groups.0.truncate(3);
        groups.0.first_mut().unwrap().members = MOST_MEMBERS;
        groups.keep(Arc::new(group(65))).unwrap();
        assert_eq!(groups.0.len(), 3);
        // One that is larger alone than all may be is kept alone.
        for loaded in &mut groups.0 {
            loaded.members = MOST_MEMBERS;
        }
        groups.keep(Arc::new(group(66))).unwrap();
        assert_eq!(kept(&groups), [66]);
    }

    fn encrypt_note(step: &mut Step<'_>, text: &[u8]) -> Result<Vec<u8>, EngineError> {
        let notes = step.tx.notes()?.ok_or(EngineError::Damaged("notes"))?;
        let mut group = load_group(step, &notes.group_id)?;
        let envelope = group
            .encrypt(
                &step.mls().provider(),
                &step.me.identity,
                text,
                &mut *step.rng,
            )
            .map_err(|_| EngineError::Mls("encrypting"))?;
        keep_group(step, group)?;
        Ok(envelope)
    }

    #[test]
    fn what_a_failed_step_did_to_a_group_is_forgotten() {
        let now = Timestamp(1_800_000_000_000);
        let store = Store::open(Location::Memory, &StoreKey::from_bytes(&[1; 32])).unwrap();
        let rng = Box::new(ChaCha20Rng::from_seed([1; 32]));
        let mut engine = Engine::open(store, rng).unwrap();
        let created = engine.create_account("https://undertone.example", "Anna", "", now);
        created.unwrap();

        let done = engine.step(now, |step| encrypt_note(step, b"one"));
        done.unwrap();
        assert_eq!(engine.groups.borrow().0.len(), 1);
        let failed = engine.step(now, |step| {
            encrypt_note(step, b"two")?;
            Err::<(), _>(EngineError::Mls("and then something failed"))
        });
        failed.unwrap_err();
        assert!(engine.groups.borrow().0.is_empty());

        // Another way to the store drops it too.
        engine
            .step(now, |step| encrypt_note(step, b"three"))
            .unwrap();
        assert_eq!(engine.groups.borrow().0.len(), 1);
        let past_the_cache = engine.step(now, |step| {
            let notes = step.tx.notes()?.ok_or(EngineError::Damaged("notes"))?;
            let (keys, id) = (step.mls(), group_id(&notes.group_id)?);
            let mut group = Group::load(&keys.provider(), id).map_err(loading)?;
            let group = group.as_mut().ok_or(EngineError::Damaged("notes"))?;
            group
                .encrypt(&keys.provider(), &step.me.identity, b"four", &mut *step.rng)
                .map_err(|_| EngineError::Mls("encrypting"))
        });
        past_the_cache.unwrap();
        assert!(engine.groups.borrow().0.is_empty());
    }
}

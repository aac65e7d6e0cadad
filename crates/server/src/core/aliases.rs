//! Where an alias delivers: a row on the disk, and what memory holds of those used lately.

use rand_core::CryptoRngCore;
use undertone_wire::{
    ids::{Alias, Handle, QueueId},
    sealed_row::{Table, UnsealError},
};

use super::{
    StoreError,
    failure::{Outcome, readable},
    generations::Generations,
    sealed::Secret,
    statements::{ALIAS_GET, ALIAS_PUT},
    store::Store,
};

/// Where an alias delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Target {
    pub queue: QueueId,
    /// Only deliveries with a guard of this handle are stored.
    pub handle: Option<Handle>,
}

/// What is stored of an alias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AliasRecord {
    Live(Target),
    /// Dropped. The row stays for the rest of its lease, with nothing in it, so that nobody else can take the alias or
    /// find out by trying.
    Dropped,
}

/// One byte for what it is, queue id, handle: always the same length.
const RECORD_BYTES: usize = 65;
const DROPPED: u8 = 0;
const UNBOUND: u8 = 1;
const BOUND: u8 = 2;

impl AliasRecord {
    /// With the week until which it is leased.
    pub fn read(store: &Store, alias: &Alias) -> Outcome<Option<(Self, u32)>> {
        let row = store.get_with_end(ALIAS_GET, secret(&[alias.as_bytes()]))?;
        row.map(|(value, lease_week)| Ok((Self::decode(&value)?, lease_week)))
            .transpose()
    }

    pub fn store(
        &self,
        store: &Store,
        alias: &Alias,
        lease_week: u32,
        rng: &mut dyn CryptoRngCore,
    ) -> Result<(), StoreError> {
        let parts: [&[u8]; 1] = [alias.as_bytes()];
        let secret = secret(&parts);
        store.put(ALIAS_PUT, secret, lease_week, &self.encode(), rng)
    }

    fn encode(&self) -> [u8; RECORD_BYTES] {
        let mut value = [0; RECORD_BYTES];
        let (kind, ids) = value.split_at_mut(1);
        let (queue, handle) = ids.split_at_mut(32);
        let code = match self {
            Self::Dropped => DROPPED,
            Self::Live(target) => {
                queue.copy_from_slice(target.queue.as_bytes());
                match target.handle {
                    None => UNBOUND,
                    Some(bound) => {
                        handle.copy_from_slice(bound.as_bytes());
                        BOUND
                    }
                }
            }
        };
        kind.fill(code);
        value
    }

    fn decode(value: &[u8]) -> Result<Self, UnsealError> {
        let [kind, ids @ ..] = value else {
            return Err(UnsealError);
        };
        let (queue, handle) = ids.split_at_checked(32).ok_or(UnsealError)?;
        let target = |handle| {
            Ok(Self::Live(Target {
                queue: QueueId::try_from(queue).map_err(|_| UnsealError)?,
                handle,
            }))
        };
        match *kind {
            DROPPED => Ok(Self::Dropped),
            UNBOUND => target(None),
            BOUND => target(Some(Handle::try_from(handle).map_err(|_| UnsealError)?)),
            _ => Err(UnsealError),
        }
    }
}

fn secret<'a>(parts: &'a [&'a [u8]]) -> Secret<'a> {
    Secret {
        table: Table::Alias,
        parts,
    }
}

/// Aliases used lately. Only live ones: strings that somebody invents must not drive them out.
pub(super) struct Aliases {
    live: Generations<Alias, Target>,
}

impl Aliases {
    pub fn new(capacity: usize) -> Self {
        Self {
            live: Generations::new(capacity),
        }
    }

    /// Where an alias delivers, if it is live.
    pub fn target(&mut self, store: &Store, alias: &Alias) -> Result<Option<Target>, StoreError> {
        if let Some(target) = self.live.get(alias) {
            return Ok(Some(*target));
        }
        match readable(AliasRecord::read(store, alias))? {
            Some((AliasRecord::Live(target), _)) => {
                self.live.insert(*alias, target);
                Ok(Some(target))
            }
            Some((AliasRecord::Dropped, _)) | None => Ok(None),
        }
    }

    /// The alias delivers elsewhere from now on, or not at all.
    pub fn changed(&mut self, alias: &Alias) {
        self.live.remove(alias);
    }

    /// Forgets what may not be stored.
    pub fn forget(&mut self) {
        self.live.clear();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_an_alias_is_does_not_show_in_its_length() {
        let queue = QueueId::new([1; 32]);
        for record in [
            AliasRecord::Dropped,
            AliasRecord::Live(Target {
                queue,
                handle: None,
            }),
            AliasRecord::Live(Target {
                queue,
                handle: Some(Handle::new([2; 32])),
            }),
        ] {
            assert_eq!(AliasRecord::decode(&record.encode()).unwrap(), record);
        }
        assert!(AliasRecord::decode(&[3; RECORD_BYTES]).is_err());
        assert!(AliasRecord::decode(&[1; 5]).is_err());
        assert!(AliasRecord::decode(&[]).is_err());
    }
}

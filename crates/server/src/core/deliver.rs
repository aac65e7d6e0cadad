//! A delivery: to all its aliases in one transaction, if the sequencer stands at the epoch that its guard names.

use std::sync::Arc;

use undertone_wire::{
    digest::alias_list_hash,
    ids::Alias,
    limits::NAMED_LIST_ALIASES,
    proto::{Accepted, ErrorKind, Signal, Stale, queue_answer, send_answer},
};

use super::{
    Core, StoreError,
    batch::Batch,
    failure::{Outcome, refuse},
    fan_out::{Admission, Sequenced},
    sequencer::Standing,
};
use crate::session::{Delivery, Recipients};

impl Batch<'_> {
    pub fn deliver(&mut self, delivery: &Delivery) -> Outcome<send_answer::Body> {
        let now = self.now;
        let aliases = self.recipients(&delivery.to)?;
        self.core.rates.delivery(aliases.iter(), now)?;
        let admission = match &delivery.guard {
            None => Admission::Guarded(None),
            Some(guard) => {
                let Core {
                    sequencer,
                    store,
                    rng,
                    ..
                } = &mut *self.core;
                if let Standing::At(epoch) = sequencer.check(store, guard)? {
                    self.core.counters.stale += 1;
                    return Ok(send_answer::Body::Stale(Stale { epoch }));
                }
                sequencer.used(store, &guard.handle, now, &mut **rng)?;
                Admission::Guarded(Some(guard.handle))
            }
        };
        self.count_strangers(aliases.iter(), admission)?;
        if delivery.live {
            self.signal(&aliases, &delivery.payload, admission)?;
        } else {
            self.fan_out(&aliases, &delivery.payload, admission, Sequenced::No)?;
        }
        self.keep_list(&delivery.to, admission);
        self.core.counters.deliveries += 1;
        Ok(send_answer::Body::Accepted(Accepted {}))
    }

    fn recipients(&mut self, to: &Recipients) -> Outcome<Arc<[Alias]>> {
        match to {
            Recipients::Aliases(aliases) => Ok(Arc::clone(aliases)),
            Recipients::List(hash) => match self.core.lists.get(hash) {
                Some(aliases) => Ok(Arc::clone(aliases)),
                None => refuse(ErrorKind::ListUnknown, "this list is not at hand"),
            },
        }
    }

    /// Large lists of members are kept in memory alone: the next delivery need not bring them again.
    fn keep_list(&mut self, to: &Recipients, admission: Admission) {
        if let Recipients::Aliases(aliases) = to
            && aliases.len() >= NAMED_LIST_ALIASES
            && matches!(admission, Admission::Guarded(Some(_)))
        {
            let hash = alias_list_hash(aliases.iter().map(Alias::as_bytes));
            self.core.lists.insert(hash, Arc::clone(aliases));
        }
    }

    /// Pushes to who is there now; nothing is stored for anybody.
    fn signal(
        &mut self,
        to: &[Alias],
        payload: &[u8],
        admission: Admission,
    ) -> Result<(), StoreError> {
        for alias in to {
            let Core { store, aliases, .. } = &mut *self.core;
            let target = aliases.target(store, alias)?;
            if let Some(target) = target.filter(|target| admission.admits(target)) {
                let signal = Signal {
                    alias: alias.to_vec(),
                    payload: payload.to_vec(),
                };
                self.push(&target.queue, queue_answer::Body::Signal(signal));
            }
        }
        Ok(())
    }
}

//! A delivery: to all its aliases in one transaction, if the sequencer stands at the epoch that its guard names.

use undertone_wire::proto::{Accepted, Signal, Stale, queue_answer, send_answer};

use super::{
    Core, StoreError,
    batch::Batch,
    failure::Outcome,
    fan_out::{Admission, Sequenced},
    sequencer::Standing,
};
use crate::session::Delivery;

impl Batch<'_> {
    pub fn deliver(&mut self, delivery: &Delivery) -> Outcome<send_answer::Body> {
        let now = self.now;
        self.core.rates.delivery(delivery.aliases.iter(), now)?;
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
        self.count_strangers(delivery.aliases.iter(), admission)?;
        if delivery.live {
            self.signal(delivery, admission)?;
        } else {
            self.fan_out(
                &delivery.aliases,
                &delivery.payload,
                admission,
                Sequenced::No,
            )?;
        }
        self.core.counters.deliveries += 1;
        Ok(send_answer::Body::Accepted(Accepted {}))
    }

    /// Pushes to who is there now; nothing is stored for anybody.
    fn signal(&mut self, delivery: &Delivery, admission: Admission) -> Result<(), StoreError> {
        for alias in &delivery.aliases {
            let Core { store, aliases, .. } = &mut *self.core;
            let target = aliases.target(store, alias)?;
            if let Some(target) = target.filter(|target| admission.admits(target)) {
                let signal = Signal {
                    alias: alias.to_vec(),
                    payload: delivery.payload.to_vec(),
                };
                self.push(&target.queue, queue_answer::Body::Signal(signal));
            }
        }
        Ok(())
    }
}

//! An alias that delivers into the attached queue, made, bound, or kept for longer.

use undertone_wire::{
    ids::{Alias, Handle, QueueId},
    proto::{ErrorKind, queue_answer},
};

use super::{
    Core,
    aliases::{AliasRecord, Target},
    batch::Batch,
    failure::{Outcome, refuse},
    lease,
    rearrange::Registry,
};
use crate::answer::{Reason, done};

impl Batch<'_> {
    pub fn register_alias(
        &mut self,
        queue: &QueueId,
        alias: &Alias,
        handle: Option<&Handle>,
    ) -> Outcome<queue_answer::Body> {
        let Core {
            store,
            rng,
            queues,
            aliases,
            ..
        } = &mut *self.core;
        let target = Target {
            queue: *queue,
            handle: handle.copied(),
        };
        match AliasRecord::read(store, alias)? {
            Some((AliasRecord::Live(stored), lease_week)) if stored.queue == *queue => {
                if stored == target && !lease::wants_renewal(lease_week, self.now) {
                    return Ok(done::QUEUE);
                }
            }
            // Of another queue, or dropped: who tries must not learn which.
            Some(_) => return refuse(ErrorKind::Conflict, "the alias is taken"),
            None => {
                if !queues.count_new_alias(queue) {
                    let reason = Reason::limit("the queue has too many aliases", 0);
                    return Err(reason.into());
                }
            }
        }
        let lease_week = lease::until(self.now, &mut **rng);
        AliasRecord::Live(target).store(store, alias, lease_week, &mut **rng)?;
        aliases.changed(alias);
        self.core.maintenance.changed(Registry::Aliases);
        Ok(done::QUEUE)
    }
}

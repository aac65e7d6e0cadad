//! The end of an alias. Its senders go on being answered as before.

use undertone_wire::{
    ids::{Alias, QueueId},
    proto::queue_answer,
};

use super::{Core, aliases::AliasRecord, batch::Batch, failure::Outcome};
use crate::answer::done;

impl Batch<'_> {
    /// The answer is the same for an alias that is not there or not of this queue; nothing happens to it.
    pub fn drop_alias(&mut self, queue: &QueueId, alias: &Alias) -> Outcome<queue_answer::Body> {
        let Core {
            store,
            rng,
            aliases,
            ..
        } = &mut *self.core;
        if let Some((AliasRecord::Live(target), lease_week)) = AliasRecord::read(store, alias)?
            && target.queue == *queue
        {
            AliasRecord::Dropped.store(store, alias, lease_week, &mut **rng)?;
            aliases.changed(alias);
        }
        Ok(done::QUEUE)
    }
}

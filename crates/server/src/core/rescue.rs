//! A delivery to an alias without its guard, for a device that fell out of its conversation.

use undertone_wire::{
    ids::Alias,
    proto::{Accepted, send_answer},
    signing::hash_parts,
    token::Token,
};

use super::{
    batch::Batch,
    failure::Outcome,
    fan_out::{Admission, Sequenced},
    spend::Paid,
};

impl Batch<'_> {
    pub fn rescue(
        &mut self,
        alias: &Alias,
        payload: &[u8],
        token: &Token,
    ) -> Outcome<send_answer::Body> {
        let aliases = std::slice::from_ref(alias);
        self.core.rates.delivery(aliases.iter(), self.now)?;
        self.count_strangers(aliases.iter(), Admission::Rescue)?;
        let digest = hash_parts("undertone/1 rescue", &[alias.as_bytes(), payload]);
        if self.spend(std::slice::from_ref(token), &digest)? == Paid::Now {
            self.fan_out(aliases, payload, Admission::Rescue, Sequenced::No)?;
        }
        Ok(send_answer::Body::Accepted(Accepted {}))
    }
}

//! The beginning of a sending connection: one token, for a random time.

use undertone_wire::{
    limits::{SENDING_MINUTES_MAX, SENDING_MINUTES_MIN},
    proto::{ErrorKind, Opened, send_answer},
    signing::hash_parts,
    time::MINUTE_MS,
    token::Token,
};

use super::{
    ConnectionId,
    batch::Batch,
    failure::{Outcome, refuse},
    spend::{Paid, spent_row},
};

impl Batch<'_> {
    /// The same token resumes what is left of its time on another connection and ends the older one, so that a bad
    /// network costs no tokens. What it opened is kept in memory only: after a restart the token is simply spent.
    pub fn open_sending(
        &mut self,
        connection: ConnectionId,
        token: &Token,
    ) -> Outcome<send_answer::Body> {
        let row = spent_row(token);
        let digest = hash_parts("undertone/1 open", &[]);
        let until = match self.spend(std::slice::from_ref(token), &digest)? {
            Paid::Now => {
                let range = (SENDING_MINUTES_MAX - SENDING_MINUTES_MIN) * MINUTE_MS;
                let extra = self.core.rng.next_u64() % (range + 1);
                self.now.plus(SENDING_MINUTES_MIN * MINUTE_MS + extra)
            }
            Paid::Before => match self.core.connections.sending_until(&row) {
                Some(until) if until > self.now => until,
                _ => return refuse(ErrorKind::TokenSpent, "the time of this token is over"),
            },
        };
        let older = self.core.connections.may_send(connection, row, until);
        self.outputs.extend(older.map(super::Output::Close));
        Ok(send_answer::Body::Opened(Opened {
            expires_in_ms: until.since(self.now),
        }))
    }
}

//! A commit: ends its epoch if it is the first to come, and reaches everybody in the same transaction.

use undertone_wire::{
    limits::COMMIT_DAYS,
    proto::{Accepted, ErrorKind, Stale, send_answer},
    sealed_row::Table,
    signing::{Purpose, verify},
};

use super::{
    Core,
    batch::Batch,
    failure::{Outcome, refuse},
    fan_out::{Admission, Sequenced},
    lease,
    sealed::Secret,
    sequencer::{HandleRecord, StoredCommit},
    statements::COMMIT_PUT,
};
use crate::session::Commit;

impl Batch<'_> {
    pub fn commit(&mut self, commit: &Commit) -> Outcome<send_answer::Body> {
        let Core {
            sequencer, store, ..
        } = &mut *self.core;
        let Some(record) = sequencer.record(store, &commit.handle)? else {
            return refuse(ErrorKind::NotFound, "there is no such conversation");
        };
        if record.epoch != commit.epoch {
            let ended_by = StoredCommit::read(store, &commit.handle, commit.epoch)?;
            if ended_by.is_some_and(|stored| stored.digest == commit.digest) {
                // The sender did not hear that it had won.
                return Ok(send_answer::Body::Accepted(Accepted {}));
            }
            self.core.counters.stale += 1;
            let epoch = record.epoch;
            return Ok(send_answer::Body::Stale(Stale { epoch }));
        }
        let signed = verify(
            record.keys.commit_key.as_bytes(),
            Purpose::SequencedCommit,
            &[&commit.digest],
            commit.signature.as_bytes(),
        );
        if signed.is_err() {
            return refuse(
                ErrorKind::Unauthorised,
                "the commit is not signed by the epoch's key",
            );
        }
        let welcomed = commit.welcomes.iter().map(|welcome| &welcome.alias);
        let reached = commit.aliases.iter().chain(welcomed);
        self.core.rates.delivery(reached.clone(), self.now)?;
        self.count_strangers(reached, Admission::Guarded(Some(commit.handle)))?;
        self.win(commit, &record)?;
        Ok(send_answer::Body::Accepted(Accepted {}))
    }

    fn win(&mut self, commit: &Commit, record: &HandleRecord) -> Outcome<()> {
        let Core {
            sequencer,
            store,
            rng,
            ..
        } = &mut *self.core;
        let stored = StoredCommit {
            digest: commit.digest,
            send_key: *record.keys.send_key.as_bytes(),
            payload: commit.payload.to_vec(),
        };
        let secret = Secret {
            table: Table::Commit,
            parts: &[commit.handle.as_bytes(), &commit.epoch.to_be_bytes()],
        };
        let expiry_day = self.now.day().0.saturating_add(COMMIT_DAYS);
        store.put(COMMIT_PUT, secret, expiry_day, &stored.encode(), &mut **rng)?;
        let lease_week = if lease::wants_renewal(record.lease_week, self.now) {
            lease::until(self.now, &mut **rng)
        } else {
            record.lease_week
        };
        let next = HandleRecord {
            epoch: commit.epoch.saturating_add(1),
            keys: commit.next,
            lease_week,
        };
        sequencer.put(store, &commit.handle, next, &mut **rng)?;
        let admission = Admission::Guarded(Some(commit.handle));
        self.fan_out(&commit.aliases, &commit.payload, admission, Sequenced::Yes)?;
        for welcome in &commit.welcomes {
            self.fan_out(
                std::slice::from_ref(&welcome.alias),
                &welcome.payload,
                admission,
                Sequenced::No,
            )?;
        }
        self.core.counters.commits += 1;
        Ok(())
    }
}

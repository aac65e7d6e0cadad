//! What is too large for an envelope: put in blobs before the commit that points to it, and fetched when an entry of the
//! queue, or a commit that was missing, points to it.

use prost::Message as _;
use undertone_mls::{Fetched, Outside, Pointer};
use undertone_store::groups::PendingCommitRow;
use undertone_wire::{
    digest::drop_key_hash,
    ids::EntryId,
    limits,
    proto::{self, ErrorKind, send_request::Body as Request},
    time::Timestamp,
};

use crate::{
    engine::Engine,
    error::EngineError,
    receive_entry::{Doubt, Why},
    step::Step,
    tasks::{Hold, SendTask},
};

/// As long as commits and entries are kept.
const DAYS: u32 = limits::COMMIT_DAYS;

/// Something that is being fetched.
pub(crate) struct Fetching {
    pub(crate) pointer: Pointer,
    pub(crate) what_for: WhatFor,
    next: u32,
    bytes: Vec<u8>,
}

/// Who waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhatFor {
    /// The first entry of the queue.
    Entry(EntryId),
    /// A group that was behind: the commit that ends this epoch.
    Commit(Vec<u8>, u64),
}

impl Fetching {
    pub(crate) fn new(pointer: Pointer, what_for: WhatFor) -> Self {
        Self {
            pointer,
            what_for,
            next: 0,
            bytes: Vec::new(),
        }
    }
}

/// The requests that put something in blobs, as they are kept with the commit.
pub(crate) fn requests(step: &mut Step<'_>, all: Vec<Outside>) -> Vec<u8> {
    let expiry_day = step.now.day().0 + DAYS;
    let mut requests = Vec::new();
    for outside in all {
        // Nobody drops it: it goes with the commit.
        let mut drop_key = [0; 32];
        step.rng.fill_bytes(&mut drop_key);
        for (index, chunk) in (0..).zip(outside.chunks) {
            let put = proto::BlobPut {
                name: outside.blob.to_vec(),
                index,
                chunk: chunk.into(),
                expiry_day,
                drop_key_hash: drop_key_hash(&drop_key).to_vec(),
                tokens: Vec::new(),
            };
            requests.extend(put.encode_length_delimited_to_vec());
        }
    }
    requests
}

/// The next request of a commit, if there is one.
fn next_request(commit: &PendingCommitRow) -> Option<proto::BlobPut> {
    let mut rest = commit.outside.as_slice();
    for _ in 0..commit.put {
        proto::BlobPut::decode_length_delimited(&mut rest).ok()?;
    }
    proto::BlobPut::decode_length_delimited(&mut rest).ok()
}

impl Engine {
    /// Puts what a commit points to in its blob, chunk by chunk; tells whether all of it is there.
    pub(crate) fn put_outside(
        &mut self,
        commit: &PendingCommitRow,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let Some(mut put) = next_request(commit) else {
            return Ok(true);
        };
        let task = SendTask::PutOutside(commit.group_id.clone());
        if self.send.unanswered().any(|other| *other == task) {
            return Ok(false);
        }
        let today = self.server_now(now).day().0;
        put.expiry_day = put.expiry_day.clamp(today, today + DAYS);
        if put.index.is_multiple_of(limits::BLOB_CHUNKS_PER_MIB) {
            let first_day = self.first_token_day(now);
            let tokens = self
                .store
                .write(|tx| tx.take_tokens(limits::PRICE_BLOB_MIB, first_day))?;
            match tokens {
                Some(tokens) => put.tokens = tokens,
                None => return Ok(false),
            }
        }
        self.ask_sending(Request::BlobPut(put), task, now);
        Ok(false)
    }

    /// The server has the chunk.
    pub(crate) fn outside_put(&mut self, group_id: &[u8]) -> Result<(), EngineError> {
        self.release(&Hold::Group(group_id.to_vec()));
        self.store.write(|tx| match tx.pending_commit(group_id)? {
            Some(commit) => Ok(tx.put_pending_commit(&PendingCommitRow {
                put: commit.put + 1,
                ..commit
            })?),
            None => Ok(()),
        })
    }

    /// Fetches the next chunk of what is waited for; tells whether anything is.
    pub(crate) fn fetch_outside(&mut self, now: Timestamp) -> bool {
        let Some(fetching) = self.fetching.front() else {
            return false;
        };
        let under_way = self
            .send
            .unanswered()
            .any(|task| matches!(task, SendTask::GetOutside));
        if !under_way && self.send.is_ready() && !self.is_held(&Hold::Outside, now) {
            let body = proto::BlobGet {
                name: fetching.pointer.blob.to_vec(),
                index: fetching.next,
            };
            self.ask_sending(Request::BlobGet(body), SendTask::GetOutside, now);
        }
        true
    }

    /// A chunk has come.
    pub(crate) fn outside_got(&mut self, sealed: &[u8], now: Timestamp) -> Result<(), EngineError> {
        self.release(&Hold::Outside);
        let Some(fetching) = self.fetching.front_mut() else {
            return Ok(());
        };
        let Some(chunk) = fetching.pointer.open_chunk(fetching.next, sealed) else {
            return self.fetched(None, now);
        };
        fetching.bytes.extend(chunk);
        fetching.next += 1;
        if fetching.next < fetching.pointer.chunks {
            return Ok(());
        }
        let fetched = fetching
            .pointer
            .complete(std::mem::take(&mut fetching.bytes));
        self.fetched(fetched, now)
    }

    pub(crate) fn outside_refused(
        &mut self,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        if error.kind() == ErrorKind::NotFound {
            return self.fetched(None, now);
        }
        self.hold(Hold::Outside, error, now);
        Ok(())
    }

    /// All of it is here, or nothing that fits.
    fn fetched(&mut self, fetched: Option<Fetched>, now: Timestamp) -> Result<(), EngineError> {
        match self.fetching.pop_front().map(|fetching| fetching.what_for) {
            Some(WhatFor::Entry(entry)) => {
                self.doubt = Some(Doubt {
                    entry,
                    why: Why::Outside(fetched),
                    settled: true,
                });
                Ok(())
            }
            Some(WhatFor::Commit(group_id, epoch)) => {
                self.outside_commit_fetched(&group_id, epoch, fetched.as_ref(), now)
            }
            None => Ok(()),
        }
    }
}

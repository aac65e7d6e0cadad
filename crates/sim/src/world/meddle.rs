//! What a hostile server does with the entries that it should push: withholds them, pushes them in another order, or again.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use undertone_engine::Service;
use undertone_server::core::ConnectionId;
use undertone_wire::{
    frame,
    proto::{self, queue_answer::Body, queue_request::Body as Request},
};

use super::{Happening, World};

/// What it has to remember for that.
#[derive(Default)]
pub(super) struct Meddling {
    withheld: BTreeSet<Vec<u8>>,
    /// The first entry of a pair, until the second has been pushed.
    held: BTreeMap<usize, Bytes>,
    /// Payloads that are to be had again, by slot, and who asked for which.
    payloads: BTreeMap<Vec<u8>, Vec<u8>>,
    asked: BTreeMap<(ConnectionId, u64), Vec<u8>>,
}

impl World {
    /// What goes out on a connection instead of a frame.
    pub(super) fn meddle(&mut self, id: ConnectionId, bytes: Bytes) -> Vec<Bytes> {
        let Some(bytes) = self.withhold(id, bytes) else {
            return Vec::new();
        };
        let person = match self.network.link(id) {
            Some(link) if link.service == Service::Queue => link.person,
            _ => return vec![bytes],
        };
        let bytes = self.answer_again(id, bytes);
        if !is_push(&bytes) {
            return vec![bytes];
        }
        if let Some(kept) = self.keeps.get_mut(&person) {
            kept.push(bytes.clone());
        }
        let Some(left) = self.swaps.get_mut(&person).filter(|left| **left > 0) else {
            return vec![bytes];
        };
        let Some(first) = self.meddling.held.remove(&person) else {
            self.meddling.held.insert(person, bytes);
            return Vec::new();
        };
        *left -= 1;
        vec![bytes, first]
    }

    /// Pushes everything again that was kept of what was pushed to somebody.
    pub fn push_again(&mut self, person: usize) {
        let kept = self.keeps.get(&person).cloned().unwrap_or_default();
        let Some(id) = self.network.of(person, Service::Queue) else {
            return;
        };
        for bytes in kept {
            let at = self.now + self.delay();
            if let Some(link) = self.network.link(id) {
                link.down_at = link.down_at.max(at);
                let at = link.down_at;
                self.plan(at, Happening::Down(id, bytes));
            }
        }
    }

    /// Notes which payload is asked for by somebody to whom entries are to be pushed again.
    pub(super) fn note_asked(&mut self, id: ConnectionId, bytes: &Bytes) {
        let Some(link) = self.network.link(id) else {
            return;
        };
        if link.service != Service::Queue || !self.keeps.contains_key(&link.person) {
            return;
        }
        let request = frame::decode::<proto::QueueRequest>(bytes.clone());
        if let Ok(request) = request
            && let Some(Request::FetchPayload(fetch)) = request.body
        {
            let asked = (id, request.request);
            self.meddling.asked.insert(asked, fetch.slot);
        }
    }

    /// An entry that is pushed again is worth nothing without its payload, which is gone once it was acknowledged.
    fn answer_again(&mut self, id: ConnectionId, bytes: Bytes) -> Bytes {
        if self.meddling.asked.is_empty() {
            return bytes;
        }
        let Ok(mut answer) = frame::decode::<proto::QueueAnswer>(bytes.clone()) else {
            return bytes;
        };
        let Some(slot) = self.meddling.asked.remove(&(id, answer.request)) else {
            return bytes;
        };
        if let Some(Body::Payload(payload)) = answer.body {
            self.meddling.payloads.insert(slot, payload.payload);
        } else if let Some(payload) = self.meddling.payloads.get(&slot).cloned() {
            answer.body = Some(Body::Payload(proto::Payload { payload }));
            return frame::encode(&answer);
        }
        bytes
    }

    /// Takes out what a hostile server keeps from somebody; nothing if nothing is left.
    fn withhold(&mut self, id: ConnectionId, bytes: Bytes) -> Option<Bytes> {
        let Some(link) = self.network.link(id) else {
            return Some(bytes);
        };
        let left = self.withholds.entry(link.person).or_default();
        let withheld = &mut self.meddling.withheld;
        if link.service != Service::Queue || (*left == 0 && withheld.is_empty()) {
            return Some(bytes);
        }
        let mut answer: proto::QueueAnswer = frame::decode(bytes.clone()).ok()?;
        match &mut answer.body {
            Some(Body::Entry(entry)) if *left > 0 => {
                *left -= 1;
                withheld.insert(entry.entry.clone());
                return None;
            }
            Some(Body::List(list)) => {
                for run in &mut list.runs {
                    run.entries.retain(|entry| !withheld.contains(entry));
                }
            }
            _ => return Some(bytes),
        }
        Some(frame::encode(&answer))
    }
}

/// Whether a frame pushes an entry.
pub(super) fn is_push(bytes: &Bytes) -> bool {
    let answer = frame::decode::<proto::QueueAnswer>(bytes.clone());
    answer.is_ok_and(|answer| matches!(answer.body, Some(Body::Entry(_))))
}

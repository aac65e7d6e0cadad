//! The queue connection: makes the queue, keeps its aliases, takes what arrives in order, and acknowledges what is
//! durable here.

use undertone_store::aliases::{AliasRow, AliasState};
use undertone_wire::{
    ids::Alias,
    limits,
    proto::{self, ErrorKind, queue_answer::Body as Answer, queue_request::Body as Request},
    signing::Purpose,
    time::{MINUTE_MS, Timestamp, WEEK_MS},
};

use crate::{
    arrivals::Opened,
    engine::Engine,
    error::EngineError,
    io::Service,
    outside::{Fetching, WhatFor},
    receive_entry::{self, Arrived, Doubt, Stop, Why},
    receive_signal,
    tasks::{Hold, QueueTask},
};

/// Requests for aliases that go out at once.
const ALIASES_AT_ONCE: usize = 32;
/// Entries that are fetched, and dealt with in one transaction.
const ENTRIES_AT_ONCE: usize = 64;
/// An alias is renewed after so many weeks, and up to as many again by chance.
const RENEW_WEEKS: u64 = 8;

/// How long an entry waits for what the sequencer says of its group.
const DOUBT_MS: u64 = 2 * MINUTE_MS;

impl Engine {
    /// Does what there is to do on the queue connection.
    pub(crate) fn work_on_queue(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let survey = self.survey;
        if !survey.registered || self.is_held(&Hold::Queue, now) {
            return Ok(());
        }
        if !survey.queue_made && !survey.queue_paid && !self.set_queue_tokens_aside(now)? {
            return Ok(());
        }
        if !self.queue.is_open() {
            self.connect(Service::Queue, now);
            return Ok(());
        }
        if !self.queue.is_ready() {
            if self.queue.unanswered().next().is_none() {
                self.make_or_attach_queue(now)?;
            }
            return Ok(());
        }
        self.settle_aliases(now)?;
        self.take_arrivals(now)?;
        self.acknowledge(now)
    }

    fn set_queue_tokens_aside(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let first_day = self.first_token_day(now);
        self.store.write(|tx| {
            let (Some(mut account), Some(tokens)) = (
                tx.account()?,
                tx.take_tokens(limits::PRICE_QUEUE, first_day)?,
            ) else {
                return Ok(false);
            };
            account.queue_tokens = tokens.concat();
            tx.put_account(&account)?;
            Ok(true)
        })
    }

    fn make_or_attach_queue(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let Some(account) = self.store.read(|tx| tx.account())? else {
            return Ok(());
        };
        let Some(me) = &self.me else { return Ok(()) };
        let nonce = self
            .nonces
            .get(&Service::Queue)
            .cloned()
            .unwrap_or_default();
        let parts: [&[u8]; 3] = [
            &nonce,
            me.server.authority().as_bytes(),
            me.queue.as_bytes(),
        ];
        let signature = me.queue_key.sign(Purpose::QueueConnection, &parts).to_vec();
        let queue = me.queue.to_vec();
        if account.queue_made {
            self.ask_queue(
                Request::Attach(proto::Attach { queue, signature }),
                QueueTask::Attach,
                now,
            );
        } else {
            let body = proto::CreateQueue {
                queue,
                verification_key: me.queue_key.public().to_vec(),
                sealing_key: me.unsealing.public().to_vec(),
                tokens: account
                    .queue_tokens
                    .chunks(undertone_wire::token::TOKEN_BYTES)
                    .map(<[u8]>::to_vec)
                    .collect(),
                signature,
            };
            self.ask_queue(Request::Create(body), QueueTask::Create, now);
        }
        Ok(())
    }

    fn settle_aliases(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let is_due = |at: Timestamp| at != Timestamp(0) && at <= now;
        if is_due(self.survey.renew_at) {
            self.store.write(|tx| tx.renew_aliases(now))?;
        }
        if !self.survey.aliases {
            return Ok(());
        }
        let in_flight = self
            .queue
            .unanswered()
            .filter(|task| matches!(task, QueueTask::RegisterAlias(_) | QueueTask::DropAlias(_)))
            .count();
        if in_flight > 0 {
            return Ok(());
        }
        for row in self
            .store
            .read(|tx| tx.aliases_to_settle(ALIASES_AT_ONCE))?
        {
            let AliasRow {
                alias,
                handle,
                state,
                ..
            } = row;
            if self.is_held(&Hold::Alias(alias), now) {
                continue;
            }
            let alias_bytes = alias.to_vec();
            if state == AliasState::Dropping {
                let body = proto::DropAlias { alias: alias_bytes };
                self.ask_queue(Request::DropAlias(body), QueueTask::DropAlias(alias), now);
            } else {
                let handle = handle.map(|handle| handle.to_vec()).unwrap_or_default();
                let body = proto::RegisterAlias {
                    alias: alias_bytes,
                    handle,
                };
                self.ask_queue(
                    Request::RegisterAlias(body),
                    QueueTask::RegisterAlias(alias),
                    now,
                );
            }
        }
        Ok(())
    }

    fn take_arrivals(&mut self, now: Timestamp) -> Result<(), EngineError> {
        if !self.arrivals.listed {
            if !self.queue.unanswered().any(|task| *task == QueueTask::List) {
                self.ask_queue(Request::List(proto::ListEntries {}), QueueTask::List, now);
            }
            return Ok(());
        }
        while self.deal_with_arrivals(now)? {}
        if self.doubt.as_ref().is_some_and(|doubt| !doubt.settled) {
            return Ok(());
        }
        let waits = self.queue.unanswered().any(|task| {
            matches!(
                task,
                QueueTask::Fetch | QueueTask::FetchPayload(_) | QueueTask::Barrier
            )
        });
        if waits {
            return Ok(());
        }
        if let Some((place, _, Opened::Shared { slot, .. })) = self.arrivals.first() {
            let body = proto::FetchPayload {
                slot: slot.to_vec(),
            };
            self.ask_queue(
                Request::FetchPayload(body),
                QueueTask::FetchPayload(place),
                now,
            );
            return Ok(());
        }
        let entries = self.arrivals.to_fetch(ENTRIES_AT_ONCE);
        if !entries.is_empty() {
            let entries = entries.iter().map(|entry| entry.to_vec()).collect();
            self.ask_queue(
                Request::Fetch(proto::FetchEntries { entries }),
                QueueTask::Fetch,
                now,
            );
        } else if !self.arrivals.barrier_passed {
            self.arrivals.barrier_asked();
            self.ask_queue(Request::Barrier(proto::Barrier {}), QueueTask::Barrier, now);
        }
        Ok(())
    }

    /// Deals with what is opened at the front, in one transaction; tells whether there was anything.
    fn deal_with_arrivals(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if self.is_in_doubt(now)? {
            return Ok(false);
        }
        let batch = self.arrivals.ready(ENTRIES_AT_ONCE);
        if batch.is_empty() {
            return Ok(false);
        }
        let settled = self.doubt.take();
        let (arrived, dealt_with, stop) = self.step(now, |step| {
            let (mut arrived, mut dealt_with) = (Arrived::default(), 0);
            for (_, entry, opened) in &batch {
                let stop =
                    receive_entry::receive(step, entry, opened, settled.as_ref(), &mut arrived)?;
                if let Some(stop) = stop {
                    return Ok((arrived, dealt_with, Some((*entry, stop))));
                }
                dealt_with += 1;
                if step.signed_out {
                    break;
                }
            }
            Ok::<_, EngineError>((arrived, dealt_with, None))
        })?;
        for (place, ..) in batch.iter().take(dealt_with) {
            self.arrivals.done(*place);
        }
        self.doubt = stop.map(|(entry, stop)| match stop {
            Stop::Missing(group_id) => Doubt {
                entry,
                why: Why::Missing(group_id, now.plus(DOUBT_MS)),
                settled: false,
            },
            Stop::Outside(pointer) => {
                let fetching = Fetching::new(pointer, WhatFor::Entry(entry));
                self.fetching.push_back(fetching);
                Doubt {
                    entry,
                    why: Why::Outside(None),
                    settled: false,
                }
            }
        });
        for event in arrived.passing {
            self.pass(event);
        }
        Ok(self.me.is_some() && self.doubt.is_none())
    }

    /// Whether the first entry waits for what the sequencer says of its group, or for what lies outside.
    fn is_in_doubt(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let Some(doubt) = self.doubt.as_mut().filter(|doubt| !doubt.settled) else {
            return Ok(false);
        };
        doubt.settled = doubt.ends_at().is_some_and(|end| end <= now);
        if doubt.settled {
            return Ok(false);
        }
        let entry = WhatFor::Entry(doubt.entry);
        let waits = match &doubt.why {
            Why::Outside(_) => self.fetching.iter().any(|one| one.what_for == entry),
            Why::Missing(id, _) => self.store.read(|tx| {
                let behind = tx.group(id)?.is_some_and(|row| row.behind > 0);
                Ok::<_, EngineError>(behind && tx.place(id)?.is_none())
            })?,
        };
        if !waits {
            self.doubt = None;
        }
        Ok(waits)
    }

    fn acknowledge(&mut self, now: Timestamp) -> Result<(), EngineError> {
        let under_way = self
            .queue
            .unanswered()
            .any(|task| matches!(task, QueueTask::Acknowledge(_)));
        if under_way || !self.survey.acks {
            return Ok(());
        }
        let rows = self
            .store
            .read(|tx| tx.to_acknowledge(limits::ENTRIES_PER_REQUEST / 2))?;
        if rows.is_empty() {
            return Ok(());
        }
        let body = proto::Acknowledge {
            entries: rows.iter().map(|(entry, _)| entry.to_vec()).collect(),
            slots: rows
                .iter()
                .filter_map(|(_, slot)| slot.map(|slot| slot.to_vec()))
                .collect(),
        };
        let entries = rows.into_iter().map(|(entry, _)| entry).collect();
        self.ask_queue(
            Request::Acknowledge(body),
            QueueTask::Acknowledge(entries),
            now,
        );
        Ok(())
    }

    /// Takes an answer or a push; `false` if it is none that the protocol knows.
    pub(crate) fn queue_answer(
        &mut self,
        answer: proto::QueueAnswer,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let Some(body) = answer.body else {
            return Ok(false);
        };
        match body {
            Answer::Challenge(challenge) => {
                return Ok(self.greeted(Service::Queue, challenge, now));
            }
            Answer::Entry(entry) => return self.take_entries(&[entry]).map(|()| true),
            Answer::Signal(signal) => {
                let event = self.step(now, |step| receive_signal::receive_live(step, &signal))?;
                event.into_iter().for_each(|event| self.pass(event));
                return Ok(true);
            }
            _ => {}
        }
        let Some(task) = self.queue.answered(answer.request) else {
            return Ok(false);
        };
        match (task, body) {
            (QueueTask::Create, Answer::Done(_)) => {
                self.store.write(|tx| {
                    if let Some(mut account) = tx.account()? {
                        account.queue_made = true;
                        account.queue_tokens.clear();
                        tx.put_account(&account)?;
                    }
                    Ok::<_, EngineError>(())
                })?;
                self.queue.ready();
            }
            (QueueTask::Attach, Answer::Done(_)) => self.queue.ready(),
            (QueueTask::Create, Answer::Error(error)) => self.queue_refused(&error, now)?,
            (QueueTask::Attach, Answer::Error(error)) => {
                self.hold(Hold::Queue, &error, now);
                self.close(Service::Queue);
            }
            (QueueTask::RegisterAlias(alias), Answer::Done(_)) => {
                self.release(&Hold::Alias(alias));
                self.alias_registered(alias, now)?;
            }
            (QueueTask::DropAlias(alias), Answer::Done(_)) => {
                self.store.write(|tx| tx.delete_alias(&alias))?
            }
            (
                QueueTask::RegisterAlias(alias) | QueueTask::DropAlias(alias),
                Answer::Error(error),
            ) => {
                self.hold(Hold::Alias(alias), &error, now);
            }
            (QueueTask::List, Answer::List(list)) => {
                let Some(me) = &self.me else { return Ok(false) };
                let lost = self.arrivals.list(&list, &me.unsealing);
                self.give_up(&lost)?;
            }
            (QueueTask::Fetch, Answer::Entries(entries)) => {
                self.take_entries(&entries.entries)?;
                if entries.entries.is_empty() {
                    self.arrivals.forget_unfetched(ENTRIES_AT_ONCE);
                }
            }
            (QueueTask::FetchPayload(place), Answer::Payload(payload)) => {
                self.arrivals
                    .take_payload(place, Some(payload.payload.into()));
            }
            (QueueTask::FetchPayload(place), Answer::Error(error))
                if error.kind() == ErrorKind::NotFound =>
            {
                self.arrivals.take_payload(place, None);
            }
            (QueueTask::Acknowledge(entries), Answer::Done(_)) => {
                self.store
                    .write(|tx| entries.iter().try_for_each(|entry| tx.acknowledged(entry)))?;
            }
            (QueueTask::Barrier, Answer::Done(_)) => {
                self.arrivals.barrier_answered();
                self.synced |= self.arrivals.is_empty();
            }
            // Refused though it was right: the connection starts anew, after a wait.
            (_, Answer::Error(error)) => {
                self.hold(Hold::Queue, &error, now);
                self.close(Service::Queue);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Notes aliases together once all that were asked for are answered: one commit for a batch. One that is lost
    /// before is registered again, which changes nothing.
    fn alias_registered(&mut self, alias: Alias, now: Timestamp) -> Result<(), EngineError> {
        self.registered.push(alias);
        if self
            .queue
            .unanswered()
            .any(|task| matches!(task, QueueTask::RegisterAlias(_)))
        {
            return Ok(());
        }
        let aliases = std::mem::take(&mut self.registered);
        let rng = &mut self.rng;
        Ok(self.store.write(|tx| {
            aliases.iter().try_for_each(|alias| {
                let renew_at = now.plus((RENEW_WEEKS + rng.next_u64() % RENEW_WEEKS) * WEEK_MS);
                tx.alias_registered(alias, renew_at)
            })
        })?)
    }

    fn queue_refused(
        &mut self,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        self.hold(Hold::Queue, error, now);
        if matches!(
            error.kind(),
            ErrorKind::TokenInvalid | ErrorKind::TokenSpent
        ) {
            self.store.write(|tx| {
                if let Some(mut account) = tx.account()? {
                    account.queue_tokens.clear();
                    tx.put_account(&account)?;
                }
                Ok::<_, EngineError>(())
            })?;
        }
        self.close(Service::Queue);
        Ok(())
    }

    fn take_entries(&mut self, entries: &[proto::Entry]) -> Result<(), EngineError> {
        let Some(me) = &self.me else { return Ok(()) };
        let lost: Vec<_> = entries
            .iter()
            .filter_map(|entry| self.arrivals.take(entry, &me.unsealing))
            .collect();
        self.give_up(&lost)
    }

    /// Entries that cannot even be placed are acknowledged, so that they do not come for ever.
    fn give_up(&mut self, entries: &[undertone_wire::ids::EntryId]) -> Result<(), EngineError> {
        if entries.is_empty() {
            return Ok(());
        }
        Ok(self.store.write(|tx| {
            entries
                .iter()
                .try_for_each(|entry| tx.deal_with(entry, None))
        })?)
    }
}

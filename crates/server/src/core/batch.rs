//! One batch: events in order, one transaction, and the frames that may be sent once it is durable.

use std::collections::BTreeSet;

use undertone_wire::{
    PROTOCOL_VERSION,
    ids::ChallengeNonce,
    proto::{Challenge, Done, ErrorKind, account_answer, link_answer, queue_answer, send_answer},
    time::Timestamp,
};

use super::{
    ConnectionId, Core, Event, Output, Service, StoreError,
    connections::{Connection, Device, Phase},
    failure::{Failure, Outcome, refuse},
};
use crate::{
    answer::{UNAVAILABLE, account_frame, link_frame, queue_frame, send_frame},
    session::{AccountOperation, Body, Operation, QueueOperation, SendOperation},
};

/// The core while it works on a batch.
pub(super) struct Batch<'a> {
    pub core: &'a mut Core,
    pub now: Timestamp,
    pub outputs: Vec<Output>,
    /// Set by an operation after whose answer its connection ends.
    pub ending: bool,
}

impl Core {
    /// Applies all events, in order, in one transaction. The outputs may be sent once it returns: by then everything
    /// is durable. If the storage refuses, nothing happened: each request is answered as unavailable, nothing is
    /// pushed, and connections whose standing the batch would have changed are ended.
    pub fn apply(&mut self, events: Vec<Event>, now: Timestamp) -> Vec<Output> {
        self.connections.begin();
        match self.try_apply(&events, now) {
            Ok(outputs) => {
                self.counters.batches += 1;
                outputs
            }
            Err(_) => self.give_up(&events),
        }
    }

    fn try_apply(&mut self, events: &[Event], now: Timestamp) -> Result<Vec<Output>, StoreError> {
        self.store.begin()?;
        let mut batch = Batch {
            core: self,
            now,
            outputs: Vec::with_capacity(events.len() * 2),
            ending: false,
        };
        batch.renew_issuers()?;
        batch.outputs.extend(batch.core.end_old_meetings(now));
        for event in events {
            batch.handle(event)?;
        }
        let outputs = batch.outputs;
        self.store.commit()?;
        Ok(outputs)
    }

    fn give_up(&mut self, events: &[Event]) -> Vec<Output> {
        self.store.roll_back();
        self.counters.batches_failed += 1;
        // What memory holds of the storage may be of the batch that did not happen.
        self.queues.forget();
        self.aliases.forget();
        self.sequencer.forget();
        self.issuers.forget();
        let mut outputs = Vec::new();
        let mut ended = BTreeSet::new();
        let mut closed = Vec::new();
        for event in events {
            match event {
                Event::Received {
                    connection,
                    operation,
                } => {
                    if self.connections.was_open(*connection) {
                        let frame = UNAVAILABLE.frame(operation.service(), operation.request);
                        outputs.push(Output::Frame(*connection, frame));
                    }
                }
                Event::Closed { connection } => {
                    self.connections.remove(*connection);
                    closed.push(*connection);
                }
                Event::Opened { connection, .. } => {
                    ended.insert(*connection);
                }
            }
        }
        ended.extend(self.connections.abandon());
        // Whoever met one that is gone goes too.
        for gone in closed.iter().chain(&ended.clone()) {
            let other = self.meetings.leave(*gone);
            ended.extend(other.filter(|other| self.connections.end(*other)));
        }
        outputs.extend(ended.into_iter().map(Output::Close));
        outputs
    }
}

impl Batch<'_> {
    fn renew_issuers(&mut self) -> Result<(), StoreError> {
        let Core {
            issuers,
            store,
            rng,
            ..
        } = &mut *self.core;
        issuers.renew(store, self.now.day(), &mut **rng)
    }

    fn handle(&mut self, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::Opened {
                connection,
                service,
                authority,
                address,
            } => {
                let nonce = ChallengeNonce::random(&mut *self.core.rng);
                self.core.connections.opened(
                    *connection,
                    Connection {
                        service: *service,
                        nonce,
                        authority: authority.clone(),
                        address: *address,
                        phase: Phase::New,
                    },
                );
                self.challenge(*connection, *service, nonce);
                Ok(())
            }
            Event::Received {
                connection,
                operation,
            } => self.receive(*connection, operation),
            Event::Closed { connection } => {
                self.core.connections.remove(*connection);
                self.leave_meeting(*connection);
                Ok(())
            }
        }
    }

    fn challenge(&mut self, connection: ConnectionId, service: Service, nonce: ChallengeNonce) {
        let challenge = Challenge {
            version: PROTOCOL_VERSION,
            nonce: nonce.to_vec(),
            server_time_ms: self.now.0,
            token_keys: self.core.issuers.public_keys(),
        };
        let frame = match service {
            Service::Account => account_frame(0, account_answer::Body::Challenge(challenge)),
            Service::Queue => queue_frame(0, queue_answer::Body::Challenge(challenge)),
            Service::Send => send_frame(0, send_answer::Body::Challenge(challenge)),
            Service::Link => link_frame(0, link_answer::Body::Challenge(challenge)),
        };
        self.outputs.push(Output::Frame(connection, frame));
    }

    fn receive(
        &mut self,
        connection: ConnectionId,
        operation: &Operation,
    ) -> Result<(), StoreError> {
        // A connection that the core has ended may still have requests under way.
        let Some(known) = self.core.connections.get(connection) else {
            return Ok(());
        };
        let (service, phase) = (known.service, known.phase);
        let request = operation.request;
        let answer = match &operation.body {
            Body::Account(body) => self
                .account(connection, phase, body)
                .map(|body| account_frame(request, body)),
            Body::Queue(body) => self
                .queue(connection, phase, body)
                .map(|body| queue_frame(request, body)),
            Body::Send(body) => self
                .send(connection, phase, body)
                .map(|body| send_frame(request, body)),
            Body::Link(body) => self
                .link(connection, body)
                .map(|body| link_frame(request, body)),
        };
        let frame = match answer {
            Ok(frame) => frame,
            Err(Failure::Refused(reason)) => {
                self.core.counters.refusals += 1;
                reason.frame(service, request)
            }
            Err(Failure::Store(error)) => return Err(error),
        };
        self.outputs.push(Output::Frame(connection, frame));
        if std::mem::take(&mut self.ending) {
            self.end(connection);
        }
        Ok(())
    }

    /// Ends a connection after what was already put out for it.
    pub fn end(&mut self, connection: ConnectionId) {
        if self.core.connections.end(connection) {
            self.outputs.push(Output::Close(connection));
        }
    }

    fn account(
        &mut self,
        connection: ConnectionId,
        phase: Phase,
        operation: &AccountOperation,
    ) -> Outcome<account_answer::Body> {
        use AccountOperation as Op;
        match (phase, operation) {
            (
                Phase::New,
                Op::Register {
                    devices,
                    device,
                    invite_code,
                    signature,
                },
            ) => self.register(connection, devices, device, invite_code, signature),
            (
                Phase::New,
                Op::Authenticate {
                    account,
                    device,
                    signature,
                },
            ) => self.authenticate(connection, account, device, signature),
            (Phase::Account(device), operation) => self.of_device(connection, &device, operation),
            _ => refuse(
                ErrorKind::OutOfOrder,
                "the connection must authenticate first",
            ),
        }
    }

    fn of_device(
        &mut self,
        connection: ConnectionId,
        device: &Device,
        operation: &AccountOperation,
    ) -> Outcome<account_answer::Body> {
        use AccountOperation as Op;
        match operation {
            Op::Register { .. } | Op::Authenticate { .. } => refuse(
                ErrorKind::OutOfOrder,
                "the connection is authenticated already",
            ),
            Op::UpdateDevices(devices) => self.update_devices(connection, device, devices),
            Op::GetDevices => self.get_devices(device),
            Op::IssueTokens(batch) => self.issue_tokens(device, batch),
            Op::PutVault { vault, sealed } => self.put_vault(device, *vault, sealed),
            Op::GetVault(vault) => self.get_vault(device, *vault),
        }
    }

    fn queue(
        &mut self,
        connection: ConnectionId,
        phase: Phase,
        operation: &QueueOperation,
    ) -> Outcome<queue_answer::Body> {
        use QueueOperation as Op;
        match (phase, operation) {
            (Phase::New, Op::Create(new)) => self.create_queue(connection, new),
            (Phase::New, Op::Attach { queue, signature }) => {
                self.attach(connection, queue, signature)
            }
            (Phase::Queue(_), Op::Create(_) | Op::Attach { .. }) => {
                refuse(ErrorKind::OutOfOrder, "the connection is attached already")
            }
            (Phase::Queue(queue), Op::RegisterAlias { alias, handle }) => {
                self.register_alias(&queue, alias, handle.as_ref())
            }
            (Phase::Queue(queue), Op::DropAlias(alias)) => self.drop_alias(&queue, alias),
            (Phase::Queue(queue), Op::List) => self.list_entries(&queue),
            (Phase::Queue(queue), Op::Fetch(entries)) => self.fetch_entries(&queue, entries),
            (Phase::Queue(queue), Op::Acknowledge { entries, slots }) => {
                self.acknowledge(&queue, entries, slots)
            }
            // All outputs are in the order of events, so what was accepted before has been pushed before.
            (Phase::Queue(_), Op::Barrier) => Ok(queue_answer::Body::Done(Done {})),
            (Phase::Queue(_), Op::FetchPayload(slot)) => self.fetch_payload(slot),
            (Phase::Queue(queue), Op::Delete) => self.delete_queue(&queue),
            _ => refuse(ErrorKind::OutOfOrder, "the connection must attach first"),
        }
    }

    fn send(
        &mut self,
        connection: ConnectionId,
        phase: Phase,
        operation: &SendOperation,
    ) -> Outcome<send_answer::Body> {
        use SendOperation as Op;
        match (phase, operation) {
            (Phase::New, Op::Open(token)) => return self.open_sending(connection, token),
            (Phase::Sending { until }, _) if until <= self.now => {
                self.ending = true;
                return refuse(
                    ErrorKind::SessionExpired,
                    "the time of this connection is over; open another",
                );
            }
            (Phase::Sending { .. }, Op::Open(_)) => {
                return refuse(ErrorKind::OutOfOrder, "the connection is open already");
            }
            (Phase::Sending { .. }, _) => {}
            _ => return refuse(ErrorKind::OutOfOrder, "the connection must be opened first"),
        }
        match operation {
            // Answered above.
            Op::Open(token) => self.open_sending(connection, token),
            Op::Deliver(delivery) => self.deliver(delivery),
            Op::Commit(commit) => self.commit(commit),
            Op::CreateHandle {
                handle,
                epoch,
                keys,
                token,
            } => self.create_handle(handle, *epoch, keys, token),
            Op::FetchCommit {
                handle,
                epoch,
                send_key,
            } => self.fetch_commit(handle, *epoch, send_key),
            Op::CardPut(change) => self.put_card(change),
            Op::CardRead {
                card,
                reader,
                token,
            } => self.read_card(card, reader, token),
            Op::CardDrop {
                card,
                digest,
                signature,
            } => self.drop_card(card, digest, signature),
            Op::BlobPut(chunk) => self.put_chunk(chunk),
            Op::BlobGet { name, index } => self.get_chunk(name, *index),
            Op::BlobDrop {
                name,
                drop_key_hash,
            } => self.drop_blob(name, drop_key_hash),
            Op::Rescue {
                alias,
                payload,
                token,
            } => self.rescue(alias, payload, token),
        }
    }
}

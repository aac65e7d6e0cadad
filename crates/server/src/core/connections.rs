//! The connections that are open: what each has proved, and which is attached to which queue.

use std::{
    collections::{BTreeSet, HashMap},
    net::IpAddr,
};

use undertone_wire::{
    identity::Capability,
    ids::{AccountId, ChallengeNonce, DeviceKey, QueueId},
    sealed_row::RowKey,
    time::Timestamp,
};

use super::{ConnectionId, Service};

/// One open connection.
pub(super) struct Connection {
    pub service: Service,
    pub nonce: ChallengeNonce,
    pub authority: String,
    pub address: Option<IpAddr>,
    pub phase: Phase,
}

/// What a connection has proved.
#[derive(Clone, Copy)]
pub(super) enum Phase {
    /// Nothing yet.
    New,
    /// To be a device of an account.
    Account(Device),
    /// To own a queue.
    Queue(QueueId),
    /// To have quota for sending, until then.
    Sending { until: Timestamp },
}

/// A device of an account, as it was when it authenticated.
#[derive(Clone, Copy)]
pub(super) struct Device {
    pub account: AccountId,
    pub key: DeviceKey,
    pub capability: Capability,
}

#[derive(Default)]
pub(super) struct Connections {
    open: HashMap<ConnectionId, Connection>,
    attached: HashMap<QueueId, ConnectionId>,
    sending: HashMap<RowKey, (ConnectionId, Timestamp)>,
    /// Those whose standing this batch changed: if it is not committed, they end, for nothing else is surely true of them.
    changed: BTreeSet<ConnectionId>,
}

impl Connections {
    pub fn opened(&mut self, id: ConnectionId, connection: Connection) {
        self.open.insert(id, connection);
        self.changed.insert(id);
    }

    /// Takes a connection out; whatever it held is free.
    pub fn remove(&mut self, id: ConnectionId) {
        if let Some(connection) = self.open.remove(&id)
            && let Phase::Queue(queue) = connection.phase
            && self.attached.get(&queue) == Some(&id)
        {
            self.attached.remove(&queue);
        }
    }

    pub fn get(&self, id: ConnectionId) -> Option<&Connection> {
        self.open.get(&id)
    }

    /// The connection proved to be a device.
    pub fn authenticated(&mut self, id: ConnectionId, device: Device) {
        self.set_phase(id, Phase::Account(device));
    }

    /// The connection proved to own a queue; gives the older one, which is taken out.
    pub fn attach(&mut self, id: ConnectionId, queue: QueueId) -> Option<ConnectionId> {
        self.set_phase(id, Phase::Queue(queue));
        let older = self.attached.insert(queue, id)?;
        self.end(older);
        Some(older)
    }

    /// The connection proved to have quota until then; gives the older one of the same token, which is taken out.
    pub fn may_send(
        &mut self,
        id: ConnectionId,
        token: RowKey,
        until: Timestamp,
    ) -> Option<ConnectionId> {
        self.set_phase(id, Phase::Sending { until });
        let (older, _) = self.sending.insert(token, (id, until))?;
        (older != id && self.end(older)).then_some(older)
    }

    /// Until when the connections of a token may send.
    pub fn sending_until(&self, token: &RowKey) -> Option<Timestamp> {
        self.sending.get(token).map(|(_, until)| *until)
    }

    /// The connection attached to a queue.
    pub fn attached_to(&self, queue: &QueueId) -> Option<ConnectionId> {
        self.attached.get(queue).copied()
    }

    /// The connections of an account, in the order of their numbers.
    pub fn of_account(&self, account: &AccountId) -> Vec<(ConnectionId, DeviceKey)> {
        let mut found: Vec<_> = self
            .open
            .iter()
            .filter_map(|(id, connection)| match connection.phase {
                Phase::Account(device) if device.account == *account => Some((*id, device.key)),
                _ => None,
            })
            .collect();
        found.sort();
        found
    }

    /// Takes a connection out on the core's decision; tells whether it was there.
    pub fn end(&mut self, id: ConnectionId) -> bool {
        let there = self.open.contains_key(&id);
        if there {
            self.remove(id);
            self.changed.insert(id);
        }
        there
    }

    /// Forgets tokens whose time is over.
    pub fn forget_expired(&mut self, now: Timestamp) {
        self.sending.retain(|_, (_, until)| *until > now);
    }

    /// This batch changed something about the connection that is kept elsewhere.
    pub fn changed(&mut self, id: ConnectionId) {
        self.changed.insert(id);
    }

    /// A batch begins.
    pub fn begin(&mut self) {
        self.changed.clear();
    }

    /// Whether a connection is open, or was until this batch.
    pub fn was_open(&self, id: ConnectionId) -> bool {
        self.open.contains_key(&id) || self.changed.contains(&id)
    }

    /// The batch was not committed: takes out the connections that it changed, and gives them.
    pub fn abandon(&mut self) -> Vec<ConnectionId> {
        let changed: Vec<_> = std::mem::take(&mut self.changed).into_iter().collect();
        for id in &changed {
            self.remove(*id);
        }
        changed
    }

    pub fn open(&self) -> u64 {
        self.open.len() as u64
    }

    pub fn attached(&self) -> u64 {
        self.attached.len() as u64
    }

    fn set_phase(&mut self, id: ConnectionId, phase: Phase) {
        if let Some(connection) = self.open.get_mut(&id) {
            connection.phase = phase;
            self.changed.insert(id);
        }
    }
}

//! A server that forks: from one moment on there are two over copies of one storage, and each has some of the people.
//!
//! Its operator does not want to be noticed. What somebody sends at the one server is sent at the other too, on a shadow of
//! their connection whose answers nobody gets; only commits stay where they were sent. So messages reach everybody, and each
//! half of a group goes its own way from the first change on.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use bytes::Bytes;
use undertone_engine::Service;
use undertone_server::{
    core::{ConnectionId, Event},
    session::Session,
};
use undertone_wire::{
    frame,
    proto::{self, send_request::Body},
};

use super::World;
use crate::network::server_service;

/// Who is at the second server, and what is passed on between the two.
#[derive(Default)]
pub(super) struct Fork {
    apart: BTreeSet<usize>,
    shadows: BTreeMap<ConnectionId, Shadow>,
    forks: u32,
}

/// The other server's view of a sending connection.
struct Shadow {
    id: ConnectionId,
    session: Session,
}

impl Fork {
    /// The server that somebody reaches.
    pub(super) fn server_of(&self, person: usize) -> usize {
        usize::from(self.apart.contains(&person))
    }

    /// A connection is gone, and with it its shadow.
    pub(super) fn forget_shadow(&mut self, of: ConnectionId) -> Option<ConnectionId> {
        self.shadows.remove(&of).map(|shadow| shadow.id)
    }

    /// Whose shadow a connection is.
    pub(super) fn shadowed_by(&self, id: ConnectionId) -> Option<ConnectionId> {
        let mut shadows = self.shadows.iter();
        shadows.find_map(|(of, shadow)| (shadow.id == id).then_some(*of))
    }
}

impl World {
    /// The server forks: these people reach a second one, over a copy of what is stored now, all others the first.
    pub fn fork(&mut self, apart: &[usize]) -> Result<()> {
        self.unfork();
        if let Some(first) = self.servers.first() {
            self.fork.forks += 1;
            let copy = first.copied(format!("{}-fork-{}", first.name(), self.fork.forks))?;
            self.servers.push(copy);
        }
        self.fork.apart.extend(apart);
        for id in self.network.all(None) {
            self.cut(id);
        }
        self.start_servers()
    }

    /// The second server goes away with all that was stored there alone; all are at the first again.
    pub fn unfork(&mut self) {
        self.servers.truncate(1);
        self.fork.apart.clear();
        if self.fork.forks > 0 {
            for id in self.network.all(None) {
                self.cut(id);
            }
        }
    }

    /// A connection has been opened: whatever is sent on it is to reach the other server too.
    pub(super) fn open_shadow(&mut self, of: ConnectionId, service: Service, server: usize) {
        if self.servers.len() < 2 || service != Service::Send {
            return;
        }
        let shadow = Shadow {
            id: self.network.name(),
            session: Session::new(server_service(service)),
        };
        self.note_opened(other(server), shadow.id, service);
        self.fork.shadows.insert(of, shadow);
    }

    /// Passes on what was sent on a connection; commits are kept from the other server.
    pub(super) fn pass_on(&mut self, of: ConnectionId, server: usize, bytes: Bytes) -> Result<()> {
        let Some(shadow) = self.fork.shadows.get_mut(&of) else {
            return Ok(());
        };
        let request: proto::SendRequest = frame::decode(bytes.clone())?;
        if matches!(request.body, Some(Body::Commit(_))) {
            return Ok(());
        }
        if let Ok(operation) = shadow.session.receive(bytes) {
            let connection = shadow.id;
            let event = Event::Received {
                connection,
                operation,
            };
            self.note(other(server), event);
        }
        Ok(())
    }
}

/// Of the two servers the one that is not this.
fn other(server: usize) -> usize {
    1 - server
}

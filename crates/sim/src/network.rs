//! Connections between people and the server: ordered, delayed, and cut when a frame is lost.

use std::collections::BTreeMap;

use undertone_engine::Service;
use undertone_server::{
    core::{self, ConnectionId},
    session::Session,
};

/// One end-to-end connection.
pub struct Link {
    /// Whose.
    pub person: usize,
    /// Which one.
    pub service: Service,
    /// At which of the servers it ends.
    pub server: usize,
    /// The server's view of it.
    pub session: Session,
    /// When the last frame towards the server arrives: none overtakes another.
    pub up_at: u64,
    /// The same towards the person.
    pub down_at: u64,
}

/// All connections that stand.
#[derive(Default)]
pub struct Network {
    next: u64,
    links: BTreeMap<u64, Link>,
}

impl Network {
    /// Makes a connection.
    pub fn connect(&mut self, person: usize, service: Service, server: usize) -> ConnectionId {
        let id = self.name();
        let session = Session::new(server_service(service));
        self.links.insert(
            id.0,
            Link {
                person,
                service,
                server,
                session,
                up_at: 0,
                down_at: 0,
            },
        );
        id
    }

    /// A name that no connection has had.
    pub fn name(&mut self) -> ConnectionId {
        self.next += 1;
        ConnectionId(self.next)
    }

    /// A connection, if it stands.
    pub fn link(&mut self, id: ConnectionId) -> Option<&mut Link> {
        self.links.get_mut(&id.0)
    }

    /// The connection of a person, if it stands.
    pub fn of(&self, person: usize, service: Service) -> Option<ConnectionId> {
        let found = self
            .links
            .iter()
            .find(|(_, link)| link.person == person && link.service == service);
        found.map(|(id, _)| ConnectionId(*id))
    }

    /// Cuts a connection.
    pub fn cut(&mut self, id: ConnectionId) -> Option<Link> {
        self.links.remove(&id.0)
    }

    /// All connections of a person, or all there are.
    pub fn all(&self, person: Option<usize>) -> Vec<ConnectionId> {
        let chosen = self
            .links
            .iter()
            .filter(|(_, link)| person.is_none_or(|person| link.person == person));
        chosen.map(|(id, _)| ConnectionId(*id)).collect()
    }
}

/// The server's name for a service.
pub fn server_service(service: Service) -> core::Service {
    match service {
        Service::Account => core::Service::Account,
        Service::Queue => core::Service::Queue,
        Service::Send => core::Service::Send,
        Service::Link => core::Service::Link,
    }
}

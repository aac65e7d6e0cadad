//! The connections that stand or are being made, at most one of each service, and what arrives from them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinSet},
    time::timeout,
};
use undertone_engine::{Input, Service};

use super::{
    connection,
    endpoint::{ConnectError, Endpoint},
};

/// Arrivals that wait for the engine; beyond it connections wait, and TCP slows the server down.
const ARRIVALS: usize = 16;
/// How long connections may take to say goodbye.
const GOODBYE: Duration = Duration::from_millis(500);

/// What a connection tells.
#[derive(Debug)]
pub enum Arrival {
    /// It stands.
    Connected,
    /// A frame came.
    Frame(Bytes),
    /// It ended, or could not be made.
    Ended(Option<ConnectError>),
}

/// An arrival and the connection it came from.
#[derive(Debug)]
struct Told {
    service: Service,
    generation: u64,
    arrival: Arrival,
}

/// Where a connection tells what arrives.
#[derive(Debug, Clone)]
pub struct Reporter {
    service: Service,
    generation: u64,
    to_engine: mpsc::Sender<Told>,
}

impl Reporter {
    /// Tells; waits while the engine is busy. Whether anybody still listens.
    pub async fn tell(&self, arrival: Arrival) -> bool {
        let told = Told {
            service: self.service,
            generation: self.generation,
            arrival,
        };
        self.to_engine.send(told).await.is_ok()
    }
}

#[derive(Debug)]
struct Open {
    generation: u64,
    outgoing: mpsc::UnboundedSender<Bytes>,
    stands: bool,
    task: AbortHandle,
}

/// All connections to one server.
#[derive(Debug)]
pub struct Network {
    endpoint: Arc<Endpoint>,
    to_engine: mpsc::Sender<Told>,
    arrivals: mpsc::Receiver<Told>,
    open: BTreeMap<Service, Open>,
    tasks: JoinSet<()>,
    generations: u64,
    reached: bool,
    error: Option<ConnectError>,
}

impl Network {
    /// Without a connection yet.
    pub fn new(endpoint: Endpoint) -> Self {
        let (to_engine, arrivals) = mpsc::channel(ARRIVALS);
        Self {
            endpoint: Arc::new(endpoint),
            to_engine,
            arrivals,
            open: BTreeMap::new(),
            tasks: JoinSet::new(),
            generations: 0,
            reached: false,
            error: None,
        }
    }

    /// Begins to connect.
    pub fn connect(&mut self, service: Service) {
        self.disconnect(service);
        // Those that have ended are let go of.
        while self.tasks.try_join_next().is_some() {}
        self.generations = self.generations.wrapping_add(1);
        let reporter = Reporter {
            service,
            generation: self.generations,
            to_engine: self.to_engine.clone(),
        };
        let (outgoing, to_send) = mpsc::unbounded_channel();
        let endpoint = Arc::clone(&self.endpoint);
        let task = self.tasks.spawn(async move {
            connection::run(&endpoint, service, to_send, &reporter).await;
        });
        let open = Open {
            generation: self.generations,
            outgoing,
            stands: false,
            task,
        };
        self.open.insert(service, open);
    }

    /// Sends a frame, after those before it.
    pub fn send(&self, service: Service, bytes: Bytes) {
        if let Some(open) = self.open.get(&service) {
            // If its task has just ended, the engine is about to hear of it and asks anew.
            let _ = open.outgoing.send(bytes);
        }
    }

    /// Closes a connection once it has sent what it was given; nothing of it arrives any more.
    pub fn disconnect(&mut self, service: Service) {
        if let Some(open) = self.open.remove(&service)
            && !open.stands
        {
            open.task.abort();
        }
    }

    /// The next that arrives from a connection that is still wanted.
    pub async fn next(&mut self) -> Input {
        loop {
            let Some(told) = self.arrivals.recv().await else {
                // Never so, as this end holds a sender itself.
                return std::future::pending().await;
            };
            let Some(open) = self.open.get_mut(&told.service) else {
                continue;
            };
            if open.generation != told.generation {
                continue;
            }
            match told.arrival {
                Arrival::Connected => {
                    open.stands = true;
                    self.reached = true;
                    self.error = None;
                    return Input::Connected(told.service);
                }
                Arrival::Frame(bytes) => return Input::Frame(told.service, bytes),
                Arrival::Ended(error) => {
                    self.open.remove(&told.service);
                    self.error = error.or(self.error);
                    return Input::Disconnected(told.service);
                }
            }
        }
    }

    /// Whether a connection has stood.
    pub fn has_reached(&self) -> bool {
        self.reached
    }

    /// Whether none has stood and one could not be made.
    pub fn is_unreachable(&self) -> bool {
        !self.reached && self.error.is_some()
    }

    /// Why the last one could not be made, if none has stood since.
    pub fn error(&self) -> Option<ConnectError> {
        self.error
    }

    /// Closes what stands.
    pub async fn close(&mut self) {
        for service in Service::ALL {
            self.disconnect(service);
        }
        // Arrivals are wanted by nobody now, and nobody must wait to deliver them.
        self.arrivals.close();
        let goodbye = async { while self.tasks.join_next().await.is_some() {} };
        // Who does not manage in time is cut off, as a crash would.
        let _ = timeout(GOODBYE, goodbye).await;
    }
}

#[cfg(test)]
mod tests;

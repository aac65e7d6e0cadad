//! The writer thread: the only one that touches the core. It takes what waits, applies it in one durable transaction,
//! and hands the answers out.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, mem};

use bytes::Bytes;
use undertone_server::core::{ConnectionId, Core, Event, Output};
use undertone_wire::time::Timestamp;

use super::{
    outgoing::{Outgoing, OutgoingSender},
    submit::{Command, Snapshot, Submitted},
};

/// Commands that one transaction takes at most: beyond it the first of a batch would wait for the last too long.
const BATCH: usize = 512;

/// One connection, as the writer knows it.
struct Line {
    sender: OutgoingSender,
    answered: usize,
    frames: Vec<Bytes>,
}

/// The writer.
pub struct Writer<Clock> {
    core: Core,
    clock: Clock,
    submitted: Submitted,
    lines: HashMap<ConnectionId, Line>,
    touched: Vec<ConnectionId>,
    leaving: bool,
    events: u64,
    maintenance_failures: u64,
    maintenance_fails: bool,
}

impl<Clock: Fn() -> Timestamp> Writer<Clock> {
    /// Over a core; `clock` tells the time.
    pub fn new(core: Core, clock: Clock, submitted: Submitted) -> Self {
        Self {
            core,
            clock,
            submitted,
            lines: HashMap::new(),
            touched: Vec::new(),
            leaving: false,
            events: 0,
            maintenance_failures: 0,
            maintenance_fails: false,
        }
    }

    /// Works until it is told to stop, or nobody is left who could tell it.
    pub fn run(mut self) {
        let mut commands = Vec::with_capacity(BATCH);
        loop {
            self.submitted.take(&mut commands, BATCH);
            if commands.is_empty() {
                return;
            }
            let mut events = Vec::with_capacity(commands.len());
            let mut others = Vec::new();
            let mut weight = 0;
            for command in commands.drain(..) {
                match command {
                    Command::Open {
                        connection,
                        service,
                        authority,
                        address,
                        outgoing,
                    } => {
                        self.lines.insert(connection, Line::new(outgoing));
                        if self.leaving {
                            others.push(Command::GoAway);
                        }
                        events.push(Event::Opened {
                            connection,
                            service,
                            authority,
                            address,
                        });
                    }
                    Command::Receive {
                        connection,
                        operation,
                        weight: own,
                    } => {
                        weight += own as usize;
                        self.line(connection, |line| line.answered += 1);
                        events.push(Event::Received {
                            connection,
                            operation,
                        });
                    }
                    Command::Close(connection) => {
                        self.lines.remove(&connection);
                        events.push(Event::Closed { connection });
                    }
                    other => others.push(other),
                }
            }
            self.apply(events);
            self.submitted.give_back(weight);
            for other in others {
                if matches!(other, Command::Stop) {
                    return;
                }
                self.obey(other);
            }
        }
    }

    fn apply(&mut self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        self.events += events.len() as u64;
        let outputs = self.core.apply(events, (self.clock)());
        self.hand_out(outputs);
    }

    fn hand_out(&mut self, outputs: Vec<Output>) {
        let mut ending = Vec::new();
        for output in outputs {
            match output {
                Output::Frame(connection, frame) => {
                    self.line(connection, |line| line.frames.push(frame));
                }
                Output::Close(connection) => ending.push(connection),
            }
        }
        for connection in mem::take(&mut self.touched) {
            let Some(line) = self.lines.get_mut(&connection) else {
                continue;
            };
            let item = Outgoing::Frames {
                answered: mem::take(&mut line.answered),
                frames: mem::take(&mut line.frames),
            };
            if line.sender.send(item).is_err() {
                self.lines.remove(&connection);
            }
        }
        for connection in ending {
            if let Some(line) = self.lines.remove(&connection) {
                // If the connection is gone already, that is what was wanted.
                let _ = line.sender.send(Outgoing::End);
            }
        }
    }

    /// Changes what is handed to a connection after the batch, unless it is gone.
    fn line(&mut self, connection: ConnectionId, change: impl FnOnce(&mut Line)) {
        if let Some(line) = self.lines.get_mut(&connection) {
            if line.answered == 0 && line.frames.is_empty() {
                self.touched.push(connection);
            }
            change(line);
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Maintain => {
                let failed = self.core.maintain((self.clock)()).is_err();
                self.maintenance_failures += u64::from(failed);
                if failed && !self.maintenance_fails {
                    tracing::warn!(
                        "maintenance of the stores failed; it is tried again every second"
                    );
                }
                self.maintenance_fails = failed;
                let ended = self.core.end_old_meetings((self.clock)());
                self.hand_out(ended);
            }
            Command::Count(answer) => {
                // Whoever asked may have stopped waiting.
                let _ = answer.send(Snapshot {
                    core: self.core.counters(),
                    events: self.events,
                    connections: self.lines.len() as u64,
                    maintenance_failures: self.maintenance_failures,
                });
            }
            Command::CreateInvite { uses, answer } => {
                let _ = answer.send(self.core.create_invite(uses, (self.clock)()));
            }
            Command::GoAway => {
                self.leaving = true;
                self.lines
                    .retain(|_, line| line.sender.send(Outgoing::GoAway).is_ok());
            }
            Command::Open { .. } | Command::Receive { .. } | Command::Close(_) | Command::Stop => {}
        }
    }
}

impl Line {
    fn new(sender: OutgoingSender) -> Self {
        Self {
            sender,
            answered: 0,
            frames: Vec::new(),
        }
    }
}

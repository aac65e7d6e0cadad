//! Where a new device and one of the account's meet: in memory alone, for a minute or two, and gone with either of them.
//! What they pass is theirs: the server hands it over and keeps nothing.

use std::collections::HashMap;

use undertone_wire::{
    limits::{LINK_MAILBOX_BYTES, LINK_MAILBOXES, LINK_MINUTES, LINK_PAYLOADS},
    proto::{ErrorKind, LinkJoined, LinkPassed, link_answer},
    time::{MINUTE_MS, Timestamp},
};

use super::{
    ConnectionId, Core, Output,
    batch::Batch,
    failure::{Outcome, refuse},
};
use crate::{
    answer::{Reason, done, link_frame},
    session::LinkOperation,
};

/// The name of a place to meet.
pub(crate) type Mailbox = [u8; LINK_MAILBOX_BYTES];

/// One who is there, and how often they passed something.
#[derive(Clone, Copy)]
struct Present {
    connection: ConnectionId,
    passed: u32,
}

/// A place where one waits or two have met. Nobody else can come any more then.
struct Meeting {
    waiting: Present,
    joined: Option<Present>,
    since: Timestamp,
}

impl Meeting {
    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.since) >= LINK_MINUTES * MINUTE_MS
    }

    fn others(&self, than: ConnectionId) -> Vec<ConnectionId> {
        let all = [Some(self.waiting), self.joined];
        let present = all.into_iter().flatten().map(|present| present.connection);
        present.filter(|connection| *connection != than).collect()
    }
}

/// All of them.
#[derive(Default)]
pub(super) struct Meetings {
    by_name: HashMap<Mailbox, Meeting>,
    of: HashMap<ConnectionId, Mailbox>,
}

impl Meetings {
    /// A connection is gone: so is its meeting. Gives the other.
    pub fn leave(&mut self, connection: ConnectionId) -> Option<ConnectionId> {
        let name = self.of.remove(&connection)?;
        let meeting = self.by_name.remove(&name)?;
        let other = meeting.others(connection).pop()?;
        self.of.remove(&other);
        Some(other)
    }

    fn over(&self, now: Timestamp) -> Vec<ConnectionId> {
        let over = self.by_name.values().filter(|one| one.is_over(now));
        let mut waiting: Vec<_> = over.map(|meeting| meeting.waiting.connection).collect();
        waiting.sort();
        waiting
    }
}

impl Core {
    /// Ends the meetings whose time is over: each batch does so first, and where nothing happens this is to be called
    /// about once a second. The outputs may be sent at once.
    pub fn end_old_meetings(&mut self, now: Timestamp) -> Vec<Output> {
        let mut outputs = Vec::new();
        for waiting in self.meetings.over(now) {
            let other = self.meetings.leave(waiting);
            let present = [Some(waiting), other].into_iter().flatten();
            let ended = present.filter(|connection| self.connections.end(*connection));
            outputs.extend(ended.map(Output::Close));
        }
        outputs
    }
}

impl Batch<'_> {
    /// A connection is gone; whoever it met goes too.
    pub fn leave_meeting(&mut self, connection: ConnectionId) {
        if let Some(other) = self.core.meetings.leave(connection) {
            self.end(other);
        }
    }

    pub fn link(
        &mut self,
        connection: ConnectionId,
        operation: &LinkOperation,
    ) -> Outcome<link_answer::Body> {
        let done = match operation {
            LinkOperation::Open(name) => self.open_meeting(connection, *name)?,
            LinkOperation::Join(name) => self.join_meeting(connection, *name)?,
            LinkOperation::Pass(payload) => self.pass_in_meeting(connection, payload)?,
        };
        // If the batch is not committed, the other does not hear of it: the meeting must end with the batch.
        self.core.connections.changed(connection);
        Ok(done)
    }

    fn count_try(&mut self, connection: ConnectionId) -> Outcome<()> {
        if self.core.meetings.of.contains_key(&connection) {
            return refuse(ErrorKind::OutOfOrder, "the connection has a place already");
        }
        let address = self
            .core
            .connections
            .get(connection)
            .and_then(|known| known.address);
        Ok(self.core.rates.link(address, self.now)?)
    }

    fn open_meeting(
        &mut self,
        connection: ConnectionId,
        name: Mailbox,
    ) -> Outcome<link_answer::Body> {
        self.count_try(connection)?;
        let meetings = &mut self.core.meetings;
        if meetings.by_name.contains_key(&name) {
            return refuse(ErrorKind::Conflict, "the name is taken");
        }
        if meetings.by_name.len() >= LINK_MAILBOXES {
            return Err(Reason::limit("too many devices wait at once", MINUTE_MS).into());
        }
        let waiting = Present {
            connection,
            passed: 0,
        };
        let meeting = Meeting {
            waiting,
            joined: None,
            since: self.now,
        };
        meetings.by_name.insert(name, meeting);
        meetings.of.insert(connection, name);
        Ok(done::LINK)
    }

    fn join_meeting(
        &mut self,
        connection: ConnectionId,
        name: Mailbox,
    ) -> Outcome<link_answer::Body> {
        self.count_try(connection)?;
        let meetings = &mut self.core.meetings;
        let waits = meetings
            .by_name
            .get_mut(&name)
            .filter(|meeting| meeting.joined.is_none());
        let Some(meeting) = waits else {
            return refuse(ErrorKind::NotFound, "nobody waits under this name");
        };
        meeting.joined = Some(Present {
            connection,
            passed: 0,
        });
        let waiting = meeting.waiting.connection;
        meetings.of.insert(connection, name);
        let frame = link_frame(0, link_answer::Body::Joined(LinkJoined {}));
        self.outputs.push(Output::Frame(waiting, frame));
        Ok(done::LINK)
    }

    fn pass_in_meeting(
        &mut self,
        connection: ConnectionId,
        payload: &[u8],
    ) -> Outcome<link_answer::Body> {
        let Meetings { by_name, of } = &mut self.core.meetings;
        let meeting = of.get(&connection).and_then(|name| by_name.get_mut(name));
        let Some(Meeting {
            waiting,
            joined: Some(joined),
            ..
        }) = meeting
        else {
            return refuse(ErrorKind::OutOfOrder, "nobody is there to pass it to");
        };
        let (from, to) = if waiting.connection == connection {
            (waiting, joined)
        } else {
            (joined, waiting)
        };
        if from.passed >= LINK_PAYLOADS {
            return Err(Reason::limit("more than two devices have to say", 0).into());
        }
        from.passed += 1;
        let passed = LinkPassed {
            payload: payload.to_vec(),
        };
        let frame = link_frame(0, link_answer::Body::Passed(passed));
        let to = to.connection;
        self.outputs.push(Output::Frame(to, frame));
        Ok(done::LINK)
    }
}

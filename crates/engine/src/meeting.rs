//! The connection on which two devices meet: open only while one is being linked.

use undertone_wire::{
    proto::{self, ErrorKind, link_answer::Body as Answer, link_request::Body as Request},
    time::Timestamp,
};

use crate::{
    engine::Engine,
    error::EngineError,
    io::Service,
    linking::{LinkFailure, LinkStage, Linking},
    tasks::LinkTask,
};

impl Engine {
    /// Opens the connection while it is wanted, and asks for the other device.
    pub(crate) fn work_on_meeting(&mut self, now: Timestamp) {
        if !self.linking_goes_on(now) {
            // What was said last is on its way still.
            if self.meeting.unanswered().next().is_none() {
                self.close(Service::Link);
            }
            return;
        }
        if !self.meeting.is_open() {
            self.connect(Service::Link, now);
            return;
        }
        let Some(linking) = &self.linking else { return };
        if linking.stage != LinkStage::Connecting || self.meeting.unanswered().next().is_some() {
            return;
        }
        let mailbox = linking.code.mailbox();
        if linking.is_new() {
            let body = Request::Open(proto::LinkOpen { mailbox });
            self.ask_meeting(body, LinkTask::Open, now);
        } else {
            let body = Request::Join(proto::LinkJoin { mailbox });
            self.ask_meeting(body, LinkTask::Join, now);
        }
    }

    /// Takes an answer or what the other passed; `false` if it is none that the protocol knows.
    pub(crate) fn meeting_answer(
        &mut self,
        answer: proto::LinkAnswer,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let Some(body) = answer.body else {
            return Ok(false);
        };
        match body {
            Answer::Challenge(challenge) => {
                return Ok(self.greeted(Service::Link, challenge, now));
            }
            Answer::Joined(_) => {
                self.met(now);
                return Ok(true);
            }
            Answer::Passed(passed) => {
                self.heard_in_meeting(&passed.payload, now)?;
                return Ok(true);
            }
            _ => {}
        }
        let Some(task) = self.meeting.answered(answer.request) else {
            return Ok(false);
        };
        match (task, body) {
            (LinkTask::Open, Answer::Done(_)) => {
                self.meeting.ready();
                self.linking_stands_at(LinkStage::Waiting);
            }
            (LinkTask::Join, Answer::Done(_)) => {
                self.meeting.ready();
                self.linking_stands_at(LinkStage::Meeting);
            }
            (LinkTask::Open, Answer::Error(error)) if error.kind() == ErrorKind::Conflict => {
                self.draw_another_code();
            }
            (LinkTask::Pass, Answer::Done(_)) => {}
            (LinkTask::Join, Answer::Error(error)) if error.kind() == ErrorKind::NotFound => {
                self.fail_linking(LinkFailure::NoSuchCode);
            }
            (LinkTask::Open | LinkTask::Join, Answer::Error(error))
                if error.kind() == ErrorKind::LimitReached =>
            {
                self.fail_linking(LinkFailure::TooMany);
            }
            (_, Answer::Error(_)) => self.fail_linking(LinkFailure::Declined),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The connection has ended. A new device that nobody has met yet waits again, under the same code.
    pub(crate) fn meeting_lost(&mut self) {
        match self.linking.as_ref().map(|linking| &linking.stage) {
            Some(LinkStage::Waiting) => self.linking_stands_at(LinkStage::Connecting),
            Some(LinkStage::Connecting | LinkStage::Done | LinkStage::Failed(_)) | None => {}
            // Whoever has another code hangs up on the proof of this one.
            Some(LinkStage::Meeting)
                if self.linking.as_ref().is_some_and(Linking::awaits_proof) =>
            {
                self.fail_linking(LinkFailure::WrongCode);
            }
            Some(_) => self.fail_linking(LinkFailure::Declined),
        }
    }

    pub(crate) fn pass_in_meeting(&mut self, payload: Vec<u8>, now: Timestamp) {
        let body = Request::Pass(proto::LinkPass { payload });
        self.ask_meeting(body, LinkTask::Pass, now);
    }
}

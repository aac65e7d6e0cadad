//! The sending connection: opened as nobody, with a token, while there is something to send.

use undertone_wire::{
    limits,
    proto::{self, ErrorKind, send_answer::Body as Answer, send_request::Body as Request},
    time::Timestamp,
};

use crate::{
    engine::Engine,
    error::EngineError,
    io::Service,
    tasks::{Hold, SendTask},
};

impl Engine {
    /// Does what there is to do on the sending connection; tells whether there is anything.
    pub(crate) fn work_on_sending(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        if !self.survey.registered {
            return Ok(true);
        }
        let busy = [
            self.keep_cards(now)?,
            self.follow_links(now)?,
            self.ask_for_places(now)?,
            self.call_for_help(now)?,
            self.transfer_histories(now)?,
            self.read_contact_cards(now)?,
            self.renew_broken(now)?,
            self.make_handles(now)?,
            self.make_commits(now)?,
            self.send_commits(now)?,
            self.fetch_outside(now),
            self.fetch_missing_commits(now)?,
            self.deliver_outbox(now)?,
            self.tell_receipts(now)?,
            self.tell_typing(now)?,
            self.tell_leaving(now)?,
        ]
        .contains(&true);
        if busy {
            self.open_sending(now)?;
        }
        Ok(busy)
    }

    fn open_sending(&mut self, now: Timestamp) -> Result<(), EngineError> {
        if self.send.is_ready() || self.is_held(&Hold::Sending, now) {
            return Ok(());
        }
        if !self.send.is_open() {
            self.connect(Service::Send, now);
            return Ok(());
        }
        if self.send.unanswered().next().is_some() {
            return Ok(());
        }
        let first_day = self.first_token_day(now);
        let token = self
            .store
            .write(|tx| tx.take_tokens(limits::PRICE_SENDING, first_day))?;
        if let Some(token) = token.and_then(|tokens| tokens.into_iter().next()) {
            self.ask_sending(Request::Open(proto::Open { token }), SendTask::Open, now);
        }
        Ok(())
    }

    /// Takes an answer; `false` if it is none that the protocol knows.
    pub(crate) fn send_answer(
        &mut self,
        answer: proto::SendAnswer,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let Some(body) = answer.body else {
            return Ok(false);
        };
        if let Answer::Challenge(challenge) = body {
            return Ok(self.greeted(Service::Send, challenge, now));
        }
        let Some(task) = self.send.answered(answer.request) else {
            return Ok(false);
        };
        if let Answer::Error(error) = &body
            && error.kind() == ErrorKind::SessionExpired
        {
            self.close(Service::Send);
            return Ok(true);
        }
        match (task, body) {
            (SendTask::Open, Answer::Opened(_)) => {
                self.release(&Hold::Sending);
                self.send.ready();
            }
            (SendTask::Open, Answer::Error(error)) => {
                self.hold(Hold::Sending, &error, now);
                self.close(Service::Send);
            }
            (SendTask::PutCard(secret), Answer::Done(_)) => self.card_published(&secret, now)?,
            (SendTask::DropCard(secret), Answer::Done(_)) => self.card_dropped(&secret)?,
            (SendTask::PutCard(secret) | SendTask::DropCard(secret), Answer::Error(error)) => {
                self.card_refused(&secret, &error, now)?;
            }
            (SendTask::ReadCard(chat), Answer::Card(card)) => self.card_read(&chat, &card, now)?,
            (SendTask::ReadCard(chat), Answer::Error(error)) => {
                self.card_unreadable(&chat, &error, now)?
            }
            (SendTask::ReadContactCard(wish), Answer::Card(card)) => {
                self.contact_card_read(wish, &card, now)?;
            }
            (SendTask::ReadContactCard(wish), Answer::Error(error)) => {
                self.contact_card_unreadable(wish, &error, now)?;
            }
            (SendTask::Leave(chat), Answer::Accepted(_)) => self.left(&chat, now)?,
            (SendTask::Leave(chat), Answer::Stale(stale)) => self.chat_stale(&chat, stale.epoch)?,
            (SendTask::Leave(chat), Answer::Error(error)) => {
                self.hold(Hold::Chat(chat), &error, now);
            }
            (SendTask::CreateHandle(group_id), Answer::Done(_)) => self.handle_made(&group_id)?,
            (SendTask::CreateHandle(group_id), Answer::Error(error)) => {
                self.handle_refused(&group_id, &error, now)?;
            }
            (SendTask::Commit { group_id, epoch }, Answer::Accepted(_)) => {
                self.commit_accepted(&group_id, epoch)?
            }
            // Before this device's epoch: the server stands on another chain, because it forked or was set back.
            (
                SendTask::Commit { group_id, epoch }
                | SendTask::FetchCommit { group_id, epoch }
                | SendTask::Deliver {
                    group_id, epoch, ..
                },
                Answer::Stale(stale),
            ) if stale.epoch < epoch => self.keys_are_others(&group_id, epoch, now)?,
            (SendTask::Commit { group_id, epoch }, Answer::Stale(stale)) => {
                self.commit_lost(&group_id, epoch, stale.epoch, now)?;
            }
            (SendTask::FetchCommit { group_id, epoch }, Answer::Commit(commit)) => {
                self.commit_fetched(&group_id, epoch, &commit.payload, now)?;
            }
            (SendTask::FetchCommit { group_id, .. }, Answer::Stale(stale)) => {
                self.not_behind(&group_id, stale.epoch)?;
            }
            (SendTask::FetchCommit { group_id, .. }, Answer::Error(error))
                if error.kind() == ErrorKind::NotFound =>
            {
                self.fell_behind(&group_id, now)?;
            }
            (SendTask::Commit { group_id, epoch }, Answer::Error(error))
                if error.kind() == ErrorKind::Unauthorised =>
            {
                self.keys_are_others(&group_id, epoch, now)?;
            }
            (
                SendTask::Deliver {
                    chat,
                    group_id,
                    epoch,
                    ..
                },
                Answer::Error(error),
            ) if error.kind() == ErrorKind::Unauthorised => {
                self.release(&Hold::Chat(chat));
                self.keys_are_others(&group_id, epoch, now)?;
            }
            (
                SendTask::Commit { group_id, .. } | SendTask::FetchCommit { group_id, .. },
                Answer::Error(error),
            ) => {
                self.hold(Hold::Group(group_id), &error, now);
            }
            (
                SendTask::Deliver {
                    chat, seq, list, ..
                },
                Answer::Accepted(_),
            ) => {
                self.lists.extend(list);
                self.item_delivered(&chat, seq)?
            }
            (SendTask::Deliver { chat, .. }, Answer::Error(error))
                if error.kind() == ErrorKind::ListUnknown =>
            {
                // The server has forgotten lists: the next delivery brings its own again.
                self.lists.clear();
                self.release(&Hold::Chat(chat));
            }
            (
                SendTask::Deliver {
                    chat,
                    seq,
                    group_id,
                    ..
                },
                Answer::Stale(stale),
            ) => {
                self.item_stale(&chat, seq, &group_id, stale.epoch)?;
            }
            (SendTask::Deliver { chat, seq, .. }, Answer::Error(error)) => {
                self.item_refused(&chat, seq, &error, now)?;
            }
            (SendTask::TellReceipts { chat, receipts }, Answer::Accepted(_)) => {
                self.receipts_told(&chat, &receipts)?;
            }
            (SendTask::TellReceipts { chat, .. }, Answer::Stale(stale)) => {
                self.chat_stale(&chat, stale.epoch)?;
            }
            (SendTask::TellReceipts { chat, .. }, Answer::Error(error)) => {
                self.hold(Hold::Chat(chat), &error, now)
            }
            (SendTask::Type(_), Answer::Accepted(_) | Answer::Stale(_) | Answer::Error(_)) => {}
            // It may not have stood where it went: it is asked again if nothing comes of it.
            (SendTask::AskToJoin, Answer::Accepted(_)) => {
                self.hold(Hold::Joining, &proto::ServiceError::default(), now);
            }
            (SendTask::PutOutside(group_id), Answer::Done(_)) => self.outside_put(&group_id)?,
            (SendTask::PutOutside(group_id), Answer::Error(error)) => {
                self.hold(Hold::Group(group_id), &error, now);
            }
            (SendTask::GetOutside, Answer::Blob(blob)) => self.outside_got(&blob.chunk, now)?,
            (SendTask::GetOutside, Answer::Error(error)) => self.outside_refused(&error, now)?,
            (SendTask::CallForHelp(group_id), Answer::Accepted(_)) => {
                self.called(&group_id, now)?
            }
            (SendTask::CallForHelp(group_id), Answer::Error(error)) => {
                self.call_refused(&group_id, &error, now)?;
            }
            (SendTask::AskToJoin, Answer::Error(error)) => self.hold(Hold::Joining, &error, now),
            (SendTask::PutArchive(id), Answer::Done(_)) => self.archive_put(&id, now)?,
            (SendTask::GetArchive(id), Answer::Blob(blob)) => {
                self.archive_got(&id, &blob.chunk, now)?;
            }
            (SendTask::DropArchive(id), Answer::Done(_)) => self.archive_dropped(&id)?,
            (
                SendTask::PutArchive(id) | SendTask::GetArchive(id) | SendTask::DropArchive(id),
                Answer::Error(error),
            ) => self.archive_refused(&id, &error, now)?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

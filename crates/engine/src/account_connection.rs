//! The account connection: registers, and draws tokens. It is open only while there is something of that to do.

use undertone_wire::{
    identity::DeviceList,
    proto::{self, ErrorKind, account_answer::Body as Answer, account_request::Body as Request},
    signing::Purpose,
    time::{Day, Timestamp},
    token::TokenBatch,
};

use crate::{
    engine::Engine,
    error::EngineError,
    event::{Event, note},
    io::Service,
    tasks::{AccountTask, Hold},
};

/// Tokens are drawn while there are fewer than this.
const TOKENS_LOW: u64 = 32;
/// The name of the setting that holds the server's refusal.
pub(crate) const REFUSAL: &str = "registration refused";

impl Engine {
    /// Registers and draws tokens; tells whether there is something of that to do.
    pub(crate) fn work_on_account(&mut self, now: Timestamp) -> Result<bool, EngineError> {
        let (registered, tokens) = (self.survey.registered, self.survey.tokens);
        let refused = !registered && self.store.read(|tx| tx.setting_get(REFUSAL))?.is_some();
        let wants_tokens = tokens < TOKENS_LOW && !self.is_held(&Hold::Tokens, now);
        let wants_registration = !registered && !refused && !self.is_held(&Hold::Registration, now);
        let wants_devices = self.survey.devices_due && !self.is_held(&Hold::Devices, now);
        if !(wants_registration || registered && (wants_tokens || wants_devices)) {
            if self.account.unanswered().next().is_none() {
                self.close(Service::Account);
            }
            return Ok(false);
        }
        if !self.account.is_open() {
            self.connect(Service::Account, now);
            return Ok(true);
        }
        if self.account.unanswered().next().is_some() {
            return Ok(true);
        }
        if self.account.is_ready() && wants_devices {
            self.publish_devices(now)?;
        } else if self.account.is_ready() {
            self.draw_tokens(now);
        } else {
            self.authenticate(registered, now)?;
        }
        Ok(true)
    }

    fn authenticate(&mut self, registered: bool, now: Timestamp) -> Result<(), EngineError> {
        let Some(me) = &self.me else { return Ok(()) };
        let nonce = self
            .nonces
            .get(&Service::Account)
            .cloned()
            .unwrap_or_default();
        let device_key = me.identity.certificate.device_key;
        let parts: [&[u8]; 4] = [
            &nonce,
            me.server.authority().as_bytes(),
            me.account.as_bytes(),
            device_key.as_bytes(),
        ];
        let signature = me
            .identity
            .key
            .sign(Purpose::AccountConnection, &parts)
            .to_vec();
        if registered {
            let body = proto::Authenticate {
                account: me.account.to_vec(),
                device_key: device_key.to_vec(),
                signature,
            };
            self.ask_account(Request::Authenticate(body), AccountTask::Authenticate, now);
        } else {
            let devices = DeviceList::new(me.identity.certificate.clone());
            let devices = Some(devices.to_proto());
            let account = self.store.read(|tx| tx.account())?;
            let invite_code = account
                .map(|account| account.invite_code)
                .unwrap_or_default();
            let body = proto::Register {
                devices,
                invite_code,
                signature,
            };
            self.ask_account(Request::Register(body), AccountTask::Register, now);
        }
        Ok(())
    }

    fn draw_tokens(&mut self, now: Timestamp) {
        let Day(today) = self.server_now(now).day();
        // Blinding fails only for a broken source of randomness; then nothing is asked.
        if let Ok((batch, request)) = TokenBatch::blind(Day(today), &mut *self.rng) {
            self.ask_account(
                Request::IssueTokens(request),
                AccountTask::IssueTokens(batch),
                now,
            );
        }
    }

    /// Takes an answer; `false` if it is none that the protocol knows.
    pub(crate) fn account_answer(
        &mut self,
        answer: proto::AccountAnswer,
        now: Timestamp,
    ) -> Result<bool, EngineError> {
        let Some(body) = answer.body else {
            return Ok(false);
        };
        if let Answer::Challenge(challenge) = body {
            return Ok(self.greeted(Service::Account, challenge, now));
        }
        let Some(task) = self.account.answered(answer.request) else {
            return Ok(false);
        };
        match (task, body) {
            (AccountTask::Register, Answer::Done(_)) => {
                self.store.write(|tx| {
                    if let Some(mut account) = tx.account()? {
                        account.registered = true;
                        tx.put_account(&account)?;
                    }
                    note(tx, Event::Registered)
                })?;
                self.account.ready();
            }
            (AccountTask::Authenticate, Answer::Done(_)) => self.account.ready(),
            (AccountTask::Register, Answer::Error(error)) => {
                self.registration_refused(&error, now)?
            }
            // The server says that this device is revoked, and proves it or not.
            (AccountTask::Authenticate, Answer::Devices(list)) => {
                self.hear_revocation(list, now)?;
            }
            (AccountTask::Authenticate, Answer::Error(error)) => {
                self.hold(Hold::Tokens, &error, now);
                self.hold(Hold::Devices, &error, now);
                self.close(Service::Account);
            }
            (AccountTask::UpdateDevices(told), Answer::Done(_)) => self.devices_published(&told)?,
            (AccountTask::UpdateDevices(_), Answer::Error(error)) => {
                self.hold(Hold::Devices, &error, now);
            }
            (AccountTask::IssueTokens(batch), Answer::Tokens(issued)) => {
                let key = self.token_keys.iter().find(|key| key.day == issued.day);
                let tokens = key.map(|key| batch.finish(&issued, &key.public_key));
                let Some(Ok(tokens)) = tokens else {
                    return Ok(false);
                };
                self.store.write(|tx| {
                    tokens
                        .iter()
                        .try_for_each(|token| tx.add_token(token.as_bytes(), token.day().0))
                })?;
                self.release(&Hold::Tokens);
            }
            (AccountTask::IssueTokens(_), Answer::Error(error)) => {
                self.hold(Hold::Tokens, &error, now);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn registration_refused(
        &mut self,
        error: &proto::ServiceError,
        now: Timestamp,
    ) -> Result<(), EngineError> {
        let reason = match error.kind() {
            ErrorKind::RegistrationClosed => "closed",
            ErrorKind::InviteInvalid => "invite",
            _ => {
                self.hold(Hold::Registration, error, now);
                self.close(Service::Account);
                return Ok(());
            }
        };
        self.store.write(|tx| {
            tx.setting_put(REFUSAL, reason.as_bytes())?;
            note(tx, Event::RegistrationRefused)
        })?;
        self.close(Service::Account);
        Ok(())
    }
}

//! An account, for the tokens that everything else costs.

use anyhow::{Context as _, bail};
use rand_core::OsRng;
use undertone_wire::{
    identity::{Capability, Certificate, DeviceList},
    ids::{DeviceKey, Serial},
    proto::{self, AccountAnswer, AccountRequest, Challenge, account_answer, account_request},
    signing::{Purpose, SecretKey},
    time::Day,
    token::{Token, TokenBatch},
};

use super::{
    server::{AUTHORITY, Server},
    socket::Socket,
};

/// A connection that is authenticated.
pub struct Account {
    socket: Socket,
    challenge: Challenge,
    tokens: Vec<Token>,
}

impl Account {
    /// Registers.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn register(server: &Server) -> anyhow::Result<Self> {
        let root = SecretKey::random(&mut OsRng);
        let device = SecretKey::random(&mut OsRng);
        let device_key = DeviceKey::new(device.public());
        let serial = Serial::random(&mut OsRng);
        let certificate = Certificate::issue(&root, device_key, serial, Capability::Full);
        let devices = DeviceList::new(certificate);
        let mut socket = Socket::connect(server, "account").await?;
        let first: AccountAnswer = socket.receive().await?;
        let Some(account_answer::Body::Challenge(challenge)) = first.body else {
            bail!("the server begins without a challenge");
        };
        let account = devices.account();
        let parts: [&[u8]; 4] = [
            &challenge.nonce,
            AUTHORITY.as_bytes(),
            account.as_bytes(),
            device_key.as_bytes(),
        ];
        let register = proto::Register {
            devices: Some(devices.to_proto()),
            invite_code: String::new(),
            signature: device.sign(Purpose::AccountConnection, &parts).to_vec(),
        };
        let mut account = Self {
            socket,
            challenge,
            tokens: Vec::new(),
        };
        match account
            .ask(account_request::Body::Register(register))
            .await?
        {
            account_answer::Body::Done(_) => Ok(account),
            other => bail!("the server does not register: {other:?}"),
        }
    }

    /// A token, fetched if none is left.
    ///
    /// # Errors
    /// If the server issues none.
    pub async fn token(&mut self) -> anyhow::Result<Vec<u8>> {
        if self.tokens.is_empty() {
            let key = self.challenge.token_keys.first().context("no token key")?;
            let public_key = key.public_key.clone();
            let (batch, request) = TokenBatch::blind(Day(key.day), &mut OsRng)?;
            let issued = match self
                .ask(account_request::Body::IssueTokens(request))
                .await?
            {
                account_answer::Body::Tokens(issued) => issued,
                other => bail!("the server issues no tokens: {other:?}"),
            };
            self.tokens = batch.finish(&issued, &public_key)?;
        }
        let token = self.tokens.pop().context("an empty batch")?;
        Ok(token.as_bytes().to_vec())
    }

    async fn ask(&mut self, body: account_request::Body) -> anyhow::Result<account_answer::Body> {
        let body = Some(body);
        let request = AccountRequest { request: 1, body };
        let answer: AccountAnswer = self.socket.ask(&request).await?;
        answer.body.context("an empty answer")
    }
}

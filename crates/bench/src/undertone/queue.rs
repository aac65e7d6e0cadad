//! A queue with its connection attached.

use anyhow::{Context as _, bail};
use rand_core::OsRng;
use undertone_wire::{
    entry::UnsealingKey,
    ids::{Alias, Handle, QueueId},
    limits::PRICE_QUEUE,
    proto::{self, QueueAnswer, QueueRequest, queue_answer, queue_request},
    signing::{Purpose, SecretKey},
};

use super::{
    account::Account,
    server::{AUTHORITY, Server},
    socket::Socket,
};

/// The connection.
pub struct Queue(Socket);

impl Queue {
    /// Makes a queue.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn create(server: &Server, account: &mut Account) -> anyhow::Result<Self> {
        let mut tokens = Vec::new();
        for _ in 0..PRICE_QUEUE {
            tokens.push(account.token().await?);
        }
        let (id, key) = (QueueId::random(&mut OsRng), SecretKey::random(&mut OsRng));
        let sealing = UnsealingKey::random(&mut OsRng)?;
        let mut socket = Socket::connect(server, "queue").await?;
        let first: QueueAnswer = socket.receive().await?;
        let Some(queue_answer::Body::Challenge(challenge)) = first.body else {
            bail!("the server begins without a challenge");
        };
        let parts: [&[u8]; 3] = [&challenge.nonce, AUTHORITY.as_bytes(), id.as_bytes()];
        let create = proto::CreateQueue {
            queue: id.to_vec(),
            verification_key: key.public().to_vec(),
            sealing_key: sealing.public().to_vec(),
            tokens,
            signature: key.sign(Purpose::QueueConnection, &parts).to_vec(),
        };
        let mut queue = Self(socket);
        queue.done(queue_request::Body::Create(create)).await?;
        Ok(queue)
    }

    /// Makes an alias, bound to a conversation.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn alias(&mut self, handle: &Handle) -> anyhow::Result<Alias> {
        let alias = Alias::random(&mut OsRng);
        let register = proto::RegisterAlias {
            alias: alias.to_vec(),
            handle: handle.to_vec(),
        };
        self.done(queue_request::Body::RegisterAlias(register))
            .await?;
        Ok(alias)
    }

    /// The connection itself.
    pub fn into_socket(self) -> Socket {
        self.0
    }

    async fn done(&mut self, body: queue_request::Body) -> anyhow::Result<()> {
        let body = Some(body);
        let answer: QueueAnswer = self.0.ask(&QueueRequest { request: 1, body }).await?;
        match answer.body.context("an empty answer")? {
            queue_answer::Body::Done(_) => Ok(()),
            other => bail!("the server refuses: {other:?}"),
        }
    }
}

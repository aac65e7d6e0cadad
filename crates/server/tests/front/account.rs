//! People for the stories: an account, a queue with an alias, a sending connection; all as the protocol has them.

use bytes::Bytes;
use rand_core::OsRng;
use tokio::io::{AsyncRead, AsyncWrite};
use undertone_wire::{
    entry::UnsealingKey,
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, DeviceKey, QueueId, Serial},
    limits::{PRICE_QUEUE, TOKEN_BATCH},
    proto::{
        self, Challenge, account_answer, account_request, queue_answer, queue_request, send_answer,
        send_request,
    },
    signing::{Purpose, SecretKey},
    time::Day,
    token::{Token, TokenBatch},
};

use super::{
    client::{Socket, connect},
    process::Server,
};

/// What clients sign as the server's name: the Host that the test client asks for.
const AUTHORITY: &[u8] = b"localhost";

/// An account with one device.
pub struct Account {
    root: SecretKey,
    device: SecretKey,
}

impl Account {
    pub fn new() -> Self {
        Self {
            root: SecretKey::random(&mut OsRng),
            device: SecretKey::random(&mut OsRng),
        }
    }

    fn list(&self) -> DeviceList {
        let device = DeviceKey::new(self.device.public());
        let serial = Serial::random(&mut OsRng);
        DeviceList::new(Certificate::issue(
            &self.root,
            device,
            serial,
            Capability::Full,
        ))
    }

    /// What must not be found where it does not belong.
    pub fn id(&self) -> [u8; 32] {
        *self.list().account().as_bytes()
    }

    fn sign(&self, challenge: &Challenge) -> Vec<u8> {
        let device = self.device.public();
        let parts: [&[u8]; 4] = [&challenge.nonce, AUTHORITY, &self.id(), &device];
        self.device
            .sign(Purpose::AccountConnection, &parts)
            .to_vec()
    }

    /// Makes the account at the server; the connection is authenticated afterwards.
    pub async fn register(&self, server: &Server, invite_code: &str) -> (Socket, Challenge) {
        let socket = connect(server.address, "/v1/account").await.unwrap();
        self.register_on(socket, invite_code).await
    }

    /// Makes the account on a WebSocket that is there.
    pub async fn register_on<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut socket: Socket<S>,
        invite_code: &str,
    ) -> (Socket<S>, Challenge) {
        let challenge = socket.challenge().await;
        let body = account_request::Body::Register(proto::Register {
            devices: Some(self.list().to_proto()),
            invite_code: invite_code.to_owned(),
            signature: self.sign(&challenge),
        });
        assert_eq!(socket.ask_account(body).await, account_done());
        (socket, challenge)
    }

    /// Another connection of the account.
    pub async fn authenticate(&self, server: &Server) -> Socket {
        let socket = connect(server.address, "/v1/account").await.unwrap();
        self.authenticate_on(socket).await
    }

    /// The account's connection on a WebSocket that is there.
    pub async fn authenticate_on<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut socket: Socket<S>,
    ) -> Socket<S> {
        let challenge = socket.challenge().await;
        let body = account_request::Body::Authenticate(proto::Authenticate {
            account: self.id().to_vec(),
            device_key: self.device.public().to_vec(),
            signature: self.sign(&challenge),
        });
        assert_eq!(socket.ask_account(body).await, account_done());
        socket
    }
}

/// A batch of tokens.
pub async fn tokens(account: &mut Socket, challenge: &Challenge) -> Vec<Token> {
    let key = &challenge.token_keys[0];
    let (batch, request) = TokenBatch::blind(Day(key.day), &mut OsRng).unwrap();
    let body = account_request::Body::IssueTokens(request);
    let account_answer::Body::Tokens(issued) = account.ask_account(body).await else {
        panic!("no tokens");
    };
    let tokens = batch.finish(&issued, &key.public_key).unwrap();
    assert_eq!(tokens.len(), TOKEN_BATCH);
    tokens
}

/// A queue with one alias.
pub struct Queue {
    id: QueueId,
    key: SecretKey,
    pub alias: Alias,
}

impl Queue {
    /// Makes it; the connection is attached afterwards.
    pub async fn create(mut socket: Socket, tokens: &mut Vec<Token>) -> (Self, Socket) {
        let queue = Self {
            id: QueueId::random(&mut OsRng),
            key: SecretKey::random(&mut OsRng),
            alias: Alias::random(&mut OsRng),
        };
        let signature = queue.sign(&mut socket).await;
        let sealing = UnsealingKey::random(&mut OsRng).unwrap();
        let spent = tokens.split_off(tokens.len() - PRICE_QUEUE);
        let create = queue_request::Body::Create(proto::CreateQueue {
            queue: queue.id.to_vec(),
            verification_key: queue.key.public().to_vec(),
            sealing_key: sealing.public().to_vec(),
            tokens: spent
                .iter()
                .map(|token| token.as_bytes().to_vec())
                .collect(),
            signature,
        });
        assert_eq!(socket.ask_queue(create).await, queue_done());
        let alias = queue_request::Body::RegisterAlias(proto::RegisterAlias {
            alias: queue.alias.to_vec(),
            handle: Vec::new(),
        });
        assert_eq!(socket.ask_queue(alias).await, queue_done());
        (queue, socket)
    }

    /// Attaches another connection.
    pub async fn attach(&self, server: &Server) -> Socket {
        let mut socket = connect(server.address, "/v1/queue").await.unwrap();
        let signature = self.sign(&mut socket).await;
        let attach = queue_request::Body::Attach(proto::Attach {
            queue: self.id.to_vec(),
            signature,
        });
        assert_eq!(socket.ask_queue(attach).await, queue_done());
        socket
    }

    async fn sign(&self, socket: &mut Socket) -> Vec<u8> {
        let (0, queue_answer::Body::Challenge(challenge)) = socket.queue_answer().await else {
            panic!("no challenge");
        };
        let parts: [&[u8]; 3] = [&challenge.nonce, AUTHORITY, self.id.as_bytes()];
        self.key.sign(Purpose::QueueConnection, &parts).to_vec()
    }
}

/// Opens a sending connection.
pub async fn open_sending(server: &Server, tokens: &mut Vec<Token>) -> Socket {
    let mut socket = connect(server.address, "/v1/send").await.unwrap();
    socket.send_answer().await;
    let open = send_request::Body::Open(proto::Open {
        token: tokens.pop().unwrap().as_bytes().to_vec(),
    });
    let opened = socket.ask_send(open).await;
    assert!(matches!(opened, send_answer::Body::Opened(_)), "{opened:?}");
    socket
}

/// Delivers, and sees it accepted.
pub async fn deliver(sending: &mut Socket, alias: &Alias, payload: &Bytes, live: bool) {
    let deliver = send_request::Body::Deliver(proto::Deliver {
        aliases: vec![alias.to_vec()],
        payload: payload.clone(),
        guard: None,
        live,
        list: Vec::new(),
    });
    let accepted = send_answer::Body::Accepted(proto::Accepted {});
    assert_eq!(sending.ask_send(deliver).await, accepted);
}

pub fn account_done() -> account_answer::Body {
    account_answer::Body::Done(proto::Done {})
}

pub fn queue_done() -> queue_answer::Body {
    queue_answer::Body::Done(proto::Done {})
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    pub async fn ask_account(&mut self, body: account_request::Body) -> account_answer::Body {
        let body = Some(body);
        self.request(&proto::AccountRequest { request: 1, body })
            .await;
        self.account_answer().await.1
    }

    pub async fn ask_queue(&mut self, body: queue_request::Body) -> queue_answer::Body {
        let body = Some(body);
        self.request(&proto::QueueRequest { request: 1, body })
            .await;
        self.queue_answer().await.1
    }

    pub async fn ask_send(&mut self, body: send_request::Body) -> send_answer::Body {
        let body = Some(body);
        self.request(&proto::SendRequest { request: 1, body }).await;
        self.send_answer().await.1
    }
}

//! A server that says yes to everything, for one client, and notes what it was asked.

use bytes::Bytes;
use prost::Message as _;
use rand_chacha::rand_core::SeedableRng as _;
use undertone_engine::Service;
use undertone_wire::{
    PROTOCOL_VERSION, frame,
    ids::SealingKey,
    proto::{
        self, AccountAnswer, AccountRequest, Done, ErrorKind, LinkAnswer, LinkRequest, QueueAnswer,
        QueueRequest, SendAnswer, SendRequest, ServiceError, account_answer, account_request,
        link_answer, queue_answer, queue_request, send_answer, send_request,
    },
};

use crate::tokens::{DAY, issuer};

/// The server.
#[derive(Default)]
pub struct ServerDouble {
    /// Of the client's queue, once it is made.
    pub sealing_key: Option<SealingKey>,
    /// Cards that were put.
    pub cards: Vec<proto::CardPut>,
    /// Commits that were accepted and are to be delivered.
    pub commits: Vec<proto::Commit>,
    /// What any shared payload is.
    pub shared: Vec<u8>,
    last: [u64; 4],
}

impl ServerDouble {
    /// The first frame of a connection.
    pub fn challenge(service: Service) -> Bytes {
        let challenge = proto::Challenge {
            version: PROTOCOL_VERSION,
            nonce: vec![4; 32],
            server_time_ms: DAY.start().0,
            token_keys: vec![issuer().public()],
        };
        match service {
            Service::Account => account(0, account_answer::Body::Challenge(challenge)),
            Service::Queue => queue(0, queue_answer::Body::Challenge(challenge)),
            Service::Send => send(0, send_answer::Body::Challenge(challenge)),
            Service::Link => link(0, link_answer::Body::Challenge(challenge)),
        }
    }

    /// The answer to a request; none to the reader of a card, who is kept waiting.
    pub fn answer(&mut self, service: Service, bytes: Bytes) -> Option<Bytes> {
        match service {
            Service::Account => {
                let read: AccountRequest = frame::decode(bytes).expect("a frame");
                self.last[0] = read.request;
                Some(account(
                    read.request,
                    answer_account(read.body.expect("a body")),
                ))
            }
            Service::Queue => {
                let read: QueueRequest = frame::decode(bytes).expect("a frame");
                self.last[1] = read.request;
                Some(queue(
                    read.request,
                    self.answer_queue(read.body.expect("a body")),
                ))
            }
            Service::Send => {
                let read: SendRequest = frame::decode(bytes).expect("a frame");
                self.last[2] = read.request;
                let body = self.answer_send(read.body.expect("a body"))?;
                Some(send(read.request, body))
            }
            Service::Link => {
                let read: LinkRequest = frame::decode(bytes).expect("a frame");
                self.last[3] = read.request;
                Some(link(read.request, link_answer::Body::Done(proto::Done {})))
            }
        }
    }

    /// Any bytes as a frame of the server; an answer is made one to the last request.
    pub fn says(&self, service: Service, bytes: &[u8]) -> Bytes {
        match service {
            Service::Account => match AccountAnswer::decode(bytes) {
                Ok(answer) if answer.request > 0 => account(self.last[0], answer.body),
                _ => Bytes::copy_from_slice(bytes),
            },
            Service::Queue => match QueueAnswer::decode(bytes) {
                Ok(answer) if answer.request > 0 => queue(self.last[1], answer.body),
                _ => Bytes::copy_from_slice(bytes),
            },
            Service::Send => match SendAnswer::decode(bytes) {
                Ok(answer) if answer.request > 0 => send(self.last[2], answer.body),
                _ => Bytes::copy_from_slice(bytes),
            },
            Service::Link => match LinkAnswer::decode(bytes) {
                Ok(answer) if answer.request > 0 => link(self.last[3], answer.body),
                _ => Bytes::copy_from_slice(bytes),
            },
        }
    }

    fn answer_queue(&mut self, body: queue_request::Body) -> queue_answer::Body {
        use queue_answer::Body as Answer;
        use queue_request::Body as Request;
        match body {
            Request::Create(create) => {
                let key = SealingKey::try_from(create.sealing_key.as_slice());
                self.sealing_key = Some(key.expect("a key"));
                Answer::Done(Done {})
            }
            Request::List(_) => Answer::List(proto::EntryList::default()),
            Request::Fetch(_) => Answer::Entries(proto::Entries::default()),
            Request::FetchPayload(_) => Answer::Payload(proto::Payload {
                payload: self.shared.clone(),
            }),
            _ => Answer::Done(Done {}),
        }
    }

    fn answer_send(&mut self, body: send_request::Body) -> Option<send_answer::Body> {
        use send_answer::Body as Answer;
        use send_request::Body as Request;
        Some(match body {
            Request::Open(_) => Answer::Opened(proto::Opened {
                expires_in_ms: 3_600_000,
            }),
            Request::Deliver(_) | Request::Rescue(_) => Answer::Accepted(proto::Accepted {}),
            Request::Commit(commit) => {
                self.commits.push(commit);
                Answer::Accepted(proto::Accepted {})
            }
            Request::CardPut(put) => {
                self.cards.push(put);
                Answer::Done(Done {})
            }
            Request::CardRead(_) => return None,
            Request::FetchCommit(_) | Request::BlobGet(_) => Answer::Error(ServiceError {
                kind: ErrorKind::NotFound.into(),
                ..ServiceError::default()
            }),
            _ => Answer::Done(Done {}),
        })
    }
}

fn answer_account(body: account_request::Body) -> account_answer::Body {
    match body {
        account_request::Body::IssueTokens(request) => {
            let mut rng = rand_chacha::ChaCha20Rng::from_seed([5; 32]);
            let issued = issuer().issue(&request, &mut rng).expect("a sound request");
            account_answer::Body::Tokens(issued)
        }
        _ => account_answer::Body::Done(Done {}),
    }
}

fn account(request: u64, body: impl Into<Option<account_answer::Body>>) -> Bytes {
    let body = body.into();
    frame::encode(&AccountAnswer { request, body })
}

fn queue(request: u64, body: impl Into<Option<queue_answer::Body>>) -> Bytes {
    let body = body.into();
    frame::encode(&QueueAnswer { request, body })
}

fn link(request: u64, body: impl Into<Option<link_answer::Body>>) -> Bytes {
    let body = body.into();
    frame::encode(&LinkAnswer { request, body })
}

fn send(request: u64, body: impl Into<Option<send_answer::Body>>) -> Bytes {
    let body = body.into();
    frame::encode(&SendAnswer { request, body })
}

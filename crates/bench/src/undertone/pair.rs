//! A sender and a receiver in one conversation, with everything on that a real one has: guard, bound aliases, sealed
//! entries, acknowledgements.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use prost::Message as _;
use rand_core::OsRng;
use tokio_tungstenite::tungstenite::{Error, Message};
use undertone_wire::{
    digest::send_key_hash,
    ids::{Alias, Handle, SendKey},
    limits::{DELIVERIES_PER_ALIAS_MINUTE, ENTRIES_PER_REQUEST},
    proto::{
        self, QueueAnswer, QueueRequest, SendAnswer, SendRequest, queue_answer, queue_request,
        send_answer, send_request,
    },
    signing::SecretKey,
};

use super::{account::Account, queue::Queue, server::Server, socket::Socket};
use crate::load::{Load, Pace, Until};

const EPOCH: u64 = 1;

/// The pair, ready to run.
pub struct Pair {
    sending: Socket,
    receiving: Socket,
    guard: proto::Guard,
    aliases: Vec<Alias>,
}

impl Pair {
    /// Makes queue, conversation and connections; `messages` are what it will send at most.
    ///
    /// # Errors
    /// If the server refuses.
    pub async fn create(
        server: &Server,
        account: &mut Account,
        messages: u64,
    ) -> anyhow::Result<Self> {
        let (handle, send_key) = (Handle::random(&mut OsRng), SendKey::random(&mut OsRng));
        let mut sending = Socket::connect(server, "send").await?;
        sending.receive::<SendAnswer>().await?;
        let open = proto::Open {
            token: account.token().await?,
        };
        ask(&mut sending, send_request::Body::Open(open)).await?;
        let create = proto::CreateHandle {
            handle: handle.to_vec(),
            epoch: EPOCH,
            keys: Some(proto::EpochKeys {
                commit_key: SecretKey::random(&mut OsRng).public().to_vec(),
                send_key_hash: send_key_hash(send_key.as_bytes()).to_vec(),
            }),
            token: account.token().await?,
        };
        ask(&mut sending, send_request::Body::CreateHandle(create)).await?;
        let mut queue = Queue::create(server, account).await?;
        // One alias takes only so many a minute: real conversations do not come near it.
        let count = 1 + messages / u64::from(DELIVERIES_PER_ALIAS_MINUTE / 2);
        let mut aliases = Vec::new();
        for _ in 0..count {
            aliases.push(queue.alias(&handle).await?);
        }
        Ok(Self {
            sending,
            receiving: queue.into_socket(),
            guard: proto::Guard {
                handle: handle.to_vec(),
                epoch: EPOCH,
                send_key: send_key.to_vec(),
            },
            aliases,
        })
    }

    /// Sends and receives until the load is over and everything sent was delivered and acknowledged.
    ///
    /// # Errors
    /// If the server refuses anything, or ends a connection.
    pub async fn run(self, load: Load) -> anyhow::Result<u64> {
        let pace = load.pace();
        let (mut requests, answers) = self.sending.into_inner().split();
        let sending = async {
            let mut aliases = self.aliases.iter().cycle();
            let mut request = 0;
            loop {
                let leave = pace.leave().await?;
                if leave == 0 {
                    return anyhow::Ok(());
                }
                for _ in 0..leave {
                    request += 1;
                    let alias = aliases.next().context("no alias")?;
                    let deliver = proto::Deliver {
                        aliases: vec![alias.to_vec()],
                        payload: load.body().clone(),
                        guard: Some(self.guard.clone()),
                        live: false,
                        list: Vec::new(),
                    };
                    let body = Some(send_request::Body::Deliver(deliver));
                    requests.feed(frame(&SendRequest { request, body })).await?;
                }
                requests.flush().await?;
            }
        };
        let receiving = receive(self.receiving, &pace);
        tokio::try_join!(sending, accepted(answers, &pace), receiving)?;
        Ok(pace.count())
    }
}

/// Sees everything that is sent accepted.
async fn accepted(
    mut answers: impl Stream<Item = Result<Message, Error>> + Unpin,
    pace: &Pace,
) -> anyhow::Result<()> {
    let mut until = Until::all_of(pace);
    let mut accepted = 0;
    while let Some(answer) = until.next(accepted, false, answers.next()).await? {
        let answer = answer.context("the server ended the sending connection")??;
        if let Message::Binary(bytes) = answer {
            match SendAnswer::decode(bytes)?.body {
                Some(send_answer::Body::Accepted(_)) => accepted += 1,
                other => bail!("a delivery is not accepted: {other:?}"),
            }
        }
    }
    Ok(())
}

/// Takes everything that is sent, and acknowledges as a client does: all that has come in one go.
async fn receive(receiving: Socket, pace: &Pace) -> anyhow::Result<()> {
    let (mut requests, pushes) = receiving.into_inner().split();
    let mut pushes = pushes.ready_chunks(ENTRIES_PER_REQUEST);
    let mut until = Until::all_of(pace);
    let (mut asked, mut done) = (0, 0);
    while let Some(chunk) = until
        .next(pace.count(), done < asked, pushes.next())
        .await?
    {
        let mut entries = Vec::new();
        for message in chunk.context("the server ended the queue's connection")? {
            if let Message::Binary(bytes) = message? {
                match QueueAnswer::decode(bytes)?.body {
                    Some(queue_answer::Body::Entry(entry)) => entries.push(entry.entry),
                    Some(queue_answer::Body::Done(_)) => done += 1,
                    other => bail!("the queue is told something else: {other:?}"),
                }
            }
        }
        if !entries.is_empty() {
            asked += 1;
            let count = entries.len();
            let acknowledge = proto::Acknowledge {
                entries,
                slots: Vec::new(),
            };
            let body = Some(queue_request::Body::Acknowledge(acknowledge));
            let request = asked;
            requests
                .send(frame(&QueueRequest { request, body }))
                .await?;
            pace.received(count);
        }
    }
    Ok(())
}

async fn ask(sending: &mut Socket, body: send_request::Body) -> anyhow::Result<()> {
    let body = Some(body);
    let answer: SendAnswer = sending.ask(&SendRequest { request: 1, body }).await?;
    match answer.body.context("an empty answer")? {
        send_answer::Body::Opened(_) | send_answer::Body::Done(_) => Ok(()),
        other => bail!("the server refuses: {other:?}"),
    }
}

fn frame(frame: &impl prost::Message) -> Message {
    Message::Binary(Bytes::from(frame.encode_to_vec()))
}

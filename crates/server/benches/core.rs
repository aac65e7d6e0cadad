//! What one message costs the core: decoded, stored, synced, pushed, acknowledged. CPU time of the process as Linux
//! counts it, and wall time; `cargo bench -p undertone-server --bench core [-- FOLDER]`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use bytes::Bytes;
use prost::Message as _;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_server::{
    core::{ConnectionId, Core, CoreSettings, Event, Location, Output, Service},
    session::Session,
};
use undertone_wire::{
    entry::UnsealingKey,
    identity::{Capability, Certificate, DeviceList},
    ids::{Alias, DeviceKey, QueueId, Serial},
    proto::{
        self, AccountAnswer, AccountRequest, QueueAnswer, QueueRequest, SendRequest,
        account_answer, account_request, queue_answer, queue_request, send_request,
    },
    signing::{Purpose, SecretKey},
    time::Timestamp,
    token::TokenBatch,
};

const AUTHORITY: &str = "bench";
const QUEUES: usize = 200;
/// A group of 1,024 people with one device and a half each.
const LARGE: usize = 1_536;
const LARGE_ROUNDS: u64 = 20;
const ROUNDS: usize = 60;
const PAYLOAD: usize = 1_024 + 40;

struct Bench {
    core: Core,
    now: Timestamp,
    rng: ChaCha20Rng,
    connections: u64,
    frames: Vec<(ConnectionId, Bytes)>,
}

impl Bench {
    fn open(&mut self, service: Service) -> (ConnectionId, Bytes) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let frames = self.apply(vec![Event::Opened {
            connection,
            service,
            authority: AUTHORITY.to_owned(),
            address: None,
        }]);
        (connection, frames.into_iter().next().unwrap().1)
    }

    fn apply(&mut self, events: Vec<Event>) -> Vec<(ConnectionId, Bytes)> {
        let outputs = self.core.apply(events, self.now);
        outputs
            .into_iter()
            .map(|output| match output {
                Output::Frame(connection, frame) => (connection, frame),
                Output::Close(_) => panic!("nothing ends here"),
            })
            .collect()
    }

    fn account(&mut self, c: ConnectionId, body: account_request::Body) -> account_answer::Body {
        let request = AccountRequest {
            request: 1,
            body: Some(body),
        };
        let event = received(Service::Account, c, request.encode_to_vec());
        let frame = self.apply(vec![event]).pop().unwrap().1;
        AccountAnswer::decode(frame).unwrap().body.unwrap()
    }

    /// As many tokens as are needed.
    fn tokens(&mut self, number: usize) -> Vec<Vec<u8>> {
        let (c, challenge) = self.open(Service::Account);
        let Some(account_answer::Body::Challenge(challenge)) =
            AccountAnswer::decode(challenge).unwrap().body
        else {
            panic!("a challenge comes first");
        };
        let (root, device) = (
            SecretKey::random(&mut self.rng),
            SecretKey::random(&mut self.rng),
        );
        let key = DeviceKey::new(device.public());
        let serial = Serial::random(&mut self.rng);
        let list = DeviceList::new(Certificate::issue(&root, key, serial, Capability::Full));
        let account = list.account();
        let parts: [&[u8]; 4] = [
            &challenge.nonce,
            AUTHORITY.as_bytes(),
            account.as_bytes(),
            key.as_bytes(),
        ];
        let register = proto::Register {
            devices: Some(list.to_proto()),
            invite_code: String::new(),
            signature: device.sign(Purpose::AccountConnection, &parts).to_vec(),
        };
        self.account(c, account_request::Body::Register(register));
        let mut tokens = Vec::new();
        while tokens.len() < number {
            let (batch, request) = TokenBatch::blind(self.now.day(), &mut self.rng).unwrap();
            let issue = account_request::Body::IssueTokens(request);
            let account_answer::Body::Tokens(issued) = self.account(c, issue) else {
                panic!("tokens are issued");
            };
            let batch = batch.finish(&issued, &challenge.token_keys[0].public_key);
            tokens.extend(batch.unwrap().iter().map(|token| token.as_bytes().to_vec()));
        }
        tokens.truncate(number);
        tokens
    }

    /// A queue with an attached connection and an alias.
    fn queue(&mut self, tokens: Vec<Vec<u8>>) -> (ConnectionId, Alias) {
        let (c, challenge) = self.open(Service::Queue);
        let Some(queue_answer::Body::Challenge(challenge)) =
            QueueAnswer::decode(challenge).unwrap().body
        else {
            panic!("a challenge comes first");
        };
        let key = SecretKey::random(&mut self.rng);
        let queue = QueueId::random(&mut self.rng);
        let parts: [&[u8]; 3] = [&challenge.nonce, AUTHORITY.as_bytes(), queue.as_bytes()];
        let create = queue_request::Body::Create(proto::CreateQueue {
            queue: queue.to_vec(),
            verification_key: key.public().to_vec(),
            sealing_key: UnsealingKey::random(&mut self.rng)
                .unwrap()
                .public()
                .to_vec(),
            tokens,
            signature: key.sign(Purpose::QueueConnection, &parts).to_vec(),
        });
        let alias = Alias::random(&mut self.rng);
        let register = queue_request::Body::RegisterAlias(proto::RegisterAlias {
            alias: alias.to_vec(),
            handle: Vec::new(),
        });
        let events = [create, register].map(|body| queue_event(c, body));
        assert_eq!(self.apply(events.into()).len(), 2);
        (c, alias)
    }
}

fn received(service: Service, connection: ConnectionId, frame: Vec<u8>) -> Event {
    let operation = Session::new(service).receive(frame.into()).unwrap();
    Event::Received {
        connection,
        operation,
    }
}

fn queue_event(c: ConnectionId, body: queue_request::Body) -> Event {
    let request = QueueRequest {
        request: 1,
        body: Some(body),
    };
    received(Service::Queue, c, request.encode_to_vec())
}

/// Nanoseconds that this process has had a processor.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

fn run(bench: &mut Bench, sender: ConnectionId, queues: &[(ConnectionId, Alias)], batch: usize) {
    let payload = vec![7; PAYLOAD];
    let deliveries: Vec<Vec<u8>> = queues
        .iter()
        .map(|(_, alias)| {
            let deliver = proto::Deliver {
                aliases: vec![alias.to_vec()],
                payload: payload.clone().into(),
                guard: None,
                live: false,
                list: Vec::new(),
            };
            SendRequest {
                request: 1,
                body: Some(send_request::Body::Deliver(deliver)),
            }
            .encode_to_vec()
        })
        .collect();
    let (cpu_before, wall) = (cpu(), Instant::now());
    let mut messages = 0;
    for _ in 0..ROUNDS {
        for some in deliveries.chunks(batch) {
            messages += some.len();
            // What was pushed is acknowledged in the batch after the next delivery, as on a busy server.
            let mut events: Vec<Event> = std::mem::take(&mut bench.frames)
                .into_iter()
                .filter_map(
                    |(c, frame)| match QueueAnswer::decode(frame).unwrap().body {
                        Some(queue_answer::Body::Entry(entry)) => {
                            let acknowledge = proto::Acknowledge {
                                entries: vec![entry.entry],
                                slots: Vec::new(),
                            };
                            Some(queue_event(
                                c,
                                queue_request::Body::Acknowledge(acknowledge),
                            ))
                        }
                        _ => None,
                    },
                )
                .collect();
            let deliveries = some
                .iter()
                .map(|frame| received(Service::Send, sender, frame.clone()));
            events.extend(deliveries);
            let frames = bench.apply(events);
            bench.frames = frames.into_iter().filter(|(c, _)| *c != sender).collect();
        }
    }
    let (cpu, wall) = (
        (cpu() - cpu_before) as f64 / 1e3,
        wall.elapsed().as_secs_f64(),
    );
    let each = messages as f64;
    println!(
        "{batch:>5} deliveries a batch: {:>6.1} µs of CPU a message, {:>8.0} messages/s",
        cpu / each,
        each / wall
    );
}

/// A message to everybody in a large group, all of whom are there.
fn run_large(
    bench: &mut Bench,
    sender: ConnectionId,
    queues: &[(ConnectionId, Alias)],
    folder: &Path,
) {
    let deliver = proto::Deliver {
        aliases: queues.iter().map(|(_, alias)| alias.to_vec()).collect(),
        payload: vec![7; 552].into(),
        ..proto::Deliver::default()
    };
    let frame = SendRequest {
        request: 1,
        body: Some(send_request::Body::Deliver(deliver)),
    };
    let frame = frame.encode_to_vec();
    let (mut delivering, mut acknowledging, mut bytes) = (0, 0, 0);
    for _ in 0..LARGE_ROUNDS {
        let size = disk(folder);
        let before = cpu();
        let frames = bench.apply(vec![received(Service::Send, sender, frame.clone())]);
        delivering += cpu() - before;
        bytes += disk(folder).saturating_sub(size);
        let acknowledge = |(c, frame): (ConnectionId, Bytes)| match QueueAnswer::decode(frame) {
            Ok(QueueAnswer {
                body: Some(queue_answer::Body::Entry(entry)),
                ..
            }) => {
                let entries = vec![entry.entry];
                let slots = Vec::new();
                let acknowledge = proto::Acknowledge { entries, slots };
                let body = queue_request::Body::Acknowledge(acknowledge);
                Some(queue_event(c, body))
            }
            _ => None,
        };
        let frames = frames.into_iter().filter(|(c, _)| *c != sender);
        let events: Vec<_> = frames.filter_map(acknowledge).collect();
        assert_eq!(events.len(), queues.len());
        let before = cpu();
        bench.apply(events);
        acknowledging += cpu() - before;
    }
    let (count, rounds) = (queues.len() as f64, LARGE_ROUNDS as f64);
    println!(
        "one message to {count} queues: {:.1} ms of CPU to deliver, {:.1} ms to take the acknowledgements of all; {:.1} and \
         {:.1} µs for each; the files grew by {:.0} KB a message before they were reused; {} bytes came from the sender",
        delivering as f64 / 1e6 / rounds,
        acknowledging as f64 / 1e6 / rounds,
        delivering as f64 / 1e3 / rounds / count,
        acknowledging as f64 / 1e3 / rounds / count,
        bytes as f64 / 1e3 / rounds,
        frame.len(),
    );
}

fn disk(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap();
    let sizes = files.map(|file| file.unwrap().metadata().unwrap().len());
    sizes.sum()
}

fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with("--"));
    let temporary = tempfile::tempdir().unwrap();
    let folder = folder.map_or(temporary.path().to_owned(), PathBuf::from);
    let now = Timestamp(1_800_000_000_000);
    let settings = CoreSettings {
        tokens_per_day: u32::MAX,
        ..CoreSettings::default()
    };
    let rng = Box::new(ChaCha20Rng::seed_from_u64(1));
    let core = Core::open(&Location::Folder(folder.clone()), settings, rng, now).unwrap();
    let mut bench = Bench {
        core,
        now,
        rng: ChaCha20Rng::seed_from_u64(2),
        connections: 0,
        frames: Vec::new(),
    };
    println!(
        "{QUEUES} queues, one message of {PAYLOAD} bytes to each in turn, WAL, synchronous=FULL"
    );
    for batch in [1, 10, 50, 200] {
        let mut tokens = bench.tokens(QUEUES * 4 + 1);
        let sender_token = tokens.pop().unwrap();
        let queues: Vec<_> = tokens
            .chunks(4)
            .map(|tokens| tokens.to_vec())
            .collect::<Vec<_>>()
            .into_iter()
            .map(|tokens| bench.queue(tokens))
            .collect();
        let (sender, _) = bench.open(Service::Send);
        let open = SendRequest {
            request: 1,
            body: Some(send_request::Body::Open(proto::Open {
                token: sender_token,
            })),
        };
        bench.apply(vec![received(Service::Send, sender, open.encode_to_vec())]);
        run(&mut bench, sender, &queues, batch);
        bench.frames.clear();
    }
    let mut tokens = bench.tokens(LARGE * 4 + 1);
    let sender_token = tokens.pop().unwrap();
    let queues: Vec<_> = tokens
        .chunks(4)
        .map(|tokens| bench.queue(tokens.to_vec()))
        .collect();
    let (sender, _) = bench.open(Service::Send);
    let open = SendRequest {
        request: 1,
        body: Some(send_request::Body::Open(proto::Open {
            token: sender_token,
        })),
    };
    bench.apply(vec![received(Service::Send, sender, open.encode_to_vec())]);
    run_large(&mut bench, sender, &queues, &folder);
}

//! One connection against a client in the same process, under virtual time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use prost::Message as _;
use tokio::{
    io::DuplexStream,
    task::{JoinHandle, yield_now},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{Message, protocol::Role};
use undertone_wire::{
    limits::{
        AUTHENTICATE_SECONDS, HEARTBEAT_SECONDS, OUTGOING_BYTES, PAYLOAD_BYTES, REQUESTS_IN_FLIGHT,
    },
    proto::{
        Barrier, Deliver, Done, ErrorKind, LinkAnswer, QueueAnswer, QueueRequest, SendRequest,
        ServiceError, link_answer, queue_answer, queue_request, send_request,
    },
};

use super::*;
use crate::front::{
    outgoing::{Outgoing, OutgoingSender, outgoing},
    submit::{Submitted, WAITING_BYTES, submission},
};

/// The client, the writer's ends, and the task in between.
struct Story {
    client: WebSocketStream<DuplexStream>,
    sender: Option<OutgoingSender>,
    submitted: Submitted,
    task: JoinHandle<Ending>,
    started: Instant,
}

impl Story {
    async fn begin(service: Service, waiting_bytes: usize) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let config = Some(web_socket_config());
        let server = WebSocketStream::from_raw_socket(Metered::new(near), Role::Server, config);
        let client = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
        let (submitter, submitted) = submission(waiting_bytes);
        let (sender, receiver) = outgoing();
        let connection =
            Connection::new(server.await, ConnectionId(1), service, submitter, receiver);
        Self {
            client,
            sender: Some(sender),
            submitted,
            task: tokio::spawn(Box::new(connection).run()),
            started: Instant::now(),
        }
    }

    /// As the writer hands over after a batch.
    fn hand_over(&self, answered: usize, frames: Vec<Bytes>) {
        let frames = Outgoing::Frames { answered, frames };
        self.sender.as_ref().unwrap().send(frames).unwrap();
    }

    fn authenticate(&self) {
        self.hand_over(0, vec![done(1)]);
    }

    async fn ask(&mut self, request: u64) {
        let barrier = QueueRequest {
            request,
            body: Some(queue_request::Body::Barrier(Barrier {})),
        };
        let frame = Message::Binary(barrier.encode_to_vec().into());
        self.client.feed(frame).await.unwrap();
    }

    /// Requests that reached the writer so far.
    async fn taken(&mut self) -> usize {
        let mut taken = 0;
        // The task gets every chance to do more than it should.
        for _ in 0..1_000 {
            yield_now().await;
            while let Some(command) = self.submitted.try_take() {
                taken += usize::from(matches!(command, Command::Receive { .. }));
            }
        }
        taken
    }

    async fn close_code(&mut self) -> CloseCode {
        loop {
            if let Message::Close(frame) = self.client.next().await.unwrap().unwrap() {
                return frame.unwrap().code;
            }
        }
    }

    async fn ending(&mut self) -> (Ending, Duration) {
        let ending = (&mut self.task).await.unwrap();
        (ending, self.started.elapsed())
    }
}

fn done(request: u64) -> Bytes {
    let body = Some(queue_answer::Body::Done(Done {}));
    QueueAnswer { request, body }.encode_to_vec().into()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn who_does_not_authenticate_in_time_is_sent_away() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    assert_eq!(story.close_code().await, CloseCode::Policy);
    assert!(story.client.next().await.is_none());
    let (ending, elapsed) = story.ending().await;
    assert_eq!(ending, Ending::Unauthenticated);
    assert_eq!(elapsed.as_secs(), AUTHENTICATE_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_another_device_may_stay_and_who_only_tries_names_may_not() {
    let answer = |request, body| LinkAnswer {
        request,
        body: Some(body),
    };
    let refusal = link_answer::Body::Error(ServiceError {
        kind: ErrorKind::NotFound.into(),
        ..ServiceError::default()
    });
    let refused: Bytes = answer(1, refusal).encode_to_vec().into();
    let opened = answer(2, link_answer::Body::Done(Done {})).encode_to_vec();
    let mut story = Story::begin(Service::Link, WAITING_BYTES).await;
    story.hand_over(0, vec![refused.clone()]);
    assert_eq!(story.close_code().await, CloseCode::Policy);
    assert!(story.client.next().await.is_none());
    let (ending, elapsed) = story.ending().await;
    assert_eq!(ending, Ending::Unauthenticated);
    assert_eq!(elapsed.as_secs(), AUTHENTICATE_SECONDS);

    let mut story = Story::begin(Service::Link, WAITING_BYTES).await;
    story.hand_over(0, vec![refused, opened.into()]);
    for _ in 0..2 {
        assert!(story.client.next().await.unwrap().unwrap().is_binary());
    }
    // What comes next is the question whether it is there.
    assert!(story.client.next().await.unwrap().unwrap().is_ping());
    assert_eq!(story.started.elapsed().as_secs(), HEARTBEAT_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_pings_stays_and_one_that_is_gone_does_not() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.authenticate();
    let mut pings = 0;
    while story.started.elapsed() < seconds(300) {
        match story.client.next().await.unwrap().unwrap() {
            Message::Ping(_) => {
                pings += 1;
                story.client.flush().await.unwrap();
            }
            Message::Binary(_) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(pings, 300 / HEARTBEAT_SECONDS);
    // From here on the client neither reads nor writes.
    let (ending, elapsed) = story.ending().await;
    assert_eq!(ending, Ending::Silent);
    assert_eq!(elapsed.as_secs(), 300 + 2 * HEARTBEAT_SECONDS);
}

#[tokio::test(start_paused = true)]
async fn requests_in_flight_are_limited_by_not_reading() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.authenticate();
    for request in 1..=REQUESTS_IN_FLIGHT as u64 + 100 {
        story.ask(request).await;
    }
    story.client.flush().await.unwrap();
    assert_eq!(story.taken().await, REQUESTS_IN_FLIGHT);
    story.hand_over(10, (1..=10).map(done).collect());
    assert_eq!(story.taken().await, 10);
    story.hand_over(REQUESTS_IN_FLIGHT, Vec::new());
    assert_eq!(story.taken().await, 90);
}

#[tokio::test(start_paused = true)]
async fn a_writer_without_room_slows_the_client_down() {
    let mut story = Story::begin(Service::Send, 2 * PAYLOAD_BYTES + 10_000).await;
    let delivery = SendRequest {
        request: 1,
        body: Some(send_request::Body::Deliver(Deliver {
            aliases: vec![vec![1; 32]],
            payload: vec![0; PAYLOAD_BYTES].into(),
            guard: None,
            live: false,
            list: Vec::new(),
        })),
    };
    let frame = Bytes::from(delivery.encode_to_vec());
    let weight = frame.len();
    let mut client = story.client;
    let sending = tokio::spawn(async move {
        for _ in 0..4 {
            let frame = Message::Binary(frame.clone());
            client.send(frame).await.unwrap();
        }
        client
    });
    story.client = {
        // The client of the story is needed for nothing but its type from here on.
        let (near, _) = tokio::io::duplex(1);
        WebSocketStream::from_raw_socket(near, Role::Client, None).await
    };
    assert_eq!(story.taken().await, 2);
    assert!(!sending.is_finished());
    story.submitted.give_back(weight);
    assert_eq!(story.taken().await, 1);
    story.submitted.give_back(weight);
    assert_eq!(story.taken().await, 1);
    assert!(sending.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_cut_off() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.authenticate();
    let push = Bytes::from(vec![0; 1_000_000]);
    let sender = story.sender.take().unwrap();
    let pushed = (0..)
        .take_while(|_| {
            let frames = vec![push.clone()];
            sender
                .send(Outgoing::Frames {
                    answered: 0,
                    frames,
                })
                .is_ok()
        })
        .count();
    assert_eq!(pushed, OUTGOING_BYTES / push.len());
    drop(sender);
    let (ending, elapsed) = story.ending().await;
    assert_eq!((ending, elapsed), (Ending::Slow, Duration::ZERO));
}

/// As the writer does it when the core ends a connection after an answer: all at once, and then it lets go.
#[tokio::test(start_paused = true)]
async fn whom_the_core_ends_hears_what_it_said_before() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    for request in 1..=2 {
        story.ask(request).await;
    }
    story.client.flush().await.unwrap();
    assert_eq!(story.taken().await, 2);
    story.hand_over(1, vec![done(1)]);
    let sender = story.sender.take().unwrap();
    sender.send(Outgoing::End).unwrap();
    drop(sender);
    let message = story.client.next().await.unwrap().unwrap();
    assert_eq!(message.into_data(), done(1));
    assert_eq!(story.close_code().await, CloseCode::Normal);
    assert!(story.client.next().await.is_none());
    assert_eq!(story.ending().await, (Ending::Ended, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn on_shutdown_requests_in_flight_are_answered_first() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.authenticate();
    story.ask(7).await;
    story.client.flush().await.unwrap();
    assert_eq!(story.taken().await, 1);
    story
        .sender
        .as_ref()
        .unwrap()
        .send(Outgoing::GoAway)
        .unwrap();
    story.ask(8).await;
    story.client.flush().await.unwrap();
    assert_eq!(story.taken().await, 0);
    story.hand_over(1, vec![done(7)]);
    for expected in [1, 7] {
        let message = story.client.next().await.unwrap().unwrap();
        assert_eq!(message.into_data(), done(expected));
    }
    assert_eq!(story.close_code().await, CloseCode::Away);
    assert!(story.client.next().await.is_none());
    assert_eq!(story.ending().await, (Ending::Shutdown, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_large_frame_arrives_whole_and_in_its_place() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    let large: Bytes = (0..1_000_000_u32).map(|index| index as u8).collect();
    story.hand_over(0, vec![done(1), large.clone(), done(2)]);
    for expected in [done(1), large, done(2)] {
        let message = story.client.next().await.unwrap().unwrap();
        assert!(message.is_binary());
        assert_eq!(message.into_data(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_writer_hears_of_the_end_whatever_ends_it() {
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.client.close(None).await.unwrap();
    assert_eq!(story.ending().await.0, Ending::Client);
    assert!(matches!(
        story.submitted.try_take(),
        Some(Command::Close(ConnectionId(1)))
    ));
    let mut story = Story::begin(Service::Queue, WAITING_BYTES).await;
    story.task.abort();
    assert!((&mut story.task).await.unwrap_err().is_cancelled());
    assert!(matches!(
        story.submitted.try_take(),
        Some(Command::Close(ConnectionId(1)))
    ));
}

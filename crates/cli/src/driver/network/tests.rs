//! Connections to a server of the test's own, frame by frame.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{WebSocketStream, accept_async, tungstenite::Message};
use undertone_wire::limits::FRAME_BYTES;

use super::*;

/// Longer than anything takes, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(30);

struct Server(TcpListener);

impl Server {
    async fn start() -> (Self, Network) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let network = Network::new(Endpoint::new(&url, None).unwrap());
        (Self(listener), network)
    }

    /// Takes the connection that the network makes.
    async fn accept(&self, network: &mut Network) -> WebSocketStream<TcpStream> {
        let accepted = async {
            accept_async(self.0.accept().await.unwrap().0)
                .await
                .unwrap()
        };
        let (socket, input) = tokio::join!(accepted, next(network));
        assert!(matches!(input, Input::Connected(Service::Send)));
        socket
    }
}

async fn next(network: &mut Network) -> Input {
    timeout(PATIENCE, network.next())
        .await
        .expect("nothing came")
}

async fn heard(socket: &mut WebSocketStream<TcpStream>) -> Option<Message> {
    let message = timeout(PATIENCE, socket.next()).await;
    message.expect("nothing was heard").and_then(Result::ok)
}

fn frame(bytes: &'static [u8]) -> Message {
    Message::Binary(Bytes::from_static(bytes))
}

#[tokio::test]
async fn frames_go_both_ways_in_order_and_pings_are_answered() {
    let (server, mut network) = Server::start().await;
    network.connect(Service::Send);
    let mut socket = server.accept(&mut network).await;
    for bytes in [&b"one"[..], b"two", b"three"] {
        network.send(Service::Send, Bytes::from_static(bytes));
    }
    for bytes in [&b"one"[..], b"two", b"three"] {
        assert_eq!(heard(&mut socket).await, Some(frame(bytes)));
    }
    socket
        .send(Message::Ping(Bytes::from_static(b"?")))
        .await
        .unwrap();
    socket.send(frame(b"answer")).await.unwrap();
    let Input::Frame(Service::Send, bytes) = next(&mut network).await else {
        panic!("no frame");
    };
    assert_eq!(bytes, "answer");
    assert_eq!(
        heard(&mut socket).await,
        Some(Message::Pong(Bytes::from_static(b"?")))
    );
    assert!(network.has_reached());
}

#[tokio::test]
async fn what_an_earlier_connection_still_says_does_not_reach_the_later_one() {
    let (server, mut network) = Server::start().await;
    network.connect(Service::Send);
    let mut first = server.accept(&mut network).await;
    // It has arrived, but was not taken yet, when the connection is given up and made anew.
    first.send(frame(b"late")).await.unwrap();
    first.close(None).await.unwrap();
    assert!(
        heard(&mut first)
            .await
            .is_none_or(|message| message.is_close())
    );
    network.disconnect(Service::Send);
    network.connect(Service::Send);
    let mut second = server.accept(&mut network).await;
    second.send(frame(b"new")).await.unwrap();
    let Input::Frame(Service::Send, bytes) = next(&mut network).await else {
        panic!("no frame");
    };
    assert_eq!(bytes, "new");
}

#[tokio::test]
async fn what_was_given_before_the_end_is_still_sent() {
    let (server, mut network) = Server::start().await;
    network.connect(Service::Send);
    let mut socket = server.accept(&mut network).await;
    network.send(Service::Send, Bytes::from_static(b"last words"));
    network.disconnect(Service::Send);
    assert_eq!(heard(&mut socket).await, Some(frame(b"last words")));
    assert!(
        heard(&mut socket)
            .await
            .is_none_or(|message| message.is_close())
    );
}

#[tokio::test]
async fn a_server_that_says_what_it_must_not_is_left() {
    let too_long = Message::Binary(vec![0; FRAME_BYTES + 1].into());
    for wrong in [Message::Text("hello".into()), too_long] {
        let (server, mut network) = Server::start().await;
        network.connect(Service::Send);
        let mut socket = server.accept(&mut network).await;
        // It may be left before it has said everything.
        let (_, input) = tokio::join!(socket.send(wrong), next(&mut network));
        assert!(matches!(input, Input::Disconnected(Service::Send)));
    }
}

#[tokio::test]
async fn a_frame_of_the_largest_size_is_taken() {
    let (server, mut network) = Server::start().await;
    network.connect(Service::Send);
    let mut socket = server.accept(&mut network).await;
    let largest = Message::Binary(vec![7; FRAME_BYTES].into());
    let (sent, input) = tokio::join!(socket.send(largest), next(&mut network));
    sent.unwrap();
    assert!(matches!(input, Input::Frame(_, bytes) if bytes.len() == FRAME_BYTES));
}

#[tokio::test]
async fn why_there_is_no_connection_is_known() {
    let (server, mut network) = Server::start().await;
    drop(server);
    network.connect(Service::Queue);
    assert!(matches!(
        next(&mut network).await,
        Input::Disconnected(Service::Queue)
    ));
    assert!(network.is_unreachable());
    assert_eq!(network.error(), Some(ConnectError::Refused));
}

#[tokio::test]
async fn something_else_at_the_address_is_called_so() {
    let (server, mut network) = Server::start().await;
    network.connect(Service::Queue);
    let other = async {
        use tokio::io::AsyncWriteExt as _;
        let (mut stream, _) = server.0.accept().await.unwrap();
        stream
            .write_all(b"220 mail.example ESMTP\r\n")
            .await
            .unwrap();
        stream
    };
    let (_stream, input) = tokio::join!(other, next(&mut network));
    assert!(matches!(input, Input::Disconnected(Service::Queue)));
    assert_eq!(network.error(), Some(ConnectError::SomethingElse));
}

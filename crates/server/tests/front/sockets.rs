//! What the WebSockets say to whom.

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use undertone_wire::{
    PROTOCOL_VERSION,
    limits::{FRAME_BYTES, TOKEN_BATCH},
    proto::{self, ErrorKind, account_answer, link_answer, queue_answer, send_answer},
};

use super::{
    account::Account,
    client::{connect, open_at},
    http::get,
    process::{Folder, Server},
};

const PATHS: [&str; 4] = ["/v1/account", "/v1/queue", "/v1/send", "/v1/link"];

#[tokio::test]
async fn each_connection_begins_with_a_challenge() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mut nonces = Vec::new();

    let mut account = connect(server.address, "/v1/account").await.unwrap();
    nonces.push(account.challenge().await.nonce);
    let mut queue = connect(server.address, "/v1/queue").await.unwrap();
    match queue.queue_answer().await {
        (0, queue_answer::Body::Challenge(challenge)) => {
            assert_eq!(challenge.version, PROTOCOL_VERSION);
            nonces.push(challenge.nonce);
        }
        other => panic!("{other:?}"),
    }
    let mut send = connect(server.address, "/v1/send").await.unwrap();
    match send.send_answer().await {
        (0, send_answer::Body::Challenge(challenge)) => nonces.push(challenge.nonce),
        other => panic!("{other:?}"),
    }
    let mut link = connect(server.address, "/v1/link").await.unwrap();
    match link.link_answer().await {
        (0, link_answer::Body::Challenge(challenge)) => nonces.push(challenge.nonce),
        other => panic!("{other:?}"),
    }

    assert!(nonces.iter().all(|nonce| nonce.len() == 32));
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), PATHS.len());
}

#[tokio::test]
async fn garbage_is_answered_with_an_error_and_the_end() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    for path in PATHS {
        for garbage in [vec![0xff; 3], vec![0x08], b"GET / HTTP/1.1".to_vec()] {
            let mut socket = connect(server.address, path).await.unwrap();
            socket.next().await.unwrap().unwrap();
            socket.send(Message::Binary(garbage.into())).await;
            // All answers hold an error in the same place.
            match socket.account_answer().await {
                (0, account_answer::Body::Error(error)) => {
                    assert_eq!(error.kind(), ErrorKind::Malformed);
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(socket.close_code().await, Some(CloseCode::Policy));
        }
    }
}

#[tokio::test]
async fn a_request_before_its_time_is_refused_and_the_connection_goes_on() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mut socket = connect(server.address, "/v1/account").await.unwrap();
    socket.challenge().await;
    for request in 1..=2 {
        socket
            .request(&proto::AccountRequest {
                request,
                body: Some(proto::account_request::Body::IssueTokens(
                    proto::IssueTokens {
                        day: 1,
                        blinded: vec![vec![0; 32]; TOKEN_BATCH],
                    },
                )),
            })
            .await;
        match socket.account_answer().await {
            (answered, account_answer::Body::Error(error)) => {
                assert_eq!(answered, request);
                assert_eq!(error.kind(), ErrorKind::OutOfOrder);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn text_is_not_spoken_here() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mut socket = connect(server.address, "/v1/send").await.unwrap();
    socket.send(Message::Text("hello".into())).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::Unsupported));
}

#[tokio::test]
async fn a_frame_over_the_limit_ends_the_connection() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mut socket = connect(server.address, "/v1/send").await.unwrap();
    socket.next().await.unwrap().unwrap();
    let frame = Bytes::from(vec![0; FRAME_BYTES + 1]);
    socket.send(Message::Binary(frame)).await;
    assert_eq!(socket.close_code().await, Some(CloseCode::Size));
    assert!(get(server.address, "/healthz").starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn who_names_the_usual_port_and_who_does_not_ask_for_the_same_server() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let person = Account::new();
    person.register(&server, "").await;
    let stream = TcpStream::connect(server.address).await.unwrap();
    let socket = open_at(stream, "localhost:80", "/v1/account").await;
    person.authenticate_on(socket.unwrap()).await;
}

//! What one client can cost the server.

use bytes::Bytes;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::Message;
use undertone_wire::limits::{CONNECTIONS_PER_ADDRESS, OUTGOING_BYTES, PAYLOAD_BYTES};

use super::{
    account::{Account, Queue, deliver, open_sending, tokens},
    client::{connect, open},
    http::get,
    process::{Folder, Server},
};

#[tokio::test]
async fn who_does_not_read_is_cut_off_and_nobody_else_notices() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &["--metrics", "127.0.0.1:0"]);
    let (mut account, challenge) = Account::new().register(&server, "").await;
    let mut tokens = tokens(&mut account, &challenge).await;

    let slow = TcpSocket::new_v4().unwrap();
    slow.set_recv_buffer_size(4_096).unwrap();
    let slow = slow.connect(server.address).await.unwrap();
    let slow = open(slow, "/v1/queue").await.unwrap();
    let (queue, mut slow) = Queue::create(slow, &mut tokens).await;
    let mut sending = open_sending(&server, &mut tokens).await;

    let payload = Bytes::from(vec![1; PAYLOAD_BYTES]);
    let mut delivered = 0;
    let cut = "undertone_connections_ended_total{reason=\"slow\"} 1";
    while !get(server.metrics.unwrap(), "/metrics").contains(cut) {
        assert!(delivered < 100, "never cut");
        deliver(&mut sending, &queue.alias, &payload, true).await;
        delivered += 1;
    }
    assert!(delivered * PAYLOAD_BYTES > OUTGOING_BYTES, "{delivered}");

    let mut received = 0;
    while let Some(Ok(Message::Binary(_))) = slow.next().await {
        received += 1;
    }
    assert!(received < delivered);
    deliver(&mut sending, &queue.alias, &payload, false).await;
    let mut again = queue.attach(&server).await;
    deliver(&mut sending, &queue.alias, &payload, true).await;
    again.queue_answer().await;
}

#[tokio::test]
async fn one_address_has_a_limited_number_of_connections() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mut sockets = Vec::new();
    for _ in 0..CONNECTIONS_PER_ADDRESS {
        sockets.push(connect(server.address, "/v1/queue").await.unwrap());
    }
    let refused = connect(server.address, "/v1/queue").await.err().unwrap();
    assert!(refused.to_string().contains("429"), "{refused}");

    let mut gone = sockets.pop().unwrap();
    gone.send(Message::Close(None)).await;
    while gone.next().await.is_some() {}
    // The place is free when the task has ended, which is a moment after its socket did.
    let mut again = connect(server.address, "/v1/queue").await;
    while again.is_err() {
        again = connect(server.address, "/v1/queue").await;
    }
    again.unwrap().queue_answer().await;
}

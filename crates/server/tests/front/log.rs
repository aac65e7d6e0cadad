//! The log of a busy server holds nothing of anybody.

use bytes::Bytes;
use rustix::process::Signal;
use tokio_tungstenite::tungstenite::Message;

use super::{
    account::{Account, Queue, deliver, open_sending, tokens},
    client::connect,
    http::ask,
    process::{Folder, Server},
};

#[tokio::test]
async fn a_busy_session_leaves_nothing_in_the_log() {
    let folder = Folder::new();
    let mut server = Server::start(folder.path(), &["--log-level", "debug"]);
    let mut secrets = Vec::new();
    for _ in 0..3 {
        let person = Account::new();
        let (mut account, challenge) = person.register(&server, "").await;
        let mut tokens = tokens(&mut account, &challenge).await;
        let socket = connect(server.address, "/v1/queue").await.unwrap();
        let (queue, mut attached) = Queue::create(socket, &mut tokens).await;
        let mut sending = open_sending(&server, &mut tokens).await;
        let payload = Bytes::from_static(b"the envelope of a message");
        for _ in 0..20 {
            deliver(&mut sending, &queue.alias, &payload, false).await;
            attached.queue_answer().await;
        }
        sending.send(Message::Binary(vec![0xff; 9].into())).await;
        attached.send(Message::Text("text".into())).await;
        for socket in [&account, &attached, &sending] {
            let local = socket.0.get_ref().local_addr().unwrap();
            secrets.push(format!("{}", local.port()));
        }
        secrets.push(hex(&person.id()));
        secrets.push(hex(queue.alias.as_bytes()));
        secrets.push("envelope".to_owned());
    }
    ask(server.address, "nonsense\r\n\r\n");
    server.signal(Signal::HUP);
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), Some(0));

    let mut log = String::new();
    for line in &mut server.log {
        // Digits of the time of day, and of the server's own port, would be taken for a client's port.
        let line = line.as_object_mut().unwrap();
        line.remove("timestamp");
        line.remove("listen");
        log.push_str(&serde_json::to_string(line).unwrap());
        log.push('\n');
    }
    let said: Vec<_> = server
        .log
        .iter()
        .map(|line| line["message"].as_str().unwrap())
        .collect();
    assert_eq!(said.len(), 3, "{log}");
    assert!(said[0].contains("keys that are kept outside the databases lie beside them"));
    assert_eq!(said[1..], ["shutting down", "shut down"]);
    for secret in secrets {
        assert!(!log.contains(&secret), "{secret}: {log}");
    }
}

fn hex(bytes: &[u8]) -> String {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // A shortened form would be as bad.
    hex[..8].to_owned()
}

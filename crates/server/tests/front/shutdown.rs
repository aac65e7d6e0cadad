//! The orderly end.

use rustix::process::Signal;
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use undertone_wire::proto::{self, account_request};

use super::{
    account::Account,
    client::connect,
    process::{Folder, Server},
};

#[tokio::test]
async fn on_a_signal_everybody_is_answered_and_sent_away() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = Folder::new();
        let mut server = Server::start(folder.path(), &[]);
        let (mut busy, _) = Account::new().register(&server, "").await;
        let mut idle = connect(server.address, "/v1/queue").await.unwrap();
        idle.queue_answer().await;
        for request in 1..=50 {
            let body = Some(account_request::Body::GetDevices(proto::GetDevices {}));
            busy.request(&proto::AccountRequest { request, body }).await;
        }
        server.signal(signal);

        let mut answered = 0;
        let code = loop {
            match busy.next().await.unwrap().unwrap() {
                Message::Binary(_) => answered += 1,
                Message::Close(frame) => break frame.unwrap().code,
                other => panic!("{other:?}"),
            }
        };
        assert!(answered <= 50);
        assert_eq!(code, CloseCode::Away);
        assert_eq!(idle.close_code().await, Some(CloseCode::Away));
        assert!(busy.next().await.is_none());
        assert!(idle.next().await.is_none());
        assert_eq!(server.wait(), Some(0));
        let last = server.log.last().unwrap();
        assert_eq!(last["in_time"], true, "{last}");

        let left: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert!(!left.contains(&"listen".to_owned()), "{left:?}");
        assert!(!left.contains(&"control".to_owned()), "{left:?}");
        let wal = left.iter().any(|name| name.ends_with("-wal"));
        assert!(!wal, "the write-ahead logs are in the databases: {left:?}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_leave_does_not_hold_the_server_up() {
    let folder = Folder::new();
    let mut server = Server::start(folder.path(), &["--shutdown-seconds", "1"]);
    // Says nothing, reads nothing, closes nothing.
    let silent = connect(server.address, "/v1/queue").await.unwrap();
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), Some(0));
    assert_eq!(server.log.last().unwrap()["in_time"], false);
    drop(silent);
}

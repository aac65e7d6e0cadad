//! What was answered survives the loss of power.

use bytes::Bytes;
use undertone_wire::proto::{
    self, VaultKind, account_answer, account_request, queue_answer, queue_request,
};

use super::{
    account::{Account, Queue, account_done, deliver, open_sending, tokens},
    client::connect,
    process::{Folder, Server, contents},
};

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let person = Account::new();
    let (mut account, challenge) = person.register(&server, "").await;
    let mut tokens = tokens(&mut account, &challenge).await;
    let socket = connect(server.address, "/v1/queue").await.unwrap();
    let (queue, away) = Queue::create(socket, &mut tokens).await;
    drop(away);
    let mut sending = open_sending(&server, &mut tokens).await;
    let sealed = vec![7; 10_000];
    let put = account_request::Body::PutVault(proto::PutVault {
        kind: VaultKind::State as i32,
        version: 3,
        sealed: sealed.clone(),
    });
    assert_eq!(account.ask_account(put).await, account_done());
    let payload = Bytes::from_static(b"the envelope of a message");
    deliver(&mut sending, &queue.alias, &payload, false).await;
    server.kill();

    let server = Server::start(folder.path(), &[]);
    let mut account = person.authenticate(&server).await;
    let get = account_request::Body::GetVault(proto::GetVault {
        kind: VaultKind::State as i32,
        version: 3,
    });
    let vault = account_answer::Body::Vault(proto::Vault { sealed });
    assert_eq!(account.ask_account(get).await, vault);
    let mut attached = queue.attach(&server).await;
    let list = queue_request::Body::List(proto::ListEntries {});
    let queue_answer::Body::List(list) = attached.ask_queue(list).await else {
        panic!("no list");
    };
    let waiting: usize = list.runs.iter().map(|run| run.entries.len()).sum();
    assert_eq!(waiting, 1);

    let disk = contents(folder.path());
    assert!(!disk.windows(payload.len()).any(|found| found == payload));
}

//! Two devices meet over real sockets.

use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};
use undertone_wire::proto::{
    Done, LinkAnswer, LinkJoin, LinkJoined, LinkOpen, LinkPass, LinkPassed, LinkRequest,
    link_answer, link_request,
};

use super::{
    client::{Socket, connect},
    process::{Folder, Server, contents},
};

const NAME: &[u8] = b"ABCD";

async fn arrive(server: &Server) -> Socket {
    let mut socket = connect(server.address, "/v1/link").await.unwrap();
    let (0, link_answer::Body::Challenge(_)) = socket.link_answer().await else {
        panic!("no challenge");
    };
    socket
}

/// Asks for something, which is done before anything else comes.
async fn ask(socket: &mut Socket, request: u64, body: link_request::Body) {
    let body = Some(body);
    socket.request(&LinkRequest { request, body }).await;
    let done = (request, link_answer::Body::Done(Done {}));
    assert_eq!(socket.link_answer().await, done);
}

fn pass(payload: &[u8]) -> link_request::Body {
    let payload = payload.to_vec();
    link_request::Body::Pass(LinkPass { payload })
}

fn passed(payload: &[u8]) -> LinkAnswer {
    let payload = payload.to_vec();
    LinkAnswer {
        request: 0,
        body: Some(link_answer::Body::Passed(LinkPassed { payload })),
    }
}

#[tokio::test]
async fn two_devices_meet_and_part() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let (mut new, mut old) = (arrive(&server).await, arrive(&server).await);
    let mailbox = NAME.to_vec();
    ask(&mut new, 1, link_request::Body::Open(LinkOpen { mailbox })).await;
    let mailbox = NAME.to_vec();
    ask(&mut old, 1, link_request::Body::Join(LinkJoin { mailbox })).await;
    let joined = (0, link_answer::Body::Joined(LinkJoined {}));
    assert_eq!(new.link_answer().await, joined);

    let secret = b"what the two of them say to each other";
    ask(&mut new, 2, pass(secret)).await;
    assert_eq!(old.frame::<LinkAnswer>().await, passed(secret));
    ask(&mut old, 2, pass(b"back")).await;
    assert_eq!(new.frame::<LinkAnswer>().await, passed(b"back"));

    old.send(Message::Close(None)).await;
    assert_eq!(new.close_code().await, Some(CloseCode::Normal));
    let stored = contents(folder.path());
    assert!(!stored.windows(secret.len()).any(|part| part == secret));
}

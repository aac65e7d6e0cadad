//! A client of one WebSocket, thin enough to send what no real client would.

use std::net::SocketAddr;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, protocol::frame::coding::CloseCode},
};
use undertone_wire::proto::{self, account_answer, link_answer, queue_answer, send_answer};

use super::process::PATIENCE;

/// A WebSocket.
pub struct Socket<S = TcpStream>(pub WebSocketStream<S>);

/// Opens the WebSocket at `path`.
pub async fn connect(address: SocketAddr, path: &str) -> Result<Socket, Error> {
    open(TcpStream::connect(address).await.unwrap(), path).await
}

/// Opens the WebSocket at `path` over any stream.
pub async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    path: &str,
) -> Result<Socket<S>, Error> {
    open_at(stream, "localhost", path).await
}

/// Opens the WebSocket at `path`, asking for this host.
pub async fn open_at<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    host: &str,
    path: &str,
) -> Result<Socket<S>, Error> {
    let (socket, _) = client_async(format!("ws://{host}{path}"), stream).await?;
    Ok(Socket(socket))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    /// The next message or end of the WebSocket, pings aside.
    pub async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            let next = timeout(PATIENCE, self.0.next()).await.expect("silence");
            if !matches!(next, Some(Ok(Message::Ping(_)))) {
                return next;
            }
        }
    }

    /// The next frame, which must be of this kind.
    pub async fn frame<T: prost::Message + Default>(&mut self) -> T {
        match self.next().await {
            Some(Ok(Message::Binary(bytes))) => T::decode(bytes).unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// The close code that the server ends the connection with; `None` if it goes without.
    pub async fn close_code(&mut self) -> Option<CloseCode> {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(frame))) => return frame.map(|frame| frame.code),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return None,
            }
        }
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Message) {
        timeout(PATIENCE, self.0.send(message))
            .await
            .expect("the server does not read")
            .unwrap();
    }

    /// Sends a frame.
    pub async fn request(&mut self, frame: &impl prost::Message) {
        let frame = Bytes::from(frame.encode_to_vec());
        self.send(Message::Binary(frame)).await;
    }

    pub async fn account_answer(&mut self) -> (u64, account_answer::Body) {
        let answer: proto::AccountAnswer = self.frame().await;
        (answer.request, answer.body.unwrap())
    }

    pub async fn queue_answer(&mut self) -> (u64, queue_answer::Body) {
        let answer: proto::QueueAnswer = self.frame().await;
        (answer.request, answer.body.unwrap())
    }

    pub async fn send_answer(&mut self) -> (u64, send_answer::Body) {
        let answer: proto::SendAnswer = self.frame().await;
        (answer.request, answer.body.unwrap())
    }

    pub async fn link_answer(&mut self) -> (u64, link_answer::Body) {
        let answer: proto::LinkAnswer = self.frame().await;
        (answer.request, answer.body.unwrap())
    }

    /// The challenge of an account connection.
    pub async fn challenge(&mut self) -> proto::Challenge {
        match self.account_answer().await {
            (0, account_answer::Body::Challenge(challenge)) => challenge,
            other => panic!("{other:?}"),
        }
    }
}

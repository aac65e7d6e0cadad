//! One WebSocket connection, a task: made, read from and written to until either side ends it.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{sync::mpsc, time::timeout};
use tokio_tungstenite::tungstenite::Message;
use undertone_engine::Service;
use undertone_wire::limits::HEARTBEAT_SECONDS;

use super::{
    endpoint::{ConnectError, Endpoint, Socket},
    network::{Arrival, Reporter},
};

/// How long it may take to connect, TLS and HTTP included.
const CONNECT: Duration = Duration::from_secs(20);
/// The server asks a silent client whether it is there; who hears nothing for so long has lost the server.
const SILENCE: Duration = Duration::from_secs(5 * HEARTBEAT_SECONDS / 2);
/// How long the line may take no byte while there is something to send.
const STUCK: Duration = Duration::from_secs(60);
/// How long the close frame may take.
const CLOSE: Duration = Duration::from_millis(300);

/// Connects and carries frames; ends when the connection does, or when `outgoing` has no sender any more.
pub async fn run(
    endpoint: &Endpoint,
    service: Service,
    outgoing: mpsc::UnboundedReceiver<Bytes>,
    reporter: &Reporter,
) {
    let connected = timeout(CONNECT, endpoint.connect(service))
        .await
        .unwrap_or(Err(ConnectError::NoAnswer));
    let error = match connected {
        Ok(socket) => {
            if reporter.tell(Arrival::Connected).await {
                carry(socket, outgoing, reporter).await;
            }
            None
        }
        Err(error) => Some(error),
    };
    reporter.tell(Arrival::Ended(error)).await;
}

async fn carry(socket: Socket, mut outgoing: mpsc::UnboundedReceiver<Bytes>, reporter: &Reporter) {
    let (mut sink, mut stream) = socket.split();
    let reading = async {
        // Pings are answered by the library, as the stream is read.
        while let Ok(Some(Ok(message))) = timeout(SILENCE, stream.next()).await {
            let listened = match message {
                Message::Binary(bytes) => reporter.tell(Arrival::Frame(bytes)).await,
                Message::Ping(_) | Message::Pong(_) => true,
                Message::Text(_) | Message::Close(_) | Message::Frame(_) => false,
            };
            if !listened {
                return;
            }
        }
    };
    let writing = async {
        while let Some(frame) = outgoing.recv().await {
            let mut sending = timeout(STUCK, sink.feed(Message::Binary(frame))).await;
            while let (Ok(Ok(())), Ok(frame)) = (&sending, outgoing.try_recv()) {
                sending = timeout(STUCK, sink.feed(Message::Binary(frame))).await;
            }
            let flushed = timeout(STUCK, sink.flush()).await;
            if !matches!((sending, flushed), (Ok(Ok(())), Ok(Ok(())))) {
                return;
            }
        }
        // The server sees the end of the connection in any case.
        let _ = timeout(CLOSE, sink.close()).await;
    };
    // Both at once: a server that waits for us to read must not keep us from writing, nor the other way round.
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

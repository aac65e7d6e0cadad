//! One WebSocket to the server.

use anyhow::{Context as _, bail};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, protocol::WebSocketConfig},
};

use super::server::{AUTHORITY, Server, Stream};

/// Of the client: large, for it is the server that is measured.
const BUFFER: usize = 64 * 1024;

/// A WebSocket on which one request is asked at a time.
pub struct Socket(WebSocketStream<Stream>);

impl Socket {
    /// Opens the WebSocket of a service.
    ///
    /// # Errors
    /// If the server does not take it.
    pub async fn connect(server: &Server, service: &str) -> anyhow::Result<Self> {
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER);
        let url = format!("ws://{AUTHORITY}/v1/{service}");
        let stream = server.connect().await?;
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    /// The next frame.
    ///
    /// # Errors
    /// If there is none, or it is not of that kind.
    pub async fn receive<Answer: prost::Message + Default>(&mut self) -> anyhow::Result<Answer> {
        loop {
            match self
                .0
                .next()
                .await
                .context("the server ended the connection")??
            {
                Message::Binary(bytes) => return Ok(Answer::decode(bytes)?),
                Message::Ping(_) => {}
                _ => bail!("the server sent no frame"),
            }
        }
    }

    /// Asks, and waits for the next frame.
    ///
    /// # Errors
    /// As [`Self::receive`].
    pub async fn ask<Answer: prost::Message + Default>(
        &mut self,
        request: &impl prost::Message,
    ) -> anyhow::Result<Answer> {
        let frame = Bytes::from(request.encode_to_vec());
        self.0.send(Message::Binary(frame)).await?;
        self.receive().await
    }

    /// The WebSocket, for many requests at a time.
    pub fn into_inner(self) -> WebSocketStream<Stream> {
        self.0
    }
}

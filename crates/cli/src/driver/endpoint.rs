//! The server's address, and how a WebSocket connection to it is made.

use std::{io, net::SocketAddr, path::Path};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};
use undertone_engine::Service;
use undertone_wire::{limits::FRAME_BYTES, link::ServerUrl};

use super::tls;
use crate::failure::Failure;

/// A byte stream, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A WebSocket connection.
pub type Socket = WebSocketStream<Box<dyn Stream>>;

/// Why a connection could not be made. Nothing of the address is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The name leads nowhere, or there is no network.
    #[error("its name leads nowhere")]
    NoSuchHost,
    /// Nothing listens there.
    #[error("nothing answers at its address")]
    Refused,
    /// It did not answer in time.
    #[error("it did not answer in time")]
    NoAnswer,
    /// There is no way there.
    #[error("there is no way to its address")]
    NoWay,
    /// TLS failed.
    #[error("its certificate is not one to trust; see --ca-file")]
    Certificate,
    /// It answers, but not as such a server.
    #[error("something else answers at its address")]
    SomethingElse,
    /// It has no room for this connection.
    #[error("it is too busy")]
    TooBusy,
}

/// Where connections go.
pub struct Endpoint {
    host: String,
    port: u16,
    url: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Endpoint(…)")
    }
}

impl Endpoint {
    /// The server at an address; `ca_file` holds further certificates to trust.
    ///
    /// # Errors
    /// [`Failure::Usage`] if the file cannot be used, [`Failure::Command`] if the address cannot.
    pub fn new(server: &str, ca_file: Option<&Path>) -> Result<Self, Failure> {
        let server = ServerUrl::parse(server).map_err(undertone_engine::CommandError::from)?;
        let authority = server.authority();
        let (host, port) = split(authority, if server.is_tls() { 443 } else { 80 });
        let scheme = if server.is_tls() { "wss" } else { "ws" };
        let tls = if server.is_tls() {
            let name = ServerName::try_from(host.to_owned())
                .map_err(|_| Failure::Usage("the server's name cannot be used".to_owned()))?;
            Some((tls::connector(ca_file)?, name))
        } else {
            None
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            url: format!("{scheme}://{authority}"),
            tls,
        })
    }

    /// Connects to one of its services.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(&self, service: Service) -> Result<Socket, ConnectError> {
        let tcp = self.reach().await?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(tcp),
            Some((connector, name)) => {
                let tls = connector.connect(name.clone(), tcp).await;
                Box::new(tls.map_err(|error| of_tls(&error))?)
            }
        };
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES))
            .max_frame_size(Some(FRAME_BYTES));
        let request = format!("{}{}", self.url, service.path());
        let (socket, _) = client_async_with_config(request, stream, Some(config))
            .await
            .map_err(|error| of_handshake(&error))?;
        Ok(socket)
    }

    /// The first address of the host that takes a connection.
    async fn reach(&self) -> Result<TcpStream, ConnectError> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let addresses: Vec<SocketAddr> = found.map_err(|_| ConnectError::NoSuchHost)?.collect();
        let mut last = ConnectError::NoSuchHost;
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    // Small frames, each of which somebody waits for.
                    stream.set_nodelay(true).map_err(|error| of_tcp(&error))?;
                    return Ok(stream);
                }
                Err(error) => last = of_tcp(&error),
            }
        }
        Err(last)
    }
}

/// Host and port of `host[:port]` or `[v6][:port]`; the parser of addresses has seen to the form.
fn split(authority: &str, usual: u16) -> (&str, u16) {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').unwrap_or((rest, ""));
            (host, port.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    (
        host,
        port.and_then(|port| port.parse().ok()).unwrap_or(usual),
    )
}

fn of_tcp(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectError::Refused,
        io::ErrorKind::TimedOut => ConnectError::NoAnswer,
        _ => ConnectError::NoWay,
    }
}

fn of_tls(error: &io::Error) -> ConnectError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => ConnectError::Certificate,
        _ => ConnectError::SomethingElse,
    }
}

fn of_handshake(error: &tungstenite::Error) -> ConnectError {
    match error {
        tungstenite::Error::Http(answer) if matches!(answer.status().as_u16(), 429 | 500..=599) => {
            ConnectError::TooBusy
        }
        _ => ConnectError::SomethingElse,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn host_and_port_are_told_apart() {
        assert_eq!(split("a.example", 443), ("a.example", 443));
        assert_eq!(split("a.example:8443", 443), ("a.example", 8443));
        assert_eq!(split("[::1]", 80), ("::1", 80));
        assert_eq!(split("[::1]:9", 80), ("::1", 9));
    }

    #[test]
    fn plain_connections_are_for_this_machine_alone() {
        assert!(
            Endpoint::new("http://127.0.0.1:1", None)
                .unwrap()
                .tls
                .is_none()
        );
        assert!(
            Endpoint::new("https://a.example", None)
                .unwrap()
                .tls
                .is_some()
        );
        assert!(Endpoint::new("http://a.example", None).is_err());
    }
}

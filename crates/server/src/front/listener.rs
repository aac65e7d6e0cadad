//! Accepts connections and speaks HTTP/1.1 on them, within limits of time, until one becomes a WebSocket.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::Service as _};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig, server::TlsStream};
use tokio_util::{either::Either, sync::CancellationToken};

use super::metrics::Counts;

/// Time for the TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Time for the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// Time for everything before a connection is a WebSocket: enough for the browser's client, about a megabyte, over a slow
/// network. One on which nothing is asked is closed after `HEAD`.
const HTTP: Duration = Duration::from_secs(300);
/// Bytes of the head of a request.
const HEAD_BYTES: usize = 8 * 1024;
/// Rest after the system had no socket left to give.
const REST: Duration = Duration::from_millis(100);

/// The byte stream of a client.
pub type ClientStream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Where a TCP connection comes from.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Accepts until `closing`.
pub async fn accept(
    listener: TcpListener,
    tls: Option<watch::Receiver<Arc<ServerConfig>>>,
    routes: Router,
    counts: Arc<Counts>,
    closing: CancellationToken,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closing.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                counts.refuse_accept();
                if is_shortage(&error) {
                    tokio::time::sleep(REST).await;
                }
                continue;
            }
        };
        let peer = Peer(peer.ip());
        let config = tls.as_ref().map(|tls| Arc::clone(&tls.borrow()));
        let (routes, counts) = (routes.clone(), Arc::clone(&counts));
        tokio::spawn(async move {
            // Small frames must not wait for the acknowledgement of earlier ones.
            if stream.set_nodelay(true).is_err() {
                return;
            }
            let stream = match config {
                None => Either::Left(stream),
                Some(config) => {
                    let handshake = TlsAcceptor::from(config).accept(stream);
                    match timeout(HANDSHAKE, Box::pin(handshake)).await {
                        Ok(Ok(stream)) => Either::Right(Box::new(stream)),
                        _ => return counts.refuse_handshake(),
                    }
                }
            };
            speak_http(stream, peer, routes).await;
        });
    }
}

async fn speak_http(stream: ClientStream, peer: Peer, routes: Router) {
    let routes = TowerToHyperService::new(routes);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        routes.call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    // What goes wrong on the way to a WebSocket is the client's to know.
    let _ = timeout(HTTP, Box::pin(connection)).await;
}

/// Whether the error is about this machine's means, not about the one connection.
fn is_shortage(error: &io::Error) -> bool {
    !matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}

//! Turns an HTTP request into a WebSocket connection that the writer knows.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{handshake::derive_accept_key, protocol::Role},
};
use tokio_util::task::TaskTracker;
use undertone_server::core::{ConnectionId, Service};

use super::{
    address::{AddressLimit, LimitAddress},
    connection::{Connection, web_socket_config},
    listener::{ClientStream, Peer},
    metered::Metered,
    metrics::{Counts, Ending},
    outgoing::outgoing,
    submit::{Command, Submitter},
};

/// A name of a host and a port are never longer.
const AUTHORITY_BYTES: usize = 261;

/// What all connections share.
pub struct Front {
    /// To the writer.
    pub submitter: Submitter,
    /// What is counted outside of the writer.
    pub counts: Arc<Counts>,
    /// Connections by address.
    pub addresses: AddressLimit,
    /// Whether a proxy stands in front.
    pub behind_proxy: bool,
    /// Whether clients speak TLS, to this program or to the proxy.
    pub tls: bool,
    /// The connections that are there, to be waited for at the end.
    pub tasks: TaskTracker,
    next: AtomicU64,
}

impl Front {
    /// Without any connection yet.
    pub fn new(submitter: Submitter, behind_proxy: bool, tls: bool) -> Self {
        Self {
            submitter,
            counts: Arc::default(),
            addresses: AddressLimit::default(),
            behind_proxy,
            tls,
            tasks: TaskTracker::new(),
            next: AtomicU64::new(0),
        }
    }
}

/// Answers a request for a WebSocket, and lets it begin once the answer is out.
///
/// # Errors
/// The status that tells the client what is wrong with its request.
pub fn upgrade(
    front: &Arc<Front>,
    service: Service,
    peer: Peer,
    mut request: Request,
) -> Result<Response<Body>, StatusCode> {
    let headers = request.headers();
    let accept = accept_key(request.method(), headers)?;
    let authority = authority(headers, front.tls).ok_or(StatusCode::BAD_REQUEST)?;
    let address = LimitAddress::of_client(peer.0, headers, front.behind_proxy);
    let Some(place) = front.addresses.enter(address) else {
        front.counts.end(Ending::AddressLimit);
        return Err(StatusCode::TOO_MANY_REQUESTS);
    };

    let upgraded = hyper::upgrade::on(&mut request);
    let shared = Arc::clone(front);
    front.tasks.spawn(async move {
        let Ok(upgraded) = upgraded.await else {
            return;
        };
        let Some(connection) = begin(&shared, service, address, authority, upgraded).await else {
            return;
        };
        // A task of its own: what it took to get here is not kept for as long as the connection lasts.
        let counts = Arc::clone(&shared.counts);
        shared.tasks.spawn(async move {
            counts.end(connection.run().await);
            drop(place);
        });
    });

    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

async fn begin(
    front: &Front,
    service: Service,
    address: LimitAddress,
    authority: String,
    upgraded: Upgraded,
) -> Option<Box<Connection<ClientStream>>> {
    let parts = upgraded.downcast::<TokioIo<ClientStream>>().ok()?;
    let stream = Metered::new(parts.io.into_inner());
    // A copy: turned into a `Vec` as it is, it would keep all of the buffer for HTTP as long as the connection lasts.
    let read = parts.read_buf.to_vec();
    let socket =
        WebSocketStream::from_partially_read(stream, read, Role::Server, Some(web_socket_config()))
            .await;
    let connection = ConnectionId(front.next.fetch_add(1, Ordering::Relaxed));
    let (sender, receiver) = outgoing();
    let open = Command::Open {
        connection,
        service,
        authority,
        address: Some(address.ip()),
        outgoing: sender,
    };
    front.submitter.tell(open).ok()?;
    let submitter = front.submitter.clone();
    Some(Box::new(Connection::new(
        socket, connection, service, submitter, receiver,
    )))
}

/// The host that was asked for, as clients sign it: in lower case, and without the port that need not be said.
fn authority(headers: &HeaderMap, tls: bool) -> Option<String> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    let usual = if tls { ":443" } else { ":80" };
    let host = host.strip_suffix(usual).unwrap_or(host);
    let fits = !host.is_empty() && host.len() <= AUTHORITY_BYTES;
    fits.then(|| host.to_ascii_lowercase())
}

/// Checks what RFC 6455 asks of the request, and answers its key.
fn accept_key(method: &Method, headers: &HeaderMap) -> Result<HeaderValue, StatusCode> {
    let lists = |name, word: &str| {
        headers.get_all(name).iter().any(|value| {
            value.to_str().is_ok_and(|value| {
                let mut words = value.split(',').map(str::trim);
                words.any(|found| found.eq_ignore_ascii_case(word))
            })
        })
    };
    if method != Method::GET {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let asked = lists(header::CONNECTION, "upgrade") && lists(header::UPGRADE, "websocket");
    if !asked || !lists(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(StatusCode::UPGRADE_REQUIRED);
    }
    let key = headers
        .get(header::SEC_WEBSOCKET_KEY)
        .ok_or(StatusCode::BAD_REQUEST)?;
    HeaderValue::try_from(derive_accept_key(key.as_bytes())).map_err(|_| StatusCode::BAD_REQUEST)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn request() -> HeaderMap {
        let pairs = [
            ("connection", "keep-alive, Upgrade"),
            ("upgrade", "WebSocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ];
        let pairs = pairs.map(|(name, value)| (name.try_into().unwrap(), value.parse().unwrap()));
        pairs.into_iter().collect()
    }

    #[test]
    fn the_example_of_rfc_6455_is_answered_as_it_says() {
        assert_eq!(
            accept_key(&Method::GET, &request()).unwrap(),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }

    #[test]
    fn the_usual_port_is_no_part_of_the_authority() {
        for (host, tls, expected) in [
            ("Chat.Example", true, Some("chat.example")),
            ("chat.example:443", true, Some("chat.example")),
            ("chat.example:443", false, Some("chat.example:443")),
            ("chat.example:80", true, Some("chat.example:80")),
            ("localhost:80", false, Some("localhost")),
            ("127.0.0.1:8080", false, Some("127.0.0.1:8080")),
            ("[2001:db8::443]", true, Some("[2001:db8::443]")),
            ("[2001:db8::1]:443", true, Some("[2001:db8::1]")),
            ("", true, None),
            (":443", true, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            assert_eq!(authority(&headers, tls).as_deref(), expected, "{host}");
        }
        assert_eq!(authority(&HeaderMap::new(), true), None);
    }

    #[test]
    fn what_is_no_web_socket_is_refused() {
        assert_eq!(
            accept_key(&Method::POST, &request()),
            Err(StatusCode::METHOD_NOT_ALLOWED)
        );
        for (missing, expected) in [
            ("connection", StatusCode::UPGRADE_REQUIRED),
            ("upgrade", StatusCode::UPGRADE_REQUIRED),
            ("sec-websocket-version", StatusCode::UPGRADE_REQUIRED),
            ("sec-websocket-key", StatusCode::BAD_REQUEST),
        ] {
            let mut headers = request();
            headers.remove(missing);
            assert_eq!(accept_key(&Method::GET, &headers), Err(expected));
        }
    }
}

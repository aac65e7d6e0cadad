//! Health, metrics, and what is no WebSocket.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
};

use super::process::{Folder, Server};

/// The whole answer to a request with these lines.
pub fn ask(address: SocketAddr, lines: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(lines.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub fn get(address: SocketAddr, path: &str) -> String {
    ask(
        address,
        &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
    )
}

#[test]
fn it_is_healthy_and_shows_metrics_only_on_their_own_listener() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &["--metrics", "127.0.0.1:0"]);
    let health = get(server.address, "/healthz");
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    assert!(!health.to_lowercase().contains("cookie"), "{health}");
    assert!(get(server.address, "/metrics").starts_with("HTTP/1.1 404 "));

    let metrics = get(server.metrics.unwrap(), "/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200 "), "{metrics}");
    assert!(metrics.contains("\nundertone_connections 0\n"), "{metrics}");
    assert!(get(server.metrics.unwrap(), "/healthz").starts_with("HTTP/1.1 404 "));
}

#[test]
fn what_is_no_web_socket_is_told_so() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    assert!(get(server.address, "/v1/queue").starts_with("HTTP/1.1 426 "));
    let without_host = "GET /v1/queue HTTP/1.1\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    assert!(ask(server.address, without_host).starts_with("HTTP/1.1 400 "));
    let large = format!(
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n",
        "x".repeat(10_000)
    );
    assert!(ask(server.address, &large).starts_with("HTTP/1.1 431 "));
    assert!(ask(server.address, "not HTTP\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(get(server.address, "/healthz").starts_with("HTTP/1.1 200 "));
}

#[test]
fn without_the_browser_client_the_server_says_how_to_get_it() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let answer = get(server.address, "/");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("cargo xtask run"), "{answer}");
    assert!(
        answer.contains("\r\ncontent-security-policy: default-src 'none'; "),
        "{answer}"
    );
    assert!(
        !answer.contains("\r\nstrict-transport-security: "),
        "{answer}"
    );
    for path in ["/sw.js", "/assets/../../etc/passwd", "/v1/none"] {
        let answer = get(server.address, path);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(
            answer.contains("\r\ncontent-type: text/plain; charset=utf-8\r\n"),
            "{answer}"
        );
    }
    let head = ask(
        server.address,
        "HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    let post = ask(
        server.address,
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
}

#[test]
fn behind_a_proxy_browsers_are_told_to_stay_with_tls() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &["--behind-proxy"]);
    let answer = get(server.address, "/");
    assert!(
        answer.contains("\r\nstrict-transport-security: max-age=63072000; includeSubDomains\r\n"),
        "{answer}"
    );
}

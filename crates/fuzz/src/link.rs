//! Contact links and addresses of servers, as somebody pastes them.

use undertone_wire::link::{ContactLink, ServerUrl};

/// A contact link.
pub fn link(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    if let Ok(server) = ServerUrl::parse(text) {
        check_server(&server);
    }
    let Ok(link) = ContactLink::parse(text) else {
        return false;
    };
    check_server(&link.server);
    assert_eq!(ContactLink::parse(&link.to_string()).as_ref(), Ok(&link));
    true
}

/// It reads the same again, and nothing in it could send a client elsewhere or into another line of a request.
fn check_server(server: &ServerUrl) {
    assert_eq!(ServerUrl::parse(server.as_str()).as_ref(), Ok(server));
    let authority = server.authority();
    assert!(!authority.is_empty());
    let harmless = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    assert!(authority.chars().all(harmless), "{authority:?}");
    let loopback = ["127.0.0.1", "localhost", "[::1]"];
    assert!(server.is_tls() || loopback.iter().any(|host| authority.starts_with(host)));
}

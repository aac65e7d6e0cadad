//! The contact link: `https://HOST/#1.…`, with the reach secret and half the account id in the fragment,
//! which a browser never sends to a server.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{ids::AccountId, reach::ReachSecret};

/// Longest link that is looked at, in bytes.
pub const MAX_LINK: usize = 512;
const SECRET: usize = 32;
const ACCOUNT: usize = 16;

/// Where a server is, as links and accounts name it: `https://host[:port]`, or `http://` on loopback only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerUrl(String);

/// Why a text is not a contact link or a server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not the address of a server.
    #[error(
        "this is not the address of a server: it must be https://HOST (http:// only on this machine itself)"
    )]
    Server,
    /// A server's address without the part after `#`.
    #[error(
        "this is not a contact link: the part after # is missing or damaged; copy the whole link"
    )]
    Fragment,
    /// A link of a version that this client does not know.
    #[error("this link was made with a newer version; update to use it")]
    Version,
}

impl ServerUrl {
    /// Reads an address; a trailing slash is dropped, and so is the port that need not be said (443, or 80 with
    /// `http://`), because browsers leave it out of what they ask for.
    ///
    /// # Errors
    /// [`LinkError::Server`] if it is no such address.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        let text = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = text.split_once("://").ok_or(LinkError::Server)?;
        let authority = authority.to_ascii_lowercase();
        let (host, port) = split(&authority).ok_or(LinkError::Server)?;
        let loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        let (scheme, usual) = match scheme.to_ascii_lowercase().as_str() {
            "https" => ("https", 443),
            "http" if loopback => ("http", 80),
            _ => return Err(LinkError::Server),
        };
        Ok(Self(match port.filter(|port| *port != usual) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    /// The address without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port as they stand in the address: what connections sign, so that no other server can pass
    /// a signature on.
    pub fn authority(&self) -> &str {
        self.0
            .split_once("://")
            .map_or("", |(_, authority)| authority)
    }

    /// Whether connections to it are encrypted by TLS.
    pub fn is_tls(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// Host and port of `host[:port]` or `[v6][:port]`, if all of it is of that form.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let end = rest.find(']')?;
            let (inside, port) = (rest.get(..end)?, rest.get(end + 1..)?);
            inside.parse::<std::net::Ipv6Addr>().ok()?;
            (authority.get(..end + 2)?, port)
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at_checked(end)?;
            let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
            (!host.is_empty() && host.len() <= 253 && host.chars().all(fine)).then_some(())?;
            (host, port)
        }
    };
    let Some(digits) = port.strip_prefix(':') else {
        return port.is_empty().then_some((host, None));
    };
    let port = digits.parse().ok().filter(|port| *port > 0)?;
    // A sign would be read, too.
    digits
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((host, Some(port)))
}

/// A contact link, reusable or single-use: which of them it is stands only on the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactLink {
    /// The owner's server.
    pub server: ServerUrl,
    /// What reaches the owner.
    pub secret: ReachSecret,
    /// The first half of the owner's account id: opening the card verifies their key at once.
    pub account: [u8; ACCOUNT],
}

impl ContactLink {
    /// The link that reaches `account` at `server` by `secret`.
    pub fn new(server: ServerUrl, secret: ReachSecret, account: &AccountId) -> Self {
        let mut half = [0; ACCOUNT];
        for (to, from) in half.iter_mut().zip(account.as_bytes()) {
            *to = *from;
        }
        Self {
            server,
            secret,
            account: half,
        }
    }

    /// Reads a link.
    ///
    /// # Errors
    /// [`LinkError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if text.len() > MAX_LINK {
            return Err(LinkError::Fragment);
        }
        let (server, fragment) = text.split_once('#').ok_or(LinkError::Fragment)?;
        let server = ServerUrl::parse(server)?;
        let (version, data) = fragment.split_once('.').ok_or(LinkError::Fragment)?;
        match version {
            "1" => {}
            newer if !newer.is_empty() && newer.bytes().all(|b| b.is_ascii_digit()) => {
                return Err(LinkError::Version);
            }
            _ => return Err(LinkError::Fragment),
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(data)
            .map_err(|_| LinkError::Fragment)?;
        let (secret, account) = bytes.split_at_checked(SECRET).ok_or(LinkError::Fragment)?;
        Ok(Self {
            server,
            secret: ReachSecret::new(secret.try_into().map_err(|_| LinkError::Fragment)?),
            account: account.try_into().map_err(|_| LinkError::Fragment)?,
        })
    }

    /// Whether `account` is the one that the link names.
    pub fn names(&self, account: &AccountId) -> bool {
        account.as_bytes().starts_with(&self.account)
    }
}

impl std::fmt::Display for ContactLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(SECRET + ACCOUNT));
        bytes.extend_from_slice(self.secret.as_bytes());
        bytes.extend_from_slice(&self.account);
        write!(
            f,
            "{}/#1.{}",
            self.server.as_str(),
            URL_SAFE_NO_PAD.encode(&*bytes)
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_family = "wasm")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn link() -> ContactLink {
        let server = ServerUrl::parse("https://Undertone.example/").unwrap();
        ContactLink::new(server, ReachSecret::new([5; 32]), &AccountId::new([9; 32]))
    }

    #[test]
    fn a_link_comes_back_as_it_was() {
        let text = link().to_string();
        #[cfg(not(target_family = "wasm"))]
        insta::assert_snapshot!(text, @"https://undertone.example/#1.BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUJCQkJCQkJCQkJCQkJCQkJ");
        assert_eq!(ContactLink::parse(&text).unwrap(), link());
        assert!(link().names(&AccountId::new([9; 32])));
        assert!(!link().names(&AccountId::new([8; 32])));
    }

    #[test]
    fn servers_are_https_or_loopback() {
        for good in [
            "https://a.example",
            "https://a.example:8443/",
            "http://127.0.0.1:8443",
            "http://localhost:1",
            "http://[::1]:9",
            "https://[2001:db8::1]",
        ] {
            assert!(ServerUrl::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "http://a.example",
            "ftp://a.example",
            "https://",
            "https://a.example/path",
            "https://a b",
            "https://u@a.example",
            "https://a.example:0",
            "https://a.example:x",
            "https://a.example:+443",
            "https://a.example:65536",
            "https://[::1",
            "https://a.example:1:2",
        ] {
            assert_eq!(ServerUrl::parse(bad), Err(LinkError::Server), "{bad}");
        }
    }

    #[test]
    fn one_server_has_one_address() {
        for (text, address, authority) in [
            ("https://A.example:443/", "https://a.example", "a.example"),
            ("https://a.example:0443", "https://a.example", "a.example"),
            (
                "https://a.example:80",
                "https://a.example:80",
                "a.example:80",
            ),
            ("http://127.0.0.1:80", "http://127.0.0.1", "127.0.0.1"),
            (
                "http://localhost:443",
                "http://localhost:443",
                "localhost:443",
            ),
            ("http://[::1]:80", "http://[::1]", "[::1]"),
            (
                "https://[2001:db8::443]",
                "https://[2001:db8::443]",
                "[2001:db8::443]",
            ),
        ] {
            let server = ServerUrl::parse(text).unwrap();
            assert_eq!(server.as_str(), address);
            assert_eq!(server.authority(), authority);
        }
    }

    #[test]
    fn damaged_links_are_named_as_such() {
        let text = link().to_string();
        assert_eq!(
            ContactLink::parse(&text.replace("#1.", "#2.")),
            Err(LinkError::Version)
        );
        assert_eq!(
            ContactLink::parse(text.trim_end_matches('J')),
            Err(LinkError::Fragment)
        );
        assert_eq!(
            ContactLink::parse("https://a.example/"),
            Err(LinkError::Fragment)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}", tail in ".{0,80}") {
            let _ = ContactLink::parse(&text);
            let _ = ContactLink::parse(&format!("https://a.example/#1.{tail}"));
        }
    }
}

//! What a browser gets at each address, told on a small site.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, Method, Response, StatusCode, header},
};
use brotli_decompressor::BrotliDecompress;

use super::{
    Web,
    site::{File, Site},
};

const INDEX: &str = "a46f1a6d";
const SCRIPT: &str = "fb3e49f3";

/// "undertone", compressed.
const UNDERTONE: &[u8] = &[
    0x0b, 0x04, 0x80, b'u', b'n', b'd', b'e', b'r', b't', b'o', b'n', b'e', 0x03,
];

static FILES: &[File] = &[
    File {
        path: "/",
        content_type: "text/html; charset=utf-8",
        hash: INDEX,
        brotli: UNDERTONE,
    },
    File {
        path: "/assets/start.0123.js",
        content_type: "text/javascript; charset=utf-8",
        hash: SCRIPT,
        brotli: UNDERTONE,
    },
    File {
        path: "/sw.js",
        content_type: "text/javascript; charset=utf-8",
        hash: SCRIPT,
        brotli: UNDERTONE,
    },
    File {
        path: "/damaged.js",
        content_type: "text/javascript; charset=utf-8",
        hash: SCRIPT,
        brotli: &[0xff; 4],
    },
];

/// A browser's request, answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    async fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn ask(method: Method, path: &str, asked: &[(&str, &str)]) -> Answer {
    let web = Web::new(Site::of(FILES), true);
    let asked = asked
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Answer::of(web.answer(&method, path, &asked.collect())).await
}

async fn get(path: &str) -> Answer {
    ask(Method::GET, path, &[]).await
}

#[tokio::test]
async fn every_address_of_the_page_brings_the_page() {
    for path in [
        "/",
        "/chat/ab12",
        "/chat/ab12/details",
        "/contact/ab12",
        "/request/ab12",
        "/new",
        "/search",
        "/settings",
        "/settings/appearance",
        "/safety/ab12",
        "/welcome",
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert_eq!(answer.body, "undertone");
    }
}

#[tokio::test]
async fn nothing_else_is_there() {
    for path in [
        "",
        "/index.html",
        "/chats",
        "//chat/ab12",
        "/Chat",
        "/v1",
        "/v1/other",
        "/assets",
        "/assets/",
        "/assets/start.js",
        "/assets/start.0123.js.br",
        "/assets/../sw.js",
        "/assets/%2e%2e/sw.js",
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/sw.js/",
        "/favicon.ico",
        "/metrics",
        "*",
    ] {
        let answer = get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert_eq!(answer.body, "There is nothing here.\n");
    }
}

#[tokio::test]
async fn what_is_named_after_its_content_is_kept_for_ever_and_the_rest_asked_for_again() {
    let asset = get("/assets/start.0123.js").await;
    assert_eq!(
        asset.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let worker = get("/sw.js").await;
    assert_eq!(worker.header("cache-control"), "no-cache");
    let nothing = get("/assets/none.js").await;
    assert_eq!(nothing.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn each_client_gets_the_form_that_it_takes() {
    let compressed = ask(
        Method::GET,
        "/sw.js",
        &[("accept-encoding", "gzip, deflate, br, zstd")],
    )
    .await;
    assert_eq!(compressed.header("content-encoding"), "br");
    assert_eq!(compressed.header("content-length"), "13");
    let mut plain = Vec::new();
    BrotliDecompress(&mut compressed.body.as_ref(), &mut plain).unwrap();
    assert_eq!(plain, b"undertone");

    for asked in [&[][..], &[("accept-encoding", "gzip, br;q=0")]] {
        let plain = ask(Method::GET, "/sw.js", asked).await;
        assert_eq!(plain.header("content-encoding"), "");
        assert_eq!(plain.header("content-length"), "9");
        assert_eq!(plain.body, "undertone");
        assert_eq!(plain.header("vary"), "accept-encoding");
        assert_eq!(plain.header("etag"), compressed.header("etag"));
    }
    assert_eq!(compressed.header("vary"), "accept-encoding");
}

#[tokio::test]
async fn a_damaged_file_is_no_file() {
    let answer = get("/damaged.js").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.header("etag"), "");
    assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let first = get("/").await;
    let tag = first.header("etag").to_owned();
    assert_eq!(tag, format!("W/\"{INDEX}\""));
    for known in [
        tag.clone(),
        tag.trim_start_matches("W/").to_owned(),
        format!("\"other\", {tag}"),
        "*".to_owned(),
    ] {
        for path in ["/", "/chat/ab12"] {
            let again = ask(Method::GET, path, &[("if-none-match", &known)]).await;
            assert_eq!(again.status, StatusCode::NOT_MODIFIED, "{known}");
            assert_eq!(again.header("etag"), tag);
            assert_eq!(again.header("cache-control"), "no-cache");
            assert_eq!(again.header("vary"), "accept-encoding");
            assert_eq!(again.header("content-length"), "");
            assert!(again.body.is_empty());
        }
    }
    for unknown in ["\"other\"", INDEX, "", "W/\"\""] {
        let other = ask(Method::GET, "/", &[("if-none-match", unknown)]).await;
        assert_eq!(other.status, StatusCode::OK, "{unknown}");
    }
    let asset = ask(
        Method::GET,
        "/assets/start.0123.js",
        &[("if-none-match", &format!("\"{SCRIPT}\""))],
    )
    .await;
    assert_eq!(asset.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn a_head_is_what_a_get_has_without_its_body() {
    for path in ["/", "/assets/start.0123.js", "/none"] {
        let whole = get(path).await;
        let head = ask(Method::HEAD, path, &[]).await;
        assert_eq!(head.status, whole.status);
        assert_eq!(head.headers, whole.headers);
        assert!(!whole.body.is_empty());
        assert!(head.body.is_empty());
        assert_eq!(
            head.header("content-length"),
            whole.body.len().to_string(),
            "{path}"
        );
    }
}

#[tokio::test]
async fn nothing_can_be_written() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = ask(method, "/", &[]).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
}

#[tokio::test]
async fn every_answer_is_protected() {
    let answers = [
        get("/").await,
        get("/assets/start.0123.js").await,
        get("/none").await,
        ask(Method::POST, "/", &[]).await,
        ask(Method::HEAD, "/", &[]).await,
        ask(Method::GET, "/", &[("if-none-match", "*")]).await,
    ];
    for answer in answers {
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
                 img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; \
                 worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                 frame-ancestors 'none'",
            ),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            (
                "strict-transport-security",
                "max-age=63072000; includeSubDomains",
            ),
        ] {
            assert_eq!(answer.header(name), value, "{name}");
        }
        let powers = answer.header("permissions-policy");
        for denied in ["geolocation=()", "usb=()", "payment=()", "hid=()"] {
            assert!(powers.contains(denied), "{denied}");
        }
        for own in ["camera=(self)", "microphone=(self)"] {
            assert!(powers.contains(own), "{own}");
        }
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn without_tls_nothing_is_said_of_it() {
    let web = Web::new(Site::of(FILES), false);
    let answer = Answer::of(web.answer(&Method::GET, "/", &HeaderMap::new())).await;
    assert_eq!(answer.header("strict-transport-security"), "");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn without_the_client_its_addresses_say_so() {
    let web = Web::new(Site::of(&[]), false);
    for path in ["/", "/chat/ab12"] {
        let answer = Answer::of(web.answer(&Method::GET, path, &HeaderMap::new())).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(text.contains("cargo xtask run"), "{text}");
    }
    let answer = Answer::of(web.answer(&Method::GET, "/sw.js", &HeaderMap::new())).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

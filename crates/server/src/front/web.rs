//! The browser's client: the files that were built into this program, what each address answers, and how long a
//! browser may keep it.

mod encoding;
mod headers;
mod site;
#[cfg(test)]
mod tests;

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header},
};

use encoding::takes_brotli;
use site::Kept;
pub use site::Site;

/// The addresses that the page makes something of, by their first part.
const PAGES: [&str; 8] = [
    "chat", "contact", "new", "request", "safety", "search", "settings", "welcome",
];
/// The folder of the files that are named after their content, and so never change.
const ASSETS: &str = "/assets/";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The browser's client as this server serves it.
#[derive(Debug)]
pub struct Web {
    site: Site,
    tls: bool,
}

impl Web {
    /// Serves these files; `tls` tells whether clients speak TLS, to this program or to a proxy.
    pub fn new(site: Site, tls: bool) -> Self {
        Self { site, tls }
    }

    /// Answers a request for anything that is not the protocol's.
    pub fn answer(&self, method: &Method, path: &str, asked: &HeaderMap) -> Response<Body> {
        let mut response = if *method == Method::GET || *method == Method::HEAD {
            self.read(path, asked)
        } else {
            let mut refusal = sentence(
                StatusCode::METHOD_NOT_ALLOWED,
                "What is here can only be read.\n",
            );
            let allowed = HeaderValue::from_static("GET, HEAD");
            refusal.headers_mut().insert(header::ALLOW, allowed);
            refusal
        };
        headers::protect(response.headers_mut(), self.tls);
        if *method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        response
    }

    fn read(&self, path: &str, asked: &HeaderMap) -> Response<Body> {
        let path = if is_page(path) { "/" } else { path };
        match self.site.file(path) {
            Some(file) => serve(file, path, asked),
            None if self.site.is_empty() && path == "/" => sentence(
                StatusCode::OK,
                "This server was built without the browser client. In the sources, `cargo xtask run` builds both.\n",
            ),
            None => sentence(StatusCode::NOT_FOUND, "There is nothing here.\n"),
        }
    }
}

/// Whether the page shows something at this address.
fn is_page(path: &str) -> bool {
    let first = path
        .strip_prefix('/')
        .and_then(|path| path.split('/').next());
    first.is_some_and(|first| PAGES.contains(&first))
}

fn serve(file: &Kept, path: &str, asked: &HeaderMap) -> Response<Body> {
    let mut response = if file.is_known_to(asked) {
        let mut unchanged = Response::new(Body::empty());
        *unchanged.status_mut() = StatusCode::NOT_MODIFIED;
        unchanged
    } else if takes_brotli(asked) {
        let mut compressed = content(file, file.brotli());
        let brotli = HeaderValue::from_static("br");
        compressed
            .headers_mut()
            .insert(header::CONTENT_ENCODING, brotli);
        compressed
    } else if let Some(plain) = file.plain() {
        content(file, plain)
    } else {
        return sentence(
            StatusCode::INTERNAL_SERVER_ERROR,
            "This file was damaged when the server was built.\n",
        );
    };
    let headers = response.headers_mut();
    let cache = if path.starts_with(ASSETS) {
        FOR_EVER
    } else {
        ASK_AGAIN
    };
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(header::ETAG, file.tag());
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn content(file: &Kept, bytes: Bytes) -> Response<Body> {
    let length = bytes.len();
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, file.content_type());
    headers.insert(header::CONTENT_LENGTH, length.into());
    response
}

fn sentence(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    headers.insert(header::CONTENT_LENGTH, text.len().into());
    headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
    response
}

//! The files that were built into this program.

use std::{collections::BTreeMap, io::Read as _, sync::OnceLock};

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, header},
};
use brotli_decompressor::Decompressor;

const BUFFER_BYTES: usize = 64 * 1024;
/// No file of the client comes near this.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A file as `build.rs` found it.
#[derive(Debug)]
pub struct File {
    /// The address that names it.
    pub path: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// SHA-256 of the content, in hexadecimal digits.
    pub hash: &'static str,
    /// The content, compressed.
    pub brotli: &'static [u8],
}

/// What `build.rs` found: every file of the site, or nothing.
static BUILT_IN: &[File] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// Files by the addresses that name them.
#[derive(Debug)]
pub struct Site(BTreeMap<&'static str, Kept>);

/// A file with what is worked out about it once.
#[derive(Debug)]
pub struct Kept {
    file: &'static File,
    /// Made when first asked for: nearly every client takes brotli. The memory for this is bounded by the site's size.
    plain: OnceLock<Option<Bytes>>,
}

impl Site {
    /// The files that were built in.
    pub fn built_in() -> Self {
        Self::of(BUILT_IN)
    }

    /// These files.
    pub fn of(files: &'static [File]) -> Self {
        let files = files.iter().map(|file| {
            let plain = OnceLock::new();
            (file.path, Kept { file, plain })
        });
        Self(files.collect())
    }

    /// Whether this program was built without the client.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The file that this address names.
    pub fn file(&self, path: &str) -> Option<&Kept> {
        self.0.get(path)
    }
}

impl Kept {
    /// What it is.
    pub fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(self.file.content_type)
    }

    /// What a browser knows it by. Weak, because it stands for the content in either encoding.
    pub fn tag(&self) -> HeaderValue {
        // Hexadecimal digits always make a value.
        HeaderValue::try_from(format!("W/\"{}\"", self.file.hash))
            .unwrap_or(HeaderValue::from_static("W/\"\""))
    }

    /// Whether the request says that the browser has it already.
    pub fn is_known_to(&self, asked: &HeaderMap) -> bool {
        let values = asked.get_all(header::IF_NONE_MATCH).iter();
        let mut tags = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(',').map(str::trim));
        tags.any(|tag| {
            let tag = tag.strip_prefix("W/").unwrap_or(tag);
            let inside = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
            tag == "*" || inside == Some(self.file.hash)
        })
    }

    /// Its compressed content.
    pub fn brotli(&self) -> Bytes {
        Bytes::from_static(self.file.brotli)
    }

    /// Its content for clients that do not take brotli; none if the built-in bytes are damaged.
    pub fn plain(&self) -> Option<Bytes> {
        let plain = self.plain.get_or_init(|| {
            let mut plain = Vec::new();
            Decompressor::new(self.file.brotli, BUFFER_BYTES)
                .take(LARGEST)
                .read_to_end(&mut plain)
                .ok()?;
            Some(plain.into())
        });
        plain.clone()
    }
}

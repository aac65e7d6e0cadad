//! Puts the browser's client into the program: a table of the files of the site that `UNDERTONE_WEB_SITE` names, as
//! `cargo xtask web` laid it out. Without that variable the table is empty.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

const SITE: &str = "UNDERTONE_WEB_SITE";
const MANIFEST: &str = "release.json";
const SIGNATURE: &str = "release.sig";

#[derive(Deserialize)]
struct Manifest {
    files: Vec<File>,
}

#[derive(Deserialize)]
struct File {
    path: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-env-changed={SITE}");
    println!("cargo:rerun-if-changed=build.rs");
    let mut table = String::from("&[\n");
    if let Some(site) = env::var_os(SITE).filter(|site| !site.is_empty()) {
        write_files(&mut table, &fs::canonicalize(site)?)?;
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::write(out.join("site.rs"), table)?;
    Ok(())
}

fn write_files(table: &mut String, site: &Path) -> Result<(), Box<dyn Error>> {
    // It names every other file with its hash, so it changes with any of them.
    let manifest = site.join(MANIFEST);
    println!("cargo:rerun-if-changed={}", manifest.display());
    let manifest: Manifest = serde_json::from_slice(&fs::read(manifest)?)?;
    let files = manifest.files.iter().map(|file| file.path.as_str());
    for path in files.chain([MANIFEST, SIGNATURE]) {
        let content_type = content_type(path).ok_or_else(|| format!("what is {path}?"))?;
        let hash = Sha256::digest(fs::read(site.join(path))?);
        let brotli = site.join(format!("{path}.br"));
        let path = if path == "index.html" { "" } else { path };
        writeln!(
            table,
            "File {{ path: {:?}, content_type: {content_type:?}, hash: \"{hash:x}\", brotli: include_bytes!({:?}) }},",
            format!("/{path}"),
            brotli.to_str().ok_or("the path of the site is no text")?,
        )?;
    }
    Ok(())
}

fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit('.').next()? {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "sig" => "application/octet-stream",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

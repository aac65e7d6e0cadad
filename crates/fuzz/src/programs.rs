//! Decoders of the programs, which have no library: their files, taken in as they are.

#[path = "../../server/src/front/address.rs"]
pub mod address;
#[path = "../../server/src/front/command.rs"]
pub mod command;
#[path = "../../cli/src/safe_text.rs"]
pub mod foreign_text;
#[path = "../../server/src/front/settings.rs"]
pub mod settings;

use std::{
    fs,
    net::{IpAddr, Ipv4Addr},
    path::Path,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use self::{
    address::LimitAddress,
    command::Flags,
    settings::{Settings, SettingsError},
};
use crate::profile::in_memory;

/// The header by which a proxy says who is behind it.
pub fn forwarded_for(bytes: &[u8]) -> bool {
    let Ok(value) = HeaderValue::from_bytes(bytes) else {
        return false;
    };
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), value)]);
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let believed = LimitAddress::of_client(peer, &headers, true);
    let distrusted = LimitAddress::of_client(peer, &headers, false);
    assert_eq!(distrusted.ip(), peer);
    // An address that was made for counting stays what it is.
    assert_eq!(LimitAddress::new(believed.ip()), believed);
    believed != distrusted
}

/// The server's configuration file: what it prints of its settings brings them about again.
pub fn server_config(bytes: &[u8]) -> bool {
    let folder = in_memory();
    let Ok(settings) = load(folder.path(), bytes) else {
        return false;
    };
    let printed = toml::to_string(&settings.to_file()).expect("settings can be printed");
    let again = load(folder.path(), printed.as_bytes()).expect("what was printed is in order");
    assert_eq!(again, settings);
    true
}

fn load(folder: &Path, file: &[u8]) -> Result<Settings, SettingsError> {
    let path = folder.join("config.toml");
    fs::write(&path, file).expect("written");
    Settings::load(Flags {
        config: Some(path),
        ..Flags::default()
    })
}

/// Others' words before they reach a terminal: nothing in them moves the cursor, changes the screen or reorders what
/// stands around them.
pub fn safe_text(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let line = foreign_text::line(&text);
    let cell = foreign_text::cell_line(&text);
    let lines = foreign_text::lines(&text);
    let cells = foreign_text::cell_lines(&text);
    for shown in lines.iter().chain(&cells).chain([&line, &cell]) {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
        let breaks = ['\u{2028}', '\u{2029}'];
        assert!(!shown.contains(breaks), "{shown:?}");
    }
    for shown in lines.iter().chain([&line]) {
        let inside = shown
            .strip_prefix('\u{2068}')
            .and_then(|inside| inside.strip_suffix('\u{2069}'))
            .unwrap_or(shown);
        assert!(!inside.chars().any(reorders), "{shown:?}");
    }
    for shown in cells.iter().chain([&cell]) {
        assert!(!shown.chars().any(reorders), "{shown:?}");
    }
    assert_eq!(lines.len(), cells.len());
    // Safe text stays as it is.
    assert_eq!(foreign_text::line(&line), line);
    !line.is_empty()
}

fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

//! How two profiles become devices of one account.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use serde_json::json;

use crate::{
    person::{Person, WAIT, Watched, text},
    server::Server,
};

/// Begins to show a code; gives it.
pub fn show_code(new: &Person, server: &Server, name: &str) -> (Watched, String) {
    let url = server.url();
    let showing = new.watch(&["device", "code", "--server", &url, "--name", name]);
    let shown = showing.next().expect("a code");
    assert!(text(&shown, "expires_at").ends_with('Z'), "{shown}");
    let code = text(&shown, "code");
    assert_eq!(code.len(), 14, "{code}");
    (showing, code)
}

/// Links a profile without an account to the account of another; gives the id of the new device.
pub fn link(new: &Person, existing: &Person, server: &Server, name: &str, history: &str) -> String {
    let (showing, code) = show_code(new, server, name);
    let typed = code.to_lowercase().replace('-', " ");
    let linked = existing.one(&[
        "device",
        "link",
        &typed,
        "--yes",
        "--history",
        history,
        "--wait",
        WAIT,
    ]);
    assert_eq!(linked["kind"], "linked");
    assert_eq!(linked["name"], name);
    let joined = showing.next().expect("the end of linking");
    let account = existing.one(&["account", "show"]);
    assert_eq!(
        joined,
        json!({"kind": "linked", "account": account["account"], "name": account["name"]})
    );
    assert_eq!(showing.wait(), Some(0));
    text(&linked, "id")
}

/// What one's devices are called, this one first.
pub fn names(person: &Person) -> Vec<String> {
    let devices = person.ok(&["devices"]);
    devices.iter().map(|device| text(device, "name")).collect()
}

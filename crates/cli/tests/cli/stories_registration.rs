//! Servers that do not take everybody, and servers behind TLS.
#![allow(clippy::unwrap_used)]

use std::fs;

use tempfile::TempDir;

use crate::{
    person::{Person, WAIT, meet},
    server::Server,
};

fn create(person: &Person, server: &str, more: &[&str]) -> crate::person::Done {
    let create = [
        "account",
        "create",
        "--server",
        server,
        "--name",
        person.name,
        "--wait",
        WAIT,
    ];
    person.run(&[&create[..], more].concat())
}

#[test]
fn a_closed_server_says_so() {
    let server = Server::with_options(&["--registration", "closed"]);
    let anna = Person::new("Anna");
    let refused = create(&anna, &server.url(), &[]);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.err.contains("no new accounts"), "{refused:?}");
    assert_eq!(refused.out, "");
    assert_eq!(anna.field(&["account", "show"], "refused"), "closed");
    assert_eq!(anna.run(&["receive"]).code, 4);
}

#[test]
fn an_invite_code_opens_the_door_once() {
    let server = Server::with_options(&["--registration", "invite"]);
    let code = server.invite();
    let anna = Person::new("Anna");
    let registered = create(&anna, &server.url(), &["--invite", &code]);
    assert_eq!(registered.code, 0, "{registered:?}");
    for more in [&[][..], &["--invite", &code], &["--invite", "wrong"]] {
        let refused = create(&Person::new("Ben"), &server.url(), more);
        assert_eq!(refused.code, 4, "{more:?}: {refused:?}");
        assert!(refused.err.contains("invite"), "{refused:?}");
    }
}

#[test]
fn over_tls_with_a_certificate_of_ones_own() {
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let issued = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(path("certificate.pem"), issued.cert.pem()).unwrap();
    fs::write(path("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    let (certificate, key) = (path("certificate.pem"), path("key.pem"));
    let server = Server::with_options(&["--tls-certificate", &certificate, "--tls-key", &key]);
    let url = server
        .url()
        .replace("http://127.0.0.1", "https://localhost");

    let stranger = Person::new("Eve");
    let refused = create(&stranger, &url, &[]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("certificate"), "{refused:?}");

    let trusting = |name| {
        let person = Person::new(name).with_options(&["--ca-file", &certificate]);
        let made = create(&person, &url, &[]);
        assert_eq!(made.code, 0, "{made:?}");
        person
    };
    let (anna, ben) = (trusting("Anna"), trusting("Ben"));
    let (_, bens) = meet(&anna, &ben);
    ben.one(&["send", &bens, "over TLS", "--wait", WAIT]);
    anna.receive_text("over TLS");
}

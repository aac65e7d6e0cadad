//! What the server has of a conversation on its disk and in its log: nothing that can be read.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use crate::{
    person::{Person, WAIT, meet, text},
    server::Server,
};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes of a link's secret part.
fn from_base64(text: &str) -> Vec<u8> {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut bytes = Vec::new();
    for digit in text.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit).unwrap();
        bits = (bits << 6) | u32::try_from(value).unwrap();
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    bytes
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap())
        .collect()
}

/// As base64 of both alphabets, without what depends on the bytes that follow.
fn base64_forms(bytes: &[u8]) -> [String; 2] {
    let whole = bytes.len() / 3 * 3;
    let url: String = bytes[..whole]
        .chunks(3)
        .flat_map(|three| {
            let bits = three
                .iter()
                .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
            [18, 12, 6, 0].map(|shift| char::from(DIGITS[(bits >> shift) as usize & 63]))
        })
        .collect();
    let plain = url.replace('-', "+").replace('_', "/");
    [url, plain]
}

#[test]
fn the_servers_files_tell_nothing_of_who_talks_to_whom_and_what() {
    let server = Server::start();
    let anna = Person::at("Annabella Quist", &server.url());
    let ben = Person::at("Benvolio Starke", &server.url());
    let link = anna.field(&["link", "show"], "link");
    let (annas, bens) = meet(&anna, &ben);
    let secrets = ["the heron flies at midnight", "bring the violet umbrella"];
    ben.one(&["send", &bens, secrets[0], "--wait", WAIT]);
    anna.receive_text(secrets[0]);
    anna.one(&["send", &annas, secrets[1], "--wait", WAIT]);
    // One conversation is done with; in the other, all still waits on the server.
    let cleo = Person::at("Cleopatra Vane", &server.url());
    let cleos = cleo.field(&["contact", "add", &link, "--wait", WAIT], "chat");
    cleo.one(&["send", &cleos, "may I join the regatta", "--wait", WAIT]);

    let mut needles: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |what: &str, bytes: &[u8]| needles.push((what.to_owned(), bytes.to_vec()));
    for words in [
        secrets[0],
        secrets[1],
        "may I join the regatta",
        "Annabella",
        "Quist",
        "Benvolio",
        "Starke",
        "Cleopatra",
    ] {
        add("words", words.as_bytes());
        let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
        add("words as UTF-16", &utf16);
    }
    let fragment = link.split_once("#1.").unwrap().1;
    add("a link", fragment.as_bytes());
    // The secret of the link; the other half of it is the account.
    let secret = &from_base64(fragment)[..32];
    add("the secret of a link", secret);
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    add("the secret of a link in hex", hex.as_bytes());
    for (person, chat) in [(&anna, &annas), (&ben, &bens), (&cleo, &cleos)] {
        let account = text(&person.one(&["account", "show"]), "account");
        add("an account in hex", account.as_bytes());
        add("an account in hex", account.to_uppercase().as_bytes());
        for form in base64_forms(&from_hex(&account)) {
            add("an account in base64", form.as_bytes());
        }
        add("a chat", &from_hex(chat));
        for message in person.ok(&["history", chat]) {
            add("a message's id", &from_hex(&text(&message, "id")));
        }
    }
    let files = server.files();
    let names: Vec<String> = files
        .iter()
        .map(|(path, _)| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(
        ["log", "directory.db", "delivery.db", "cards.db"]
            .iter()
            .all(|name| names.iter().any(|found| found == name)),
        "{names:?}"
    );
    for (path, content) in &files {
        for (what, needle) in &needles {
            assert!(
                !content.windows(needle.len()).any(|window| window == needle),
                "{what} stands in {}",
                path.display()
            );
        }
    }
    // The search itself works: the address is in the log.
    let log = files
        .iter()
        .find(|(path, _)| path.ends_with("log"))
        .unwrap();
    assert!(String::from_utf8_lossy(&log.1).contains(server.address()));
}

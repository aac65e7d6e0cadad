//! The demonstration: Anna and Ben meet by a single-use link, write to each other through the real client and the
//! real server, and see the same conversation.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::person::{Person, field};

/// How long a person waits for something to arrive, in seconds; everything happens on one machine.
const PATIENCE: &str = "10";
/// How often a person looks again when other news came first.
const LOOKS: usize = 3;
const SHOWN_MESSAGES: &str = "6";

/// Each one's id of their chat with the other.
struct Chats {
    anna: String,
    ben: String,
}

/// Runs the demonstration; profiles of an earlier run are used again.
pub fn show(people: &[Person; 2], server: &str) -> Result<()> {
    let [anna, ben] = people;
    println!();
    for person in people {
        ensure_account(person, server)?;
    }
    let chats = match known_chats(anna, ben)? {
        Some(chats) => chats,
        None => meet(anna, ben)?,
    };
    write_and_receive(
        (anna, &chats.anna),
        (ben, &chats.ben),
        "Hello Ben, nobody but you can read this.",
    )?;
    write_and_receive(
        (ben, &chats.ben),
        (anna, &chats.anna),
        "Hello Anna, it arrived.",
    )?;
    // The receipt for Ben's message waits for him.
    ben.quietly(&["receive", "--wait", "1"])?;
    for (person, chat, other) in [(anna, &chats.anna, ben.name), (ben, &chats.ben, anna.name)] {
        println!();
        let history = person.types(&["history", chat, "--last", SHOWN_MESSAGES])?;
        print!(
            "\nWhat {} sees:\n{}",
            person.name,
            conversation(&history, person.name, other)?
        );
    }
    Ok(())
}

fn ensure_account(person: &Person, server: &str) -> Result<()> {
    let shown = if person.has_profile() {
        person.quietly(&["account", "show"])
    } else {
        Ok(Vec::new())
    };
    let shown = shown
        .context("the profile of an earlier run is of no use; remove .undertone and repeat")?;
    if shown.is_empty() {
        person.types(&[
            "account",
            "create",
            "--server",
            server,
            "--name",
            person.name,
        ])?;
    } else if let Ok(other) = field(&shown, "server") {
        let same = other.trim_end_matches('/') == server;
        ensure!(
            same,
            "{} is at {other}, not at {server}: repeat with that --listen, or remove .undertone",
            person.name
        );
    }
    Ok(())
}

/// The chats that the two have with each other, if they have met.
fn known_chats(anna: &Person, ben: &Person) -> Result<Option<Chats>> {
    let annas = chat_with(&anna.quietly(&["contacts"])?, ben.name);
    let bens = chat_with(&ben.quietly(&["contacts"])?, anna.name);
    Ok(annas.zip(bens).map(|(anna, ben)| Chats { anna, ben }))
}

fn meet(anna: &Person, ben: &Person) -> Result<Chats> {
    let link = field(&anna.types(&["link", "new", "--once"])?, "link")?;
    ben.types(&["contact", "add", &link])?;
    for _ in 0..LOOKS {
        for person in [anna, ben] {
            person.types(&["receive"])?;
        }
        if let Some(chats) = known_chats(anna, ben)? {
            return Ok(chats);
        }
    }
    Err(anyhow::anyhow!("Anna and Ben did not find each other"))
}

fn write_and_receive(from: (&Person, &str), to: (&Person, &str), text: &str) -> Result<()> {
    let (sender, senders_chat) = from;
    let (receiver, receivers_chat) = to;
    let sent = sender.types(&["send", senders_chat, text, "--wait", PATIENCE])?;
    let id = field(&sent, "message")?;
    for _ in 0..LOOKS {
        receiver.types(&["receive", "--wait", PATIENCE, "--count", "1"])?;
        let history = receiver.quietly(&["history", receivers_chat, "--last", SHOWN_MESSAGES])?;
        if contains(&history, &id, text) {
            return Ok(());
        }
    }
    Err(anyhow::anyhow!(
        "{} did not receive what {} wrote",
        receiver.name,
        sender.name
    ))
}

fn chat_with(contacts: &[Value], name: &str) -> Option<String> {
    let contact = contacts
        .iter()
        .find(|contact| contact.get("name").and_then(Value::as_str) == Some(name))?;
    contact.get("chat")?.as_str().map(str::to_owned)
}

fn contains(history: &[Value], id: &str, text: &str) -> bool {
    let is = |message: &Value, name, expected| {
        message.get(name).and_then(Value::as_str) == Some(expected)
    };
    history
        .iter()
        .any(|message| is(message, "id", id) && is(message, "text", text))
}

/// A person's view of their chat, a message a line; their own messages end with how far they got.
fn conversation(history: &[Value], mine: &str, other: &str) -> Result<String> {
    let mut view = String::new();
    for message in history {
        let one = std::slice::from_ref(message);
        let text = field(one, "text")?;
        if message.get("mine").and_then(Value::as_bool) == Some(true) {
            view += &format!("  {mine:<5} {text}  ({})\n", field(one, "state")?);
        } else {
            view += &format!("  {other:<5} {text}\n");
        }
    }
    Ok(view)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_chat_of_a_contact_by_name() {
        let contacts = [
            json!({"contact": "c1", "name": "Cleo", "chat": "h1"}),
            json!({"name": "Ben", "chat": "h2"}),
        ];
        assert_eq!(chat_with(&contacts, "Ben"), Some("h2".to_owned()));
        assert_eq!(chat_with(&contacts, "Anna"), None);
    }

    #[test]
    fn a_message_arrived_when_id_and_text_are_there() {
        let history = [json!({"id": "m1", "text": "hello"})];
        assert!(contains(&history, "m1", "hello"));
        assert!(!contains(&history, "m2", "hello"));
        assert!(!contains(&history, "m1", "other"));
    }

    #[test]
    fn a_view_names_both_and_says_how_far_ones_own_messages_got() {
        let history = [
            json!({"id": "m1", "mine": true, "text": "hello", "state": "delivered"}),
            json!({"id": "m2", "mine": false, "text": "hi", "state": "received"}),
        ];
        assert_eq!(
            conversation(&history, "Anna", "Ben").unwrap(),
            "  Anna  hello  (delivered)\n  Ben   hi\n"
        );
        assert!(conversation(&[json!({"mine": true})], "Anna", "Ben").is_err());
    }
}

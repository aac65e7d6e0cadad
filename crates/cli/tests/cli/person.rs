//! Somebody at the command line.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// Seconds that a command may wait for the server, on however busy a machine.
pub const WAIT: &str = "60";
/// The same for a test that watches a command.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// How often somebody looks again before it counts as lost.
const LOOKS: usize = 5;
/// A server that is never there.
pub const NOWHERE: &str = "http://127.0.0.1:1";

/// The program, with an environment that holds no setting of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_undertone"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("UNDERTONE_")) {
        command.env_remove(name);
    }
    command.env("TZ", "UTC").stdin(Stdio::null());
    command
}

/// How a command ended.
#[derive(Debug)]
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Done {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Done {
    /// The objects that were printed.
    pub fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}")))
            .collect()
    }
}

/// Somebody with a profile.
pub struct Person {
    pub name: &'static str,
    folder: TempDir,
    options: Vec<String>,
}

impl Person {
    /// Without an account yet.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            folder: TempDir::new().unwrap(),
            options: Vec::new(),
        }
    }

    /// With further options for every command.
    pub fn with_options(mut self, options: &[&str]) -> Self {
        self.options = options.iter().map(|option| (*option).to_owned()).collect();
        self
    }

    /// With an account at a server, which has to take it.
    pub fn at(name: &'static str, server: &str) -> Self {
        let person = Self::new(name);
        person.one(&[
            "account", "create", "--server", server, "--name", name, "--wait", WAIT,
        ]);
        person
    }

    /// With an account that no server knows.
    pub fn nowhere(name: &'static str) -> Self {
        let person = Self::new(name);
        let create = ["account", "create", "--server", NOWHERE, "--name", name];
        assert_eq!(person.run(&create).code, 3);
        person
    }

    /// Where the profile lies.
    pub fn profile(&self) -> PathBuf {
        self.folder.path().join("profile")
    }

    /// A command of this person.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command
            .arg("--profile")
            .arg(self.profile())
            .args(&self.options)
            .args(arguments);
        command
    }

    /// Runs a command with `--json`.
    pub fn run(&self, arguments: &[&str]) -> Done {
        self.command(&[&["--json"][..], arguments].concat())
            .output()
            .unwrap()
            .into()
    }

    /// Runs a command that prints words.
    pub fn words(&self, arguments: &[&str]) -> Done {
        self.command(arguments).output().unwrap().into()
    }

    /// What a command printed, which has to succeed.
    pub fn ok(&self, arguments: &[&str]) -> Vec<Value> {
        let done = self.run(arguments);
        assert_eq!(done.code, 0, "{}: {arguments:?}: {done:?}", self.name);
        done.objects()
    }

    /// The one object that a command printed.
    pub fn one(&self, arguments: &[&str]) -> Value {
        let mut objects = self.ok(arguments);
        assert_eq!(objects.len(), 1, "{arguments:?}: {objects:?}");
        objects.remove(0)
    }

    /// A field of the one object that a command printed.
    pub fn field(&self, arguments: &[&str], name: &str) -> String {
        text(&self.one(arguments), name)
    }

    /// Begins a command whose lines are read while it runs.
    pub fn watch(&self, arguments: &[&str]) -> Watched {
        let mut child = self
            .command(&[&["--json"][..], arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in out.lines() {
                // A process that was killed may leave half a line.
                let object = line.ok().and_then(|line| serde_json::from_str(&line).ok());
                if let Some(object) = object
                    && sender.send(object).is_err()
                {
                    return;
                }
            }
        });
        Watched { child, lines }
    }

    /// Receives until an event of a kind comes; gives the events up to then.
    pub fn receive_until(&self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut events = Vec::new();
        for _ in 0..LOOKS {
            events.extend(self.ok(&["receive"]));
            if events.iter().any(&fits) {
                return events;
            }
        }
        panic!("{}: it did not come: {events:?}", self.name);
    }

    /// Receives until a text came.
    pub fn receive_text(&self, expected: &str) -> Vec<Value> {
        self.receive_until(|event| event["text"] == expected)
    }

    /// The id of the chat with somebody.
    pub fn chat_with(&self, name: &str) -> String {
        for _ in 0..LOOKS {
            let contacts = self.ok(&["contacts"]);
            let mut named = contacts.iter().filter(|contact| contact["name"] == name);
            if let Some(contact) = named.next() {
                assert!(named.next().is_none(), "two contacts: {contacts:?}");
                return text(contact, "chat");
            }
            self.ok(&["receive"]);
        }
        panic!("{} has no contact {name}", self.name);
    }

    /// The texts of a chat, oldest first.
    pub fn texts(&self, chat: &str) -> Vec<String> {
        let history = self.ok(&["history", chat]);
        history
            .iter()
            .filter(|message| message["change"].is_null())
            .map(|message| text(message, "text"))
            .collect()
    }

    /// How far one's own newest message of a chat is.
    pub fn state(&self, chat: &str) -> String {
        let history = self.ok(&["history", chat]);
        let own = history.iter().rev().find(|message| message["mine"] == true);
        text(own.unwrap(), "state")
    }

    /// Receives until one's own newest message of a chat is so far.
    pub fn await_state(&self, chat: &str, expected: &str) {
        for _ in 0..LOOKS {
            if self.state(chat) == expected {
                return;
            }
            self.ok(&["receive"]);
        }
        panic!("{}: {}, not {expected}", self.name, self.state(chat));
    }
}

/// A command that runs.
pub struct Watched {
    child: Child,
    lines: Receiver<Value>,
}

impl Watched {
    /// The next object that it prints.
    pub fn next(&self) -> Option<Value> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(object) => Some(object),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("it prints nothing more"),
        }
    }

    /// Reads objects until so many fit.
    pub fn count(&self, mut left: usize, fits: impl Fn(&Value) -> bool) {
        while left > 0 {
            let object = self.next().expect("it ended early");
            left -= usize::from(fits(&object));
        }
    }

    /// Lets it run for a while, or to its end.
    pub fn for_a_while(&self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            if self.lines.recv_timeout(left).is_err() {
                return;
            }
        }
    }

    /// Kills it as a crash would.
    pub fn kill(mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// Its exit code, when it ends by itself.
    pub fn wait(mut self) -> Option<i32> {
        while self.next().is_some() {}
        self.child.wait().unwrap().code()
    }
}

/// A text field of an object.
pub fn text(object: &Value, name: &str) -> String {
    let field = object[name].as_str();
    field
        .unwrap_or_else(|| panic!("{name}: {object}"))
        .to_owned()
}

/// Both have each other as contacts, by a single-use link of the first. Gives each one's chat.
pub fn meet(one: &Person, other: &Person) -> (String, String) {
    let link = one.field(&["link", "new", "--once", "--wait", WAIT], "link");
    other.one(&["contact", "add", &link, "--wait", WAIT]);
    (one.chat_with(other.name), other.chat_with(one.name))
}

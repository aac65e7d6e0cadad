//! Profiles: whose they are, one command at a time, and the passphrase.
#![allow(clippy::unwrap_used)]

use std::{fs, os::unix::fs::PermissionsExt as _, process::Stdio};

use tempfile::TempDir;
use undertone_store::ProfileLock;

use crate::person::{Done, NOWHERE, Person};

const CREATE: [&str; 6] = ["account", "create", "--server", NOWHERE, "--name", "Anna"];

#[test]
fn a_profile_is_for_its_owner_alone() {
    let person = Person::nowhere("Anna");
    let mode = fs::metadata(person.profile()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let key = fs::metadata(person.profile().join("key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_command_that_cannot_have_the_profile_in_time_says_so() {
    let person = Person::nowhere("Anna");
    let lock = ProfileLock::try_acquire(&person.profile()).unwrap();
    let done = person.words(&["chats", "--lock-wait", "0"]);
    assert_eq!(done.code, 6, "{done:?}");
    assert!(done.err.contains("another undertone command"), "{done:?}");
    drop(lock);
    assert_eq!(person.run(&["chats", "--lock-wait", "0"]).code, 0);
}

#[test]
fn a_command_waits_for_the_one_before_it() {
    use std::io::{BufRead as _, BufReader};
    let person = Person::nowhere("Anna");
    let lock = ProfileLock::try_acquire(&person.profile()).unwrap();
    let mut child = person
        .command(&["chats", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut note = String::new();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    errors.read_line(&mut note).unwrap();
    assert!(note.starts_with(r#"{"note":"another"#), "{note}");
    drop(lock);
    let done = Done::from(child.wait_with_output().unwrap());
    assert_eq!((done.code, done.objects().len()), (0, 1), "{done:?}");
}

#[test]
fn many_commands_at_once_lose_nothing() {
    let person = Person::nowhere("Anna");
    let children: Vec<_> = (0..8)
        .map(|n| {
            person
                .command(&["send", "Note to self", &format!("note {n}")])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let mut texts = person.texts("Note to self");
    texts.sort();
    let expected: Vec<String> = (0..8).map(|n| format!("note {n}")).collect();
    assert_eq!(texts, expected);
}

#[test]
fn a_passphrase_opens_the_profile_and_nothing_else_does() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let right = file("right", "correct horse\nsecond line\n");
    let same = file("same", "correct horse");
    let wrong = file("wrong", "correct horse \n");
    let person = Person::new("Anna");
    let with = |path: &str, arguments: &[&str]| {
        person.run(&[&["--passphrase-file", path][..], arguments].concat())
    };
    assert_eq!(with(&right, &CREATE).code, 3);
    assert_eq!(with(&right, &["account", "show"]).code, 0);
    assert_eq!(
        with(&same, &["account", "show"]).code,
        0,
        "the line end is none of it"
    );
    let refused = with(&wrong, &["account", "show"]);
    assert_eq!(refused.code, 6, "{refused:?}");
    assert!(refused.err.contains("wrong passphrase"), "{refused:?}");
    let needed = person.words(&["account", "show"]);
    assert_eq!(needed.code, 6, "{needed:?}");
    assert!(needed.err.contains("--passphrase-file"), "{needed:?}");
    for unusable in [
        file("empty", "\nx"),
        file("long", &"x".repeat(5_000)),
        "/nonexistent".into(),
    ] {
        assert_eq!(with(&unusable, &["account", "show"]).code, 1, "{unusable}");
    }
    let everything = [refused.err, needed.err].concat();
    assert!(!everything.contains("horse"), "{everything}");
}

#[test]
fn a_passphrase_for_a_profile_without_one_is_a_misunderstanding() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("passphrase");
    fs::write(&path, "correct horse").unwrap();
    let person = Person::nowhere("Anna");
    let done = person.run(&["--passphrase-file", path.to_str().unwrap(), "chats"]);
    assert_eq!(done.code, 6, "{done:?}");
    assert!(done.err.contains("not protected"), "{done:?}");
}

#[test]
fn what_is_damaged_ends_with_7() {
    let person = Person::nowhere("Anna");
    let key = person.profile().join("key");
    let store = person.profile().join("store.db");
    let good = fs::read(&store).unwrap();
    fs::write(&store, vec![0x5a; 8_192]).unwrap();
    assert_eq!(person.run(&["chats"]).code, 7);
    fs::write(&store, good).unwrap();
    assert_eq!(person.run(&["chats"]).code, 0);
    fs::write(&key, b"no key").unwrap();
    assert_eq!(person.run(&["chats"]).code, 7);
    fs::remove_file(&key).unwrap();
    assert_eq!(person.run(&["chats"]).code, 2);
}

#[test]
fn an_account_that_was_cut_off_before_it_was_made_is_made() {
    let person = Person::new("Anna");
    undertone_store::create_profile_dir(&person.profile()).unwrap();
    let lock = ProfileLock::try_acquire(&person.profile()).unwrap();
    let mut rng = rand_core::OsRng;
    undertone_store::profile_key::create(&lock, None, &mut rng).unwrap();
    drop(lock);
    assert_eq!(person.run(&["chats"]).code, 0);
    assert_eq!(person.run(&CREATE).code, 3);
    assert_eq!(person.field(&["account", "show"], "name"), "Anna");
}

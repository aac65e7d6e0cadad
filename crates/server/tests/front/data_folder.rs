//! The data folder: one server at a time, closed to others; invites with and without a server.

use std::{fs, os::unix::fs::PermissionsExt as _};

use super::process::{Folder, Server, failure, run};

fn create_invite(folder: &Folder) -> String {
    let output = run(&["invite", "create", "--uses", "2", "--data", folder.text()]);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &[]);
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let announced = fs::read_to_string(folder.path().join("listen")).unwrap();
    assert_eq!(announced.trim(), server.address.to_string());

    let said = failure(&["--listen", "127.0.0.1:0", "--data", folder.text()]);
    assert!(
        said.contains("another server uses the data folder"),
        "{said}"
    );

    server.kill();
    let again = Server::start(folder.path(), &[]);
    let announced = fs::read_to_string(folder.path().join("listen")).unwrap();
    assert_eq!(announced.trim(), again.address.to_string());
}

#[test]
fn a_folder_that_others_read_and_use_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.path().join("letter"), "dear").unwrap();
    let said = failure(&["--data", folder.path().to_str().unwrap()]);
    assert!(said.contains("holds other things"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn invites_are_made_whether_or_not_the_server_runs() {
    let folder = Folder::new();
    let without = create_invite(&folder);
    let server = Server::start(folder.path(), &["--registration", "invite"]);
    let with = create_invite(&folder);
    assert!(!without.is_empty() && !with.is_empty() && without != with);
    server.kill();
    assert_ne!(create_invite(&folder), with);
}

//! Settings from flags, environment and file.

use std::fs;

use super::process::{Folder, failure, program, run};

/// The settings in force, as `config check` prints them.
fn in_force(environment: &[(&str, &str)], arguments: &[&str]) -> toml::Table {
    let output = program()
        .envs(environment.iter().copied())
        .args(["config", "check"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    toml::from_str(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("undertone.toml");
    fs::write(
        &file,
        "data = \"from-file\"\nregistration = \"closed\"\ntokens_per_day = 5\nbehind_proxy = true\n",
    )
    .unwrap();
    let config = ["--config", file.to_str().unwrap()];
    let environment = [
        ("UNDERTONE_REGISTRATION", "invite"),
        ("UNDERTONE_TOKENS_PER_DAY", "6"),
        ("UNDERTONE_BEHIND_PROXY", "false"),
    ];

    let alone = in_force(&[], &config);
    assert_eq!(alone["data"].as_str(), Some("from-file"));
    assert_eq!(alone["registration"].as_str(), Some("closed"));
    assert_eq!(alone["behind_proxy"].as_bool(), Some(true));
    assert_eq!(alone["listen"].as_str(), Some("127.0.0.1:8787"));

    let with_environment = in_force(&environment, &config);
    assert_eq!(with_environment["registration"].as_str(), Some("invite"));
    assert_eq!(with_environment["tokens_per_day"].as_integer(), Some(6));
    assert_eq!(with_environment["behind_proxy"].as_bool(), Some(false));

    let flags = ["--tokens-per-day", "7", "--behind-proxy"];
    let with_flags = in_force(&environment, &[config, ["--registration", "open"]].concat());
    assert_eq!(with_flags["registration"].as_str(), Some("open"));
    assert_eq!(with_flags["tokens_per_day"].as_integer(), Some(6));
    let with_flags = in_force(&environment, &[&config[..], &flags].concat());
    assert_eq!(with_flags["tokens_per_day"].as_integer(), Some(7));
    assert_eq!(with_flags["behind_proxy"].as_bool(), Some(true));
}

#[test]
fn what_would_be_unsafe_or_is_unknown_is_refused() {
    let folder = Folder::new();
    let data = ["--data", folder.text()];
    let said = failure(&[&data[..], &["--listen", "0.0.0.0:0"]].concat());
    assert!(said.contains("--behind-proxy"), "{said}");
    let said = failure(&["config", "check"]);
    assert!(said.contains("--data DIR"), "{said}");

    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("undertone.toml");
    fs::write(&file, "dta = \"x\"").unwrap();
    let said = failure(&["--config", file.to_str().unwrap()]);
    assert!(said.contains("unknown field `dta`"), "{said}");
    assert!(!folder.path().exists());

    for wrong in [
        &["--registration", "perhaps"][..],
        &["--listen", "somewhere"],
        &["invite"],
        &["invite", "create", "--uses", "0"],
        &["--unknown"],
    ] {
        assert_eq!(run(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn help_documents_everything() {
    for (name, arguments) in [
        ("help", &["--help"][..]),
        ("help_invite_create", &["invite", "create", "--help"]),
    ] {
        let output = program()
            .args(arguments)
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        let help = String::from_utf8(output.stdout).unwrap();
        insta::assert_snapshot!(name, help);
    }
}

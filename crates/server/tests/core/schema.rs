//! The rules of the schema, read from the schema itself as it stands in the files.

use std::collections::BTreeSet;

use crate::harness::*;

/// Columns that may be read without any secret, and what each is for.
const PLAIN: [(&str, &str); 5] = [
    ("expiry_day", "the day after which a row goes"),
    (
        "lease_week",
        "a week at random, months ahead, after which a row goes",
    ),
    ("month", "when an account was made"),
    (
        "refs",
        "how many recipients a large payload still waits for",
    ),
    (
        "period",
        "the day of a token's key, or the number of the server's run",
    ),
];

/// Values that are not sealed by the server, and why that is right.
const OPEN: [(&str, &str, &str); 5] = [
    (
        "directory.accounts",
        "devices",
        "public: root key, certificates, revocations",
    ),
    (
        "delivery.entries",
        "encapsulated",
        "an ephemeral public key of a queue and a run",
    ),
    ("directory.vaults", "sealed", "sealed by the client"),
    (
        "tokens.seeds",
        "seed",
        "secret keys of two days, which protect quota and nothing else",
    ),
    (
        "tokens.spent",
        "request",
        "a hash over a token and a request",
    ),
];

struct Table {
    name: String,
    sql: String,
    columns: Vec<Column>,
}

struct Column {
    name: String,
    kind: String,
    not_null: bool,
    in_key: bool,
}

fn tables(world: &World) -> Vec<Table> {
    let disk = world.disk();
    let mut found = Vec::new();
    for file in FILES {
        let mut schema = disk
            .prepare(&format!("SELECT type, name, sql FROM {file}.sqlite_schema"))
            .unwrap();
        let mut rows = schema.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let (kind, name): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
            assert_eq!(
                kind, "table",
                "{file}.{name}: no index, no trigger, no view"
            );
            let mut columns = Vec::new();
            disk.pragma(Some(file), "table_info", &name, |column| {
                columns.push(Column {
                    name: column.get(1)?,
                    kind: column.get(2)?,
                    not_null: column.get(3)?,
                    in_key: column.get::<_, u32>(5)? > 0,
                });
                Ok(())
            })
            .unwrap();
            found.push(Table {
                name: format!("{file}.{name}"),
                sql: row.get(2).unwrap(),
                columns,
            });
        }
    }
    assert_eq!(found.len(), 18);
    found
}

#[test]
fn tables_are_strict_and_have_no_hidden_order() {
    for table in tables(&World::new()) {
        let options = table.sql.rsplit(')').next().unwrap();
        let options: BTreeSet<_> = options.split(',').map(str::trim).collect();
        assert_eq!(
            options,
            BTreeSet::from(["STRICT", "WITHOUT ROWID"]),
            "{}",
            table.name
        );
        assert!(!table.sql.contains("AUTOINCREMENT"), "{}", table.name);
        assert!(!table.sql.contains("DEFAULT"), "{}", table.name);
        assert!(!table.sql.contains("REFERENCES"), "{}", table.name);
    }
}

#[test]
fn keys_are_random_or_hashed_bytes_of_fixed_length() {
    for table in tables(&World::new()) {
        let keys: Vec<_> = table
            .columns
            .iter()
            .filter(|column| column.in_key)
            .collect();
        assert!(!keys.is_empty(), "{}", table.name);
        for key in keys {
            assert_eq!(key.kind, "BLOB", "{}.{}", table.name, key.name);
            let checked = [16, 32].iter().any(|length| {
                table
                    .sql
                    .contains(&format!("CHECK (length({}) = {length})", key.name))
            });
            assert!(checked, "{}.{}", table.name, key.name);
        }
    }
}

#[test]
fn plain_columns_are_of_declared_purpose() {
    for table in tables(&World::new()) {
        for column in &table.columns {
            assert!(column.not_null, "{}.{}", table.name, column.name);
            if column.in_key {
                continue;
            }
            match column.kind.as_str() {
                "INTEGER" => assert!(
                    PLAIN.iter().any(|(name, _)| *name == column.name),
                    "{}.{}",
                    table.name,
                    column.name
                ),
                "BLOB" => assert!(
                    column.name == "sealed"
                        || OPEN
                            .iter()
                            .any(|(open, name, _)| { *open == table.name && *name == column.name }),
                    "{}.{}",
                    table.name,
                    column.name
                ),
                other => panic!("{}.{}: {other}", table.name, column.name),
            }
        }
    }
}

#[test]
fn the_files_are_kept_as_the_promises_need_it() {
    let world = World::new();
    let disk = world.disk();
    for file in FILES {
        let mode: String = disk
            .pragma_query_value(Some(file), "journal_mode", |row| row.get(0))
            .unwrap();
        assert_eq!(mode, "wal", "{file}");
        let version: u32 = disk
            .pragma_query_value(Some(file), "user_version", |row| row.get(0))
            .unwrap();
        assert_eq!(version, 1, "{file}");
    }
    let folder = world.folder.path().join("data");
    let mode = std::os::unix::fs::PermissionsExt::mode(&folder.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_storage_of_a_newer_version_is_left_alone() {
    let mut world = World::new();
    let disk = world.disk();
    disk.pragma_update(Some("cards"), "user_version", 99)
        .unwrap();
    drop(disk);
    let result = world.reopen();
    assert!(matches!(
        result,
        Err(undertone_server::core::OpenError::Newer)
    ));
}

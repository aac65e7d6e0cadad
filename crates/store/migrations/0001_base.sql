-- What OpenMLS keeps: its own encodings under its own keys.
CREATE TABLE mls_kv (
    key BLOB PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Single values of the client that are no list of anything.
CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

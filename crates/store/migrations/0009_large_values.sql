-- The state of a large group is some megabytes. In a table WITHOUT ROWID the search for another key reads such a value whole
-- wherever it passes it; in this one it passes keys alone.
ALTER TABLE mls_kv RENAME TO old_mls_kv;
CREATE TABLE mls_kv (
    key   BLOB NOT NULL UNIQUE,
    value BLOB NOT NULL
) STRICT;
INSERT INTO mls_kv (key, value) SELECT key, value FROM old_mls_kv;
DROP TABLE old_mls_kv;

-- Blobs: encrypted bytes that go on their day.

-- H(name, index) -> sealed (hash of the drop key, chunk)
CREATE TABLE blobs.chunks (
    chunk BLOB NOT NULL PRIMARY KEY CHECK (length(chunk) = 32),
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

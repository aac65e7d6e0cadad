-- Cards: how somebody is reached, owned by no account.

-- H(card id) -> sealed (owner key, head, lease, which items there are)
CREATE TABLE cards.cards (
    card BLOB NOT NULL PRIMARY KEY CHECK (length(card) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(card id, slot, week) -> sealed item, or the mark that it was handed out
CREATE TABLE cards.items (
    item BLOB NOT NULL PRIMARY KEY CHECK (length(item) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(card id, reader's nonce) -> sealed items that this reader was given once
CREATE TABLE cards.readings (
    reading BLOB NOT NULL PRIMARY KEY CHECK (length(reading) = 32),
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Tokens: the keys of two days, and what was spent under them.

-- H(day) -> the seed of the day's key; `period` is the day
CREATE TABLE tokens.seeds (
    day BLOB NOT NULL PRIMARY KEY CHECK (length(day) = 32),
    period INTEGER NOT NULL,
    seed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(token) -> a hash of token and request, by which a repeat of the same request is known; `period` is the token's day
CREATE TABLE tokens.spent (
    token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32),
    period INTEGER NOT NULL,
    request BLOB NOT NULL
) STRICT, WITHOUT ROWID;

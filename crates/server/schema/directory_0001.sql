-- Accounts: what an account is, and nothing of what it does.

-- account id -> its device list; the month in which it was made
CREATE TABLE directory.accounts (
    account BLOB NOT NULL PRIMARY KEY CHECK (length(account) = 32),
    month INTEGER NOT NULL,
    devices BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(account id, kind, version) -> a vault, sealed by the client
CREATE TABLE directory.vaults (
    vault BLOB NOT NULL PRIMARY KEY CHECK (length(vault) = 32),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(invite code) -> sealed number of uses that are left
CREATE TABLE directory.invites (
    invite BLOB NOT NULL PRIMARY KEY CHECK (length(invite) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

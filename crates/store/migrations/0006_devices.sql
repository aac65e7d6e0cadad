-- All certificates and revocations of the account; empty for its first alone. Whether the directory lacks some of them.
ALTER TABLE account ADD COLUMN devices BLOB NOT NULL DEFAULT x'';
ALTER TABLE account ADD COLUMN devices_due INTEGER NOT NULL DEFAULT 0;

-- The place of this device's KeyPackages on a card that several devices keep, and whether its head is to be put anew.
ALTER TABLE cards ADD COLUMN slot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cards ADD COLUMN head_due INTEGER NOT NULL DEFAULT 0;

-- What the devices of the account have in common: the latest writing of each register that this device has heard of.
-- `unsent` are its own that the others have not been told; `unapplied` waits for something that is not here yet.
CREATE TABLE registers (
    kind      INTEGER NOT NULL,
    name      BLOB NOT NULL,
    value     BLOB NOT NULL,
    clock     INTEGER NOT NULL,
    device    BLOB NOT NULL,
    unsent    INTEGER NOT NULL,
    unapplied INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX registers_unsent ON registers (kind, name) WHERE unsent = 1;

-- Groups in which this device asks the account's other devices for a place, with the KeyPackage made for it.
CREATE TABLE places (
    group_id    BLOB PRIMARY KEY,
    chat        BLOB NOT NULL,
    alias       BLOB NOT NULL,
    key_package BLOB NOT NULL,
    asked       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Histories given to a device of the account, or got from one. `cursor` is where to go on: a message's number when giving,
-- a chunk when getting. State 0 under way, 1 done, 2 cancelled.
CREATE TABLE transfers (
    id         BLOB PRIMARY KEY,
    giving     INTEGER NOT NULL,
    device     BLOB NOT NULL,
    state      INTEGER NOT NULL,
    blob       BLOB NOT NULL,
    key        BLOB NOT NULL,
    since      INTEGER NOT NULL,
    cursor     INTEGER NOT NULL,
    chunks     INTEGER NOT NULL,
    put        BLOB NOT NULL,
    messages   INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    bytes      INTEGER NOT NULL,
    begun_at   INTEGER NOT NULL,
    ended_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a conversation is called among the account's devices: the group that it was first. Empty for those with one person,
-- who are named by their account.
ALTER TABLE chats ADD COLUMN thread BLOB NOT NULL DEFAULT x'';

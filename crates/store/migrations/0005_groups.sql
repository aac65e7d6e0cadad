-- What a group is called, as its rules say.
ALTER TABLE chats ADD COLUMN title TEXT NOT NULL DEFAULT '';

-- When one's own leaf, if it is wanted anew, is made; what one is called in this group, empty for the usual name; when
-- the group last came to another epoch.
ALTER TABLE groups ADD COLUMN leaf_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE groups ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE groups ADD COLUMN epoch_at INTEGER NOT NULL DEFAULT 0;

-- Who is, or was, in a group: state 0 gone, 1 in it, 2 in it and asking to be out.
CREATE TABLE members (
    chat    BLOB NOT NULL,
    account BLOB NOT NULL,
    name    TEXT NOT NULL,
    state   INTEGER NOT NULL,
    admin   INTEGER NOT NULL,
    devices INTEGER NOT NULL,
    since   INTEGER NOT NULL,
    PRIMARY KEY (chat, account)
) STRICT, WITHOUT ROWID;

-- What the user wants changed in a group, in order. A row goes once it is so, or can never be. `reader`, `token` and
-- `admission` belong to somebody's being added.
CREATE TABLE wishes (
    seq       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    chat      BLOB NOT NULL,
    kind      INTEGER NOT NULL,
    account   BLOB NOT NULL,
    text      TEXT NOT NULL,
    number    INTEGER NOT NULL,
    due_at    INTEGER NOT NULL,
    reader    BLOB NOT NULL,
    token     BLOB NOT NULL,
    admission BLOB NOT NULL
) STRICT;
CREATE INDEX wishes_by_chat ON wishes (chat, seq);

-- Invitations to groups. `group_chat` is the group to which one invites, or empty where one is invited oneself.
CREATE TABLE invitations (
    id          BLOB PRIMARY KEY,
    account     BLOB NOT NULL,
    group_chat  BLOB NOT NULL,
    people      INTEGER NOT NULL,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who in a group has received (1) or seen (2) one's own message.
CREATE TABLE heard (
    seq     INTEGER NOT NULL,
    account BLOB NOT NULL,
    state   INTEGER NOT NULL,
    PRIMARY KEY (seq, account)
) STRICT, WITHOUT ROWID;

-- To whom a receipt is told: in a group, to who wrote the message.
ALTER TABLE receipts ADD COLUMN account BLOB NOT NULL DEFAULT x'';

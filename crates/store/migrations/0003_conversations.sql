-- Who this profile is. One row.
CREATE TABLE account (
    only           INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    server         TEXT NOT NULL,
    name           TEXT NOT NULL,
    invite_code    TEXT NOT NULL,
    root_seed      BLOB NOT NULL,
    device_seed    BLOB NOT NULL,
    certificate    BLOB NOT NULL,
    registered     INTEGER NOT NULL,
    queue          BLOB NOT NULL,
    queue_seed     BLOB NOT NULL,
    unsealing_seed BLOB NOT NULL,
    queue_tokens   BLOB NOT NULL,
    queue_made     INTEGER NOT NULL
) STRICT;

-- Unspent tokens.
CREATE TABLE tokens (
    token BLOB PRIMARY KEY,
    day   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Cards by which others reach this account. `put` is the request under way with its tokens, or empty.
CREATE TABLE cards (
    secret          BLOB PRIMARY KEY,
    kind            INTEGER NOT NULL,
    owner_seed      BLOB NOT NULL,
    state           INTEGER NOT NULL,
    published_until INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL,
    put             BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Addresses that deliver into this account's queue: of a card (`card`, with the reference of its KeyPackage) or of a
-- group (`group_id`), the other empty. Those of past weeks retire.
CREATE TABLE aliases (
    alias       BLOB PRIMARY KEY,
    card        BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    handle      BLOB NOT NULL,
    key_package BLOB NOT NULL,
    state       INTEGER NOT NULL,
    renew_at    INTEGER NOT NULL,
    retire_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX aliases_by_state ON aliases (state, renew_at);
CREATE INDEX aliases_by_card ON aliases (card);
CREATE INDEX aliases_by_group ON aliases (group_id);

CREATE TABLE contacts (
    account         BLOB PRIMARY KEY,
    root_key        BLOB NOT NULL,
    devices         BLOB NOT NULL,
    name            TEXT NOT NULL,
    verified        INTEGER NOT NULL,
    blocked         INTEGER NOT NULL,
    contacts_secret BLOB NOT NULL,
    added_at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One conversation as the user sees it. `account` is whole or, until their card is read, the half in the link.
CREATE TABLE chats (
    chat        BLOB PRIMARY KEY,
    kind        INTEGER NOT NULL,
    account     BLOB NOT NULL,
    state       INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    group_id    BLOB NOT NULL,
    came_by     INTEGER NOT NULL,
    devices     BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    last_at     INTEGER NOT NULL,
    read_up_to  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chats_by_account ON chats (account);
CREATE INDEX chats_by_last ON chats (last_at);

-- The MLS groups behind the chats.
CREATE TABLE groups (
    group_id     BLOB PRIMARY KEY,
    chat         BLOB NOT NULL,
    handle       BLOB NOT NULL,
    own_alias    BLOB NOT NULL,
    handle_made  INTEGER NOT NULL,
    handle_token BLOB NOT NULL,
    wants_leaf   INTEGER NOT NULL,
    leaf_at      INTEGER NOT NULL,
    predecessor  BLOB NOT NULL,
    behind       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX groups_by_chat ON groups (chat);
CREATE INDEX groups_by_alias ON groups (own_alias);

-- The commit of one's own that waits for the sequencer and for its place in the queue.
CREATE TABLE pending_commits (
    group_id  BLOB PRIMARY KEY,
    epoch     INTEGER NOT NULL,
    request   BLOB NOT NULL,
    new_alias BLOB NOT NULL,
    accepted  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Links that are being followed to their owners.
CREATE TABLE adds (
    chat   BLOB PRIMARY KEY,
    link   TEXT NOT NULL,
    reader BLOB NOT NULL,
    token  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    seq         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    chat        BLOB NOT NULL,
    sender      BLOB NOT NULL,
    content_id  BLOB NOT NULL,
    kind        INTEGER NOT NULL,
    text        TEXT NOT NULL,
    sent_at     INTEGER NOT NULL,
    stored_at   INTEGER NOT NULL,
    state       INTEGER NOT NULL,
    signed      BLOB NOT NULL,
    group_id    BLOB NOT NULL,
    UNIQUE (sender, content_id)
) STRICT;
CREATE INDEX messages_by_chat ON messages (chat, seq);

-- What waits to be sent, in order. `envelope` is empty until it is encrypted for `epoch` of `group_id`.
CREATE TABLE outbox (
    seq        INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    chat       BLOB NOT NULL,
    content_id BLOB NOT NULL,
    body       BLOB NOT NULL,
    group_id   BLOB NOT NULL,
    epoch      INTEGER NOT NULL,
    envelope   BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_by_chat ON outbox (chat, seq);

-- Receipts that wait to be told, as kind 1 (delivered) or 2 (read).
CREATE TABLE receipts (
    chat       BLOB NOT NULL,
    content_id BLOB NOT NULL,
    kind       INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    PRIMARY KEY (chat, content_id, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX receipts_by_due ON receipts (due_at);

-- Entries that are dealt with and have to be acknowledged; until then they are known as repeats.
CREATE TABLE acks (
    entry BLOB PRIMARY KEY,
    slot  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What the user has not been shown yet, in order.
CREATE TABLE events (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind    INTEGER NOT NULL,
    subject BLOB NOT NULL,
    detail  BLOB NOT NULL
) STRICT;

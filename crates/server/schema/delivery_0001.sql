-- Queues, their entries, aliases, and the sequencer: what one transaction must change together.

-- The number of the server's run, one greater at each start.
CREATE TABLE delivery.runs (
    run BLOB NOT NULL PRIMARY KEY CHECK (length(run) = 32),
    period INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- H(queue id) -> sealed (verification key, sealing key)
CREATE TABLE delivery.queues (
    queue BLOB NOT NULL PRIMARY KEY CHECK (length(queue) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Another hash of the queue id, the encrypted place -> the entry, sealed under the queue's key
CREATE TABLE delivery.entries (
    queue BLOB NOT NULL CHECK (length(queue) = 32),
    entry BLOB NOT NULL CHECK (length(entry) = 16),
    encapsulated BLOB NOT NULL,
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (queue, entry)
) STRICT, WITHOUT ROWID;

-- H(alias) -> sealed (live or dropped, queue id, handle)
CREATE TABLE delivery.aliases (
    alias BLOB NOT NULL PRIMARY KEY CHECK (length(alias) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(handle) -> sealed (epoch, keys of the epoch)
CREATE TABLE delivery.handles (
    handle BLOB NOT NULL PRIMARY KEY CHECK (length(handle) = 32),
    lease_week INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(handle, epoch) -> sealed (digest, hash of the epoch's send key, the commit that ended the epoch)
CREATE TABLE delivery.commits (
    ended BLOB NOT NULL PRIMARY KEY CHECK (length(ended) = 32),
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- H(payload secret) -> sealed payload, shared by several entries
CREATE TABLE delivery.payloads (
    payload BLOB NOT NULL PRIMARY KEY CHECK (length(payload) = 32),
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Another hash of the payload secret -> how many entries still need it. Apart from the payload, because counting down
-- would write the whole payload anew.
CREATE TABLE delivery.claims (
    claim BLOB NOT NULL PRIMARY KEY CHECK (length(claim) = 32),
    expiry_day INTEGER NOT NULL,
    refs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- H(slot) -> sealed payload secret
CREATE TABLE delivery.slots (
    slot BLOB NOT NULL PRIMARY KEY CHECK (length(slot) = 32),
    expiry_day INTEGER NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

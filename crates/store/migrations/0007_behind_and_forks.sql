-- A device that fell so far behind that no commit is left to catch up by is added anew by another member. When it calls
-- for that next (0: it only asks the account's other devices), how often it has, and the call that is under way.
ALTER TABLE places ADD COLUMN call_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE places ADD COLUMN calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE places ADD COLUMN call BLOB NOT NULL DEFAULT x'';

-- Since when a device is in a conversation, where this one saw it come.
CREATE TABLE devices_since (
    chat   BLOB NOT NULL,
    device BLOB NOT NULL,
    since  INTEGER NOT NULL,
    PRIMARY KEY (chat, device)
) STRICT, WITHOUT ROWID;

-- Whom a message mentions, as far as its writer was allowed to: what the history shows, whatever the text says.
ALTER TABLE messages ADD COLUMN mentions BLOB NOT NULL DEFAULT x'';

-- In what state a group was at its last epochs, to be compared with what others saw.
CREATE TABLE epoch_marks (
    group_id BLOB NOT NULL,
    epoch    INTEGER NOT NULL,
    mark     BLOB NOT NULL,
    PRIMARY KEY (group_id, epoch)
) STRICT, WITHOUT ROWID;

-- What a commit of one's own points to, in chunks that are put in blobs before it is sent, and how many are there.
ALTER TABLE pending_commits ADD COLUMN outside BLOB NOT NULL DEFAULT x'';
ALTER TABLE pending_commits ADD COLUMN put INTEGER NOT NULL DEFAULT 0;

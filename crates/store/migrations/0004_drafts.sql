-- What is written in a chat and not sent.
CREATE TABLE drafts (
    chat BLOB PRIMARY KEY NOT NULL,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Others' messages (state 5): those that the user has not seen are counted without reading what is one's own.
CREATE INDEX messages_received ON messages (chat, seq) WHERE state = 5;

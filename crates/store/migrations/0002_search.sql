-- The words of the history, folded by `fold_for_search`; the text itself is stored once, elsewhere.
-- The `ascii` tokenizer splits at ASCII separators and leaves every other character alone, so that folding alone
-- decides what a word is, and decides the same for every version of SQLite.
CREATE VIRTUAL TABLE search USING fts5 (
    text,
    content = '',
    contentless_delete = 1,
    tokenize = 'ascii'
);

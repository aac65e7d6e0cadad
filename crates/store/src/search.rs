//! Full text search over the history, in any script.

use rusqlite::params;

use crate::fold::fold_for_search;
use crate::store::StoreError;
use crate::transaction::{ReadTx, WriteTx};

/// Words of a query that count; what follows is ignored, so that a pasted page does not become a huge expression.
const MAX_QUERY_TOKENS: usize = 64;

impl ReadTx<'_> {
    /// The rows whose text holds all of `words`, the last of them also as the beginning of a word: the highest row
    /// first, at most `limit`. Nothing in `words` is an operator. No word at all finds nothing.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn search_query(&self, words: &str, limit: u32) -> Result<Vec<i64>, StoreError> {
        let Some(expression) = expression(words) else {
            return Ok(Vec::new());
        };
        let mut statement = self.statement(
            "SELECT rowid FROM search WHERE search MATCH ?1 ORDER BY rowid DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![expression, limit], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl WriteTx<'_> {
    /// Makes `text` findable as `rowid`, in place of what was indexed there before. Rows are found highest first, so
    /// they should grow with time.
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn search_index(&self, rowid: i64, text: &str) -> Result<(), StoreError> {
        self.statement("INSERT OR REPLACE INTO search (rowid, text) VALUES (?1, ?2)")?
            .execute(params![rowid, fold_for_search(text)])?;
        Ok(())
    }

    /// Makes `rowid` unfindable. Its words leave the file with the next [`Store::scrub`](crate::Store::scrub).
    ///
    /// # Errors
    /// [`StoreError::Sqlite`].
    pub fn search_remove(&self, rowid: i64) -> Result<(), StoreError> {
        self.statement("DELETE FROM search WHERE rowid = ?1")?
            .execute([rowid])?;
        Ok(())
    }

    /// Rewrites the index without what was removed from it.
    pub(crate) fn search_scrub(&self) -> Result<(), StoreError> {
        self.statement("INSERT INTO search (search) VALUES ('optimize')")?
            .execute([])?;
        Ok(())
    }
}

/// An FTS5 expression of quoted phrases, one for each word; a word of a script without spaces is a phrase of its
/// characters. Folding leaves no quotation mark, so nothing gets out of the phrases.
fn expression(words: &str) -> Option<String> {
    let mut room = MAX_QUERY_TOKENS;
    let mut expression = String::new();
    for word in words.split_whitespace() {
        let folded = fold_for_search(word);
        let tokens: Vec<&str> = folded
            .split(' ')
            .filter(|token| !token.is_empty())
            .take(room)
            .collect();
        if tokens.is_empty() {
            continue;
        }
        room -= tokens.len();
        expression.push('"');
        expression.push_str(&tokens.join(" "));
        expression.push_str("\" ");
    }
    if expression.is_empty() {
        return None;
    }
    expression.push('*');
    Some(expression)
}

#[cfg(test)]
mod tests {
    use super::{MAX_QUERY_TOKENS, expression};

    #[test]
    fn words_become_quoted_phrases_and_the_last_a_prefix() {
        assert_eq!(
            expression("Hello  wor").as_deref(),
            Some("\"hello\" \"wor\" *")
        );
        assert_eq!(expression("don't").as_deref(), Some("\"don t\" *"));
        assert_eq!(expression("中文 ok").as_deref(), Some("\"中 文\" \"ok\" *"));
    }

    #[test]
    fn nothing_to_look_for_is_no_expression() {
        for words in ["", " \t\n", "\"", "* ( ) \" - + ^ : { }", "\u{200d}"] {
            assert_eq!(expression(words), None, "{words:?}");
        }
    }

    #[test]
    fn operators_are_words_like_others() {
        assert_eq!(
            expression("a\" OR text:b NEAR(c* NOT -d").as_deref(),
            Some("\"a\" \"or\" \"text b\" \"near c\" \"not\" \"d\" *")
        );
    }

    #[test]
    fn a_pasted_page_is_cut() {
        let long = expression(&"中".repeat(10_000)).unwrap_or_default();
        assert_eq!(long.matches('中').count(), MAX_QUERY_TOKENS);
        let many = expression(&"word ".repeat(10_000)).unwrap_or_default();
        assert_eq!(many.matches("word").count(), MAX_QUERY_TOKENS);
    }
}

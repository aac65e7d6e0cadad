//! Breaks a line into rows of a width, between words where there are any.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The rows of one line of text; at least one. A width below two counts as two, so that every character fits.
pub fn wrap(line: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut rows = Vec::new();
    let mut row = String::new();
    for word in line.split_word_bounds() {
        if row.width() + word.width() <= width {
            row.push_str(word);
        } else if word.trim().is_empty() {
            // The break takes the place of the space.
            rows.push(std::mem::take(&mut row));
        } else {
            begin(&mut rows, &mut row, word, width);
        }
    }
    rows.push(row);
    for row in &mut rows {
        row.truncate(row.trim_end().len());
    }
    rows
}

/// Puts a word that does not fit into the row into the next, or breaks it if it fits into none.
fn begin(rows: &mut Vec<String>, row: &mut String, word: &str, width: usize) {
    // A word alone, punctuation that follows it included, goes to the next row.
    let keep = row.rfind(' ').map_or(0, |at| at + 1);
    let carried = row.get(keep..).unwrap_or_default().to_owned();
    if keep > 0 && carried.width() + word.width() <= width {
        row.truncate(keep);
        rows.push(std::mem::replace(row, carried + word));
        return;
    }
    if !row.trim().is_empty() && word.width() <= width {
        rows.push(std::mem::replace(row, word.to_owned()));
        return;
    }
    for piece in word.graphemes(true) {
        if row.width() + piece.width() > width {
            rows.push(std::mem::take(row));
        }
        row.push_str(piece);
    }
}

/// Cuts a line into rows wherever they are full, as what is copied as a whole has to be.
pub fn cut(line: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut rows = vec![String::new()];
    for piece in line.graphemes(true) {
        if rows
            .last()
            .is_some_and(|row| row.width() + piece.width() > width)
        {
            rows.push(String::new());
        }
        if let Some(row) = rows.last_mut() {
            row.push_str(piece);
        }
    }
    rows
}

/// As much of a text as fits, with `…` if that is not all.
pub fn fit(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut fitting = String::new();
    for piece in text.graphemes(true) {
        if fitting.width() + piece.width() + 1 > width {
            break;
        }
        fitting.push_str(piece);
    }
    if width > 0 {
        fitting.push('…');
    }
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("hello, world.", 6), ["hello,", "world."]);
        assert_eq!(wrap("a b, c", 3), ["a", "b,", "c"]);
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("    indented text", 12), ["    indented", "text"]);
    }

    #[test]
    fn words_that_fit_nowhere_are_broken() {
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(wrap("x abcdefgh", 4), ["x ab", "cdef", "gh"]);
        assert_eq!(wrap("漢字漢字", 5), ["漢字", "漢字"]);
        assert_eq!(wrap("漢字", 0), ["漢", "字"]);
    }

    #[test]
    fn nothing_is_wider_than_it_may_be() {
        let text = "It was a dark — very dark — and stormy night; 漢字 fell in-between: http://a.example/very/long";
        for width in 2..60 {
            for row in wrap(text, width) {
                assert!(row.width() <= width, "{width}: {row}");
            }
        }
    }

    #[test]
    fn links_are_cut_where_the_row_is_full() {
        assert_eq!(
            cut("https://a.example/#1.AAAA", 10),
            ["https://a.", "example/#1", ".AAAA"]
        );
        assert_eq!(cut("", 10), [""]);
    }

    #[test]
    fn what_does_not_fit_is_cut_off_visibly() {
        assert_eq!(fit("Benedict", 8), "Benedict");
        assert_eq!(fit("Benedict", 5), "Bene…");
        assert_eq!(fit("漢字漢字", 4), "漢…");
        assert_eq!(fit("Ben", 0), "");
    }
}

//! The text that is being written: several lines, edited with the keys that shells have taught.

use undertone_content::limits::TEXT_BYTES;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};
use unicode_width::UnicodeWidthStr as _;

/// Sent texts that can be taken up again.
const REMEMBERED: usize = 50;

/// A text with a cursor, which always stands between two characters as people see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Editor {
    text: String,
    cursor: usize,
    cut: String,
    earlier: Vec<String>,
    /// Which of the earlier texts is shown, and what was being written before.
    recalled: Option<(usize, String)>,
}

impl Editor {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is anything but space.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Puts text in at the cursor, as far as the limit of a message allows.
    pub fn insert(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        for piece in text.graphemes(true) {
            let is_text = piece == "\n" || piece == "\t" || !piece.contains(char::is_control);
            if is_text && self.text.len() + piece.len() <= TEXT_BYTES {
                self.text.insert_str(self.cursor, piece);
                self.cursor += piece.len();
            }
        }
        self.settle();
    }

    /// Takes the text out, to be sent; it can be taken up again.
    pub fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.cursor = 0;
        self.recalled = None;
        self.earlier.retain(|earlier| *earlier != text);
        self.earlier.push(text.clone());
        if self.earlier.len() > REMEMBERED {
            self.earlier.remove(0);
        }
        text
    }

    /// Empties it.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
        self.recalled = None;
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    /// To the beginning of the word to the left.
    pub fn word_left(&mut self) {
        self.cursor = self.word_start();
    }

    /// To the end of the word to the right.
    pub fn word_right(&mut self) {
        self.cursor = self.word_end();
    }

    /// To the beginning of the line.
    pub fn home(&mut self) {
        self.cursor = self.line_start();
    }

    /// To the end of the line.
    pub fn end(&mut self) {
        self.cursor = self.line_end();
    }

    /// Deletes the character to the left.
    pub fn backspace(&mut self) {
        self.remove(self.before(), self.cursor);
    }

    /// Deletes the character to the right.
    pub fn delete(&mut self) {
        self.remove(self.cursor, self.after());
    }

    /// Cuts the word to the left.
    pub fn cut_word_left(&mut self) {
        self.cut_between(self.word_start(), self.cursor);
    }

    /// Cuts the word to the right.
    pub fn cut_word_right(&mut self) {
        self.cut_between(self.cursor, self.word_end());
    }

    /// Cuts the line up to the cursor.
    pub fn cut_to_start(&mut self) {
        self.cut_between(self.line_start(), self.cursor);
    }

    /// Cuts the line from the cursor on; at its end, the line break.
    pub fn cut_to_end(&mut self) {
        let end = match self.line_end() {
            end if end == self.cursor => self.after(),
            end => end,
        };
        self.cut_between(self.cursor, end);
    }

    /// Puts in what was cut last.
    pub fn paste_cut(&mut self) {
        self.insert(&self.cut.clone());
    }

    /// One line up; from the first line to the text that was sent before.
    pub fn up(&mut self) {
        let start = self.line_start();
        if start == 0 {
            self.recall_earlier();
        } else {
            let column = self.column();
            self.cursor = start - 1;
            self.home();
            self.forward(column);
        }
    }

    /// One line down; from the last line to the text that was sent after.
    pub fn down(&mut self) {
        let end = self.line_end();
        if end == self.text.len() {
            self.recall_later();
        } else {
            let column = self.column();
            self.cursor = end + 1;
            self.forward(column);
        }
    }

    /// The rows of the text in a width, and the cursor's row and column.
    pub fn rows(&self, width: usize) -> (Vec<String>, (usize, usize)) {
        let (mut rows, mut at) = (vec![String::new()], (0, 0));
        let (mut column, mut offset) = (0, 0);
        for piece in self.text.graphemes(true) {
            let wide = shown(piece).width();
            if piece != "\n" && column + wide > width {
                rows.push(String::new());
                column = 0;
            }
            if offset == self.cursor {
                at = (rows.len() - 1, column);
            }
            offset += piece.len();
            if piece == "\n" {
                rows.push(String::new());
                column = 0;
            } else if let Some(row) = rows.last_mut() {
                row.push_str(shown(piece));
                column += wide;
            }
        }
        if self.cursor == self.text.len() {
            if column >= width {
                rows.push(String::new());
                column = 0;
            }
            at = (rows.len() - 1, column);
        }
        (rows, at)
    }

    fn recall_earlier(&mut self) {
        let next = match &self.recalled {
            None => self.earlier.len().checked_sub(1),
            Some((at, _)) => at.checked_sub(1),
        };
        if let Some(at) = next {
            self.show_earlier(at);
        }
    }

    fn recall_later(&mut self) {
        let Some((at, draft)) = self.recalled.take() else {
            return;
        };
        if at + 1 < self.earlier.len() {
            self.recalled = Some((at, draft));
            self.show_earlier(at + 1);
        } else {
            self.text = draft;
            self.cursor = self.text.len();
        }
    }

    fn show_earlier(&mut self, at: usize) {
        let Some(text) = self.earlier.get(at).cloned() else {
            return;
        };
        let written = std::mem::replace(&mut self.text, text);
        let draft = self.recalled.take().map_or(written, |(_, draft)| draft);
        self.recalled = Some((at, draft));
        self.cursor = self.text.len();
    }

    fn cut_between(&mut self, from: usize, to: usize) {
        if let Some(cut) = self.text.get(from..to).filter(|cut| !cut.is_empty()) {
            self.cut = cut.to_owned();
        }
        self.remove(from, to);
    }

    fn remove(&mut self, from: usize, to: usize) {
        if self.text.get(from..to).is_some() {
            self.text.replace_range(from..to, "");
            self.cursor = from;
            self.settle();
        }
    }

    /// What was put in or taken out may have joined characters: the cursor goes behind the one it is in.
    fn settle(&mut self) {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        if !matches!(cursor.is_boundary(&self.text, 0), Ok(true)) {
            self.cursor = self.after();
        }
    }

    fn before(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        cursor
            .prev_boundary(&self.text, 0)
            .ok()
            .flatten()
            .unwrap_or(0)
    }

    fn after(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.cursor, self.text.len(), true);
        let next = cursor.next_boundary(&self.text, 0);
        next.ok().flatten().unwrap_or(self.text.len())
    }

    fn head(&self) -> &str {
        self.text.get(..self.cursor).unwrap_or_default()
    }

    fn tail(&self) -> &str {
        self.text.get(self.cursor..).unwrap_or_default()
    }

    fn line_start(&self) -> usize {
        self.head().rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.tail()
            .find('\n')
            .map_or(self.text.len(), |at| self.cursor + at)
    }

    fn word_start(&self) -> usize {
        let head = self.head().trim_end_matches(char::is_whitespace);
        let start = head.char_indices().rev().find(|(_, c)| c.is_whitespace());
        start.map_or(0, |(at, space)| at + space.len_utf8())
    }

    fn word_end(&self) -> usize {
        let tail = self.tail();
        let skipped = tail.len() - tail.trim_start_matches(char::is_whitespace).len();
        let word = tail.get(skipped..).unwrap_or_default();
        let length = word.find(char::is_whitespace).unwrap_or(word.len());
        self.cursor + skipped + length
    }

    fn column(&self) -> usize {
        let line = self.text.get(self.line_start()..self.cursor);
        line.unwrap_or_default().graphemes(true).count()
    }

    fn forward(&mut self, characters: usize) {
        let end = self.line_end();
        for _ in 0..characters {
            if self.cursor < end {
                self.right();
            }
        }
    }
}

/// A tab as it is shown.
fn shown(piece: &str) -> &str {
    if piece == "\t" { "    " } else { piece }
}

#[cfg(test)]
mod tests;

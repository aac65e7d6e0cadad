//! The editor, key by key; `|` in the expectations stands for the cursor.
#![allow(clippy::unwrap_used)]

use super::*;

fn with(text: &str) -> Editor {
    let mut editor = Editor::default();
    let (head, tail) = text.split_once('|').unwrap();
    editor.insert(head);
    editor.insert(tail);
    editor.cursor = head.len();
    editor
}

fn seen(editor: &Editor) -> String {
    let mut text = editor.text.clone();
    text.insert(editor.cursor, '|');
    text
}

fn after(text: &str, key: impl FnOnce(&mut Editor)) -> String {
    let mut editor = with(text);
    key(&mut editor);
    seen(&editor)
}

#[test]
fn the_cursor_moves_by_what_people_see_as_one_character() {
    let family = "👩\u{200d}👧";
    assert_eq!(
        after(&format!("a{family}|b"), Editor::left),
        format!("a|{family}b")
    );
    assert_eq!(
        after(&format!("a|{family}b"), Editor::right),
        format!("a{family}|b")
    );
    assert_eq!(after(&format!("a{family}|b"), Editor::backspace), "a|b");
    assert_eq!(after("e\u{301}|", Editor::backspace), "|");
    assert_eq!(after("|", Editor::left), "|");
    assert_eq!(after("|", Editor::backspace), "|");
    assert_eq!(after("a|", Editor::delete), "a|");
}

#[test]
fn words_and_lines() {
    assert_eq!(after("one two |", Editor::word_left), "one |two ");
    assert_eq!(after("one| two", Editor::word_right), "one two|");
    assert_eq!(after("one two|", Editor::cut_word_left), "one |");
    assert_eq!(after("|one two", Editor::cut_word_right), "| two");
    assert_eq!(after("a\nb c|d\ne", Editor::home), "a\n|b cd\ne");
    assert_eq!(after("a\nb c|d\ne", Editor::end), "a\nb cd|\ne");
    assert_eq!(after("a\nb c|d\ne", Editor::cut_to_start), "a\n|d\ne");
    assert_eq!(after("a\nb c|d\ne", Editor::cut_to_end), "a\nb c|\ne");
    assert_eq!(after("a|\nb", Editor::cut_to_end), "a|b");
}

#[test]
fn up_and_down_keep_the_column_as_far_as_there_is_one() {
    assert_eq!(
        after("long line\nab|\nlonger", Editor::up),
        "lo|ng line\nab\nlonger"
    );
    assert_eq!(
        after("long li|ne\nab\nx", Editor::down),
        "long line\nab|\nx"
    );
}

#[test]
fn what_was_cut_can_be_put_in_again() {
    let mut editor = with("one two|");
    editor.cut_word_left();
    editor.cut_word_left();
    assert_eq!(seen(&editor), "|");
    editor.paste_cut();
    assert_eq!(seen(&editor), "one |");
}

#[test]
fn sent_texts_come_back_and_the_draft_is_kept() {
    let mut editor = Editor::default();
    for text in ["first", "second\nline"] {
        editor.insert(text);
        assert_eq!(editor.take(), text);
    }
    editor.insert("draft");
    editor.up();
    assert_eq!(editor.text(), "second\nline");
    editor.up();
    assert_eq!(editor.text(), "second\nline", "its first line comes first");
    editor.up();
    editor.up();
    assert_eq!(editor.text(), "first");
    editor.down();
    assert_eq!(editor.text(), "second\nline");
    editor.down();
    assert_eq!(editor.text(), "draft");
    editor.down();
    assert_eq!(editor.text(), "draft");
}

#[test]
fn pasted_control_characters_and_too_much_are_left_out() {
    let mut editor = Editor::default();
    editor.insert("a\u{1b}[31m\r\nb\rc\u{7}");
    assert_eq!(editor.text(), "a[31m\nb\nc");
    editor.clear();
    editor.insert(&"é".repeat(TEXT_BYTES));
    assert_eq!(editor.text().len(), TEXT_BYTES);
}

#[test]
fn rows_break_where_they_are_full_and_the_cursor_is_found() {
    let at = |text: &str| with(text).rows(4).1;
    assert_eq!(with("abcdef|").rows(4).0, ["abcd", "ef"]);
    assert_eq!(at("abcdef|"), (1, 2));
    assert_eq!(at("abcd|"), (1, 0));
    assert_eq!(at("abc|d"), (0, 3));
    assert_eq!(at("abcd|ef"), (1, 0));
    assert_eq!(at("a\n|b"), (1, 0));
    assert_eq!(at("a|\nb"), (0, 1));
    assert_eq!(at("漢字漢|"), (1, 2));
    assert_eq!(at("|"), (0, 0));
    assert_eq!(with("a\n\n|").rows(4).0, ["a", "", ""]);
}

//! Search as a person uses it, in many scripts.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use proptest::prelude::*;
use undertone_store::{Location, Store, StoreError, StoreKey};

/// A store whose row 1, 2, 3, … hold these texts.
fn history(texts: &[&str]) -> Store {
    let mut store = Store::open(Location::Memory, &StoreKey::from_bytes(&[0; 32])).unwrap();
    store
        .write(|tx| {
            for (row, text) in (1..).zip(texts) {
                tx.search_index(row, text)?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    store
}

fn find(store: &Store, words: &str) -> Vec<i64> {
    store.read(|tx| tx.search_query(words, 100)).unwrap()
}

#[test]
fn all_words_are_needed_and_the_newest_comes_first() {
    let store = history(&["red apple", "green apple", "red pear", "apple, red!"]);
    assert_eq!(find(&store, "apple"), [4, 2, 1]);
    assert_eq!(find(&store, "red apple"), [4, 1]);
    assert_eq!(find(&store, "apple red"), [4, 1]);
    assert_eq!(find(&store, "blue"), [] as [i64; 0]);
    let two = store.read(|tx| tx.search_query("apple", 2)).unwrap();
    assert_eq!(two, [4, 2]);
    let none = store.read(|tx| tx.search_query("apple", 0)).unwrap();
    assert!(none.is_empty());
}

#[test]
fn only_the_last_word_may_be_unfinished() {
    let store = history(&["the lighthouse keeper"]);
    assert_eq!(find(&store, "light"), [1]);
    assert_eq!(find(&store, "the kee"), [1]);
    assert_eq!(find(&store, "kee the"), [] as [i64; 0]);
    assert_eq!(find(&store, "house"), [] as [i64; 0]);
}

#[test]
fn accents_and_case_do_not_matter() {
    let store = history(&[
        "Déjà vu à l'ÉCOLE",
        "naïve Ångström",
        "Größe",
        "cafe\u{301}",
    ]);
    assert_eq!(find(&store, "deja ecole"), [1]);
    assert_eq!(find(&store, "ÉCO"), [1]);
    assert_eq!(find(&store, "angstrom"), [2]);
    assert_eq!(find(&store, "grösse"), [3]);
    assert_eq!(find(&store, "CAFÉ"), [4]);
}

#[test]
fn arabic_with_and_without_points() {
    let store = history(&["السَّلامُ عليكم", "كتاب أحمد في المدرسة"]);
    assert_eq!(find(&store, "السلام"), [1]);
    assert_eq!(find(&store, "عَلَيْكُم"), [1]);
    assert_eq!(find(&store, "احمد كتاب"), [2]);
    assert_eq!(find(&store, "المدرسه"), [2]);
}

#[test]
fn chinese_japanese_thai_and_korean_by_any_part() {
    let store = history(&[
        "我们明天在北京见面",
        "東京タワーに行きました",
        "พรุ่งนี้เจอกันที่ตลาด",
        "내일 학교에서 만나요",
        "京北",
    ]);
    assert_eq!(find(&store, "北京"), [1]);
    assert_eq!(find(&store, "京"), [5, 2, 1]);
    assert_eq!(find(&store, "见面 明天"), [1]);
    assert_eq!(find(&store, "タワー"), [2]);
    assert_eq!(find(&store, "ﾀﾜｰ"), [2]);
    assert_eq!(find(&store, "行き"), [2]);
    assert_eq!(find(&store, "ตลาด"), [3]);
    assert_eq!(find(&store, "학교"), [4]);
    assert_eq!(find(&store, "에서"), [4]);
}

#[test]
fn emoji_and_mixed_words() {
    let store = history(&[
        "great 👍🏽",
        "👩\u{200d}👩\u{200d}👧",
        "a@b.example 用iPhone拍",
    ]);
    assert_eq!(find(&store, "👍"), [1]);
    assert_eq!(find(&store, "👧"), [2]);
    assert_eq!(find(&store, "a@b.exam"), [3]);
    assert_eq!(find(&store, "iphone拍"), [3]);
    assert_eq!(find(&store, "iphone"), [3]);
}

#[test]
fn nothing_finds_nothing() {
    let store = history(&["", "   ", "something"]);
    for words in ["", " ", "\"", "*", "...", "\u{200d}", "\0"] {
        assert_eq!(find(&store, words), [] as [i64; 0], "{words:?}");
    }
}

#[test]
fn quotes_and_operators_are_only_text() {
    let store = history(&["she said \"hello\" OR not", "text near", "hello"]);
    assert_eq!(find(&store, "\"hello\""), [3, 1]);
    assert_eq!(find(&store, "hello OR near"), [] as [i64; 0]);
    assert_eq!(find(&store, "hello OR not"), [1]);
    assert_eq!(find(&store, "text:near"), [2]);
    assert_eq!(find(&store, "text NEAR("), [2]);
    assert_eq!(find(&store, "NEAR(text"), [] as [i64; 0]);
    for words in [
        "\" OR \"1",
        "') --",
        "a\" * \"",
        "{text} : x",
        "^hello",
        "-hello",
        "+ +",
    ] {
        find(&store, words);
    }
}

#[test]
fn an_edit_replaces_and_a_removal_removes() {
    let mut store = history(&["first draft", "other draft"]);
    store
        .write(|tx| {
            tx.search_index(1, "final version")?;
            tx.search_remove(2)?;
            tx.search_remove(77)
        })
        .unwrap();
    assert_eq!(find(&store, "draft"), [] as [i64; 0]);
    assert_eq!(find(&store, "version"), [1]);
    store.scrub().unwrap();
    assert_eq!(find(&store, "version"), [1]);
    assert_eq!(find(&store, "draft"), [] as [i64; 0]);
}

proptest! {
    #[test]
    fn no_words_are_an_error_and_a_text_finds_itself(text in "\\PC{0,40}|.{0,40}", other in ".{0,20}") {
        let store = history(&[&text, &other]);
        let found = find(&store, &text);
        let empty = undertone_store::fold_for_search(&text).is_empty();
        prop_assert_eq!(found.contains(&1), !empty);
        find(&store, &other);
    }
}

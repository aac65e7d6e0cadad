//! The texts are all there, all used, and can be read.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeSet, fs, path::Path};

use super::*;

/// All sources of the page, as one text.
fn sources(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !path.ends_with("words/tests.rs")
        {
            all.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// All literal texts that look like names of several words: some are chosen before they are asked for.
fn used(sources: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (before, _) in sources.match_indices('"') {
        let rest = &sources.get(before + 1..).unwrap();
        let Some((name, _)) = rest.split_once('"') else {
            continue;
        };
        let is_name = name.contains('-')
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if is_name {
            names.insert(name.to_owned());
        }
    }
    names
}

fn defined() -> BTreeSet<String> {
    ENGLISH
        .lines()
        .filter(|line| !line.starts_with([' ', '#', '}']))
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The names that a call of `tr` or `tr_with` gives literally.
fn called(sources: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for call in ["tr(\"", "tr_with(\"", "tr_with(\n"] {
        for (at, _) in sources.match_indices(call) {
            let before = sources.get(..at).unwrap().chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let rest = sources
                .get(at + call.len()..)
                .unwrap()
                .trim_start()
                .trim_start_matches('"');
            names.insert(rest.split('"').next().unwrap().to_owned());
        }
    }
    names
}

#[test]
fn the_file_can_be_read() {
    assert!(FluentResource::try_new(ENGLISH.to_owned()).is_ok());
}

#[test]
fn every_text_that_is_asked_for_is_there_and_none_is_left_over() {
    let mut all = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let defined = defined();
    let missing: Vec<_> = called(&all).difference(&defined).cloned().collect();
    assert_eq!(missing, Vec::<String>::new(), "asked for and not there");
    let asked_for: BTreeSet<_> = called(&all).union(&used(&all)).cloned().collect();
    let left_over: Vec<_> = defined.difference(&asked_for).cloned().collect();
    assert_eq!(left_over, Vec::<String>::new(), "there and never asked for");
}

#[test]
fn no_text_shouts() {
    for line in ENGLISH.lines().filter(|line| !line.starts_with('#')) {
        assert!(
            !line.contains('!') && !line.to_lowercase().contains("oops"),
            "{line}"
        );
    }
}

#[test]
fn other_languages_differ_and_keep_what_is_named() {
    choose(Locale::Long);
    let long = tr("welcome-create");
    choose(Locale::RightToLeft);
    let turned = tr("welcome-create");
    choose(Locale::English);
    assert_eq!(tr("welcome-create"), "Create account");
    assert!(long.chars().count() > "Create account".len());
    assert!(turned.contains("Create account") && turned.starts_with('\u{202e}'));
    assert_eq!(tr("no-such-text"), "no-such-text");
}

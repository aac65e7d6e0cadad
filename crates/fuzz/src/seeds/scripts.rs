//! Scripts: of changes to true messages, and of what comes to a client.

use super::{Seed, contents, entry_bodies, receipts};
use crate::cut::part;

/// A script of one step.
fn step(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [[kind].as_slice(), &part(bytes)].concat()
}

/// A byte at place `at` is another.
fn flip(at: u16) -> Vec<u8> {
    let [high, low] = at.to_be_bytes();
    vec![2, high, low, 1]
}

pub fn seeds() -> Vec<Seed> {
    let with = |kind: u8, script: Vec<u8>| [[kind].as_slice(), &script].concat();
    let [text, profile, ..] = contents();
    let [inline, slot] = entry_bodies();
    let story = [
        step(12, &text),
        step(12, &profile),
        step(10, &receipts()),
        step(6, &[]),
        step(4, &[0, 1]),
        step(15, b"hello"),
        step(14, &[0]),
        step(9, &[0]),
    ];
    vec![
        ("message", "application", vec![0]),
        ("message", "signal", vec![1]),
        ("message", "commit", vec![2]),
        ("message", "application changed", with(0, flip(40))),
        ("message", "commit changed", with(2, flip(60))),
        ("message", "other", vec![3, 0x0a, 0]),
        ("welcome", "whole", Vec::new()),
        ("welcome", "changed", flip(90)),
        ("key_package", "whole", Vec::new()),
        ("key_package", "changed", flip(90)),
        ("engine", "quiet", Vec::new()),
        ("engine", "story", story.concat()),
        (
            "engine",
            "server",
            [
                step(0, &[8, 0]),
                step(1, &[8, 1, 34, 0]),
                step(2, &[8, 1, 34, 0]),
            ]
            .concat(),
        ),
        (
            "engine",
            "entries",
            [
                step(3, &inline),
                step(3, &slot),
                step(5, b"x"),
                step(7, b"x"),
            ]
            .concat(),
        ),
        ("engine", "card", step(4, &[1, 0, 4, 2, 0, 9, 1, 1, 1])),
        ("engine", "shared", step(13, &text)),
        (
            "engine",
            "contact",
            [step(8, &[0, 0x0a, 0]), step(11, &text), step(9, &[1])].concat(),
        ),
        (
            "engine",
            "network",
            [
                step(14, &[1]),
                step(14, &[2]),
                step(14, &[3]),
                step(14, &[0]),
            ]
            .concat(),
        ),
    ]
}

//! What a long history costs the encrypted store on disk: adding to it, the list of chats, a page of a chat, search.
//! CPU time of the process as Linux counts it, and wall time; messages are 12 words by Zipf's law out of 20,000, in 200
//! chats. `cargo bench -p undertone-store --bench history [-- FOLDER] [MESSAGES]`.
#![allow(missing_docs, clippy::unwrap_used, clippy::print_stdout)]

use std::{path::Path, time::Instant};

use rand_chacha::{
    ChaCha20Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};
use undertone_store::{
    Location, Store, StoreError, StoreKey,
    chats::{ChatId, ChatKind, ChatRow, ChatState},
    messages::{MessageKind, MessageRow, MessageState},
};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::Timestamp,
};

const CHATS: u64 = 200;
const MESSAGES: u64 = 100_000;
/// Messages that come in while the client catches up, in one transaction.
const BATCH: u64 = 1_000;
const SINGLE: u64 = 500;
const RUNS: usize = 50;
const WORDS: f64 = 20_000.0;
/// Characters of the last message that the list shows.
const BEGINNING: u32 = 120;
const ME: AccountId = AccountId::new([1; 32]);

fn open(folder: &Path) -> Store {
    let file = Location::File(folder.join("store"));
    Store::open(file, &StoreKey::from_bytes(&[7; 32])).unwrap()
}

fn other(chat: u64) -> AccountId {
    let mut bytes = [2; 32];
    bytes[..8].copy_from_slice(&chat.to_be_bytes());
    AccountId::new(bytes)
}

fn id(number: u64) -> ContentId {
    // Spread, as random ids are.
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ContentId::new(bytes)
}

/// The word of that rank, the same each time and no other's.
fn word(mut rank: u64) -> String {
    let mut word = String::new();
    loop {
        for (letters, count) in [(b"bdfghklmnprstvz", 15), (b"aeiouaeiouaeiou", 5)] {
            let at = usize::try_from(rank % count).unwrap();
            word.push(letters.get(at).copied().map_or('x', char::from));
            rank /= count;
        }
        if rank == 0 {
            return word;
        }
        rank -= 1;
    }
}

fn text(rng: &mut ChaCha20Rng) -> String {
    let words = (0..12).map(|_| {
        let chance = rng.next_u32() as f64 / f64::from(u32::MAX);
        // With the exponent even between 0 and 1, the word of rank n comes as often as 1/n.
        word(WORDS.powf(chance) as u64)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn message(number: u64, rng: &mut ChaCha20Rng) -> MessageRow {
    let chat = number % CHATS;
    let own = rng.next_u32().is_multiple_of(2);
    MessageRow {
        seq: 0,
        chat: id(chat),
        sender: if own { ME } else { other(chat) },
        content_id: id(CHATS + number),
        kind: MessageKind::Text,
        text: text(rng),
        sent_at: Timestamp(number),
        stored_at: Timestamp(number),
        state: if own {
            MessageState::Delivered
        } else {
            MessageState::Received
        },
        signed: vec![5; 250],
        group_id: vec![3; 32],
        mentions: Vec::new(),
    }
}

/// A chat whose last messages, about a hundredth of all, are unread.
fn chat(number: u64, messages: u64) -> ChatRow {
    ChatRow {
        chat: id(number),
        kind: ChatKind::Direct,
        account: other(number).as_bytes().to_vec(),
        state: ChatState::Active,
        reason: String::new(),
        group_id: vec![3; 32],
        came_by: None,
        devices: vec![0; 300],
        created_at: Timestamp(number),
        last_at: Timestamp(number),
        read_up_to: messages - messages / 100,
        title: String::new(),
        thread: Vec::new(),
    }
}

/// Nanoseconds that this process has had a processor.
fn cpu() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let first = text.split(' ').next().unwrap_or_default();
    first.parse().unwrap_or_default()
}

/// Does `work` so often and prints the first, the median and the worst.
fn each(name: &str, times: u64, mut work: impl FnMut(u64)) {
    let (before, mut wall) = (cpu(), Vec::new());
    for run in 0..times {
        let begun = Instant::now();
        work(run);
        wall.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    let used = (cpu() - before) as f64 / 1e6 / times as f64;
    let first = wall.first().copied().unwrap_or(f64::NAN);
    wall.sort_by(f64::total_cmp);
    let median = wall.get(wall.len() / 2).copied().unwrap_or(f64::NAN);
    let worst = wall.last().copied().unwrap_or(f64::NAN);
    println!(
        "{name:<44} {used:>8.3} ms of CPU; {median:>8.3} ms, first {first:>8.3}, worst {worst:>8.3}"
    );
}

fn fill(store: &mut Store, messages: u64, rng: &mut ChaCha20Rng) {
    store
        .write(|tx| {
            for number in 0..CHATS {
                tx.put_chat(&chat(number, messages))?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    let name = format!("add {BATCH} messages in one transaction");
    each(&name, messages / BATCH, |batch| {
        let rows: Vec<_> = (0..BATCH)
            .map(|number| message(batch * BATCH + number, rng))
            .collect();
        let added = store.write(|tx| {
            rows.iter()
                .try_for_each(|row| tx.add_message(row).map(drop))
        });
        added.unwrap();
    });
    each("add a message in its own transaction", SINGLE, |number| {
        let row = message(messages + number, rng);
        store.write(|tx| tx.add_message(&row)).unwrap();
    });
}

fn look(store: &Store, messages: u64) {
    let runs = RUNS as u64;
    let list = |_| {
        let listed = store.read(|tx| tx.chat_list(BEGINNING)).unwrap();
        assert_eq!(listed.len() as u64, CHATS);
    };
    each("list of chats", runs, list);
    let page = |name, before: u64| {
        each(name, runs, |run| {
            let chat: ChatId = id(run % CHATS);
            let page = store.read(|tx| tx.history(&chat, before, 50)).unwrap();
            assert_eq!(page.len(), 50);
        });
    };
    page("newest page of a chat (50 messages)", u64::MAX);
    page("page in the middle of a chat (50 messages)", messages / 2);
    for (name, words) in [
        ("search the most frequent word", word(1)),
        ("search a rare word", word(15_000)),
        ("search two frequent words", [word(2), word(5)].join(" ")),
        (
            "search a frequent and a rare word",
            [word(1), word(15_000)].join(" "),
        ),
        ("search the beginning of many words", "b".to_owned()),
        ("search what is not there", "absent".to_owned()),
    ] {
        let mut found = 0;
        each(name, runs, |_| {
            found = store.read(|tx| tx.search_query(&words, 50)).unwrap().len();
        });
        println!("    finds {found}, at most 50 are asked for");
    }
}

fn main() {
    let arguments: Vec<_> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let number = arguments.iter().find_map(|argument| argument.parse().ok());
    let messages: u64 = number.unwrap_or(MESSAGES);
    let folder = arguments
        .iter()
        .find(|argument| argument.parse::<u64>().is_err());
    let temporary = match folder {
        Some(folder) => tempfile::tempdir_in(folder),
        None => tempfile::tempdir(),
    }
    .unwrap();
    println!("{messages} messages in {CHATS} chats; SQLCipher, WAL, synchronous=FULL");
    let mut store = open(temporary.path());
    fill(&mut store, messages, &mut ChaCha20Rng::seed_from_u64(1));
    drop(store);
    let bytes = std::fs::metadata(temporary.path().join("store"))
        .unwrap()
        .len();
    println!("{:<44} {:>8.1} MB", "the file has", bytes as f64 / 1e6);
    // What the user waits for at the start; the system has the file in its cache.
    each("open the store and list the chats", 5, |_| {
        let store = open(temporary.path());
        let listed = store.read(|tx| tx.chat_list(BEGINNING)).unwrap();
        assert_eq!(listed.len() as u64, CHATS);
    });
    look(&open(temporary.path()), messages);
}

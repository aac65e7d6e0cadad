//! Fills a profile with messages as if they had been written over the last two years, to measure with a long history:
//! `cargo run -p undertone-cli --example fill_history -- PROFILE MESSAGES`. They are one's own, signed, and stand in the
//! notes to oneself and the groups of the profile by turns: 12 words each, by Zipf's law out of 20,000.

use std::{
    env,
    error::Error,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use rand_core::{OsRng, RngCore as _};
use undertone_content::content::{Body, Content, SignedContent};
use undertone_store::{
    Location, ProfileLock, Store, WriteTx,
    chats::{ChatKind, ChatRow, ChatState},
    messages::{MessageKind, MessageRow, MessageState},
    profile_key,
};
use undertone_wire::{
    identity::Certificate,
    ids::{AccountId, ContentId},
    signing::SecretKey,
    time::{DAY_MS, Timestamp},
};

const DAYS: u64 = 730;
/// Messages of one transaction.
const BATCH: u64 = 1_000;
const WORDS: f64 = 20_000.0;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Who writes.
struct Writer {
    account: AccountId,
    device: SecretKey,
}

impl Writer {
    fn of(store: &Store) -> Result<Self> {
        let row = store.read(|tx| tx.account())?.ok_or("no account")?;
        let seed: &[u8; 32] = row.device_seed.as_slice().try_into()?;
        Ok(Self {
            account: Certificate::decode(&row.certificate)?.account(),
            device: SecretKey::from_seed(seed),
        })
    }

    fn write(&self, tx: &WriteTx<'_>, chat: &ChatRow, at: Timestamp) -> Result<()> {
        let text = text();
        let content = Content {
            id: ContentId::random(&mut OsRng),
            sent_at: at,
            body: Body::Text(text.as_str().into()),
        };
        let signed = SignedContent::sign(content.encode()?, &chat.group_id, &self.device)?;
        tx.add_message(&MessageRow {
            seq: 0,
            chat: chat.chat,
            sender: self.account,
            content_id: content.id,
            kind: MessageKind::Text,
            text,
            sent_at: at,
            stored_at: at,
            state: MessageState::Sent,
            signed: signed.encode(),
            group_id: chat.group_id.clone(),
            mentions: Vec::new(),
        })?;
        Ok(())
    }
}

fn text() -> String {
    let words = (0..12).map(|_| {
        let chance = f64::from(OsRng.next_u32()) / f64::from(u32::MAX);
        // With the exponent even between 0 and 1, the word of rank n comes as often as 1/n.
        word(WORDS.powf(chance) as usize)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The word of that rank, the same each time and no other's.
fn word(mut rank: usize) -> String {
    let mut word = String::new();
    loop {
        for letters in ["bdfghklmnprstvz", "aeiou"] {
            word.extend(letters.chars().nth(rank % letters.len()));
            rank /= letters.len();
        }
        if rank == 0 {
            return word;
        }
        rank -= 1;
    }
}

fn fill(store: &mut Store, messages: u64, now: u64) -> Result<()> {
    let writer = Writer::of(store)?;
    let chats = store.read(|tx| tx.chats())?.into_iter().filter(|chat| {
        chat.kind != ChatKind::Direct
            && chat.state == ChatState::Active
            && !chat.group_id.is_empty()
    });
    let chats: Vec<_> = chats.collect();
    let mut turns = chats.iter().cycle();
    let at = |number| Timestamp(now - DAYS * DAY_MS * (messages - number) / messages);
    for first in (0..messages).step_by(usize::try_from(BATCH)?) {
        store.write(|tx| {
            for number in first..messages.min(first + BATCH) {
                let chat = turns.next().ok_or("no chat to write to")?;
                writer.write(tx, chat, at(number))?;
            }
            Ok::<_, Box<dyn Error>>(())
        })?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let (Some(profile), Some(messages)) = (env::args().nth(1), env::args().nth(2)) else {
        return Err("name a profile and a number of messages".into());
    };
    let lock = ProfileLock::try_acquire(Path::new(&profile))?;
    let key = profile_key::open(&lock, None)?;
    let mut store = Store::open(Location::File(lock.store_path()), &key)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
    fill(&mut store, messages.parse()?, u64::try_from(now)?)
}

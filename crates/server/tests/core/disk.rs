//! What stands on the disk, and what does not.

use std::collections::{HashMap, HashSet};

use rusqlite::types::Value;
use sha2::{Digest as _, Sha256};
use undertone_server::core::ConnectionId;
use undertone_wire::{
    digest::{card_put_digest, drop_key_hash},
    ids::{Alias, CardId, Handle},
    proto::{self, send_answer, send_request},
    signing::{Purpose, SecretKey},
    time::MINUTE_MS,
};

use crate::harness::*;

const TEXT: &[u8] = b"what nobody but the two of them may ever read";

/// A world in which each service was used, and all secrets that were shown to it.
struct Used {
    world: World,
    secrets: Vec<(&'static str, Vec<u8>)>,
}

fn used() -> Used {
    let mut world = World::new();
    let (account, account_connection) = world.registered();
    let vault = proto::PutVault {
        kind: proto::VaultKind::State as i32,
        version: 3,
        sealed: world.random::<64>().to_vec(),
    };
    let vault = proto::account_request::Body::PutVault(vault);
    world.account_call(account_connection, vault);
    let invite = world.core.create_invite(3, world.now).unwrap();
    let queues = [world.queue(), world.queue()];
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let aliases = queues
        .each_ref()
        .map(|queue| world.alias(queue, Some(&conversation.handle)));
    let free = world.alias(&queues[0], None);
    let next = world.next(&conversation);
    let large = TEXT.repeat(500);
    for body in [
        deliver(&aliases, TEXT, Some(conversation.guard())),
        deliver(&aliases, &large, Some(conversation.guard())),
        deliver(&[Alias::new([0x55; 32]), free], TEXT, None),
        conversation.commit(&next, TEXT, &aliases, &[(free, large.clone())]),
    ] {
        assert_eq!(world.send_call(sender, body), ACCEPTED);
    }
    let card = CardId::random(&mut world.rng);
    let owner = SecretKey::random(&mut world.rng);
    put_card(&mut world, sender, card, &owner);
    let reader: [u8; 16] = world.random();
    let token = world.token();
    let read = send_request::Body::CardRead(proto::CardRead {
        card: card.to_vec(),
        reader: reader.to_vec(),
        token: token.clone(),
    });
    world.send_call(sender, read);
    let blob: [u8; 32] = world.random();
    let drop_key: [u8; 32] = world.random();
    let blob_token = world.token();
    let put = send_request::Body::BlobPut(proto::BlobPut {
        name: blob.to_vec(),
        index: 0,
        chunk: TEXT.into(),
        expiry_day: world.now.day().0 + 2,
        drop_key_hash: drop_key_hash(&drop_key).to_vec(),
        tokens: vec![blob_token.clone()],
    });
    world.send_call(sender, put);
    let mut secrets = vec![
        ("text", TEXT.to_vec()),
        ("invite", invite.into_bytes()),
        ("handle", conversation.handle.to_vec()),
        ("send key", conversation.send_key.to_vec()),
        ("commit key", conversation.commit_key.public().to_vec()),
        ("card", card.to_vec()),
        ("card owner", owner.public().to_vec()),
        ("reader", reader.to_vec()),
        ("blob", blob.to_vec()),
        ("drop key", drop_key.to_vec()),
        ("token", token),
        ("token", blob_token),
        ("address", b"192.0.2.7".to_vec()),
        ("host", AUTHORITY.as_bytes().to_vec()),
    ];
    for queue in &queues {
        secrets.push(("queue", queue.id.to_vec()));
        secrets.push(("queue key", queue.key.public().to_vec()));
        secrets.push(("sealing key", queue.unsealing.public().to_vec()));
        for entry in world.waiting(queue) {
            if let Carried::Slot(slot) = entry.payload {
                secrets.push(("slot", slot));
            }
        }
    }
    for alias in aliases.into_iter().chain([free]) {
        secrets.push(("alias", alias.to_vec()));
    }
    drop(account);
    Used { world, secrets }
}

fn put_card(world: &mut World, sender: ConnectionId, card: CardId, owner: &SecretKey) {
    let mut put = proto::CardPut {
        card: card.to_vec(),
        owner_key: owner.public().to_vec(),
        head: TEXT.to_vec(),
        items: vec![
            proto::CardItem {
                slot: 0,
                week: 0,
                sealed: TEXT.to_vec(),
            },
            proto::CardItem {
                slot: 0,
                week: world.now.week().0,
                sealed: TEXT.to_vec(),
            },
        ],
        lease_weeks: 10,
        tokens: world.tokens(4),
        signature: Vec::new(),
    };
    let digest = card_put_digest(&put);
    put.signature = owner.sign(Purpose::CardChange, &[&digest]).to_vec();
    let done = send_answer::Body::Done(proto::Done {});
    let put = send_request::Body::CardPut(put);
    assert_eq!(world.send_call(sender, put), done);
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

/// All files of the storage, the write-ahead logs included.
fn files(world: &World) -> Vec<(String, Vec<u8>)> {
    std::fs::read_dir(world.folder.path().join("data"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

#[test]
fn no_secret_and_no_text_stands_anywhere_in_the_files() {
    let Used { world, secrets } = used();
    let files = files(&world);
    assert!(files.len() >= 5);
    for (name, bytes) in &files {
        for (what, secret) in &secrets {
            assert!(!contains(bytes, secret), "{what} in {name}");
            // Nor a hash of it that anybody could make who guesses what it is the hash of.
            let hash = Sha256::digest(secret);
            assert!(!contains(bytes, &hash), "hash of {what} in {name}");
        }
    }
}

#[test]
fn no_value_stands_in_two_places() {
    let Used { world, .. } = used();
    // Where each run of 8 bytes was seen: a table, and for those that may repeat within it the column.
    let mut seen: HashMap<[u8; 8], (String, usize)> = HashMap::new();
    for (file, table, values) in world.rows() {
        for (column, value) in values.iter().enumerate() {
            let Value::Blob(bytes) = value else { continue };
            let place = (format!("{file}.{table}"), column);
            let mut own = HashSet::new();
            for window in bytes.windows(8) {
                let window: [u8; 8] = window.try_into().unwrap();
                if !own.insert(window) {
                    continue;
                }
                if let Some(other) = seen.insert(window, place.clone()) {
                    // The entries of one queue share its name and the key of the run; a device list is one value.
                    let shared = place.0 == "delivery.entries" && [0, 2].contains(&column);
                    let list = place.0 == "directory.accounts" && column == 2;
                    assert!(other == place && (shared || list), "{other:?} {place:?}");
                }
            }
        }
    }
}

#[test]
fn every_table_was_looked_at() {
    let Used { world, .. } = used();
    let filled: HashSet<_> = world.rows().into_iter().map(|row| row.1).collect();
    assert_eq!(filled.len(), 18, "{filled:?}");
}

/// Which tables grew by how many rows, and by how many bytes.
fn growth(world: &mut World, work: impl FnOnce(&mut World)) -> Vec<(String, usize, usize)> {
    let measure = |world: &World| {
        let mut sizes: HashMap<String, (usize, usize)> = HashMap::new();
        for (_, table, values) in world.rows() {
            let size = sizes.entry(table).or_default();
            size.0 += 1;
            size.1 += values
                .iter()
                .map(|value| match value {
                    Value::Blob(bytes) => bytes.len(),
                    _ => 0,
                })
                .sum::<usize>();
        }
        sizes
    };
    let before = measure(world);
    work(world);
    let mut grown: Vec<_> = measure(world)
        .into_iter()
        .map(|(table, (rows, bytes))| {
            let (rows_before, bytes_before) = before.get(&table).copied().unwrap_or_default();
            (table, rows - rows_before, bytes - bytes_before)
        })
        .filter(|(_, rows, _)| *rows > 0)
        .collect();
    grown.sort();
    grown
}

#[test]
fn a_sender_sees_no_difference_between_live_dropped_and_unknown_aliases() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let live = world.alias(&queue, None);
    let bound = world.alias(&queue, Some(&Handle::new([3; 32])));
    let dropped = world.alias(&queue, None);
    world.queue_call(queue.connection, drop_alias(&dropped));
    let of_a_deleted_queue = {
        let queue = world.queue();
        let alias = world.alias(&queue, None);
        let delete = proto::queue_request::Body::Delete(proto::DeleteQueue {});
        world.queue_call(queue.connection, delete);
        alias
    };
    let unknown = Alias::new([9; 32]);
    for size in [10, 1_000, 50_000] {
        let payload = vec![1; size];
        let mut seen = Vec::new();
        for alias in [live, bound, dropped, of_a_deleted_queue, unknown] {
            for guard in [None, Some(conversation.guard())] {
                let growth = growth(&mut world, |world| {
                    let body = deliver(&[alias], &payload, guard);
                    assert_eq!(world.send_call(sender, body), ACCEPTED);
                });
                seen.push(growth);
            }
        }
        assert!(seen.iter().all(|growth| *growth == seen[0]), "{seen:?}");
    }
    // Nor who tries to take the alias.
    let stranger = world.queue();
    let taken: Vec<_> = [live, bound, dropped, of_a_deleted_queue]
        .iter()
        .map(|alias| world.queue_call(stranger.connection, register_alias(alias, None)))
        .map(|answer| refused_reason(&answer))
        .collect();
    assert!(
        taken
            .iter()
            .all(|reason| reason.is_some() && *reason == taken[0])
    );
}

fn refused_reason(answer: &proto::queue_answer::Body) -> Option<proto::ServiceError> {
    match answer {
        proto::queue_answer::Body::Error(error) => Some(error.clone()),
        _ => None,
    }
}

#[test]
fn deliveries_to_nobody_fill_no_disk() {
    let mut world = World::new();
    let sender = world.sender();
    for number in 0..2_000_u32 {
        let mut alias = [7; 32];
        alias[..4].copy_from_slice(&number.to_be_bytes());
        let payload = if number.is_multiple_of(3) {
            vec![1; 9_000]
        } else {
            vec![1; 100]
        };
        world.deliver(sender, &[Alias::new(alias)], &payload);
    }
    assert!(world.count("delivery.entries") <= 256);
    assert!(world.count("delivery.payloads") <= 256);
    assert!(world.count("delivery.claims") <= 256);
    assert!(world.count("delivery.slots") <= 256);
}

#[test]
fn registries_lie_in_the_order_of_their_keys_and_the_logs_are_empty() {
    let mut world = World::new();
    let mut keys = Vec::new();
    for _ in 0..30 {
        let (account, c) = world.registered_from(None);
        keys.push(account.list.account().to_vec());
        world.close(c);
    }
    let offsets = |world: &World| {
        let files = files(world);
        let (_, bytes) = files
            .iter()
            .find(|(name, _)| name == "directory.db")
            .unwrap();
        let mut sorted = keys.clone();
        sorted.sort();
        sorted
            .iter()
            .map(|key| {
                let mut found = bytes.windows(32).enumerate();
                let first = found.find(|(_, window)| window == key).unwrap().0;
                assert!(found.all(|(_, window)| window != key), "a key stands twice");
                // Where it lies within its page: cells are put from the end of the page on.
                (first / 4_096, 4_096 - first % 4_096)
            })
            .collect::<Vec<_>>()
    };
    world.later(MINUTE_MS);
    world.core.maintain(world.now).unwrap();
    let found = offsets(&world);
    let mut by_page: HashMap<usize, Vec<usize>> = HashMap::new();
    for (page, at) in found {
        by_page.entry(page).or_default().push(at);
    }
    assert!(by_page.values().all(|at| at.is_sorted()), "{by_page:?}");
    for (name, bytes) in files(&world) {
        if name.ends_with("-wal") {
            assert!(bytes.is_empty(), "{name}");
        }
    }
}

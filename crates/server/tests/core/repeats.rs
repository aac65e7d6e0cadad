//! A client that hears no answer asks again: the same answer, nothing twice.

use undertone_server::core::Service;
use undertone_wire::{
    digest::{card_put_digest, drop_key_hash},
    ids::{CardId, Handle},
    proto::{
        self, Card, CardItem, Done, ErrorKind, account_answer, queue_answer, queue_request,
        send_answer, send_request,
    },
    signing::{Purpose, SecretKey},
    time::{DAY_MS, WEEK_MS},
};

use crate::harness::*;

const DONE: send_answer::Body = send_answer::Body::Done(Done {});

#[test]
fn a_registration() {
    let mut world = World::new();
    let (account, c) = world.registered();
    world.close(c);
    let before = world.rows();
    let (c, challenge) = world.connect(Service::Account);
    let again = world.account_call(c, account.register(&challenge, ""));
    assert_eq!(again, account_answer::Body::Done(Done {}));
    assert_eq!(world.rows(), before);
    assert_eq!(world.core.counters().registrations, 1);
}

#[test]
fn a_queue_with_the_same_tokens_with_others_and_after_its_end() {
    let mut world = World::new();
    let queue = world.queue();
    let tokens = world.tokens(4);
    let before = world.rows();
    for _ in 0..2 {
        let (c, challenge) = world.connect(Service::Queue);
        let create = queue.create(&challenge, tokens.clone());
        let done = world.queue_call(c, create);
        assert_eq!(done, queue_answer::Body::Done(Done {}));
    }
    // It was there: nothing was spent.
    assert_eq!(world.rows(), before);

    let (c, challenge) = world.connect(Service::Queue);
    world.queue_call(c, queue.attach(&challenge));
    world.queue_call(c, queue_request::Body::Delete(proto::DeleteQueue {}));
    assert!(world.is_closed(c));
    let (c, challenge) = world.connect(Service::Queue);
    let gone = world.queue_call(c, queue.attach(&challenge));
    assert_eq!(gone.refused(), Some(ErrorKind::NotFound));
    let again = world.queue_call(c, queue.create(&challenge, tokens));
    assert_eq!(again, queue_answer::Body::Done(Done {}));
}

#[test]
fn an_acknowledgement_releases_a_shared_payload_once() {
    let mut world = World::new();
    let queues = [world.queue(), world.queue()];
    let aliases = [world.alias(&queues[0], None), world.alias(&queues[1], None)];
    let sender = world.sender();
    let payload = vec![5; 20_000];
    world.deliver(sender, &aliases, &payload);
    let entries: Vec<_> = queues.iter().map(|queue| world.waiting(queue)).collect();
    for _ in 0..3 {
        world.acknowledge(&queues[0], &entries[0]);
    }
    assert_eq!(world.count("delivery.payloads"), 1);
    let Carried::Slot(slot) = entries[1][0].payload.clone() else {
        panic!("it is shared");
    };
    let fetch = queue_request::Body::FetchPayload(proto::FetchPayload { slot });
    let fetched = world.queue_call(queues[1].connection, fetch);
    assert_eq!(
        fetched,
        queue_answer::Body::Payload(proto::Payload { payload })
    );
    world.acknowledge(&queues[1], &entries[1]);
    for table in ["entries", "payloads", "claims", "slots"] {
        assert_eq!(world.count(&format!("delivery.{table}")), 0, "{table}");
    }
    assert_eq!(world.core.counters().entries_acknowledged, 2);
}

#[test]
fn an_acknowledgement_touches_no_other_queue() {
    let mut world = World::new();
    let (mine, other) = (world.queue(), world.queue());
    let alias = world.alias(&other, None);
    let sender = world.sender();
    world.deliver(sender, &[alias], b"x");
    let entries = world.waiting(&other);
    world.acknowledge(&mine, &entries);
    assert_eq!(world.waiting(&other), entries);
}

#[test]
fn a_commit_even_after_others_and_a_restart() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let first = world.conversation(sender);
    let second = world.next(&first);
    let third = world.next(&second);
    let commit = first.commit(&second, b"one", &[alias], &[]);
    assert_eq!(world.send_call(sender, commit.clone()), ACCEPTED);
    let two = second.commit(&third, b"two", &[alias], &[]);
    assert_eq!(world.send_call(sender, two), ACCEPTED);
    world.restart();
    let sender = world.sender();
    let before = world.rows();
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    let other = first.commit(&third, b"other", &[alias], &[]);
    let stale = send_answer::Body::Stale(proto::Stale { epoch: 3 });
    assert_eq!(world.send_call(sender, other), stale);
    assert_eq!(world.rows(), before);
}

#[test]
fn a_handle_with_the_same_token_or_with_another() {
    let mut world = World::new();
    let sender = world.sender();
    let keys = world.conversation(sender);
    let token = world.token();
    let create = |token| {
        send_request::Body::CreateHandle(proto::CreateHandle {
            handle: Handle::new([4; 32]).to_vec(),
            epoch: 7,
            keys: Some(keys.keys()),
            token,
        })
    };
    assert_eq!(world.send_call(sender, create(token.clone())), DONE);
    let before = world.rows();
    assert_eq!(world.send_call(sender, create(token)), DONE);
    let token = world.token();
    assert_eq!(world.send_call(sender, create(token)), DONE);
    assert_eq!(world.rows(), before);
}

#[test]
fn a_rescue_with_the_same_token() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let token = world.token();
    let rescue = |payload: &'static [u8]| {
        send_request::Body::Rescue(proto::Rescue {
            alias: alias.to_vec(),
            payload: payload.into(),
            token: token.clone(),
        })
    };
    assert_eq!(world.send_call(sender, rescue(b"help")), ACCEPTED);
    assert_eq!(world.send_call(sender, rescue(b"help")), ACCEPTED);
    assert_eq!(world.waiting(&queue).len(), 1);
    let other = world.send_call(sender, rescue(b"more"));
    assert_eq!(other.refused(), Some(ErrorKind::TokenSpent));
}

/// A card with its owner.
struct TestCard {
    id: CardId,
    owner: SecretKey,
}

impl TestCard {
    fn put(&self, items: &[(u32, u32, &[u8])], tokens: Vec<Vec<u8>>) -> send_request::Body {
        let mut put = proto::CardPut {
            card: self.id.to_vec(),
            owner_key: self.owner.public().to_vec(),
            head: b"head".to_vec(),
            items: items
                .iter()
                .map(|(slot, week, sealed)| CardItem {
                    slot: *slot,
                    week: *week,
                    sealed: sealed.to_vec(),
                })
                .collect(),
            lease_weeks: 2,
            tokens,
            signature: Vec::new(),
        };
        let digest = card_put_digest(&put);
        put.signature = self.owner.sign(Purpose::CardChange, &[&digest]).to_vec();
        send_request::Body::CardPut(put)
    }

    fn read(&self, reader: u8, token: Vec<u8>) -> send_request::Body {
        send_request::Body::CardRead(proto::CardRead {
            card: self.id.to_vec(),
            reader: vec![reader; 16],
            token,
        })
    }
}

fn items(answer: &send_answer::Body) -> Vec<(u32, Vec<u8>)> {
    match answer {
        send_answer::Body::Card(Card { head, items }) => {
            assert_eq!(head, b"head");
            let items = items.iter();
            items.map(|item| (item.slot, item.sealed.clone())).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_card_hands_out_each_one_time_item_once_and_the_same_to_the_same_reader() {
    let mut world = World::new();
    let sender = world.sender();
    let week = world.now.week().0;
    let card = TestCard {
        id: CardId::new([1; 32]),
        owner: SecretKey::from_seed(&[2; 32]),
    };
    let tokens = world.tokens(4);
    let put = card.put(
        &[
            (0, 0, b"once"),
            (0, week - 1, b"last week"),
            (0, week, b"this week"),
            (0, week + 1, b"next week"),
            (1, week - 1, b"other slot"),
        ],
        tokens,
    );
    assert_eq!(world.send_call(sender, put.clone()), DONE);
    let read = |world: &mut World, reader| {
        let token = world.token();
        let answer = world.send_call(sender, card.read(reader, token));
        items(&answer)
    };
    let slot = |slot, item: &[u8]| (slot, item.to_vec());
    let first = [slot(0, b"once"), slot(1, b"other slot")];
    let second = [slot(0, b"this week"), slot(1, b"other slot")];
    assert_eq!(read(&mut world, 1), first);
    assert_eq!(read(&mut world, 2), second);
    assert_eq!(read(&mut world, 1), first);
    // A repeat of the put, paid anew, brings no used item back.
    let repeat = match put {
        send_request::Body::CardPut(mut put) => {
            put.tokens = world.tokens(1);
            send_request::Body::CardPut(put)
        }
        _ => unreachable!(),
    };
    assert_eq!(world.send_call(sender, repeat), DONE);
    assert_eq!(read(&mut world, 3), second);
    world.restart();
    let sender = world.sender();
    let token = world.token();
    let again = world.send_call(sender, card.read(1, token));
    assert_eq!(items(&again), first);

    // The server's week decides.
    world.later(WEEK_MS);
    let sender = world.sender();
    let token = world.token();
    let next = world.send_call(sender, card.read(4, token));
    assert_eq!(
        items(&next),
        [slot(0, b"next week"), slot(1, b"other slot")]
    );
    // And its lease ends.
    world.later(2 * WEEK_MS);
    let sender = world.sender();
    let token = world.token();
    let over = world.send_call(sender, card.read(5, token));
    assert_eq!(over.refused(), Some(ErrorKind::NotFound));
}

#[test]
fn a_card_read_with_the_same_token() {
    let mut world = World::new();
    let sender = world.sender();
    let card = TestCard {
        id: CardId::new([1; 32]),
        owner: SecretKey::from_seed(&[2; 32]),
    };
    let tokens = world.tokens(4);
    let put = card.put(&[(0, 0, b"once")], tokens);
    assert_eq!(world.send_call(sender, put.clone()), DONE);
    let token = world.token();
    let first = world.send_call(sender, card.read(1, token.clone()));
    let rows = world.rows();
    assert_eq!(world.send_call(sender, card.read(1, token.clone())), first);
    let stolen = world.send_call(sender, card.read(2, token));
    assert_eq!(stolen.refused(), Some(ErrorKind::NotFound));
    // The put itself, with the same tokens.
    assert_eq!(world.send_call(sender, put), DONE);
    assert_eq!(world.rows(), rows);

    let digest = undertone_wire::digest::card_drop_digest(card.id.as_bytes());
    let drop = send_request::Body::CardDrop(proto::CardDrop {
        card: card.id.to_vec(),
        signature: card.owner.sign(Purpose::CardChange, &[&digest]).to_vec(),
    });
    assert_eq!(world.send_call(sender, drop.clone()), DONE);
    assert_eq!(world.send_call(sender, drop), DONE);
    assert_eq!(world.count("cards.cards"), 0);
    assert_eq!(world.count("cards.items"), 0);
}

#[test]
fn a_blob_chunk_by_chunk() {
    let mut world = World::new();
    let sender = world.sender();
    let (name, drop_key) = (vec![1; 32], vec![2; 32]);
    let expiry_day = world.now.day().0 + 3;
    let put = |world: &mut World, index: u32| {
        let tokens = world.tokens(usize::from(index.is_multiple_of(4)));
        let put = send_request::Body::BlobPut(proto::BlobPut {
            name: name.clone(),
            index,
            chunk: vec![index as u8; 1_000].into(),
            expiry_day,
            drop_key_hash: drop_key_hash(&drop_key).to_vec(),
            tokens,
        });
        assert_eq!(world.send_call(sender, put.clone()), DONE);
        assert_eq!(world.send_call(sender, put), DONE);
    };
    for index in 0..200 {
        put(&mut world, index);
    }
    assert_eq!(world.count("blobs.chunks"), 200);
    let get = send_request::Body::BlobGet(proto::BlobGet {
        name: name.clone(),
        index: 77,
    });
    let chunk = send_answer::Body::Blob(proto::BlobChunk {
        chunk: vec![77; 1_000],
    });
    assert_eq!(world.send_call(sender, get.clone()), chunk);
    let drop = send_request::Body::BlobDrop(proto::BlobDrop { name, drop_key });
    assert_eq!(world.send_call(sender, drop.clone()), DONE);
    assert_eq!(world.send_call(sender, drop), DONE);
    for _ in 0..5 {
        world.core.maintain(world.now).unwrap();
    }
    assert_eq!(world.count("blobs.chunks"), 0);
    let gone = world.send_call(sender, get);
    assert_eq!(gone.refused(), Some(ErrorKind::NotFound));
    world.later(DAY_MS);
}

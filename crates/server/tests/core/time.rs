//! What time does: expiry, leases, the keys of the days.

use undertone_server::core::Service;
use undertone_wire::{
    digest::drop_key_hash,
    ids::Alias,
    limits::{COMMIT_DAYS, ENTRY_DAYS, LEASE_WEEKS},
    proto::{self, Done, ErrorKind, account_answer, queue_answer, send_answer, send_request},
    time::{DAY_MS, MINUTE_MS, WEEK_MS},
};

use crate::harness::*;

/// As the production process does it for a while.
fn maintain(world: &mut World) {
    for _ in 0..100 {
        world.core.maintain(world.now).unwrap();
    }
}

#[test]
fn entries_payloads_and_commits_go_after_their_days() {
    let mut world = World::new();
    let queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let next = world.next(&conversation);
    world.deliver(sender, &[alias], b"small");
    world.deliver(sender, &[alias, Alias::new([1; 32])], &[1; 9_000]);
    let commit = conversation.commit(&next, b"commit", &[alias], &[]);
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    assert_eq!(ENTRY_DAYS, COMMIT_DAYS);
    world.later(u64::from(ENTRY_DAYS) * DAY_MS);
    maintain(&mut world);
    assert_eq!(world.waiting(&queue).len(), 3);
    assert_eq!(world.count("delivery.commits"), 1);
    world.later(DAY_MS);
    maintain(&mut world);
    assert_eq!(world.waiting(&queue), []);
    for table in ["entries", "payloads", "claims", "slots", "commits"] {
        assert_eq!(world.count(&format!("delivery.{table}")), 0, "{table}");
    }
}

#[test]
fn a_lease_that_is_used_goes_on_and_one_that_is_not_ends() {
    let mut world = World::new();
    let mut used = world.queue();
    let kept = world.alias(&used, None);
    let forgotten = world.alias(&used, None);
    let unused = world.queue();
    world.close(unused.connection);
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let idle = world.conversation(sender);
    // Three visits in a year and a half.
    for _ in 0..5 {
        world.later(u64::from(LEASE_WEEKS) * WEEK_MS * 7 / 10);
        maintain(&mut world);
        world.attach(&mut used);
        let done = world.queue_call(used.connection, register_alias(&kept, None));
        assert_eq!(done, queue_answer::Body::Done(Done {}));
        let sender = world.sender();
        let body = deliver(&[kept], b"x", Some(conversation.guard()));
        assert_eq!(world.send_call(sender, body), ACCEPTED);
    }
    assert_eq!(world.count("delivery.queues"), 1);
    assert_eq!(world.count("delivery.handles"), 1);
    assert_eq!(world.count("delivery.aliases"), 1);
    let (c, challenge) = world.connect(Service::Queue);
    let gone = world.queue_call(c, unused.attach(&challenge));
    assert_eq!(gone.refused(), Some(ErrorKind::NotFound));
    let sender = world.sender();
    let gone = world.send_call(sender, deliver(&[kept], b"x", Some(idle.guard())));
    assert_eq!(gone.refused(), Some(ErrorKind::NotFound));
    world.waiting(&used);
    let before = world.waiting(&used).len();
    world.deliver(sender, &[forgotten], b"x");
    assert_eq!(world.waiting(&used).len(), before);
}

#[test]
fn a_lease_is_written_anew_only_when_less_than_half_is_left() {
    let mut world = World::new();
    let mut queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    let conversation = world.conversation(sender);
    let leases = |world: &World| -> Vec<i64> {
        ["queues", "aliases", "handles"]
            .map(|table| {
                let sql = format!("SELECT max(lease_week) FROM delivery.{table}");
                world.disk().query_row(&sql, (), |row| row.get(0)).unwrap()
            })
            .to_vec()
    };
    let mut visit = |world: &mut World| {
        world.attach(&mut queue);
        world.queue_call(queue.connection, register_alias(&alias, None));
        let sender = world.sender();
        let body = deliver(&[alias], b"x", Some(conversation.guard()));
        assert_eq!(world.send_call(sender, body), ACCEPTED);
    };
    let first = leases(&world);
    let week = i64::from(world.now.week().0);
    assert!(
        first
            .iter()
            .all(|lease| *lease >= week + 26 && *lease <= week + 39)
    );
    world.later(8 * WEEK_MS);
    visit(&mut world);
    assert_eq!(leases(&world), first);
    world.later(20 * WEEK_MS);
    visit(&mut world);
    let second = leases(&world);
    assert!(
        first
            .iter()
            .zip(&second)
            .all(|(first, second)| second > first)
    );
}

#[test]
fn tokens_are_good_on_their_day_and_the_next() {
    let mut world = World::new();
    let (_, c) = world.registered();
    let (_, challenge) = world.connect(Service::Account);
    assert_eq!(challenge.token_keys.len(), 1);
    let tokens = world.issue(c, &challenge);
    let open = |number: usize| {
        send_request::Body::Open(proto::Open {
            token: tokens[number].as_bytes().to_vec(),
        })
    };
    let try_open = |world: &mut World, number| {
        let (c, _) = world.connect(Service::Send);
        world.send_call(c, open(number)).refused()
    };
    assert_eq!(try_open(&mut world, 0), None);
    world.later(DAY_MS);
    // Over midnight on a connection that has stayed open.
    assert_eq!(try_open(&mut world, 1), None);
    let (_, challenge) = world.connect(Service::Send);
    assert_eq!(challenge.token_keys.len(), 2);
    world.restart();
    maintain(&mut world);
    assert_eq!(try_open(&mut world, 2), None);
    assert_eq!(try_open(&mut world, 0), Some(ErrorKind::TokenSpent));
    world.later(DAY_MS);
    assert_eq!(try_open(&mut world, 3), Some(ErrorKind::TokenInvalid));
    world.later(DAY_MS);
    maintain(&mut world);
    assert_eq!(world.count("tokens.seeds"), 2);
    assert_eq!(world.count("tokens.spent"), 0);
}

#[test]
fn a_blob_is_gone_on_the_day_after_its_last() {
    let mut world = World::new();
    let sender = world.sender();
    let name = vec![1; 32];
    let tokens = world.tokens(1);
    let put = send_request::Body::BlobPut(proto::BlobPut {
        name: name.clone(),
        index: 0,
        chunk: vec![1; 10].into(),
        expiry_day: world.now.day().0 + 1,
        drop_key_hash: drop_key_hash(&[1; 32]).to_vec(),
        tokens,
    });
    let done = send_answer::Body::Done(Done {});
    assert_eq!(world.send_call(sender, put), done);
    let get = send_request::Body::BlobGet(proto::BlobGet { name, index: 0 });
    world.later(DAY_MS);
    let sender = world.sender();
    assert_eq!(world.send_call(sender, get.clone()).refused(), None);
    world.later(DAY_MS);
    let sender = world.sender();
    let gone = world.send_call(sender, get).refused();
    assert_eq!(gone, Some(ErrorKind::NotFound));
    maintain(&mut world);
    assert_eq!(world.count("blobs.chunks"), 0);
}

#[test]
fn a_deleted_queue_leaves_nothing_behind() {
    let mut world = World::new();
    let queue = world.queue();
    let aliases = [world.alias(&queue, None), world.alias(&queue, None)];
    let sender = world.sender();
    for _ in 0..600 {
        world.deliver(sender, &aliases, b"x");
    }
    assert_eq!(world.count("delivery.entries"), 1_200);
    let delete = proto::queue_request::Body::Delete(proto::DeleteQueue {});
    let done = world.queue_call(queue.connection, delete);
    assert_eq!(done, queue_answer::Body::Done(Done {}));
    assert!(world.is_closed(queue.connection));
    assert_eq!(world.count("delivery.entries"), 700);
    maintain(&mut world);
    assert_eq!(world.count("delivery.entries"), 0);
    assert_eq!(world.count("delivery.queues"), 0);
}

#[test]
fn the_clock_of_an_account_is_the_month() {
    let mut world = World::new();
    let (account, c) = world.registered();
    world.later(40 * DAY_MS);
    let before = world.rows();
    world.close(c);
    // To come back leaves no trace.
    let (c, challenge) = world.connect(Service::Account);
    let after_new_day = world.rows();
    let done = world.account_call(c, account.authenticate(&challenge));
    assert_eq!(done, account_answer::Body::Done(Done {}));
    assert_eq!(world.rows(), after_new_day);
    // The new day brought a seed and nothing else.
    assert_eq!(after_new_day.len(), before.len() + 1);
    world.later(MINUTE_MS);
    world.core.maintain(world.now).unwrap();
}

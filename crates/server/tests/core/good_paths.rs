//! Each service does what it is for.

use undertone_server::core::Service;
use undertone_wire::{
    proto::*,
    proto::{account_answer, queue_answer, send_answer, send_request},
};

use crate::harness::*;

#[test]
fn an_account_is_made_and_comes_back() {
    let mut world = World::new();
    let (account, c) = world.registered();
    world.close(c);
    world.restart();
    let (c, challenge) = world.connect(Service::Account);
    let done = world.account_call(c, account.authenticate(&challenge));
    assert_eq!(done, account_answer::Body::Done(Done {}));
    assert_eq!(world.issue(c, &challenge).len(), 32);
}

#[test]
fn a_delivery_is_pushed_kept_and_acknowledged() {
    let mut world = World::new();
    let mut queue = world.queue();
    let alias = world.alias(&queue, None);
    let sender = world.sender();
    world.deliver(sender, &[alias], b"hello");
    let pushed = world.pushed(&queue);
    assert_eq!(pushed.len(), 1);
    assert_eq!(pushed[0].alias, alias);
    assert_eq!(pushed[0].payload, Carried::Inline(b"hello".to_vec()));
    assert_eq!(world.waiting(&queue), pushed);

    world.restart();
    world.attach(&mut queue);
    assert_eq!(world.waiting(&queue), pushed);
    let sender = world.sender();
    world.deliver(sender, &[alias], b"again");
    assert_eq!(world.waiting(&queue).len(), 2);
    assert!(world.waiting(&queue)[1].place > pushed[0].place);
    world.acknowledge(&queue, &pushed);
    assert_eq!(world.waiting(&queue).len(), 1);
}

#[test]
fn a_commit_wins_its_epoch_and_reaches_all() {
    let mut world = World::new();
    let queue = world.queue();
    let sender = world.sender();
    let first = world.conversation(sender);
    let alias = world.alias(&queue, Some(&first.handle));
    let welcomed = world.alias(&queue, None);
    let second = world.next(&first);
    let commit = first.commit(
        &second,
        b"commit",
        &[alias],
        &[(welcomed, b"welcome".to_vec())],
    );
    assert_eq!(world.send_call(sender, commit.clone()), ACCEPTED);
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    let payloads: Vec<_> = world
        .pushed(&queue)
        .into_iter()
        .map(|entry| entry.payload)
        .collect();
    assert_eq!(
        payloads,
        [
            Carried::Inline(b"commit".to_vec()),
            Carried::Inline(b"welcome".to_vec())
        ]
    );
    let late = deliver(&[alias], b"late", Some(first.guard()));
    assert_eq!(
        world.send_call(sender, late),
        send_answer::Body::Stale(Stale { epoch: 2 })
    );
    let on_time = deliver(&[alias], b"on time", Some(second.guard()));
    assert_eq!(world.send_call(sender, on_time), ACCEPTED);
    assert_eq!(world.pushed(&queue).len(), 1);
    let fetch = send_request::Body::FetchCommit(FetchCommit {
        handle: first.handle.to_vec(),
        epoch: 1,
        send_key: first.send_key.to_vec(),
    });
    let stored = send_answer::Body::Commit(StoredCommit {
        payload: b"commit".to_vec(),
    });
    assert_eq!(world.send_call(sender, fetch), stored);
    let _ = queue_answer::Body::Done(Done {});
}

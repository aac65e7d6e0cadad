//! Each service does what it is for.

use undertone_server::core::Service;
use undertone_wire::{
    identity::{Capability, Certificate, DeviceList},
    ids::{DeviceKey, Serial},
    proto::{
        self, Done, GetDevices, Stale, StoredCommit, account_answer, account_request, send_answer,
        send_request,
    },
    signing::SecretKey,
};

use crate::harness::*;

const DONE: account_answer::Body = account_answer::Body::Done(Done {});

#[test]
fn an_account_is_made_and_comes_back() {
    let mut world = World::new();
    let (account, c) = world.registered();
    world.close(c);
    world.restart();
    let (c, challenge) = world.connect(Service::Account);
    assert_eq!(challenge.version, 1);
    assert_eq!(challenge.server_time_ms, world.now.0);
    let done = world.account_call(c, account.authenticate(&challenge));
    assert_eq!(done, DONE);
    assert_eq!(world.issue(c, &challenge).len(), 32);
}

#[test]
fn a_second_device_comes_and_is_revoked() {
    let mut world = World::new();
    let (account, first) = world.registered();
    let second = SecretKey::random(&mut world.rng);
    let serial = Serial::random(&mut world.rng);
    let certificate = Certificate::issue(
        &account.root,
        DeviceKey::new(second.public()),
        serial,
        Capability::Full,
    );
    let mut list = account.list.clone();
    list.merge(&DeviceList::new(certificate)).unwrap();
    let update = |list: proto::DeviceList| {
        account_request::Body::UpdateDevices(proto::UpdateDevices {
            devices: Some(list),
        })
    };
    assert_eq!(world.account_call(first, update(list.to_proto())), DONE);
    let phone = Account {
        root: account.root.clone(),
        device: second,
        list: list.clone(),
    };
    let (c, challenge) = world.connect(Service::Account);
    assert_eq!(world.account_call(c, phone.authenticate(&challenge)), DONE);

    let revoked = revoked(&list, &account.device, *serial.as_bytes());
    assert_eq!(world.account_call(first, update(revoked.clone())), DONE);
    assert!(world.is_closed(c));
    assert!(!world.is_closed(first));
    let get = account_request::Body::GetDevices(GetDevices {});
    let devices = account_answer::Body::Devices(revoked);
    assert_eq!(world.account_call(first, get.clone()), devices);
    let (c, challenge) = world.connect(Service::Account);
    // It is shown the proof that it is revoked, and no more.
    let shown = world.account_call(c, phone.authenticate(&challenge));
    assert_eq!(shown, devices);
    assert!(world.is_closed(c));
    // Nothing is ever taken away.
    assert_eq!(world.account_call(first, update(list.to_proto())), DONE);
    assert_eq!(world.account_call(first, get), devices);
}

#[test]
fn vaults_are_kept_by_kind_and_version() {
    let mut world = World::new();
    let (account, c) = world.registered();
    let (state, root) = (
        proto::VaultKind::State as i32,
        proto::VaultKind::Root as i32,
    );
    let put = |kind, version, sealed: &[u8]| {
        account_request::Body::PutVault(proto::PutVault {
            kind,
            version,
            sealed: sealed.to_vec(),
        })
    };
    for (kind, version, sealed) in [
        (state, 0, b"0"),
        (state, 6, b"6"),
        (root, 0, b"r"),
        (state, 0, b"1"),
    ] {
        assert_eq!(world.account_call(c, put(kind, version, sealed)), DONE);
    }
    world.restart();
    let (c, challenge) = world.connect(Service::Account);
    assert_eq!(
        world.account_call(c, account.authenticate(&challenge)),
        DONE
    );
    for (kind, version, sealed) in [(state, 0, b"1"), (state, 6, b"6"), (root, 0, b"r")] {
        let get = account_request::Body::GetVault(proto::GetVault { kind, version });
        let vault = proto::Vault {
            sealed: sealed.to_vec(),
        };
        assert_eq!(
            world.account_call(c, get),
            account_answer::Body::Vault(vault)
        );
    }
}

#[test]
fn a_shared_computer_reads_vaults_and_writes_none() {
    let mut world = World::new();
    let root = SecretKey::random(&mut world.rng);
    let device = SecretKey::random(&mut world.rng);
    let certificate = Certificate::issue(
        &root,
        DeviceKey::new(device.public()),
        Serial::random(&mut world.rng),
        Capability::Shared,
    );
    let account = Account {
        root,
        device,
        list: DeviceList::new(certificate),
    };
    let (c, challenge) = world.connect(Service::Account);
    assert_eq!(
        world.account_call(c, account.register(&challenge, "")),
        DONE
    );
    let put = account_request::Body::PutVault(proto::PutVault {
        kind: 1,
        version: 0,
        sealed: vec![1],
    });
    let refused = world.account_call(c, put).refused();
    assert_eq!(refused, Some(proto::ErrorKind::Unauthorised));
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
    let waiting = world.waiting(&queue);
    assert_eq!(waiting.len(), 2);
    assert!(waiting[1].place > pushed[0].place);
    world.acknowledge(&queue, &pushed);
    assert_eq!(world.waiting(&queue), waiting[1..]);
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
    let welcomes = [(welcomed, b"welcome".to_vec())];
    let commit = first.commit(&second, b"commit", &[alias], &welcomes);
    assert_eq!(world.send_call(sender, commit.clone()), ACCEPTED);
    assert_eq!(world.send_call(sender, commit), ACCEPTED);
    let payloads: Vec<_> = world
        .pushed(&queue)
        .into_iter()
        .map(|entry| entry.payload)
        .collect();
    let expected = [&b"commit"[..], b"welcome"].map(|payload| Carried::Inline(payload.to_vec()));
    assert_eq!(payloads, expected);
    let late = deliver(&[alias], b"late", Some(first.guard()));
    let stale = send_answer::Body::Stale(Stale { epoch: 2 });
    assert_eq!(world.send_call(sender, late), stale);
    let on_time = deliver(&[alias], b"on time", Some(second.guard()));
    assert_eq!(world.send_call(sender, on_time), ACCEPTED);
    assert_eq!(world.pushed(&queue).len(), 1);
    let fetch = send_request::Body::FetchCommit(proto::FetchCommit {
        handle: first.handle.to_vec(),
        epoch: 1,
        send_key: first.send_key.to_vec(),
    });
    let stored = send_answer::Body::Commit(StoredCommit {
        payload: b"commit".to_vec(),
    });
    assert_eq!(world.send_call(sender, fetch), stored);
}

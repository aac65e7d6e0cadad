//! What a page is told of one's devices, without a server.
#![allow(clippy::unwrap_used, clippy::panic)]

use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng as _};
use undertone_engine::{Location, Store, StoreKey};
use undertone_web_messages::{
    Answer, Ask, DeviceChange, DeviceKind, Devices, LinkStage, News, Overview, Question, Refusal,
};
use undertone_web_worker::{Desk, TabId};
use undertone_wire::time::Timestamp;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

fn desk() -> Desk {
    let store = Store::open(Location::Memory, &StoreKey::from_bytes(&[7; 32])).unwrap();
    let rng = ChaCha20Rng::seed_from_u64(1);
    Desk::open(store, Box::new(rng), "https://chat.example".into(), NOW).unwrap()
}

/// Asks question `number`.
fn ask(desk: &mut Desk, number: u64, ask: Ask) -> Answer {
    desk.answer(TabId::new([1; TabId::LEN]), &Question { number, ask }, NOW)
}

fn change(desk: &mut Desk, number: u64, change: DeviceChange) -> Answer {
    ask(desk, number, Ask::ChangeDevices(change))
}

fn devices(desk: &mut Desk) -> Devices {
    match ask(desk, 1_000, Ask::Devices) {
        Answer::Devices(devices) => devices,
        other => panic!("{other:?}"),
    }
}

fn overview(desk: &mut Desk) -> Overview {
    match ask(desk, 1_001, Ask::Overview) {
        Answer::Overview(overview) => overview,
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_an_account_there_are_no_devices_and_this_one_can_be_linked() {
    let mut desk = desk();
    assert_eq!(devices(&mut desk), Devices::default());
    let code = DeviceChange::EnterCode("ABCD-EFGH-JKMN".into());
    assert_eq!(
        change(&mut desk, 1, code),
        Answer::Refused(Refusal::NoAccount)
    );
    let show = DeviceChange::ShowCode {
        name: "Firefox on Linux".into(),
    };
    assert_eq!(change(&mut desk, 2, show.clone()), Answer::Done);
    let linking = devices(&mut desk).linking.unwrap();
    assert_eq!((linking.new, linking.stage), (true, LinkStage::Connecting));
    assert!(desk.news(NOW).contains(&News::Devices));
    assert_eq!(
        change(&mut desk, 2, show.clone()),
        Answer::Done,
        "asked twice, it is done once"
    );
    assert_eq!(change(&mut desk, 3, DeviceChange::End), Answer::Done);
    assert_eq!(devices(&mut desk).linking, None);
}

#[test]
fn the_first_device_has_the_name_that_it_is_given() {
    let mut desk = desk();
    let create = Ask::CreateAccount {
        name: "Ada".into(),
        invite: None,
    };
    assert_eq!(ask(&mut desk, 1, create), Answer::Done);
    let describe = |name: &str| DeviceChange::Describe(name.into());
    for (number, name) in [(2, "Firefox on Linux"), (3, "Something else")] {
        assert_eq!(change(&mut desk, number, describe(name)), Answer::Done);
    }
    let known = devices(&mut desk).devices;
    let [device] = known.as_slice() else {
        panic!("{known:?}");
    };
    assert_eq!(device.name, "Firefox on Linux");
    assert_eq!((device.here, device.kind), (true, DeviceKind::Browser));
    let rename = |name: &str| DeviceChange::Rename(device.device, name.into());
    assert_eq!(change(&mut desk, 4, rename("Kitchen")), Answer::Done);
    assert_eq!(
        change(&mut desk, 5, rename(" ")),
        Answer::Refused(Refusal::Name)
    );
    assert_eq!(devices(&mut desk).devices.first().unwrap().name, "Kitchen");
    assert_eq!(
        change(&mut desk, 6, DeviceChange::Revoke(device.device)),
        Answer::Refused(Refusal::NotNow),
        "a device is signed out from another"
    );
    assert_eq!(
        change(&mut desk, 7, DeviceChange::EnterCode("no code".into())),
        Answer::Refused(Refusal::NotACode)
    );
}

#[test]
fn whoever_was_signed_out_is_told_when_until_there_is_an_account() {
    let mut desk = desk().signed_out(Some(Timestamp(7)));
    assert_eq!(overview(&mut desk).signed_out_at, Some(7));
    assert_eq!(
        desk.take_signed_out(),
        None,
        "the store was begun anew already"
    );
    let create = Ask::CreateAccount {
        name: "Ada".into(),
        invite: None,
    };
    assert_eq!(ask(&mut desk, 1, create), Answer::Done);
    assert_eq!(overview(&mut desk).signed_out_at, None);
}

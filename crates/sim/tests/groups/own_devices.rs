//! What one device of an account decided about a group comes true with the help of the others, if it cannot see to it itself.

use undertone_engine::{ChatState, HistoryChoice};
use undertone_wire::{
    frame,
    proto::{self, send_request::Body},
    time::MINUTE_MS,
};

use crate::story::*;

const ANNA: usize = 0;
const BEN: usize = 1;
/// Anna's, without an account of its own.
const TABLET: usize = 2;

#[test]
fn who_leaves_on_a_device_that_is_signed_out_before_it_can_say_so_is_out_all_the_same() {
    let mut world = undertone_sim::world::World::new(91, 3).unwrap();
    meet(&mut world, 2, |_, _| true);
    let bens = group_of(&mut world, BEN, "Choir", &[ANNA]);
    link(&mut world, TABLET, ANNA, HistoryChoice::None);
    pass(&mut world, MINUTE_MS);
    let tablets = seen(&mut world, TABLET, "Choir").unwrap();
    says(&mut world, TABLET, tablets, "I am here twice");
    assert!(texts(&mut world, BEN, bens).contains(&"I am here twice".to_owned()));

    // What the tablet sends to more than one device does not come through: that is what it says to the group.
    let garble = |bytes: bytes::Bytes| {
        let mut request: proto::SendRequest = frame::decode(bytes.clone()).unwrap();
        match &mut request.body {
            Some(Body::Deliver(deliver)) if deliver.aliases.len() > 1 => {
                deliver.payload = vec![7; deliver.payload.len()].into();
                frame::encode(&request)
            }
            _ => bytes,
        }
    };
    world.tampers.insert(TABLET, Box::new(garble));
    act(&mut world, TABLET, |engine, now| {
        engine.leave_group(&tablets, now)
    });
    pass(&mut world, 5_000);
    let devices = act(&mut world, ANNA, |engine, _| engine.devices());
    let tablet = devices.iter().find(|device| !device.this_device).unwrap();
    act(&mut world, ANNA, |engine, now| {
        engine.revoke_device(&tablet.id, now)
    });
    pass(&mut world, 5 * MINUTE_MS);

    let annas = seen(&mut world, ANNA, "Choir").unwrap();
    assert_eq!(state(&mut world, ANNA, annas), ChatState::Left);
    assert_eq!(names(&mut world, BEN, bens).len(), 1);
    says(&mut world, BEN, bens, "alone at last");
    let read = texts(&mut world, ANNA, annas);
    assert!(!read.contains(&"alone at last".to_owned()));
}

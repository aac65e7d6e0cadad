//! Bad input of every kind: each gets its error, and changes nothing on the disk.

#[path = "refusals/accounts.rs"]
mod accounts;
#[path = "refusals/fixture.rs"]
mod fixture;
#[path = "refusals/frames.rs"]
mod frames;
#[path = "refusals/outside_conversations.rs"]
mod outside_conversations;
#[path = "refusals/queues.rs"]
mod queues;
#[path = "refusals/sending.rs"]
mod sending;

use self::{
    accounts::ACCOUNTS, fixture::Fixture, frames::FRAMES,
    outside_conversations::OUTSIDE_CONVERSATIONS, queues::QUEUES, sending::SENDING,
};

#[test]
fn bad_input_is_refused_and_changes_nothing() {
    let mut fixture = Fixture::new();
    let cases: Vec<_> = [FRAMES, ACCOUNTS, QUEUES, SENDING, OUTSIDE_CONVERSATIONS].concat();
    assert!(cases.len() >= 100, "{}", cases.len());
    for (name, expected, prepare) in cases {
        let bad = prepare(&mut fixture);
        let before = fixture.world.rows();
        let found = fixture.refused(bad);
        assert_eq!(found, Some(expected), "{name}");
        assert_eq!(fixture.world.rows(), before, "{name}");
    }
}

//! What people change later: their name, whom they have blocked, a refused account; and what a user interface asks for
//! twice, because it could not hear the answer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use undertone_engine::{ChatId, ChatState, CommandError, Engine, MessageState, RequestId, Service};
use undertone_sim::{
    scenario::chat_between,
    world::{AUTHORITY, World},
};
use undertone_wire::{
    ids::{AccountId, ContentId},
    time::{Timestamp, WEEK_MS},
};

/// Two people who can write to each other, and the chat as each of them knows it.
struct Pair {
    world: World,
    chats: [ChatId; 2],
}

impl Pair {
    fn new(seed: u64) -> Self {
        let mut world = World::new(seed, 2).unwrap();
        for person in 0..2 {
            let name = format!("person {person}");
            let server = format!("https://{AUTHORITY}");
            act(&mut world, person, |engine, now| {
                engine.create_account(&server, &name, "", now)
            });
        }
        pass(&mut world, 10_000);
        let link = act(&mut world, 0, |engine, now| {
            engine.new_once_link(Timestamp(0), now)
        });
        pass(&mut world, 5_000);
        let there = act(&mut world, 1, |engine, now| {
            engine.add_contact(&link.to_string(), now)
        });
        pass(&mut world, 10_000);
        let here = chat_between(&mut world, 0, 1).unwrap().unwrap();
        Self {
            world,
            chats: [here, there.chat],
        }
    }

    fn says(&mut self, person: usize, text: &str) {
        let chat = self.chats[person];
        act(&mut self.world, person, |engine, now| {
            engine.send_text(&chat, text, now)
        });
        pass(&mut self.world, 5_000);
    }

    fn sees(&mut self, person: usize) -> Vec<(String, MessageState)> {
        let chat = self.chats[person];
        let history = act(&mut self.world, person, |engine, _| {
            engine.history(&chat, u64::MAX, 100)
        });
        history
            .into_iter()
            .map(|message| (message.text, message.state))
            .collect()
    }

    fn state(&mut self, person: usize) -> ChatState {
        let chat = self.chats[person];
        let chats = act(&mut self.world, person, |engine, _| Ok(engine.chats()?));
        chats.iter().find(|view| view.chat == chat).unwrap().state
    }

    fn account(&mut self, person: usize) -> AccountId {
        let view = act(&mut self.world, person, |engine, _| {
            Ok(engine.account_view()?)
        });
        view.unwrap().account
    }

    fn name_at(&mut self, person: usize) -> String {
        let contacts = act(&mut self.world, person, |engine, _| Ok(engine.contacts()?));
        contacts[0].name.clone()
    }

    fn blocks(&mut self, person: usize) {
        let other = self.account(1 - person);
        act(&mut self.world, person, |engine, now| {
            engine.block_contact(&other, now)
        });
        pass(&mut self.world, 10_000);
    }

    fn unblocks(&mut self, person: usize) {
        let other = self.account(1 - person);
        act(&mut self.world, person, |engine, now| {
            engine.unblock_contact(&other, now)
        });
        pass(&mut self.world, 20_000);
    }
}

fn act<T>(
    world: &mut World,
    person: usize,
    act: impl FnOnce(&mut Engine, Timestamp) -> Result<T, CommandError>,
) -> T {
    world.with(person, act).unwrap().unwrap()
}

fn pass(world: &mut World, ms: u64) {
    let until = world.now + ms;
    world.run_until(until).unwrap();
}

fn said(text: &str, state: MessageState) -> (String, MessageState) {
    (text.to_owned(), state)
}

#[test]
fn a_new_name_reaches_contacts() {
    let mut pair = Pair::new(101);
    assert_eq!(pair.name_at(1), "person 0");
    for _ in 0..2 {
        act(&mut pair.world, 0, |engine, now| {
            engine.set_name(" Ada ", now)
        });
    }
    pass(&mut pair.world, 5_000);
    assert_eq!(pair.name_at(1), "Ada");
    let refused = pair
        .world
        .with(0, |engine, now| match engine.set_name("\n", now) {
            Err(CommandError::Content(_)) => Ok(true),
            _ => Ok(false),
        });
    assert_eq!(refused.unwrap(), Some(true));
}

#[test]
fn a_blocked_contact_is_heard_again_when_unblocked() {
    let mut pair = Pair::new(102);
    pair.says(1, "before");
    pair.blocks(0);
    pair.says(1, "lost");
    pair.unblocks(0);
    assert_eq!(pair.state(0), ChatState::Active);
    pair.says(1, "after");
    pair.says(0, "I hear you");
    let mine = [
        said("before", MessageState::Received),
        said("after", MessageState::Received),
        said("I hear you", MessageState::Delivered),
    ];
    assert_eq!(pair.sees(0), mine);
    assert_eq!(pair.sees(1).len(), 4);
    assert_eq!(pair.sees(1)[1], said("lost", MessageState::Sent));
    // The card that contacts hold was dropped by the block, and is told anew.
    pair.unblocks(0);
    assert_eq!(pair.sees(0), mine);
}

#[test]
fn a_contact_who_changed_keys_while_blocked_is_caught_up_with() {
    let mut pair = Pair::new(103);
    pair.says(1, "before");
    pair.blocks(0);
    // Both sides make their leaves anew every week; the blocked one's commits reach nobody.
    pass(&mut pair.world, 2 * WEEK_MS);
    pair.says(1, "lost");
    pair.unblocks(0);
    pass(&mut pair.world, 60_000);
    pair.says(0, "are you there?");
    pair.says(1, "yes");
    assert_eq!(
        pair.sees(0)[1..],
        [
            said("are you there?", MessageState::Delivered),
            said("yes", MessageState::Received)
        ]
    );
}

#[test]
fn following_the_link_of_somebody_blocked_does_not_unblock_them() {
    let mut pair = Pair::new(104);
    let link = act(&mut pair.world, 0, |engine, _| engine.link()).to_string();
    pair.blocks(1);
    act(&mut pair.world, 1, |engine, now| {
        engine.add_contact(&link, now)
    });
    pass(&mut pair.world, 10_000);
    assert_eq!(pair.state(1), ChatState::Blocked);
    pair.unblocks(1);
    pair.says(1, "here");
    assert_eq!(pair.sees(0), [said("here", MessageState::Received)]);
}

#[test]
fn a_conversation_that_had_not_begun_does_not_come_back() {
    let mut world = World::new(110, 2).unwrap();
    for person in 0..2 {
        let server = format!("https://{AUTHORITY}");
        act(&mut world, person, |engine, now| {
            engine.create_account(&server, "somebody", "", now)
        });
    }
    pass(&mut world, 10_000);
    let link = act(&mut world, 0, |engine, _| engine.link()).to_string();
    let added = act(&mut world, 1, |engine, now| engine.add_contact(&link, now));
    let contact = loop {
        pass(&mut world, 1);
        let contacts = act(&mut world, 1, |engine, _| Ok(engine.contacts()?));
        if let Some(contact) = contacts.first() {
            break contact.account;
        }
    };
    act(&mut world, 1, |engine, now| {
        engine.block_contact(&contact, now)
    });
    pass(&mut world, 20_000);
    act(&mut world, 1, |engine, now| {
        engine.unblock_contact(&contact, now)
    });
    let chats = act(&mut world, 1, |engine, _| Ok(engine.chats()?));
    let view = chats.iter().find(|view| view.chat == added.chat).unwrap();
    assert_eq!(view.state, ChatState::Failed);
    assert!(view.reason.contains("had not begun"), "{}", view.reason);
    // Their link, followed anew, leads to another conversation.
    let again = act(&mut world, 1, |engine, now| engine.add_contact(&link, now));
    pass(&mut world, 10_000);
    let chats = act(&mut world, 1, |engine, _| Ok(engine.chats()?));
    let view = chats.iter().find(|view| view.chat == again.chat).unwrap();
    assert_eq!(view.state, ChatState::Active);
}

#[test]
fn a_message_asked_for_twice_is_sent_once() {
    let mut pair = Pair::new(105);
    let (chat, id) = (pair.chats[1], ContentId::new([8; 16]));
    let send = |pair: &mut Pair| {
        let written = act(&mut pair.world, 1, |engine, now| {
            engine.send_text_with_id(&chat, id, "once", now)
        });
        pass(&mut pair.world, 5_000);
        (written.seq, written.state)
    };
    let (seq, state) = send(&mut pair);
    assert_eq!(state, MessageState::Queued);
    assert_eq!(send(&mut pair), (seq, MessageState::Delivered));
    assert_eq!(pair.sees(0), [said("once", MessageState::Received)]);
    let notes = act(&mut pair.world, 1, |engine, _| Ok(engine.chats()?));
    let notes = notes.iter().find(|view| view.chat != chat).unwrap().chat;
    let elsewhere = pair.world.with(1, |engine, now| {
        Ok(matches!(
            engine.send_text_with_id(&notes, id, "once", now),
            Err(CommandError::NotNow(_))
        ))
    });
    assert_eq!(elsewhere.unwrap(), Some(true));
}

#[test]
fn a_link_asked_for_twice_is_made_once() {
    let mut pair = Pair::new(106);
    let (one, other) = (
        RequestId::new([1; RequestId::LEN]),
        RequestId::new([2; RequestId::LEN]),
    );
    let mut once = |request| {
        act(&mut pair.world, 0, |engine, now| {
            engine.new_once_link_for(&request, Timestamp(0), now)
        })
    };
    let link = once(one);
    assert_eq!(once(one), link);
    assert_ne!(once(other), link);
    let reset = RequestId::new([3; RequestId::LEN]);
    let mut reset = || {
        act(&mut pair.world, 0, |engine, now| {
            engine.reset_link_for(&reset, now)
        })
    };
    assert_eq!(reset(), reset());
}

#[test]
fn an_account_that_was_taken_is_not_asked_for_again() {
    let mut pair = Pair::new(107);
    let retried = pair.world.with(0, |engine, now| {
        Ok(matches!(
            engine.retry_registration("Ada", "code", now),
            Err(CommandError::AccountExists)
        ))
    });
    assert_eq!(retried.unwrap(), Some(true));
}

#[test]
fn a_queue_connection_that_went_silent_is_found_out() {
    let mut pair = Pair::new(108);
    pass(&mut pair.world, 60_000);
    // Whatever is sent on it gets lost, and nobody says so.
    let silent = pair.world.people[0].connections.remove(&Service::Queue);
    assert!(silent.is_some());
    let queue = |pair: &Pair| {
        pair.world.people[0]
            .connections
            .get(&Service::Queue)
            .copied()
    };
    pass(&mut pair.world, 600_000);
    assert_eq!(queue(&pair), None, "nothing is noticed without asking");
    act(&mut pair.world, 0, |engine, now| {
        engine.probe(now);
        Ok(())
    });
    pass(&mut pair.world, 60_000);
    assert!(queue(&pair).is_some());
    pair.says(1, "there you are");
    assert_eq!(pair.sees(0).len(), 1);
}

#[test]
fn a_draft_stays_with_its_chat() {
    let mut pair = Pair::new(109);
    let chat = pair.chats[0];
    act(&mut pair.world, 0, |engine, _| {
        engine.save_draft(&chat, "not yet")
    });
    pair.says(0, "something else");
    let list = act(&mut pair.world, 0, |engine, _| Ok(engine.chat_list(3)?));
    let listed = list.iter().find(|listed| listed.view.chat == chat).unwrap();
    assert_eq!(listed.draft, "not");
    assert_eq!(listed.view.name, "person 1");
    assert_eq!(listed.last.as_ref().unwrap().text, "som");
    let account = pair.account(1);
    let list = act(&mut pair.world, 0, |engine, _| Ok(engine.chat_list(3)?));
    assert_eq!(list[0].account, Some(account));
}

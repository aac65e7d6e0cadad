//! Stories of groups, through real engines and the real server core, in virtual time.

use crate::story::*;
use undertone_engine::{Change, ChatState, GivenUp, MessageState, Permitted};
use undertone_sim::world::World;
use undertone_wire::time::WEEK_MS;

#[test]
fn four_people_talk_in_a_group() {
    let mut world = friends(1, 4);
    let chat = group(&mut world, 0, "Garden");
    let chats: Vec<_> = (0..4)
        .map(|person| seen(&mut world, person, "Garden").expect("in the group"))
        .collect();
    assert_eq!(chats[0], chat);
    let everybody = names(&mut world, 0, chat);
    assert_eq!(everybody.len(), 4);
    for (person, chat) in chats.iter().enumerate() {
        assert_eq!(names(&mut world, person, *chat), everybody);
        says(&mut world, person, *chat, &format!("hello from {person}"));
    }
    let said: Vec<_> = (0..4)
        .map(|person| format!("hello from {person}"))
        .collect();
    for (person, chat) in chats.iter().enumerate() {
        assert_eq!(texts(&mut world, person, *chat), said);
        assert_eq!(
            epoch(&mut world, person, *chat),
            epoch(&mut world, 0, chats[0])
        );
    }
    // Seen by all is read; by some, delivered.
    for (person, chat) in chats.iter().enumerate().take(3).skip(1) {
        does(&mut world, person, |engine, now| {
            engine.mark_read(chat, u64::MAX >> 1, now)
        });
    }
    let row = |world: &mut World| {
        let rows = act(world, 0, |engine, _| engine.history(&chat, u64::MAX, 100));
        rows.into_iter()
            .find(|row| row.text == "hello from 0")
            .unwrap()
    };
    assert_eq!(row(&mut world).state, MessageState::Delivered);
    does(&mut world, 3, |engine, now| {
        engine.mark_read(&chats[3], u64::MAX >> 1, now)
    });
    let row = row(&mut world);
    assert_eq!(row.state, MessageState::Read);
    let heard = act(&mut world, 0, |engine, _| Ok(engine.heard(row.seq)?));
    assert_eq!(heard.len(), 3);
}

#[test]
fn somebody_is_added_and_reads_only_what_comes_after() {
    let mut world = friends(2, 3);
    let chat = group_of(&mut world, 0, "Garden", &[1]);
    says(&mut world, 0, chat, "before");
    let carol = account(&mut world, 2);
    does(&mut world, 0, |engine, now| {
        engine.add_to_group(&chat, &carol, now)
    });
    says(&mut world, 0, chat, "after");
    let theirs = seen(&mut world, 2, "Garden").unwrap();
    assert_eq!(texts(&mut world, 2, theirs), ["after"]);
    assert!(lines(&mut world, 2, theirs).contains(&Change::Joined));
    let bens = seen(&mut world, 1, "Garden").unwrap();
    assert!(lines(&mut world, 1, bens).contains(&Change::Added(carol)));
    assert_eq!(texts(&mut world, 1, bens), ["before", "after"]);
}

#[test]
fn who_is_removed_sees_it_and_reads_nothing_more() {
    let mut world = friends(3, 3);
    let chat = group(&mut world, 0, "Garden");
    let (bens, carols) = (
        seen(&mut world, 1, "Garden").unwrap(),
        seen(&mut world, 2, "Garden").unwrap(),
    );
    let ben = account(&mut world, 1);
    does(&mut world, 0, |engine, now| {
        engine.remove_from_group(&chat, &ben, now)
    });
    says(&mut world, 0, chat, "without Ben");
    assert_eq!(state(&mut world, 1, bens), ChatState::Removed);
    assert_eq!(texts(&mut world, 1, bens), Vec::<String>::new());
    assert!(lines(&mut world, 1, bens).contains(&Change::RemovedMyself));
    assert_eq!(texts(&mut world, 2, carols), ["without Ben"]);
    let refused = world.with(1, |engine, now| engine.send_text(&bens, "still here", now));
    assert!(refused.is_err());
    // Added again, it is the same chat.
    does(&mut world, 0, |engine, now| {
        engine.add_to_group(&chat, &ben, now)
    });
    says(&mut world, 2, carols, "with Ben again");
    assert_eq!(seen(&mut world, 1, "Garden"), Some(bens));
    assert_eq!(state(&mut world, 1, bens), ChatState::Active);
    assert_eq!(texts(&mut world, 1, bens), ["with Ben again"]);
}

#[test]
fn leaving_is_shown_to_admins_alone() {
    let mut world = friends(4, 3);
    let chat = group(&mut world, 0, "Garden");
    let (bens, carols) = (
        seen(&mut world, 1, "Garden").unwrap(),
        seen(&mut world, 2, "Garden").unwrap(),
    );
    let ben = account(&mut world, 1);
    does(&mut world, 1, |engine, now| engine.leave_group(&bens, now));
    assert_eq!(state(&mut world, 1, bens), ChatState::Left);
    assert_eq!(names(&mut world, 0, chat).len(), 2);
    assert_eq!(names(&mut world, 2, carols).len(), 2);
    assert!(lines(&mut world, 0, chat).contains(&Change::Left(ben)));
    let told = lines(&mut world, 2, carols);
    assert!(!told.contains(&Change::Left(ben)) && !told.contains(&Change::Removed(ben)));
    says(&mut world, 0, chat, "two of us");
    assert_eq!(texts(&mut world, 2, carols), ["two of us"]);
}

#[test]
fn the_only_admin_who_leaves_is_followed_by_another() {
    let mut world = friends(5, 3);
    let chat = group(&mut world, 0, "Garden");
    does(&mut world, 0, |engine, now| engine.leave_group(&chat, now));
    pass(&mut world, 60_000);
    assert_eq!(state(&mut world, 0, chat), ChatState::Left);
    let bens = seen(&mut world, 1, "Garden").unwrap();
    let members = act(&mut world, 1, |engine, _| engine.members(&bens));
    let present: Vec<_> = members.iter().filter(|member| member.present).collect();
    assert_eq!(present.len(), 2);
    assert_eq!(present.iter().filter(|member| member.admin).count(), 1);
    says(&mut world, 1, bens, "we go on");
    let carols = seen(&mut world, 2, "Garden").unwrap();
    assert_eq!(texts(&mut world, 2, carols), ["we go on"]);
}

#[test]
fn rules_are_kept_by_every_client() {
    let mut world = friends(6, 3);
    let chat = group(&mut world, 0, "Garden");
    let bens = seen(&mut world, 1, "Garden").unwrap();
    let (ben, carol) = (account(&mut world, 1), account(&mut world, 2));
    let forbidden = world.with(1, |engine, now| engine.rename_group(&bens, "Mine", now));
    assert!(forbidden.is_err());
    let forbidden = world.with(1, |engine, now| {
        engine.remove_from_group(&bens, &carol, now)
    });
    assert!(forbidden.is_err());
    does(&mut world, 0, |engine, now| {
        engine.set_permission(&chat, Permitted::Send, false, now)
    });
    let silenced = world.with(1, |engine, now| engine.send_text(&bens, "anyway", now));
    assert!(silenced.is_err());
    says(&mut world, 0, chat, "only admins write");
    assert_eq!(texts(&mut world, 1, bens), ["only admins write"]);
    does(&mut world, 0, |engine, now| {
        engine.set_role(&chat, &ben, true, now)
    });
    does(&mut world, 1, |engine, now| {
        engine.rename_group(&bens, "Vegetables", now)
    });
    says(&mut world, 1, bens, "now I may");
    assert_eq!(seen(&mut world, 0, "Vegetables"), Some(chat));
    assert_eq!(
        texts(&mut world, 0, chat),
        ["only admins write", "now I may"]
    );
    let told = lines(&mut world, 0, chat);
    assert!(told.contains(&Change::Permission(Permitted::Send, false)));
    assert!(told.contains(&Change::Admin(ben)));
    assert!(told.contains(&Change::Title("Vegetables".into())));
}

#[test]
fn changes_at_the_same_time_all_come_true() {
    let mut world = friends(7, 4);
    let chat = group_of(&mut world, 0, "Garden", &[1, 2]);
    let ben = account(&mut world, 1);
    does(&mut world, 0, |engine, now| {
        engine.set_role(&chat, &ben, true, now)
    });
    let bens = seen(&mut world, 1, "Garden").unwrap();
    let (carol, dora) = (account(&mut world, 2), account(&mut world, 3));
    // At the very same moment, one adds, the other removes, and both rename.
    act(&mut world, 0, |engine, now| {
        engine.add_to_group(&chat, &dora, now)
    });
    act(&mut world, 1, |engine, now| {
        engine.remove_from_group(&bens, &carol, now)
    });
    act(&mut world, 0, |engine, now| {
        engine.describe_group(&chat, "Where we plan it", now)
    });
    act(&mut world, 1, |engine, now| {
        engine.set_permission(&bens, Permitted::Add, true, now)
    });
    pass(&mut world, 60_000);
    for (person, chat) in [(0, chat), (1, bens)] {
        let view = act(&mut world, person, |engine, _| engine.group(&chat));
        assert_eq!(view.description, "Where we plan it");
        assert!(view.permissions.contains(&(Permitted::Add, true)));
        assert!(!view.changing);
        assert_eq!(names(&mut world, person, chat).len(), 3);
    }
    let doras = seen(&mut world, 3, "Garden").unwrap();
    says(&mut world, 3, doras, "here I am");
    assert_eq!(texts(&mut world, 1, bens), ["here I am"]);
    assert_eq!(epoch(&mut world, 3, doras), epoch(&mut world, 0, chat));
}

#[test]
fn a_wish_that_came_true_is_not_wished_again() {
    let mut world = friends(13, 3);
    let chat = group_of(&mut world, 0, "Garden", &[1]);
    let (ben, carol) = (account(&mut world, 1), account(&mut world, 2));
    does(&mut world, 0, |engine, now| {
        engine.set_role(&chat, &ben, true, now)
    });
    let bens = seen(&mut world, 1, "Garden").unwrap();
    // Anna's commit reaches the server, and she hears of nothing until Ben has undone it.
    act(&mut world, 0, |engine, now| {
        engine.add_to_group(&chat, &carol, now)
    });
    for _ in 0..200 {
        pass(&mut world, 20);
        let known = act(&mut world, 1, |engine, _| engine.members(&bens));
        if known
            .iter()
            .any(|member| member.account == carol && member.present)
        {
            break;
        }
    }
    act(&mut world, 0, |engine, _| {
        engine.go_offline();
        Ok(())
    });
    does(&mut world, 1, |engine, now| {
        engine.remove_from_group(&bens, &carol, now)
    });
    act(&mut world, 0, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 60_000);
    assert_eq!(names(&mut world, 0, chat).len(), 2);
    assert_eq!(epoch(&mut world, 0, chat), epoch(&mut world, 1, bens));
    let theirs = seen(&mut world, 2, "Garden").unwrap();
    assert_eq!(state(&mut world, 2, theirs), ChatState::Removed);
}

#[test]
fn what_was_written_before_it_was_forbidden_is_shown_as_not_sent() {
    let mut world = friends(14, 3);
    let chat = group(&mut world, 0, "Garden");
    let bens = seen(&mut world, 1, "Garden").unwrap();
    act(&mut world, 1, |engine, now| {
        engine.go_offline();
        engine.send_text(&bens, "too late", now)
    });
    does(&mut world, 0, |engine, now| {
        engine.set_permission(&chat, Permitted::Send, false, now)
    });
    act(&mut world, 1, |engine, now| Ok(engine.go_online(now)?));
    pass(&mut world, 30_000);
    let rows = act(&mut world, 1, |engine, _| {
        engine.history(&bens, u64::MAX, 100)
    });
    let late = rows.iter().find(|row| row.text == "too late").unwrap();
    assert_eq!(late.state, MessageState::Failed);
    assert_eq!(texts(&mut world, 0, chat), Vec::<String>::new());
}

#[test]
fn alone_in_a_group_nothing_waits_and_nobody_reads_it_later() {
    let mut world = friends(15, 2);
    let chat = group_of(&mut world, 0, "Garden", &[]);
    says(&mut world, 0, chat, "only for me");
    let rows = act(&mut world, 0, |engine, _| {
        engine.history(&chat, u64::MAX, 100)
    });
    assert_eq!(rows.last().unwrap().state, MessageState::Sent);
    assert!(act(&mut world, 0, |engine, _| Ok(engine.status()?.idle)));
    let ben = account(&mut world, 1);
    does(&mut world, 0, |engine, now| {
        engine.add_to_group(&chat, &ben, now)
    });
    let bens = seen(&mut world, 1, "Garden").unwrap();
    assert_eq!(texts(&mut world, 1, bens), Vec::<String>::new());
}

#[test]
fn a_group_is_ended_for_everybody() {
    let mut world = friends(8, 3);
    let chat = group(&mut world, 0, "Garden");
    says(&mut world, 0, chat, "farewell");
    does(&mut world, 0, |engine, now| {
        engine.dissolve_group(&chat, now)
    });
    for person in 0..3 {
        let theirs = seen(&mut world, person, "Garden").unwrap();
        assert_eq!(state(&mut world, person, theirs), ChatState::Dissolved);
        assert_eq!(texts(&mut world, person, theirs), ["farewell"]);
        let refused = world.with(person, |engine, now| engine.send_text(&theirs, "?", now));
        assert!(refused.is_err());
    }
}

#[test]
fn who_does_not_want_to_be_added_is_asked() {
    let mut world = friends(9, 3);
    let ben = account(&mut world, 1);
    does(&mut world, 1, |engine, now| {
        engine.set_added_by_contacts(false, now)
    });
    let chat = group_of(&mut world, 0, "Garden", &[1, 2]);
    pass(&mut world, 30_000);
    assert_eq!(seen(&mut world, 1, "Garden"), None);
    assert!(lines(&mut world, 0, chat).contains(&Change::Invited(ben)));
    let invitations = act(&mut world, 1, |engine, _| Ok(engine.invitations()?));
    assert_eq!(invitations.len(), 1);
    assert_eq!(invitations[0].group_size, 2);
    does(&mut world, 1, |engine, now| {
        engine.accept_invitation(&invitations[0].id, now)
    });
    pass(&mut world, 30_000);
    let bens = seen(&mut world, 1, "Garden").expect("in the group");
    says(&mut world, 1, bens, "now I am here");
    assert_eq!(texts(&mut world, 0, chat), ["now I am here"]);

    let other = group_of(&mut world, 2, "Book club", &[1]);
    pass(&mut world, 30_000);
    let invitations = act(&mut world, 1, |engine, _| Ok(engine.invitations()?));
    does(&mut world, 1, |engine, now| {
        engine.decline_invitation(&invitations[0].id, now)
    });
    assert!(lines(&mut world, 2, other).contains(&Change::Declined(ben)));
    assert_eq!(seen(&mut world, 1, "Book club"), None);
}

#[test]
fn a_name_of_ones_own_in_one_group() {
    let mut world = friends(10, 3);
    let chat = group(&mut world, 0, "Garden");
    let carols = seen(&mut world, 2, "Garden").unwrap();
    let me = account(&mut world, 0);
    does(&mut world, 0, |engine, now| {
        engine.set_name_in_group(&chat, "The gardener", now)
    });
    // Contacts see the name that they know; it is in the group all the same.
    let members = act(&mut world, 2, |engine, _| engine.members(&carols));
    let mine = members.iter().find(|member| member.account == me).unwrap();
    assert!(mine.contact);
    let view = act(&mut world, 0, |engine, _| engine.group(&chat));
    assert_eq!(view.own_name, "The gardener");
    let own = act(&mut world, 0, |engine, _| engine.members(&chat));
    assert_eq!(own[0].name, "The gardener");
}

#[test]
fn those_who_cannot_be_reached_are_told_of_and_the_group_goes_on() {
    let mut world = friends(11, 3);
    let (anna, ben) = (account(&mut world, 0), account(&mut world, 1));
    // Ben has blocked Anna: his card for contacts is another now, and she was not told of it.
    does(&mut world, 1, |engine, now| {
        engine.block_contact(&anna, now)
    });
    let chat = group(&mut world, 0, "Garden");
    pass(&mut world, 30_000);
    assert_eq!(seen(&mut world, 1, "Garden"), None);
    let told = lines(&mut world, 0, chat);
    let known = told.contains(&Change::Invited(ben))
        || told.contains(&Change::GivenUp(Some(ben), GivenUp::Unreachable));
    assert!(known, "{told:?}");
    assert_eq!(names(&mut world, 0, chat).len(), 2);
}

#[test]
fn keys_are_made_anew_every_week_and_nothing_is_lost() {
    let mut world = friends(12, 3);
    let chat = group(&mut world, 0, "Garden");
    let (before, _) = epoch(&mut world, 0, chat);
    pass(&mut world, WEEK_MS + 60_000);
    let bens = seen(&mut world, 1, "Garden").unwrap();
    says(&mut world, 1, bens, "a week later");
    let (after, _) = epoch(&mut world, 0, chat);
    assert!(after >= before + 3, "{before} to {after}");
    assert_eq!(texts(&mut world, 0, chat), ["a week later"]);
}

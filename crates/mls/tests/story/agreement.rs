//! Members who know different things agree on every commit, lawful or not.

use openmls::prelude::Lifetime;
use proptest::prelude::*;
use undertone_mls::{
    CardKind, Change, GroupId, Invitation, LEAF_EXTENSION, OpenError, Opened, Privacy, Provider,
    Rules, Who,
};
use undertone_wire::{identity::Capability, ids::Handle};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::{
    device::{Device, HANDLE, agree, alice_and_bob, desk_and_phone, three},
    lawless::{self, Content, Forgery},
};

/// One part of a commit. Numbers are taken modulo what there is.
#[derive(Debug, Clone)]
enum Part {
    Add {
        person: u8,
        card: CardKind,
        flaw: Option<Flaw>,
        bot: bool,
    },
    Remove(usize),
    Rule(RuleChange),
    Leaf(CardKind),
    BareLeaf,
}

#[derive(Debug, Clone, Copy)]
enum Flaw {
    Lifetime,
    Credential,
    SecondExtension,
}

#[derive(Debug, Clone, Copy)]
enum RuleChange {
    Title,
    Handle,
    Permissions(Who),
    AdminsAll,
    AdminsOnly(usize),
    NoBots,
    Predecessor,
    NoPredecessors,
    Group,
}

/// What one member lives through before a commit comes.
#[derive(Debug, Clone, Copy)]
enum Event {
    Nothing,
    Restart,
    OwnPending,
    Messages(u8),
}

fn card() -> impl Strategy<Value = CardKind> {
    prop_oneof![
        4 => Just(CardKind::Contacts),
        3 => Just(CardKind::OwnDevice),
        1 => Just(CardKind::Link),
        1 => Just(CardKind::Once),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    let flaw = prop_oneof![
        5 => Just(None),
        1 => Just(Some(Flaw::Lifetime)),
        1 => Just(Some(Flaw::Credential)),
        1 => Just(Some(Flaw::SecondExtension)),
    ];
    let add = (1..6_u8, card(), flaw, proptest::bool::weighted(0.1));
    let rule = prop_oneof![
        Just(RuleChange::Title),
        Just(RuleChange::Handle),
        Just(RuleChange::Permissions(Who::Admins)),
        Just(RuleChange::Permissions(Who::Everyone)),
        Just(RuleChange::AdminsAll),
        any::<usize>().prop_map(RuleChange::AdminsOnly),
        Just(RuleChange::NoBots),
        Just(RuleChange::Predecessor),
        Just(RuleChange::NoPredecessors),
        Just(RuleChange::Group),
    ];
    prop_oneof![
        4 => add.prop_map(|(person, card, flaw, bot)| Part::Add { person, card, flaw, bot }),
        3 => any::<usize>().prop_map(Part::Remove),
        3 => rule.prop_map(Part::Rule),
        2 => card().prop_map(Part::Leaf),
        1 => Just(Part::BareLeaf),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Nothing),
        Just(Event::Restart),
        Just(Event::OwnPending),
        (0..5_u8).prop_map(Event::Messages),
    ]
}

#[derive(Debug, Clone)]
struct Step {
    author: usize,
    parts: Vec<Part>,
    events: Vec<Event>,
}

fn step() -> impl Strategy<Value = Step> {
    let parts = proptest::collection::vec(part(), 0..3);
    let events = proptest::collection::vec(event(), 8);
    (any::<usize>(), parts, events).prop_map(|(author, parts, events)| Step {
        author,
        parts,
        events,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn in_a_group(restricted: bool, steps in proptest::collection::vec(step(), 1..8)) {
        let (alice, bob, carol) = three(|rules| if restricted {
            rules.permissions.add = Who::Admins;
            rules.permissions.edit = Who::Admins;
        });
        run(vec![alice, bob, carol], steps);
    }

    #[test]
    fn between_two(steps in proptest::collection::vec(step(), 1..8)) {
        let (alice, bob) = alice_and_bob();
        run(vec![alice, bob], steps);
    }

    #[test]
    fn among_own_devices(steps in proptest::collection::vec(step(), 1..5)) {
        let (desk, phone) = desk_and_phone();
        run(vec![desk, phone], steps);
    }
}

fn run(mut members: Vec<Device>, steps: Vec<Step>) {
    let mut devices = 10;
    for step in steps {
        live(&mut members, &step.events);
        let author = step.author % members.len();
        let mut author = members.swap_remove(author);
        let before = author.store.snapshot();
        let mut joiners = Vec::new();
        let commit = build(&mut author, &step.parts, &mut joiners, &mut devices);
        let Some(commit) = commit else {
            // OpenMLS itself refuses to build it.
            author.store.restore(&before);
            author.restarts();
            members.push(author);
            continue;
        };

        let mut verdicts = Vec::new();
        for member in &mut members {
            let before = member.store.snapshot();
            let verdict = match member.opens(&commit.envelope) {
                Ok(Opened::Commit(commit)) => Ok(commit),
                Err(OpenError::InvalidCommit { violation, .. }) => Err(violation),
                unexpected => panic!("{unexpected:?}"),
            };
            assert_eq!(
                member.store.snapshot(),
                before,
                "opening a commit changes nothing"
            );
            verdicts.push(verdict);
        }
        let first = verdicts
            .first()
            .map(|verdict| verdict.as_ref().err().copied());
        for verdict in &verdicts {
            assert_eq!(
                Some(verdict.as_ref().err().copied()),
                first,
                "{:?}",
                step.parts
            );
        }
        if first.is_none_or(|refused| refused.is_some()) {
            author.store.restore(&before);
            author.restarts();
            members.push(author);
            continue;
        }

        for (member, verdict) in members.iter_mut().zip(verdicts) {
            let commit = *verdict.unwrap();
            member.with(|group, provider, _, _| group.merge(provider, commit).unwrap());
        }
        author.with(|group, provider, _, _| group.merge_own_pending(provider).unwrap());
        members.retain(|member| member.group().is_active());
        // Whom the members accept can accept the conversation.
        for mut joiner in joiners {
            let provider = Provider::new(&joiner.store);
            let invitation = Invitation::read(&provider, commit.welcome.as_ref().unwrap()).unwrap();
            let group = invitation.accept(&provider).unwrap();
            joiner.set_group(Some(group));
            members.push(joiner);
        }
        for member in &members {
            agree(&author, member);
        }
        members.push(author);
    }
}

fn live(members: &mut [Device], events: &[Event]) {
    for index in 0..members.len() {
        match events[index % events.len()] {
            Event::Nothing => {}
            Event::Restart => members[index].restarts(),
            Event::OwnPending => {
                if !members[index].group().has_pending() {
                    members[index].commits(Change::default());
                }
            }
            // Only the next in line receives them.
            Event::Messages(count) => {
                for _ in 0..count {
                    let message = members[index].sends("x");
                    let next = (index + 1) % members.len();
                    if next != index {
                        members[next].receives(&message);
                    }
                }
            }
        }
    }
}

fn build(
    author: &mut Device,
    parts: &[Part],
    joiners: &mut Vec<Device>,
    devices: &mut u8,
) -> Option<lawless::Lawless> {
    author.with(|group, provider, _, _| group.discard_pending(provider).unwrap());
    let members = author.group().members().unwrap().to_vec();
    let mut content = Content::default();
    let mut rules = author.group().rules().clone();
    for part in parts {
        match part {
            Part::Add {
                person,
                card,
                flaw,
                bot,
            } => {
                *devices += 1;
                let capability = if *bot {
                    Capability::Bot
                } else {
                    Capability::Full
                };
                let mut device = Device::with_capability(*person, *devices, capability);
                let mut forgery = Forgery::of(&mut device, *card);
                match flaw {
                    None => {}
                    Some(Flaw::Lifetime) => forgery.lifetime = Lifetime::init(0, 1 << 40),
                    Some(Flaw::Credential) => {
                        forgery.credential = author.identity.certificate.encode();
                    }
                    Some(Flaw::SecondExtension) => forgery.leaf.push((0xF1FF, vec![])),
                }
                content.adds.push(forgery.sign(&device));
                joiners.push(device);
            }
            Part::Remove(which) => content.removes.push(members[which % members.len()].index),
            Part::Rule(change) => match change {
                RuleChange::Title => rules.title.push('!'),
                RuleChange::Handle => rules.handle = Handle::new([9; 32]),
                RuleChange::Permissions(who) => rules.permissions.add = *who,
                RuleChange::AdminsAll => {
                    rules.admins = members.iter().map(|member| member.account).collect();
                }
                RuleChange::AdminsOnly(which) => {
                    rules.admins = [members[which % members.len()].account].into();
                }
                RuleChange::NoBots => rules.privacy = Privacy::NO_BOTS,
                RuleChange::Predecessor => {
                    let next = rules.predecessors.len() as u8;
                    rules.predecessors.push(GroupId::new([next; 32]));
                }
                RuleChange::NoPredecessors => rules.predecessors.clear(),
                RuleChange::Group => rules = Rules::group(HANDLE, "mine".into(), author.account()),
            },
            Part::Leaf(card) => {
                let info = lawless::info(author, *card);
                content.leaf = Some(lawless::new_leaf(&[(LEAF_EXTENSION, info)]));
            }
            Part::BareLeaf => content.leaf = Some(lawless::new_leaf(&[])),
        }
    }
    if parts.iter().any(|part| matches!(part, Part::Rule(_))) {
        content.context = Some(lawless::rules_context(&rules));
    }
    lawless::commits(author, &content)
}

//! Random sequences of deliveries, commits, acknowledgements and restarts against a model of what must be true.

use proptest::prelude::*;
use undertone_server::core::Event;
use undertone_wire::{
    ids::Alias,
    proto::{self, Stale, queue_answer, queue_request, send_answer},
};

use crate::harness::*;

const QUEUES: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    /// At an epoch so many before the current one, to a set of queues, small or large.
    Deliver {
        behind: u64,
        to: Vec<usize>,
        large: bool,
    },
    /// From an epoch so many before the current one, to all.
    Commit {
        behind: u64,
    },
    /// The first so many entries of a queue, perhaps twice.
    Acknowledge {
        queue: usize,
        number: usize,
        twice: bool,
    },
    DropAlias {
        queue: usize,
    },
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let to = proptest::sample::subsequence((0..QUEUES).collect::<Vec<_>>(), 1..=QUEUES);
    prop_oneof![
        8 => (0..3_u64, to, any::<bool>())
            .prop_map(|(behind, to, large)| Step::Deliver { behind, to, large }),
        4 => (0..3_u64).prop_map(|behind| Step::Commit { behind }),
        4 => (0..QUEUES, 0..5_usize, any::<bool>())
            .prop_map(|(queue, number, twice)| Step::Acknowledge { queue, number, twice }),
        1 => (0..QUEUES).prop_map(|queue| Step::DropAlias { queue }),
        1 => Just(Step::Restart),
    ]
}

struct Model {
    world: World,
    queues: Vec<Queue>,
    aliases: Vec<Option<Alias>>,
    sender: undertone_server::core::ConnectionId,
    epochs: Vec<Conversation>,
    /// What each queue must hold, in order.
    expected: Vec<Vec<Vec<u8>>>,
    number: u32,
}

impl Model {
    fn new() -> Self {
        let mut world = World::new();
        let queues: Vec<_> = (0..QUEUES).map(|_| world.queue()).collect();
        let sender = world.sender();
        let first = world.conversation(sender);
        let aliases = queues
            .iter()
            .map(|queue| Some(world.alias(queue, Some(&first.handle))))
            .collect();
        Self {
            world,
            queues,
            aliases,
            sender,
            epochs: vec![first],
            expected: vec![Vec::new(); QUEUES],
            number: 0,
        }
    }

    fn epoch(&self, behind: u64) -> Option<Conversation> {
        let index = self.epochs.len().checked_sub(1 + behind as usize)?;
        self.epochs.get(index).cloned()
    }

    fn stale(&self) -> send_answer::Body {
        let epoch = self.epochs.last().unwrap().epoch;
        send_answer::Body::Stale(Stale { epoch })
    }

    fn payload(&mut self, large: bool) -> Vec<u8> {
        self.number += 1;
        let mut payload = self.number.to_be_bytes().to_vec();
        payload.resize(if large { 9_000 } else { 100 }, 0);
        payload
    }

    /// The aliases of some queues; of those dropped too, for their senders do not know.
    fn named(&self, to: &[usize]) -> Vec<Alias> {
        to.iter()
            .map(|queue| self.aliases[*queue].unwrap_or(Alias::new([*queue as u8; 32])))
            .collect()
    }

    fn arrived(&mut self, to: &[usize], payload: &[u8]) {
        for queue in to {
            if self.aliases[*queue].is_some() {
                self.expected[*queue].push(payload.to_vec());
            }
        }
    }

    /// The event of a step and the answer that it must get, if it is one for a batch.
    fn event(&mut self, step: &Step) -> Option<(Event, send_answer::Body)> {
        match step {
            Step::Deliver { behind, to, large } => {
                let epoch = self.epoch(*behind)?;
                let payload = self.payload(*large);
                let body = deliver(&self.named(to), &payload, Some(epoch.guard()));
                let event = self.world.send_event(self.sender, body).unwrap();
                if *behind > 0 {
                    return Some((event, self.stale()));
                }
                self.arrived(to, &payload);
                Some((event, ACCEPTED))
            }
            Step::Commit { behind } => {
                let epoch = self.epoch(*behind)?;
                let next = self.world.next(&epoch);
                let payload = self.payload(false);
                let all: Vec<_> = (0..QUEUES).collect();
                let body = epoch.commit(&next, &payload, &self.named(&all), &[]);
                let event = self.world.send_event(self.sender, body).unwrap();
                if *behind > 0 {
                    return Some((event, self.stale()));
                }
                self.arrived(&all, &payload);
                self.epochs.push(next);
                Some((event, ACCEPTED))
            }
            _ => None,
        }
    }

    /// A step that stands alone.
    fn alone(&mut self, step: &Step) {
        match step {
            Step::Acknowledge {
                queue,
                number,
                twice,
            } => {
                let number = (*number).min(self.expected[*queue].len());
                let entries = self.world.waiting(&self.queues[*queue]);
                for _ in 0..=usize::from(*twice) {
                    let entries = &entries[..number];
                    self.world.acknowledge(&self.queues[*queue], entries);
                }
                self.expected[*queue].drain(..number);
            }
            Step::DropAlias { queue } => {
                if let Some(alias) = self.aliases[*queue].take() {
                    let connection = self.queues[*queue].connection;
                    self.world.queue_call(connection, drop_alias(&alias));
                }
            }
            Step::Restart => {
                self.world.restart();
                for queue in &mut self.queues {
                    self.world.attach(queue);
                }
                self.sender = self.world.sender();
            }
            Step::Deliver { .. } | Step::Commit { .. } => {}
        }
    }

    fn check(&mut self) {
        for (queue, expected) in self.queues.iter().zip(&self.expected) {
            let waiting = self.world.waiting(queue);
            let found: Vec<_> = waiting
                .into_iter()
                .map(|entry| payload_of(&mut self.world, queue, entry))
                .collect();
            assert_eq!(found, *expected);
        }
    }

    /// When everything is acknowledged, nothing is left but what was stored for nobody.
    fn drain(&mut self) {
        for queue in 0..QUEUES {
            let number = usize::MAX;
            self.alone(&Step::Acknowledge {
                queue,
                number,
                twice: false,
            });
        }
        let decoys = self.world.count("delivery.entries");
        let slots = self.world.count("delivery.slots");
        assert!(slots <= decoys);
        if self.aliases.iter().all(Option::is_some) {
            for table in ["entries", "slots", "claims", "payloads"] {
                let table = format!("delivery.{table}");
                assert_eq!(self.world.count(&table), 0, "{table}");
            }
        }
        let commits = self.world.count("delivery.commits");
        assert_eq!(commits, self.epochs.len() - 1);
    }
}

fn payload_of(world: &mut World, queue: &Queue, entry: Opened) -> Vec<u8> {
    match entry.payload {
        Carried::Inline(payload) => payload,
        Carried::Slot(slot) => {
            let fetch = queue_request::Body::FetchPayload(proto::FetchPayload { slot });
            match world.queue_call(queue.connection, fetch) {
                queue_answer::Body::Payload(payload) => payload.payload,
                other => panic!("{other:?}"),
            }
        }
    }
}

fn run(steps: &[Step], batch: usize) {
    let mut model = Model::new();
    for steps in steps.chunks(batch) {
        let mut answers = Vec::new();
        let mut events = Vec::new();
        for step in steps {
            if let Some((event, answer)) = model.event(step) {
                events.push(event);
                answers.push(answer);
            }
        }
        model.world.apply(events);
        for expected in answers {
            let frame = model.world.next_frame(model.sender).unwrap();
            let answer: proto::SendAnswer = prost::Message::decode(frame).unwrap();
            assert_eq!(answer.body.unwrap(), expected);
        }
        for step in steps {
            model.alone(step);
        }
        model.check();
    }
    model.drain();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn each_queue_holds_what_was_accepted_for_it_once_and_in_order(
        steps in proptest::collection::vec(step(), 1..60),
        batch in 1..8_usize,
    ) {
        run(&steps, batch);
    }
}

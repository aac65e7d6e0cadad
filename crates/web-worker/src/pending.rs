//! The questions of a page that nobody has answered yet. They are asked again until somebody does.

use std::collections::BTreeMap;

use undertone_web_messages::{Ask, Question};
use undertone_wire::time::Timestamp;

/// A question is asked again after so many milliseconds, then after twice as many, and so on.
const AGAIN_MS: u64 = 1_500;
/// How often the wait doubles.
const DOUBLES: u32 = 3;

struct Waiting {
    ask: Ask,
    again_at: Timestamp,
    times: u32,
}

/// What waits, in the order of asking.
#[derive(Default)]
pub struct Pending {
    waiting: BTreeMap<u64, Waiting>,
}

impl Pending {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a question that is asked now.
    pub fn note(&mut self, question: Question, now: Timestamp) {
        let waiting = Waiting {
            ask: question.ask,
            again_at: now.plus(AGAIN_MS),
            times: 0,
        };
        self.waiting.insert(question.number, waiting);
    }

    /// A question was answered; tells whether anybody still waits for that.
    pub fn settle(&mut self, number: u64) -> bool {
        self.waiting.remove(&number).is_some()
    }

    /// The questions to ask again now: an answer is overdue.
    pub fn overdue(&mut self, now: Timestamp) -> Vec<Question> {
        let due = self
            .waiting
            .iter_mut()
            .filter(|(_, waiting)| waiting.again_at <= now);
        due.map(|(number, waiting)| {
            waiting.times = (waiting.times + 1).min(DOUBLES);
            waiting.again_at = now.plus(AGAIN_MS << waiting.times);
            question(*number, waiting)
        })
        .collect()
    }

    /// All questions, because there is somebody else to ask.
    pub fn all(&mut self, now: Timestamp) -> Vec<Question> {
        self.waiting
            .iter_mut()
            .map(|(number, waiting)| {
                waiting.again_at = now.plus(AGAIN_MS);
                waiting.times = 0;
                question(*number, waiting)
            })
            .collect()
    }

    /// When the next question is asked again.
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.waiting.values().map(|waiting| waiting.again_at).min()
    }
}

fn question(number: u64, waiting: &Waiting) -> Question {
    Question {
        number,
        ask: waiting.ask.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(number: u64) -> Question {
        Question {
            number,
            ask: Ask::Overview,
        }
    }

    fn numbers(questions: &[Question]) -> Vec<u64> {
        questions.iter().map(|question| question.number).collect()
    }

    #[test]
    fn a_question_is_asked_again_until_it_is_answered_and_ever_less_often() {
        let mut pending = Pending::new();
        let mut now = Timestamp(1_000);
        pending.note(question(1), now);
        for doubles in [0, 1, 2, 3, 3] {
            let wait = AGAIN_MS << doubles;
            assert_eq!(pending.wake_at(), Some(now.plus(wait)));
            assert!(pending.overdue(now.plus(wait - 1)).is_empty());
            now = now.plus(wait);
            assert_eq!(numbers(&pending.overdue(now)), [1]);
        }
        assert!(pending.settle(1));
        assert!(!pending.settle(1), "a second answer is for nobody");
        assert_eq!(pending.wake_at(), None);
    }

    #[test]
    fn another_leader_is_asked_all_in_the_order_of_asking() {
        let mut pending = Pending::new();
        for number in [3, 1, 2] {
            pending.note(question(number), Timestamp(0));
        }
        pending.settle(2);
        assert_eq!(numbers(&pending.all(Timestamp(100))), [1, 3]);
        assert!(pending.overdue(Timestamp(AGAIN_MS)).is_empty());
        assert_eq!(numbers(&pending.overdue(Timestamp(100 + AGAIN_MS))), [1, 3]);
    }
}

//! What the leader has answered lately: a change that is asked for again, because its answer was slow or lost, is
//! answered as before and not carried out again. Lost with the leader; what must not happen twice even then is
//! remembered in the store.

use std::collections::{BTreeMap, VecDeque};

use undertone_web_messages::{Answer, Ask};

use crate::keys::TabId;

/// Answers that are kept: more than tabs ever wait for at once.
const KEPT: usize = 4_096;

/// The answers to changes.
#[derive(Default)]
pub(crate) struct Answered {
    answers: BTreeMap<(TabId, u64), Answer>,
    order: VecDeque<(TabId, u64)>,
}

impl Answered {
    /// The answer that was given.
    pub(crate) fn recall(&self, tab: TabId, number: u64) -> Option<&Answer> {
        self.answers.get(&(tab, number))
    }

    /// Notes an answer that is given now.
    pub(crate) fn note(&mut self, tab: TabId, number: u64, answer: Answer) {
        if self.answers.insert((tab, number), answer).is_none() {
            self.order.push_back((tab, number));
        }
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }
}

/// Whether a question only looks. The same again is best answered with how things are then.
pub(crate) fn only_looks(ask: &Ask) -> bool {
    matches!(
        ask,
        Ask::Overview
            | Ask::History { .. }
            | Ask::Draft { .. }
            | Ask::MyLink
            | Ask::People
            | Ask::Devices
            | Ask::SafetyNumber { .. }
            | Ask::Search { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_answers_of_each_tab_are_kept() {
        let mut answered = Answered::default();
        let tab = |number| TabId::new([number; TabId::LEN]);
        let kept = KEPT as u64;
        answered.note(tab(1), 7, Answer::Done);
        for number in 1..=kept {
            answered.note(tab(2), number, Answer::Done);
        }
        assert_eq!(answered.recall(tab(1), 7), None);
        assert_eq!(answered.recall(tab(2), 1), Some(&Answer::Done));
        assert_eq!(answered.recall(tab(2), kept + 1), None);
        assert_eq!(answered.order.len(), KEPT);
    }
}

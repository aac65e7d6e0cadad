//! Arranges messages for the eye: days, the mark of what is unread, and bubbles of one sender and minute together.

use undertone_web_messages::{Mark, Message};

/// A minute, in milliseconds.
const MINUTE: u64 = 60_000;

/// One line of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A new day begins; a time within it.
    Day(u64),
    /// What follows was not seen before.
    Unread,
    /// A message.
    Bubble(Box<Bubble>),
    /// What changed, one after another.
    Changes(Vec<Message>),
}

/// A message among its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bubble {
    /// The message.
    pub message: Message,
    /// Whether it begins a group.
    pub first: bool,
    /// Whether it ends a group: there the time stands.
    pub last: bool,
}

impl Item {
    /// The same for the same thing to be shown.
    pub fn key(&self) -> (u8, u64, usize, bool, bool) {
        match self {
            Self::Day(at) => (0, *at, 0, false, false),
            Self::Unread => (1, 0, 0, false, false),
            Self::Bubble(bubble) => {
                let message = &bubble.message;
                (
                    2,
                    message.seq,
                    message.mark as usize,
                    bubble.first,
                    bubble.last,
                )
            }
            Self::Changes(run) => {
                let first = run.first().map_or(0, |message| message.seq);
                (3, first, run.len(), false, false)
            }
        }
    }
}

/// Arranges messages, oldest first. `day` numbers the day of a time in the user's time zone; `unread_after` is the
/// number of the last message seen when the chat was opened, if the mark is to be shown.
pub fn arrange(
    messages: &[Message],
    day: impl Fn(u64) -> i64,
    unread_after: Option<u64>,
) -> Vec<Item> {
    let mut items = Vec::with_capacity(messages.len() + 8);
    let unread_at = unread_after.and_then(|after| {
        messages
            .iter()
            .find(|message| message.seq > after && message.mark == Mark::Received)
            .map(|message| message.seq)
    });
    let mut previous: Option<&Message> = None;
    let mut today = None;
    for (index, message) in messages.iter().enumerate() {
        let its_day = day(message.sent_at);
        let new_day = today != Some(its_day);
        let marks_unread = unread_at == Some(message.seq);
        if new_day {
            items.push(Item::Day(message.sent_at));
            today = Some(its_day);
        }
        if marks_unread {
            items.push(Item::Unread);
        }
        if message.change.is_some() {
            match items.last_mut() {
                Some(Item::Changes(run)) => run.push(message.clone()),
                _ => items.push(Item::Changes(vec![message.clone()])),
            }
            previous = Some(message);
            continue;
        }
        let next = messages.get(index + 1);
        let next_apart = next.is_none_or(|next| {
            !belong_together(message, next)
                || day(next.sent_at) != its_day
                || unread_at == Some(next.seq)
        });
        items.push(Item::Bubble(Box::new(Bubble {
            message: message.clone(),
            first: new_day
                || marks_unread
                || previous.is_none_or(|previous| !belong_together(previous, message)),
            last: next_apart,
        })));
        previous = Some(message);
    }
    items
}

/// Same sender, same minute, same fate: a mark on the last of them must be true of all.
fn belong_together(one: &Message, next: &Message) -> bool {
    let same_minute = one.sent_at / MINUTE == next.sent_at / MINUTE;
    let both_said = one.change.is_none() && next.change.is_none();
    one.mark == next.mark && same_minute && both_said && one.from == next.from
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use undertone_web_messages::{Change, Changed, MessageKey, PersonKey, Sender};

    use super::*;

    fn message(seq: u64, minute: u64, mark: Mark) -> Message {
        Message {
            seq,
            id: MessageKey([0; 16]),
            text: Some(String::new()),
            sent_at: minute * MINUTE,
            mark,
            from: None,
            change: None,
            mentions: Vec::new(),
        }
    }

    fn day(at: u64) -> i64 {
        (at / (24 * 60 * MINUTE)).cast_signed()
    }

    #[test]
    fn a_minute_of_one_sender_is_a_group() {
        let messages = [
            message(1, 0, Mark::Received),
            message(2, 0, Mark::Received),
            message(3, 0, Mark::Read),
            message(4, 1, Mark::Read),
        ];
        let shown: Vec<_> = arrange(&messages, day, None)
            .iter()
            .filter_map(|item| match item {
                Item::Bubble(bubble) => Some((bubble.first, bubble.last)),
                _ => None,
            })
            .collect();
        assert_eq!(
            shown,
            [(true, false), (false, true), (true, true), (true, true)]
        );
    }

    #[test]
    fn in_a_group_each_sender_is_apart_and_changes_are_folded() {
        let by = |seq, person| Message {
            from: Some(Sender {
                person: PersonKey([person; 32]),
                name: String::new(),
            }),
            ..message(seq, 0, Mark::Received)
        };
        let change = |seq| Message {
            change: Some(Change {
                what: Changed::Added,
                by: None,
                about: String::new(),
                about_me: false,
                text: String::new(),
            }),
            ..message(seq, 0, Mark::Sent)
        };
        let messages = [
            change(1),
            change(2),
            by(3, 1),
            by(4, 2),
            by(5, 2),
            change(6),
        ];
        let shown: Vec<_> = arrange(&messages, day, None)
            .iter()
            .filter_map(|item| match item {
                Item::Bubble(bubble) => Some((bubble.first, bubble.last, 0)),
                Item::Changes(run) => Some((false, false, run.len())),
                Item::Day(_) | Item::Unread => None,
            })
            .collect();
        let expected = [
            (false, false, 2),
            (true, true, 0),
            (true, false, 0),
            (false, true, 0),
            (false, false, 1),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn days_and_what_is_unread_are_marked_once() {
        let messages = [
            message(1, 0, Mark::Received),
            message(5, 1, Mark::Read),
            message(6, 2 * 24 * 60, Mark::Received),
            message(7, 2 * 24 * 60, Mark::Received),
        ];
        let items = arrange(&messages, day, Some(3));
        let days = items
            .iter()
            .filter(|item| matches!(item, Item::Day(_)))
            .count();
        assert_eq!(days, 2);
        let at = items.iter().position(|item| *item == Item::Unread).unwrap();
        assert!(
            matches!(&items[at + 1], Item::Bubble(bubble) if bubble.message.seq == 6 && bubble.first)
        );
        assert!(!arrange(&messages, day, Some(7)).contains(&Item::Unread));
        assert!(!arrange(&messages, day, None).contains(&Item::Unread));
    }
}

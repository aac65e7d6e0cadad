//! The way from the writer thread to one connection: never blocks the writer, and is bounded in bytes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_channel::mpsc;
use futures_util::StreamExt as _;
use undertone_wire::limits::OUTGOING_BYTES;

/// More than this waiting, and no further request is read from the connection: a client that asks faster than it
/// takes answers waits instead of losing its connection.
const READING_BYTES: usize = OUTGOING_BYTES / 4;

/// What the writer hands to a connection.
#[derive(Debug)]
pub enum Outgoing {
    /// `answered` requests of the connection are dealt with; these frames are for its client.
    Frames {
        /// Requests that count as in flight no more.
        answered: usize,
        /// Answers and pushes, in order.
        frames: Vec<Bytes>,
    },
    /// The core ends this connection, once what was handed over before is sent.
    End,
    /// The server shuts down: the connection ends when its requests are answered.
    GoAway,
}

/// The connection was cut: it has too much waiting, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

/// Counts what waits for one client, from when the writer hands it over until the socket took it.
#[derive(Debug, Clone, Default)]
struct Waiting(Arc<AtomicUsize>);

/// The writer's end. Dropping it without [`Outgoing::End`] cuts the connection.
#[derive(Debug)]
pub struct OutgoingSender {
    sender: mpsc::UnboundedSender<Outgoing>,
    waiting: Waiting,
}

/// The connection's end.
#[derive(Debug)]
pub struct OutgoingReceiver {
    receiver: mpsc::UnboundedReceiver<Outgoing>,
    waiting: Waiting,
    ended: bool,
}

/// Makes both ends. The channel itself has no bound: [`OutgoingSender::send`] counts bytes.
pub fn outgoing() -> (OutgoingSender, OutgoingReceiver) {
    let (sender, receiver) = mpsc::unbounded();
    let waiting = Waiting::default();
    (
        OutgoingSender {
            sender,
            waiting: waiting.clone(),
        },
        OutgoingReceiver {
            receiver,
            waiting,
            ended: false,
        },
    )
}

impl OutgoingSender {
    /// Hands over.
    ///
    /// # Errors
    /// [`Cut`] if more than [`OUTGOING_BYTES`] would wait, or the connection is gone: drop this end then.
    pub fn send(&self, item: Outgoing) -> Result<(), Cut> {
        if let Outgoing::Frames { frames, .. } = &item {
            let bytes = frames.iter().map(Bytes::len).sum::<usize>();
            let before = self.waiting.0.fetch_add(bytes, Ordering::Relaxed);
            if before.saturating_add(bytes) > OUTGOING_BYTES {
                return Err(Cut);
            }
        }
        self.sender.unbounded_send(item).map_err(|_| Cut)
    }
}

impl OutgoingReceiver {
    /// The next item; `None` if the connection was cut. After [`Outgoing::End`] nothing comes: the writer lets go of
    /// its end then, which is no cut.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Outgoing>> {
        if self.ended {
            return Poll::Pending;
        }
        let item = self.receiver.poll_next_unpin(context);
        self.ended = matches!(item, Poll::Ready(Some(Outgoing::End)));
        item
    }

    /// Counts a frame that the connection itself sends.
    pub fn add(&self, frame: &Bytes) {
        self.waiting.0.fetch_add(frame.len(), Ordering::Relaxed);
    }

    /// Counts a frame that the socket took.
    pub fn taken(&self, frame: &Bytes) {
        self.waiting.0.fetch_sub(frame.len(), Ordering::Relaxed);
    }

    /// Whether little enough waits to read further requests.
    pub fn may_read(&self) -> bool {
        self.waiting.0.load(Ordering::Relaxed) <= READING_BYTES
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn frames(bytes: usize) -> Outgoing {
        Outgoing::Frames {
            answered: 1,
            frames: vec![vec![0; bytes].into()],
        }
    }

    #[test]
    fn more_than_the_limit_cuts_and_what_was_taken_counts_no_more() {
        let (sender, receiver) = outgoing();
        assert_eq!(sender.send(frames(OUTGOING_BYTES)), Ok(()));
        assert!(!receiver.may_read());
        receiver.taken(&vec![0; OUTGOING_BYTES].into());
        assert!(receiver.may_read());
        assert_eq!(sender.send(frames(OUTGOING_BYTES)), Ok(()));
        assert_eq!(sender.send(frames(1)), Err(Cut));
    }

    #[test]
    fn a_dropped_sender_is_a_cut_connection() {
        let (sender, mut receiver) = outgoing();
        drop(sender);
        let mut context = Context::from_waker(std::task::Waker::noop());
        assert!(matches!(receiver.poll(&mut context), Poll::Ready(None)));
    }

    #[test]
    fn a_sender_that_is_dropped_after_the_end_cuts_nothing() {
        let (sender, mut receiver) = outgoing();
        sender.send(Outgoing::End).unwrap();
        drop(sender);
        let mut context = Context::from_waker(std::task::Waker::noop());
        let ended = receiver.poll(&mut context);
        assert!(matches!(ended, Poll::Ready(Some(Outgoing::End))));
        assert!(receiver.poll(&mut context).is_pending());
    }
}

//! The sending half of a connection: frames in fragments, pings in between, and the close frame at the end.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::Sink as _;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{
        CloseFrame,
        frame::{
            Frame,
            coding::{Data, OpCode},
        },
    },
};

use super::{Connection, LINGER, Phase};
use crate::front::metrics::Ending;

/// A frame is sent in fragments of this size: the WebSocket library keeps its buffer for good, and a connection
/// that once fetched a mebibyte should not hold one until it ends.
const FRAGMENT: usize = 16 * 1024;

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Sends until the socket takes no more.
    pub(super) fn send(&mut self, context: &mut Context<'_>) -> Result<(), Ending> {
        loop {
            let Poll::Ready(ready) = Pin::new(&mut self.socket).poll_ready(context) else {
                return Ok(());
            };
            ready.map_err(|_| Ending::Broken)?;
            let Some(message) = self.next_message() else {
                break;
            };
            Pin::new(&mut self.socket)
                .start_send(message)
                .map_err(|_| Ending::Broken)?;
            self.unflushed = true;
        }
        if self.unflushed
            && let Poll::Ready(flushed) = Pin::new(&mut self.socket).poll_flush(context)
        {
            flushed.map_err(|_| Ending::Broken)?;
            self.unflushed = false;
        }
        Ok(())
    }

    fn next_message(&mut self) -> Option<Message> {
        if matches!(self.phase, Phase::Closing(_)) {
            return None;
        }
        if std::mem::take(&mut self.ping) {
            return Some(Message::Ping(Bytes::new()));
        }
        if let Some(frame) = self.frames.front() {
            let rest = frame.len().saturating_sub(self.sent_of_first);
            let fragment = frame.slice(self.sent_of_first..self.sent_of_first + rest.min(FRAGMENT));
            let kind = match self.sent_of_first {
                0 => Data::Binary,
                _ => Data::Continue,
            };
            let last = rest <= FRAGMENT;
            if last {
                self.outgoing.taken(frame);
                self.frames.pop_front();
                self.sent_of_first = 0;
            } else {
                self.sent_of_first += FRAGMENT;
            }
            let fragment = Frame::message(fragment, OpCode::Data(kind), last);
            return Some(Message::Frame(fragment));
        }
        // A burst must not keep its memory either.
        self.frames.shrink_to(0);
        if let Phase::Leaving(code, ending) = self.phase
            && self.in_flight == 0
            && self.held.is_none()
        {
            self.phase = Phase::Closing(ending);
            self.timer.as_mut().reset(Instant::now() + LINGER);
            return Some(Message::Close(Some(CloseFrame {
                code,
                reason: "".into(),
            })));
        }
        None
    }
}

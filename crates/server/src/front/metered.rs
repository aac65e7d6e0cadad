//! A byte stream that counts what passes, so that a slow transfer is told apart from silence, and that reads ahead, so
//! that the WebSocket library above it can do with a small buffer.

use std::{
    io,
    mem::MaybeUninit,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes that are asked of the stream at a time, whatever the reader asks for.
const AHEAD: usize = 8 * 1024;

/// Bytes that passed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// From the client.
    pub read: u64,
    /// To the client, as far as the system took them.
    pub written: u64,
}

/// The stream.
#[derive(Debug)]
pub struct Metered<S> {
    stream: S,
    traffic: Traffic,
    /// What came beyond what was asked for, from `taken` on. Without memory as soon as it is used up: most connections
    /// are idle, and what each holds decides how many a machine can hold.
    ahead: Vec<u8>,
    taken: usize,
}

impl<S> Metered<S> {
    /// Begins to count.
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            traffic: Traffic::default(),
            ahead: Vec::new(),
            taken: 0,
        }
    }

    /// What passed so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic
    }

    /// Gives the reader what is there already.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) {
        let rest = self.ahead.get(self.taken..).unwrap_or_default();
        let (some, rest) = rest.split_at(rest.len().min(buffer.remaining()));
        buffer.put_slice(some);
        self.taken += some.len();
        if rest.is_empty() {
            self.ahead = Vec::new();
            self.taken = 0;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.ahead.is_empty() {
            self.give(buffer);
            return Poll::Ready(Ok(()));
        }
        let mut bytes = [const { MaybeUninit::uninit() }; AHEAD];
        let mut read = ReadBuf::uninit(&mut bytes);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
        let read = read.filled();
        self.traffic.read += read.len() as u64;
        let (asked, ahead) = read.split_at(read.len().min(buffer.remaining()));
        buffer.put_slice(asked);
        self.ahead = ahead.to_vec();
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(written)) = &result {
            self.traffic.written += *written as u64;
        }
        result
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn small_reads_give_everything_in_order_and_keep_nothing() {
        let sent: Vec<u8> = (0..50_000_u32).map(|number| number as u8).collect();
        let mut stream = Metered::new(sent.as_slice());
        let mut received = Vec::new();
        let mut buffer = [0; 333];
        loop {
            let read = stream.read(&mut buffer).await.unwrap();
            received.extend_from_slice(buffer.get(..read).unwrap());
            if read == 0 {
                break;
            }
            assert!(stream.ahead.len() < AHEAD);
        }
        assert_eq!(received, sent);
        assert_eq!(stream.traffic().read, 50_000);
        assert_eq!(stream.ahead.capacity(), 0);
    }
}

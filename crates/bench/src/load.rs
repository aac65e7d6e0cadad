//! The load, the same for every system: how many messages, how many at once, until when.

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use bytes::Bytes;
use rand_core::{OsRng, RngCore as _};
use tokio::sync::{Semaphore, watch};

use crate::arguments::Amount;

/// What all pairs share.
#[derive(Clone)]
pub struct Load {
    left: Arc<AtomicU64>,
    until: Instant,
    window: usize,
    body: Bytes,
}

/// One pair's part: the sender takes leave to send, the receiver says what came.
pub struct Pace {
    load: Load,
    free: Semaphore,
    sent: watch::Sender<(u64, bool)>,
    received: AtomicU64,
}

impl Load {
    /// Begins now.
    pub fn begin(amount: &Amount) -> Self {
        // Text, so that it needs no escaping anywhere.
        let mut body = vec![0; amount.body];
        OsRng.fill_bytes(&mut body);
        for byte in &mut body {
            *byte = b'a' + *byte % 26;
        }
        Self {
            left: Arc::new(AtomicU64::new(amount.messages)),
            until: Instant::now() + Duration::from_secs(amount.seconds),
            window: amount.window,
            body: body.into(),
        }
    }

    /// What is sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// A pair's part.
    pub fn pace(&self) -> Arc<Pace> {
        Arc::new(Pace {
            free: Semaphore::new(self.window),
            load: self.clone(),
            sent: watch::Sender::new((0, false)),
            received: AtomicU64::new(0),
        })
    }

    fn take(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        Instant::now() < self.until
            && self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
                .is_ok()
    }
}

impl Pace {
    /// Waits until at least one message may be sent, and says how many may; 0 when no more are to be.
    ///
    /// # Errors
    /// Never, while the pair lives.
    pub async fn leave(&self) -> anyhow::Result<u64> {
        let first = self.free.acquire().await.context("the window is closed")?;
        first.forget();
        if !self.load.take() {
            self.sent.send_modify(|sent| sent.1 = true);
            return Ok(0);
        }
        let mut leave = 1;
        while let Ok(more) = self.free.try_acquire() {
            if !self.load.take() {
                break;
            }
            more.forget();
            leave += 1;
        }
        self.sent.send_modify(|sent| sent.0 += leave);
        Ok(leave)
    }

    /// So many came.
    pub fn received(&self, count: usize) {
        self.received.fetch_add(count as u64, Ordering::Relaxed);
        self.free.add_permits(count);
    }

    /// How many came.
    pub fn count(&self) -> u64 {
        self.received.load(Ordering::Relaxed)
    }

    /// Waits until nothing more will be sent, and says how many were.
    async fn all(&self) -> anyhow::Result<u64> {
        let mut sent = self.sent.subscribe();
        let ended = sent.wait_for(|sent| sent.1).await;
        Ok(ended.context("the sender is gone")?.0)
    }
}

/// The end of a pair's stream of messages or answers, which only the sender can tell.
pub struct Until<'a> {
    all: Pin<Box<dyn Future<Output = anyhow::Result<u64>> + Send + 'a>>,
    sent: Option<u64>,
}

impl<'a> Until<'a> {
    /// Everything that the pair sends.
    pub fn all_of(pace: &'a Pace) -> Self {
        Self {
            all: Box::pin(pace.all()),
            sent: None,
        }
    }

    /// What comes next; `None` if `so_far` is everything and nothing else is `owed`. What was begun to be read is only
    /// given up when nothing can come any more.
    ///
    /// # Errors
    /// If the sender is gone.
    pub async fn next<T>(
        &mut self,
        so_far: u64,
        owed: bool,
        next: impl Future<Output = T>,
    ) -> anyhow::Result<Option<T>> {
        let over = |sent: Option<u64>| !owed && sent == Some(so_far);
        if over(self.sent) {
            return Ok(None);
        }
        let mut next = pin!(next);
        if self.sent.is_none() {
            tokio::select! {
                biased;
                item = &mut next => return Ok(Some(item)),
                all = &mut self.all => self.sent = Some(all?),
            }
            if over(self.sent) {
                return Ok(None);
            }
        }
        Ok(Some(next.await))
    }
}

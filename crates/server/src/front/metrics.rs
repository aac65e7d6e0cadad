//! What is counted, and its Prometheus form. No label names anybody, and nothing is counted by request.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use tokio::sync::oneshot;

use super::{
    submit::{Command, Snapshot},
    upgrade::Front,
};

/// Why a connection ended, or did not come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The client closed it.
    Client,
    /// The network broke it.
    Broken,
    /// No answer to a ping.
    Silent,
    /// Not authenticated in time.
    Unauthenticated,
    /// Too much waited for the client.
    Slow,
    /// The core ended it.
    Ended,
    /// The client sent what no client sends.
    Malformed,
    /// The server shut down.
    Shutdown,
    /// Its address had too many already.
    AddressLimit,
}

const ENDINGS: [(Ending, &str); 9] = [
    (Ending::Client, "client"),
    (Ending::Broken, "broken"),
    (Ending::Silent, "silent"),
    (Ending::Unauthenticated, "unauthenticated"),
    (Ending::Slow, "slow"),
    (Ending::Ended, "ended"),
    (Ending::Malformed, "malformed"),
    (Ending::Shutdown, "shutdown"),
    (Ending::AddressLimit, "address_limit"),
];

/// What is counted outside of the writer.
#[derive(Debug, Default)]
pub struct Counts {
    endings: [AtomicU64; ENDINGS.len()],
    refused_accepts: AtomicU64,
    refused_handshakes: AtomicU64,
}

impl Counts {
    /// A connection ended.
    pub fn end(&self, ending: Ending) {
        let place = ENDINGS.iter().position(|(named, _)| *named == ending);
        if let Some(count) = place.and_then(|place| self.endings.get(place)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The system gave no socket.
    pub fn refuse_accept(&self) {
        self.refused_accepts.fetch_add(1, Ordering::Relaxed);
    }

    /// A TLS handshake failed.
    pub fn refuse_handshake(&self) {
        self.refused_handshakes.fetch_add(1, Ordering::Relaxed);
    }
}

/// The routes of the metrics listener.
pub fn routes(front: Arc<Front>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(front)
}

async fn metrics(State(front): State<Arc<Front>>) -> Result<String, StatusCode> {
    let (answer, snapshot) = oneshot::channel();
    let asked = front.submitter.tell(Command::Count(answer));
    asked.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let snapshot = snapshot
        .await
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    Ok(render(&snapshot, &front.counts))
}

fn render(snapshot: &Snapshot, counts: &Counts) -> String {
    let core = snapshot.core;
    let gauges = [
        (
            "connections",
            snapshot.connections,
            "WebSockets that are open",
        ),
        (
            "queues_attached",
            core.queues_attached,
            "Queues with a client attached",
        ),
    ];
    let counters = [
        (
            "batches_total",
            core.batches,
            "Transactions that were committed",
        ),
        (
            "batches_failed_total",
            core.batches_failed,
            "Transactions that the storage refused",
        ),
        (
            "events_total",
            snapshot.events,
            "Requests, openings and endings that transactions took",
        ),
        (
            "refusals_total",
            core.refusals,
            "Requests that were refused",
        ),
        (
            "registrations_total",
            core.registrations,
            "Accounts that were made",
        ),
        (
            "tokens_issued_total",
            core.tokens_issued,
            "Tokens that were issued",
        ),
        (
            "tokens_spent_total",
            core.tokens_spent,
            "Tokens that were spent",
        ),
        (
            "queues_created_total",
            core.queues_created,
            "Queues that were made",
        ),
        (
            "deliveries_total",
            core.deliveries,
            "Deliveries that were accepted",
        ),
        (
            "commits_total",
            core.commits,
            "Commits that won their epoch",
        ),
        (
            "stale_total",
            core.stale,
            "Deliveries and commits for another epoch",
        ),
        (
            "entries_stored_total",
            core.entries_stored,
            "Entries that were stored",
        ),
        (
            "entries_acknowledged_total",
            core.entries_acknowledged,
            "Entries that were acknowledged",
        ),
        (
            "pushes_total",
            core.pushes,
            "Entries and signals that were pushed",
        ),
        (
            "maintenance_failures_total",
            snapshot.maintenance_failures,
            "Times that maintenance of the stores failed",
        ),
        (
            "accept_failures_total",
            counts.refused_accepts.load(Ordering::Relaxed),
            "Times that the system gave no socket",
        ),
        (
            "handshake_failures_total",
            counts.refused_handshakes.load(Ordering::Relaxed),
            "TLS handshakes that failed",
        ),
    ];
    let mut text = String::new();
    for (kind, metrics) in [
        ("gauge", gauges.as_slice()),
        ("counter", counters.as_slice()),
    ] {
        for (name, value, help) in metrics {
            describe(&mut text, name, kind, help);
            line(&mut text, name, "", *value);
        }
    }
    let name = "connections_ended_total";
    describe(
        &mut text,
        name,
        "counter",
        "WebSockets that ended, or were refused, and why",
    );
    for ((_, reason), count) in ENDINGS.iter().zip(&counts.endings) {
        let label = format!("{{reason=\"{reason}\"}}");
        line(&mut text, name, &label, count.load(Ordering::Relaxed));
    }
    text
}

fn describe(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing into a string does not fail.
    let _ = writeln!(
        text,
        "# HELP undertone_{name} {help}.\n# TYPE undertone_{name} {kind}"
    );
}

fn line(text: &mut String, name: &str, label: &str, value: u64) {
    let _ = writeln!(text, "undertone_{name}{label} {value}");
}

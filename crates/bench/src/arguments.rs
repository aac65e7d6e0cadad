//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Load generator for Undertone's server and its peers, all on the loopback.
#[derive(Debug, Parser)]
#[command(name = "undertone-bench", version)]
pub struct Arguments {
    /// What to measure.
    #[command(subcommand)]
    pub command: Command,
}

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Messages from senders to receivers: accepted, stored, pushed, acknowledged
    Deliver(Deliver),
    /// Memory of the server for each connection that does nothing
    Idle(Idle),
    /// `deliver` for all systems in turn, several times, as a table
    Compare(Compare),
}

/// A system that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum System {
    /// Undertone: each message synced to disk before it is accepted
    Undertone,
    /// mosquitto, QoS 1: in memory, saved now and then
    Mosquitto,
    /// ejabberd with its archive (Mnesia)
    EjabberdArchive,
    /// ejabberd, nothing stored
    Ejabberd,
}

/// How much is sent.
#[derive(Debug, Clone, Args)]
pub struct Amount {
    /// Messages at most
    #[arg(long, default_value_t = 100_000)]
    pub messages: u64,
    /// Seconds at most; what is under way then is still delivered
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Bytes of a message
    #[arg(long, default_value_t = 1_024)]
    pub body: usize,
    /// Pairs of a sender and a receiver
    #[arg(long, default_value_t = 16)]
    pub pairs: usize,
    /// Messages that one sender has under way at most
    #[arg(long, default_value_t = 32)]
    pub window: usize,
}

/// Where the server's program is.
#[derive(Debug, Clone, Args)]
pub struct Program {
    /// The program `undertone-server` [default: beside this program]
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// Folder for the data that servers write: on the disk to be measured [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Arguments of `deliver`.
#[derive(Debug, Clone, Args)]
pub struct Deliver {
    /// Which system
    #[arg(long, value_enum, default_value = "undertone")]
    pub system: System,
    /// How much.
    #[command(flatten)]
    pub amount: Amount,
    /// Which program.
    #[command(flatten)]
    pub program: Program,
}

/// Arguments of `idle`.
#[derive(Debug, Clone, Args)]
pub struct Idle {
    /// Which system
    #[arg(long, value_enum, default_value = "undertone")]
    pub system: System,
    /// Connections
    #[arg(long, default_value_t = 2_000)]
    pub connections: usize,
    /// Over TLS (Undertone only)
    #[arg(long)]
    pub tls: bool,
    /// Which program.
    #[command(flatten)]
    pub program: Program,
}

/// Arguments of `compare`.
#[derive(Debug, Clone, Args)]
pub struct Compare {
    /// Which systems, in turn; the first is what the others are compared with
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["undertone", "mosquitto", "ejabberd-archive", "ejabberd"])]
    pub systems: Vec<System>,
    /// Rounds
    #[arg(long, default_value_t = 3)]
    pub repeats: usize,
    /// How much.
    #[command(flatten)]
    pub amount: Amount,
    /// Which program.
    #[command(flatten)]
    pub program: Program,
}

//! The command line, whose `--help` documents every setting.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// Undertone's server: delivers sealed messages between devices, and knows nothing of what is in them.
///
/// Every setting may come from a flag, from the environment or from the file that --config names, in this order of
/// precedence. In the file it is named as the flag is, with underscores: `tls_key = "/etc/undertone/key.pem"`.
///
/// Exit status: 0 when done or shut down, 1 when something failed, 2 when the command line is wrong.
#[derive(Debug, Parser)]
#[command(name = "undertone-server", version)]
pub struct Arguments {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The settings given here or in the environment.
    #[command(flatten)]
    pub flags: Flags,
}

/// What the program does besides serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Invite codes, for `--registration invite`
    #[command(subcommand)]
    Invite(InviteCommand),
    /// The settings
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// What is done about invites.
#[derive(Debug, Subcommand)]
pub enum InviteCommand {
    /// Make an invite code and print it; works whether or not the server runs
    Create {
        /// How many accounts may be registered with the code
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        uses: u32,
    },
}

/// What is done about settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the settings as the server would on starting, and print those in force as a configuration file
    Check,
}

/// Settings, each absent unless given.
#[derive(Debug, Default, Clone, Args)]
pub struct Flags {
    /// Configuration file (TOML)
    #[arg(long, global = true, env = "UNDERTONE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Data folder: made if it is missing, used by one server at a time, closed to other users
    #[arg(long, global = true, env = "UNDERTONE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Address to serve at; port 0 takes a free one. The address in force stands in DIR/listen [default: 127.0.0.1:8787]
    #[arg(long, global = true, env = "UNDERTONE_LISTEN", value_name = "ADDR")]
    pub listen: Option<SocketAddr>,
    /// Certificate chain for TLS (PEM); read again on SIGHUP
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_TLS_CERTIFICATE",
        value_name = "FILE"
    )]
    pub tls_certificate: Option<PathBuf>,
    /// Private key for TLS (PEM); read again on SIGHUP
    #[arg(long, global = true, env = "UNDERTONE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front ends TLS: without TLS, listen beyond loopback too, and take the client's address, for limits,
    /// from the last X-Forwarded-For of a loopback or private peer [default: false]
    #[arg(long, global = true, env = "UNDERTONE_BEHIND_PROXY", value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub behind_proxy: Option<bool>,
    /// Address that serves Prometheus metrics at /metrics, without TLS: keep it private [default: none]
    #[arg(long, global = true, env = "UNDERTONE_METRICS", value_name = "ADDR")]
    pub metrics: Option<SocketAddr>,
    /// Who may register: everybody, holders of an invite code, nobody [default: open]
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_REGISTRATION",
        value_name = "POLICY"
    )]
    pub registration: Option<Registration>,
    /// Tokens that one account is issued a day; each pays for a connection, a card, a queue and the like [default: 1024]
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_TOKENS_PER_DAY",
        value_name = "NUMBER"
    )]
    pub tokens_per_day: Option<u32>,
    /// Seconds that clients get to take their answers when the server shuts down [default: 10]
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_SHUTDOWN_SECONDS",
        value_name = "NUMBER"
    )]
    pub shutdown_seconds: Option<u64>,
    /// Form of the log on standard error [default: text]
    #[arg(
        long,
        global = true,
        env = "UNDERTONE_LOG_FORMAT",
        value_name = "FORMAT"
    )]
    pub log_format: Option<LogFormat>,
    /// Least severity that is logged [default: info]
    #[arg(long, global = true, env = "UNDERTONE_LOG_LEVEL", value_name = "LEVEL")]
    pub log_level: Option<LogLevel>,
}

/// Who may register.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Holders of an invite code.
    Invite,
    /// Nobody.
    Closed,
}

/// Form of the log.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// Least severity that is logged.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What failed.
    Error,
    /// What may need a hand.
    Warn,
    /// Starting, ending, reloading.
    Info,
    /// What helps to find a fault; still nothing of any connection.
    Debug,
}

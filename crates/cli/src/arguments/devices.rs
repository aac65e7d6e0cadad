//! What can be typed about one's own devices.

use std::time::Duration;

use clap::{Subcommand, ValueEnum};

use super::{Patience, seconds};
use crate::commands::DEVICE_NAME;

/// What can be done with one's own devices.
#[derive(Debug, Subcommand)]
pub enum DeviceCommand {
    /// On the new device: show a code, and wait until it is entered on a device of yours
    Code {
        /// The server where your account is, such as `https://chat.example`
        #[arg(long, value_name = "URL")]
        server: String,
        /// What your devices call this one
        #[arg(long, default_value = DEVICE_NAME)]
        name: String,
        /// How long to wait for the code to be entered
        #[arg(long, value_name = "SECONDS", default_value = "300", value_parser = seconds)]
        wait: Duration,
    },
    /// On a device of yours: link the new one that shows this code
    Link {
        /// The code: 12 letters and digits
        code: String,
        /// Link it without asking
        #[arg(long)]
        yes: bool,
        /// How much of what was said before the new device gets
        #[arg(long, value_name = "HOW MUCH", default_value = "all")]
        history: History,
        /// How long to stay connected for what the new device needs
        #[arg(long, value_name = "SECONDS", default_value = "120", value_parser = seconds)]
        wait: Duration,
    },
    /// Call a device something else; only your own devices see it
    Rename {
        /// The device
        #[arg(value_name = "DEVICE")]
        id: String,
        /// What it is called from now on
        name: String,
        #[command(flatten)]
        patience: Patience,
    },
    /// Sign another device out, for good; it deletes all that it holds when it next connects
    Revoke {
        /// The device
        #[arg(value_name = "DEVICE")]
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
}

/// How much of what was said before a new device gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum History {
    /// Everything
    All,
    /// The last 30 days
    #[value(name = "30d")]
    Month,
    /// Nothing
    None,
}

/// What can be done with a history that is under way.
#[derive(Debug, Subcommand)]
pub enum TransferCommand {
    /// Stop it; what has arrived stays
    Cancel {
        /// The transfer
        id: String,
        #[command(flatten)]
        patience: Patience,
    },
}

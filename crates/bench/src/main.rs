//! `undertone-bench`: drives Undertone's server, and its peers, through their real protocols on the loopback, and
//! reports what they cost.
//!
//! It measures the server process from outside (processor time, resident memory) and shares no code with it but the
//! wire format. Machines are noisy: figures of different systems are comparable only side by side in one run.

mod arguments;
mod compare;
mod deliver;
mod idle;
mod load;
mod measured;
mod peers;
mod report;
mod undertone;

use std::io::Write as _;

use anyhow::Context as _;
use clap::Parser as _;

use arguments::{Arguments, Command};

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")?;
    let text = runtime.block_on(async {
        match arguments.command {
            Command::Deliver(deliver) => deliver::deliver(&deliver).await,
            Command::Idle(idle) => idle::idle(&idle).await,
            Command::Compare(compare) => compare::compare(&compare).await,
        }
    })?;
    write!(std::io::stdout(), "{text}").context("nobody reads the result")
}

//! `deliver`: how many messages a second, and what each costs the server.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use futures_util::future::try_join_all;
use tokio::time::timeout;

use crate::{
    arguments::{Amount, Deliver, Program, System},
    load::Load,
    measured::Measured,
    peers::{
        ejabberd::{self, Ejabberd},
        mosquitto::{self, Mosquitto},
    },
    report::{Delivered, table},
    undertone::{self, Account, Server},
};

/// Beyond the load's own end, for what is under way.
const DRAINING: Duration = Duration::from_secs(120);

/// Measures one system once.
///
/// # Errors
/// If the system is not there, or refuses what it should take.
pub async fn deliver(arguments: &Deliver) -> anyhow::Result<String> {
    let delivered = measure(arguments.system, &arguments.amount, &arguments.program).await?;
    Ok(table(&[delivered]))
}

/// Measures a system.
///
/// # Errors
/// If the system is not there, or refuses what it should take.
pub async fn measure(
    system: System,
    amount: &Amount,
    program: &Program,
) -> anyhow::Result<Delivered> {
    match system {
        System::Undertone => {
            let server = Server::start(program, false)?;
            let mut account = Account::register(&server).await?;
            let mut pairs = Vec::new();
            for _ in 0..amount.pairs {
                pairs.push(undertone::Pair::create(&server, &mut account, amount.messages).await?);
            }
            let runs = pairs.into_iter().map(|pair| move |load| pair.run(load));
            run(system, &server.process, amount, runs).await
        }
        System::Mosquitto => {
            let server = Mosquitto::start(program)?;
            let mut pairs = Vec::new();
            for index in 0..amount.pairs {
                pairs.push(mosquitto::Pair::create(index).await?);
            }
            let runs = pairs.into_iter().map(|pair| move |load| pair.run(load));
            run(system, &server.process, amount, runs).await
        }
        System::Ejabberd | System::EjabberdArchive => {
            let server = Ejabberd::start(program, system == System::EjabberdArchive)?;
            let mut pairs = Vec::new();
            for index in 0..amount.pairs {
                pairs.push(ejabberd::Pair::create(index).await?);
            }
            let runs = pairs.into_iter().map(|pair| move |load| pair.run(load));
            run(system, &server.process, amount, runs).await
        }
    }
}

async fn run<Start, Run>(
    system: System,
    process: &Measured,
    amount: &Amount,
    pairs: impl Iterator<Item = Start>,
) -> anyhow::Result<Delivered>
where
    Start: FnOnce(Load) -> Run,
    Run: Future<Output = anyhow::Result<u64>> + Send + 'static,
{
    let (cpu, begun) = (process.cpu()?, Instant::now());
    let load = Load::begin(amount);
    let tasks: Vec<_> = pairs.map(|pair| tokio::spawn(pair(load.clone()))).collect();
    let limit = Duration::from_secs(amount.seconds) + DRAINING;
    let all = timeout(limit, try_join_all(tasks)).await;
    let counts = all.context("what was sent did not arrive in time")??;
    let elapsed = begun.elapsed();
    let cpu = process.cpu()?.saturating_sub(cpu);
    let mut messages = 0;
    for count in counts {
        messages += count?;
    }
    Ok(Delivered {
        system,
        messages,
        elapsed,
        cpu,
    })
}

//! `idle`: what a connection costs that does nothing.

use anyhow::ensure;

use crate::{
    arguments::{Idle, System},
    measured::Measured,
    peers::{ejabberd::Ejabberd, mosquitto::Mosquitto},
    report::name,
    undertone::{Account, Queue, Server},
};

/// Connections that are there before memory is looked at first, so that pools and caches exist.
const WARM: usize = 100;

/// Opens connections and divides the server's memory by them. Undertone's are queues, each with its connection
/// attached; XMPP's are present users.
///
/// # Errors
/// If the system is not there, or refuses what it should take.
pub async fn idle(arguments: &Idle) -> anyhow::Result<String> {
    let system = arguments.system;
    ensure!(
        !arguments.tls || system == System::Undertone,
        "the peers' configurations have no TLS"
    );
    let program = &arguments.program;
    let bytes = match system {
        System::Undertone => {
            let server = Server::start(program, arguments.tls)?;
            let mut account = Account::register(&server).await?;
            let open = async |_| Queue::create(&server, &mut account).await;
            measure(&server.process, arguments.connections, open).await?
        }
        System::Mosquitto => {
            let server = Mosquitto::start(program)?;
            let open = async |index| Mosquitto::client(&format!("idle{index}")).await;
            measure(&server.process, arguments.connections, open).await?
        }
        System::Ejabberd | System::EjabberdArchive => {
            let server = Ejabberd::start(program, system == System::EjabberdArchive)?;
            let open = async |index| Ejabberd::client(&format!("idle{index}"), true).await;
            measure(&server.process, arguments.connections, open).await?
        }
    };
    Ok(format!(
        "| system | connections | TLS | KB of server memory per idle connection |\n|---|---:|---|---:|\n| {} | {} | {} | {:.1} |\n",
        name(system),
        arguments.connections,
        if arguments.tls { "yes" } else { "no" },
        bytes / 1_000.0
    ))
}

async fn measure<Connection>(
    process: &Measured,
    connections: usize,
    mut open: impl AsyncFnMut(usize) -> anyhow::Result<Connection>,
) -> anyhow::Result<f64> {
    let mut held = Vec::new();
    for index in 0..WARM {
        held.push(open(index).await?);
    }
    let before = process.memory()?;
    for index in 0..connections {
        held.push(open(WARM + index).await?);
    }
    let after = process.memory()?;
    drop(held);
    Ok(after.saturating_sub(before) as f64 / connections as f64)
}

//! The systems that Undertone is compared with, each with its configuration in `crates/bench/peers` and a client of
//! its protocol that does no more than the load needs.

pub mod ejabberd;
pub mod mosquitto;
mod mqtt;
mod xmpp;

use std::{net::SocketAddr, time::Duration};

use anyhow::Context as _;
use tokio::{
    net::TcpStream,
    time::{sleep, timeout},
};

const STARTING: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(100);

/// Connects as soon as the system listens.
async fn connect(address: SocketAddr) -> anyhow::Result<TcpStream> {
    let connected = timeout(STARTING, async {
        loop {
            match TcpStream::connect(address).await {
                Ok(stream) => return stream,
                Err(_) => sleep(AGAIN).await,
            }
        }
    });
    let stream = connected.await.context("the peer does not listen")?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

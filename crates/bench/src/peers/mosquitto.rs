//! mosquitto: a message is held in memory until its receiver acknowledged it, and saved to disk now and then.

use std::{net::SocketAddr, process::Command};

use anyhow::bail;
use tempfile::TempDir;

use super::mqtt::{self, Packet, Reader, Writer};
use crate::{
    arguments::Program,
    load::{Load, Pace, Until},
    measured::Measured,
    undertone::temporary_folder,
};

const CONFIGURATION: &str = include_str!("../../peers/mosquitto.conf");
const ADDRESS: ([u8; 4], u16) = ([127, 0, 0, 1], 21_883);

/// The server. Ends when dropped.
pub struct Mosquitto {
    /// The process.
    pub process: Measured,
    _folder: TempDir,
}

/// A publisher and a subscriber of one topic.
pub struct Pair {
    topic: String,
    publisher: (Reader, Writer),
    subscriber: (Reader, Writer),
}

impl Mosquitto {
    /// Starts it.
    ///
    /// # Errors
    /// If it is not installed.
    pub fn start(program: &Program) -> anyhow::Result<Self> {
        let folder = temporary_folder(program)?;
        let path = folder.path();
        std::fs::create_dir(path.join("mosq"))?;
        let file = path.join("mosquitto.conf");
        let configuration = CONFIGURATION.replace("RUNDIR", &path.display().to_string());
        std::fs::write(&file, configuration)?;
        let mut command = Command::new("mosquitto");
        command
            .arg("-c")
            .arg(file)
            .stderr(std::process::Stdio::null());
        let process = Measured::start(&mut command)?;
        Ok(Self {
            process,
            _folder: folder,
        })
    }

    /// A client that does nothing.
    ///
    /// # Errors
    /// If it is not connected.
    pub async fn client(name: &str) -> anyhow::Result<(Reader, Writer)> {
        let stream = super::connect(SocketAddr::from(ADDRESS)).await?;
        mqtt::connect(stream, name).await
    }
}

impl Pair {
    /// Connects both.
    ///
    /// # Errors
    /// If either is refused.
    pub async fn create(index: usize) -> anyhow::Result<Self> {
        let topic = format!("topic/{index}");
        let publisher = Mosquitto::client(&format!("publisher{index}")).await?;
        let mut subscriber = Mosquitto::client(&format!("subscriber{index}")).await?;
        let (reader, writer) = &mut subscriber;
        writer.subscribe(reader, &topic).await?;
        Ok(Self {
            topic,
            publisher,
            subscriber,
        })
    }

    /// Sends and receives until the load is over and everything sent was delivered and acknowledged.
    ///
    /// # Errors
    /// If the server ends a connection.
    pub async fn run(self, load: Load) -> anyhow::Result<u64> {
        let pace = load.pace();
        let (acknowledged, mut publisher) = self.publisher;
        let (reader, writer) = self.subscriber;
        let publishing = async {
            let mut id = 0_u16;
            loop {
                let leave = pace.leave().await?;
                if leave == 0 {
                    return anyhow::Ok(());
                }
                for _ in 0..leave {
                    // 0 is no packet identifier.
                    id = id.checked_add(1).unwrap_or(1);
                    publisher.publish(&self.topic, id, load.body()).await?;
                }
                publisher.flush().await?;
            }
        };
        tokio::try_join!(
            publishing,
            accepted(acknowledged, &pace),
            receive(reader, writer, &pace)
        )?;
        Ok(pace.count())
    }
}

async fn accepted(mut reader: Reader, pace: &Pace) -> anyhow::Result<()> {
    let mut until = Until::all_of(pace);
    let mut accepted = 0;
    while let Some(packet) = until.next(accepted, false, reader.next()).await? {
        match packet? {
            Packet::Acknowledged => accepted += 1,
            Packet::Publish(_) => bail!("MQTT: a message to the publisher"),
        }
    }
    Ok(())
}

async fn receive(mut reader: Reader, mut writer: Writer, pace: &Pace) -> anyhow::Result<()> {
    let mut until = Until::all_of(pace);
    let mut waiting = 0;
    while let Some(packet) = until.next(pace.count(), false, reader.next()).await? {
        let Packet::Publish(id) = packet? else {
            bail!("MQTT: an acknowledgement to the subscriber");
        };
        writer.acknowledge(id).await?;
        waiting += 1;
        if reader.is_drained() {
            writer.flush().await?;
            pace.received(std::mem::take(&mut waiting));
        }
    }
    Ok(())
}

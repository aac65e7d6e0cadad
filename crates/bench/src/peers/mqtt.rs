//! As much of MQTT 3.1.1 as publishing and subscribing with QoS 1 needs.

use anyhow::{Context as _, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

const BUFFER: usize = 64 * 1024;
const CONNACK: u8 = 0x20;
const PUBLISH_QOS_1: u8 = 0x32;
const PUBACK: u8 = 0x40;
const SUBACK: u8 = 0x90;

/// The sending half.
pub struct Writer(BufWriter<OwnedWriteHalf>);

/// The receiving half.
pub struct Reader(BufReader<OwnedReadHalf>);

/// A packet that a client gets under load.
pub enum Packet {
    /// A message, with its packet identifier.
    Publish(u16),
    /// A message of ours is taken.
    Acknowledged,
}

/// Connects with a session that outlives the connection.
pub async fn connect(stream: TcpStream, client: &str) -> anyhow::Result<(Reader, Writer)> {
    let (read, write) = stream.into_split();
    let mut reader = Reader(BufReader::with_capacity(BUFFER, read));
    let mut writer = Writer(BufWriter::with_capacity(BUFFER, write));
    let mut body = vec![0, 4, b'M', b'Q', b'T', b'T', 4, 0, 0, 0];
    put_text(&mut body, client)?;
    writer.packet(0x10, &[&body]).await?;
    writer.flush().await?;
    let (kind, answer) = reader.packet().await?;
    ensure!(
        kind == CONNACK && answer.get(1) == Some(&0),
        "MQTT: not connected"
    );
    Ok((reader, writer))
}

impl Writer {
    /// Publishes with QoS 1; sent with the next flush.
    pub async fn publish(&mut self, topic: &str, id: u16, body: &[u8]) -> anyhow::Result<()> {
        let mut head = Vec::with_capacity(topic.len() + 4);
        put_text(&mut head, topic)?;
        head.extend_from_slice(&id.to_be_bytes());
        self.packet(PUBLISH_QOS_1, &[&head, body]).await
    }

    /// Acknowledges; sent with the next flush.
    pub async fn acknowledge(&mut self, id: u16) -> anyhow::Result<()> {
        self.packet(PUBACK, &[&id.to_be_bytes()]).await
    }

    /// Sends.
    pub async fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.0.flush().await?)
    }

    /// Subscribes with QoS 1.
    pub async fn subscribe(&mut self, reader: &mut Reader, topic: &str) -> anyhow::Result<()> {
        let mut body = vec![0, 1];
        put_text(&mut body, topic)?;
        body.push(1);
        self.packet(0x82, &[&body]).await?;
        self.flush().await?;
        let (kind, answer) = reader.packet().await?;
        ensure!(
            kind == SUBACK && answer.get(2) == Some(&1),
            "MQTT: not subscribed"
        );
        Ok(())
    }

    async fn packet(&mut self, kind: u8, parts: &[&[u8]]) -> anyhow::Result<()> {
        let mut length: usize = parts.iter().map(|part| part.len()).sum();
        let mut head = vec![kind];
        loop {
            let byte = u8::try_from(length % 128)?;
            length /= 128;
            head.push(if length > 0 { byte | 0x80 } else { byte });
            if length == 0 {
                break;
            }
        }
        self.0.write_all(&head).await?;
        for part in parts {
            self.0.write_all(part).await?;
        }
        Ok(())
    }
}

impl Reader {
    /// The next packet.
    pub async fn next(&mut self) -> anyhow::Result<Packet> {
        let (kind, body) = self.packet().await?;
        if kind == PUBACK {
            return Ok(Packet::Acknowledged);
        }
        ensure!(kind & 0xf6 == PUBLISH_QOS_1, "MQTT: an unexpected packet");
        let length = body.first_chunk().copied().map(u16::from_be_bytes);
        let start = 2 + usize::from(length.context("MQTT: no topic")?);
        let id = body.get(start..).and_then(<[u8]>::first_chunk).copied();
        Ok(Packet::Publish(u16::from_be_bytes(
            id.context("MQTT: no packet identifier")?,
        )))
    }

    /// Whether nothing more has come so far.
    pub fn is_drained(&self) -> bool {
        self.0.buffer().is_empty()
    }

    async fn packet(&mut self) -> anyhow::Result<(u8, Vec<u8>)> {
        let kind = self.0.read_u8().await?;
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            let byte = self.0.read_u8().await?;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
            ensure!(shift < 28, "MQTT: a malformed length");
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await?;
        Ok((kind, body))
    }
}

fn put_text(to: &mut Vec<u8>, text: &str) -> anyhow::Result<()> {
    to.extend_from_slice(&u16::try_from(text.len())?.to_be_bytes());
    to.extend_from_slice(text.as_bytes());
    Ok(())
}

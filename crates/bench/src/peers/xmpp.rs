//! As much of XMPP as registering, logging in and chatting needs: text in, text out, hardly parsed.

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, BufWriter},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

const BUFFER: usize = 64 * 1024;
const MESSAGE_END: &[u8] = b"</message>";

/// The sending half.
pub struct Writer(BufWriter<OwnedWriteHalf>);

/// The receiving half.
pub struct Reader {
    stream: OwnedReadHalf,
    text: Vec<u8>,
}

/// Registers `user` and logs in, present or not.
pub async fn log_in(
    stream: TcpStream,
    user: &str,
    present: bool,
) -> anyhow::Result<(Reader, Writer)> {
    let (read, write) = stream.into_split();
    let mut reader = Reader {
        stream: read,
        text: Vec::new(),
    };
    let mut writer = Writer(BufWriter::with_capacity(BUFFER, write));
    let open = "<?xml version='1.0'?><stream:stream to='localhost' xmlns='jabber:client' \
        xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";
    let register = format!(
        "<iq type='set' id='r'><query xmlns='jabber:iq:register'>\
         <username>{user}</username><password>pass</password></query></iq>"
    );
    let plain = STANDARD.encode(format!("\0{user}\0pass"));
    let authenticate =
        format!("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{plain}</auth>");
    let bind = "<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
        <resource>r</resource></bind></iq>";
    for (say, expect) in [
        (open, "</stream:features>"),
        (&register, "type='result'"),
        (&authenticate, "<success"),
        (open, "</stream:features>"),
        (bind, "</iq>"),
    ] {
        writer.say(say).await?;
        writer.flush().await?;
        reader.expect(expect).await?;
    }
    if present {
        writer.say("<presence/>").await?;
        writer.flush().await?;
        reader.expect("<presence").await?;
    }
    Ok((reader, writer))
}

impl Writer {
    /// Sends with the next flush.
    pub async fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.0.write_all(text.as_bytes()).await?)
    }

    /// Sends.
    pub async fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.0.flush().await?)
    }
}

impl Reader {
    /// Waits for messages and counts them.
    pub async fn messages(&mut self) -> anyhow::Result<usize> {
        loop {
            let mut count = 0;
            let mut start = 0;
            while let Some(end) = find(self.text.get(start..).unwrap_or_default(), MESSAGE_END) {
                count += 1;
                start += end;
            }
            self.text.drain(..start);
            if count > 0 {
                return Ok(count);
            }
            self.read().await?;
        }
    }

    async fn expect(&mut self, what: &str) -> anyhow::Result<()> {
        loop {
            if let Some(end) = find(&self.text, what.as_bytes()) {
                self.text.drain(..end);
                return Ok(());
            }
            for trouble in ["type='error'", "<failure", "<stream:error"] {
                if find(&self.text, trouble.as_bytes()).is_some() {
                    bail!("XMPP: {}", String::from_utf8_lossy(&self.text));
                }
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        self.text.reserve(BUFFER);
        let read = self.stream.read_buf(&mut self.text).await;
        ensure!(
            read.context("XMPP: broken")? > 0,
            "XMPP: the server ended the stream"
        );
        Ok(())
    }
}

/// Where `needle` ends in `text`.
fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut start = 0;
    loop {
        let rest = text.get(start..)?;
        let at = start + rest.iter().position(|byte| *byte == first)?;
        if text.get(at..)?.starts_with(needle) {
            return Some(at + needle.len());
        }
        start = at + 1;
    }
}

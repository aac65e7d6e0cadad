//! The server process, with data in a folder of its own.

use std::{
    io::{BufRead as _, BufReader},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
};

use anyhow::{Context as _, bail};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::ServerName},
};
use tokio_util::either::Either;

use crate::{arguments::Program, measured::Measured};

/// The name that clients ask for, and sign.
pub const AUTHORITY: &str = "localhost";
/// Fewer than the server admits from one address.
const CONNECTIONS_PER_ADDRESS: usize = 250;

/// A byte stream to the server.
pub type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// The server. Ends, and its data with it, when dropped.
pub struct Server {
    /// The process.
    pub process: Measured,
    address: SocketAddr,
    tls: Option<TlsConnector>,
    connections: std::sync::atomic::AtomicUsize,
    _folder: TempDir,
}

impl Server {
    /// Starts it with a generous quota.
    ///
    /// # Errors
    /// If it does not come to serve.
    pub fn start(program: &Program, tls: bool) -> anyhow::Result<Self> {
        let folder = temporary_folder(program)?;
        let data = folder.path().join("data");
        let mut command = Command::new(server_program(program)?);
        command
            .args(["--listen", "127.0.0.1:0", "--tokens-per-day", "100000000"])
            .arg("--data")
            .arg(&data)
            .stderr(Stdio::piped());
        let tls = tls
            .then(|| certify(folder.path(), &mut command))
            .transpose()?;
        let mut process = Measured::start(&mut command)?;
        let stderr = process.child().stderr.take();
        let mut lines = BufReader::new(stderr.context("no standard error")?).lines();
        let serving = lines.any(|line| line.is_ok_and(|line| line.contains("serving")));
        if !serving {
            bail!("the server ended without serving");
        }
        // Keeps the pipe open and empty until the server ends.
        std::thread::spawn(move || lines.count());
        let address = std::fs::read_to_string(data.join("listen"))?;
        Ok(Self {
            process,
            address: address.trim().parse()?,
            tls,
            connections: 0.into(),
            _folder: folder,
        })
    }

    /// Opens a byte stream, from one of many loopback addresses: the server limits connections by address.
    ///
    /// # Errors
    /// If the server does not accept it.
    pub async fn connect(&self) -> anyhow::Result<Stream> {
        let count = self
            .connections
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let host = u8::try_from(1 + count / CONNECTIONS_PER_ADDRESS)
            .context("more connections than loopback addresses are used")?;
        let socket = TcpSocket::new_v4()?;
        socket.bind((IpAddr::V4(Ipv4Addr::new(127, 0, 1, host)), 0).into())?;
        let stream = socket.connect(self.address).await?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Either::Left(stream),
            Some(tls) => {
                let name = ServerName::try_from(AUTHORITY)?;
                Either::Right(Box::new(tls.connect(name, stream).await?))
            }
        })
    }
}

/// A folder on the disk that is to be measured.
///
/// # Errors
/// If none can be made.
pub fn temporary_folder(program: &Program) -> anyhow::Result<TempDir> {
    match &program.data {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    }
    .context("no folder for the data can be made")
}

fn server_program(program: &Program) -> anyhow::Result<PathBuf> {
    match &program.server {
        Some(path) => Ok(path.clone()),
        None => Ok(std::env::current_exe()?.with_file_name("undertone-server")),
    }
}

/// Makes a certificate for [`AUTHORITY`] that the server uses and clients trust.
fn certify(folder: &Path, command: &mut Command) -> anyhow::Result<TlsConnector> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([AUTHORITY.to_owned()])?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    std::fs::write(&certificate, cert.pem())?;
    std::fs::write(&key, signing_key.serialize_pem())?;
    command.arg("--tls-certificate").arg(certificate);
    command.arg("--tls-key").arg(key);
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone())?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

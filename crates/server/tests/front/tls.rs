//! Native TLS: the certificate given, no resumption, reloading.

use std::{fs, path::PathBuf, sync::Arc};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustix::process::Signal;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer},
};

use super::{
    account::Account,
    client::{open, open_at},
    process::{Folder, Server, failure},
};

/// A certificate for `localhost` and its key, as files.
struct Certificate {
    folder: tempfile::TempDir,
    der: CertificateDer<'static>,
}

impl Certificate {
    fn new() -> Self {
        let mut certificate = Self {
            folder: tempfile::tempdir().unwrap(),
            der: CertificateDer::from(Vec::new()),
        };
        certificate.renew();
        certificate
    }

    fn renew(&mut self) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(self.certificate(), cert.pem()).unwrap();
        fs::write(self.key(), signing_key.serialize_pem()).unwrap();
        self.der = cert.der().clone();
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    /// The flags that serve with it.
    fn flags(&self) -> Vec<String> {
        ["--tls-certificate", "--tls-key"]
            .into_iter()
            .zip([self.certificate(), self.key()])
            .flat_map(|(flag, path)| [flag.to_owned(), path.to_str().unwrap().to_owned()])
            .collect()
    }

    /// A connection that trusts this certificate and no other.
    async fn connect(&self, server: &Server) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der.clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let stream = TcpStream::connect(server.address).await.unwrap();
        TlsConnector::from(Arc::new(config))
            .connect("localhost".try_into().unwrap(), stream)
            .await
    }
}

fn start(folder: &Folder, certificate: &Certificate) -> Server {
    let flags = certificate.flags();
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    Server::start(folder.path(), &flags)
}

#[tokio::test]
async fn a_web_socket_over_tls_without_anything_to_be_recognised_by() {
    let folder = Folder::new();
    let certificate = Certificate::new();
    let server = start(&folder, &certificate);
    let stream = certificate.connect(&server).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let mut socket = open(stream, "/v1/account").await.unwrap();
    socket.challenge().await;
    let tls = socket.0.get_ref().get_ref().1;
    assert_eq!(tls.tls13_tickets_received(), 0);
}

#[tokio::test]
async fn a_hangup_signal_brings_the_new_certificate() {
    let folder = Folder::new();
    let mut certificate = Certificate::new();
    let mut server = start(&folder, &certificate);
    let old = certificate.connect(&server).await.unwrap();

    fs::write(certificate.key(), "damaged").unwrap();
    server.signal(Signal::HUP);
    server.wait_for_line("certificate and key are not in order");
    certificate.connect(&server).await.unwrap();

    certificate.renew();
    assert!(certificate.connect(&server).await.is_err());
    server.signal(Signal::HUP);
    server.wait_for_line("certificate and key are read again");
    certificate.connect(&server).await.unwrap();

    let mut socket = open(old, "/v1/account").await.unwrap();
    socket.challenge().await;
}

#[test]
fn files_that_are_not_in_order_are_said_before_anything_is_served() {
    let folder = Folder::new();
    let certificate = Certificate::new();
    let other = Certificate::new();
    fs::copy(other.key(), certificate.key()).unwrap();
    let flags = certificate.flags();
    let mut arguments = vec!["config", "check", "--data", folder.text()];
    arguments.extend(flags.iter().map(String::as_str));
    let said = failure(&arguments);
    assert!(
        said.contains("certificate and key cannot be used"),
        "{said}"
    );
    fs::remove_file(certificate.certificate()).unwrap();
    let said = failure(&arguments);
    assert!(said.contains("certificate.pem cannot be read"), "{said}");
}

#[tokio::test]
async fn who_names_the_usual_port_and_who_does_not_ask_for_the_same_server() {
    let folder = Folder::new();
    let certificate = Certificate::new();
    let server = start(&folder, &certificate);
    let connect = async |host| {
        let stream = certificate.connect(&server).await.unwrap();
        open_at(stream, host, "/v1/account").await.unwrap()
    };
    // What is signed is `localhost` each time.
    let person = Account::new();
    person.register_on(connect("localhost").await, "").await;
    for host in ["localhost:443", "LocalHost:443"] {
        person.authenticate_on(connect(host).await).await;
    }
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_tls() {
    let folder = Folder::new();
    let certificate = Certificate::new();
    let server = start(&folder, &certificate);
    let mut stream = certificate.connect(&server).await.unwrap();
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // Whether the server says goodbye at the end is not at issue.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        answer.contains("\r\nstrict-transport-security: max-age=63072000; includeSubDomains\r\n"),
        "{answer}"
    );
}

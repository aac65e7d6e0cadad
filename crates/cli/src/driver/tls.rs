//! TLS as connections to a server use it.

use std::{path::Path, sync::Arc};

use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig, RootCertStore,
        client::Resumption,
        crypto::ring,
        pki_types::{CertificateDer, pem::PemObject as _},
    },
};

use crate::failure::Failure;

/// A connector that trusts the usual certification authorities and those in `ca_file`.
///
/// # Errors
/// [`Failure::Usage`] if the file cannot be used.
pub fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, Failure> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = ca_file {
        add(&mut roots, path)?;
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Failure::Usage("this build has no TLS".to_owned()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    // A resumed session would tell the server that two connections belong to the same client.
    config.resumption = Resumption::disabled();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), Failure> {
    let unusable =
        |why: &str| Failure::Usage(format!("the file of certificates cannot be used: {why}"));
    let bytes = std::fs::read(path).map_err(|error| unusable(&error.to_string()))?;
    let mut found = false;
    for certificate in CertificateDer::pem_slice_iter(&bytes) {
        let certificate = certificate.map_err(|_| unusable("it is not PEM"))?;
        roots
            .add(certificate)
            .map_err(|_| unusable("it holds what is no certificate"))?;
        found = true;
    }
    if found {
        Ok(())
    } else {
        Err(unusable("it holds no certificate"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_without_certificates_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(connector(Some(file.path())).is_err());
        std::fs::write(
            file.path(),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        )
        .unwrap();
        assert!(connector(Some(file.path())).is_err());
        assert!(connector(Some(Path::new("/nonexistent"))).is_err());
        assert!(connector(None).is_ok());
    }
}

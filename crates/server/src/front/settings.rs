//! The settings in force: flags before environment before file before default, then checked together.

use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use undertone_wire::limits;

use super::command::{Flags, LogFormat, LogLevel, Registration};

const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8787);
const DEFAULT_SHUTDOWN_SECONDS: u64 = 10;
const LONGEST_SHUTDOWN_SECONDS: u64 = 600;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The configuration file cannot be read.
    #[error("the configuration file {0} cannot be read")]
    Read(PathBuf, #[source] io::Error),
    /// The configuration file is no TOML of known settings.
    #[error("the configuration file {0} is not in order")]
    Parse(PathBuf, #[source] Box<toml::de::Error>),
    /// No data folder is named.
    #[error(
        "no data folder is named: give --data DIR, UNDERTONE_DATA or `data` in the configuration file"
    )]
    NoData,
    /// One of certificate and key without the other.
    #[error("TLS needs both --tls-certificate and --tls-key")]
    HalfTls,
    /// Sealed frames, but also addresses and sizes, would cross a network in the clear.
    #[error(
        "{0} is not a loopback address: give --tls-certificate and --tls-key, or --behind-proxy if a proxy ends TLS"
    )]
    PlainBeyondLoopback(SocketAddr),
    /// A number that makes no sense.
    #[error("{0} must be between {1} and {2}")]
    OutOfRange(&'static str, u64, u64),
}

/// A configuration file; also what `config check` prints.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    data: Option<PathBuf>,
    listen: Option<SocketAddr>,
    tls_certificate: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    behind_proxy: Option<bool>,
    metrics: Option<SocketAddr>,
    registration: Option<Registration>,
    tokens_per_day: Option<u32>,
    shutdown_seconds: Option<u64>,
    log_format: Option<LogFormat>,
    log_level: Option<LogLevel>,
}

/// The files that TLS is served with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// Certificate chain, PEM.
    pub certificate: PathBuf,
    /// Private key, PEM.
    pub key: PathBuf,
}

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Data folder.
    pub data: PathBuf,
    /// Where clients connect.
    pub listen: SocketAddr,
    /// TLS, unless connections are plain.
    pub tls: Option<TlsFiles>,
    /// Whether a proxy stands in front.
    pub behind_proxy: bool,
    /// Where metrics are served.
    pub metrics: Option<SocketAddr>,
    /// Who may register.
    pub registration: Registration,
    /// Tokens that one account is issued a day.
    pub tokens_per_day: u32,
    /// Time that connections get when the server shuts down.
    pub shutdown: Duration,
    /// Form of the log.
    pub log_format: LogFormat,
    /// Least severity that is logged.
    pub log_level: LogLevel,
}

impl File {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`SettingsError::Read`] or [`SettingsError::Parse`].
    pub fn read(path: &Path) -> Result<Self, SettingsError> {
        let text = fs::read_to_string(path)
            .map_err(|error| SettingsError::Read(path.to_owned(), error))?;
        toml::from_str(&text)
            .map_err(|error| SettingsError::Parse(path.to_owned(), Box::new(error)))
    }
}

impl Settings {
    /// Puts flags (which hold the environment already) before the file that they name.
    ///
    /// # Errors
    /// [`SettingsError`] says what is wrong.
    pub fn load(flags: Flags) -> Result<Self, SettingsError> {
        let file = flags
            .config
            .as_deref()
            .map(File::read)
            .transpose()?
            .unwrap_or_default();
        Self::merge(flags, file)
    }

    fn merge(flags: Flags, file: File) -> Result<Self, SettingsError> {
        let settings = Self {
            data: flags.data.or(file.data).ok_or(SettingsError::NoData)?,
            listen: flags.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN),
            tls: tls(
                flags.tls_certificate.or(file.tls_certificate),
                flags.tls_key.or(file.tls_key),
            )?,
            behind_proxy: flags.behind_proxy.or(file.behind_proxy).unwrap_or(false),
            metrics: flags.metrics.or(file.metrics),
            registration: flags
                .registration
                .or(file.registration)
                .unwrap_or(Registration::Open),
            tokens_per_day: flags
                .tokens_per_day
                .or(file.tokens_per_day)
                .unwrap_or(limits::TOKENS_PER_DAY),
            shutdown: Duration::from_secs(in_range(
                "shutdown_seconds",
                flags
                    .shutdown_seconds
                    .or(file.shutdown_seconds)
                    .unwrap_or(DEFAULT_SHUTDOWN_SECONDS),
                (1, LONGEST_SHUTDOWN_SECONDS),
            )?),
            log_format: flags
                .log_format
                .or(file.log_format)
                .unwrap_or(LogFormat::Text),
            log_level: flags.log_level.or(file.log_level).unwrap_or(LogLevel::Info),
        };
        if !settings.clients_speak_tls() && !settings.listen.ip().is_loopback() {
            return Err(SettingsError::PlainBeyondLoopback(settings.listen));
        }
        Ok(settings)
    }

    /// Whether clients speak TLS: to this program, or to the proxy in front of it.
    pub fn clients_speak_tls(&self) -> bool {
        self.tls.is_some() || self.behind_proxy
    }

    /// These settings as a configuration file that would bring them about.
    pub fn to_file(&self) -> File {
        File {
            data: Some(self.data.clone()),
            listen: Some(self.listen),
            tls_certificate: self.tls.as_ref().map(|tls| tls.certificate.clone()),
            tls_key: self.tls.as_ref().map(|tls| tls.key.clone()),
            behind_proxy: Some(self.behind_proxy),
            metrics: self.metrics,
            registration: Some(self.registration),
            tokens_per_day: Some(self.tokens_per_day),
            shutdown_seconds: Some(self.shutdown.as_secs()),
            log_format: Some(self.log_format),
            log_level: Some(self.log_level),
        }
    }
}

fn tls(
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
) -> Result<Option<TlsFiles>, SettingsError> {
    match (certificate, key) {
        (Some(certificate), Some(key)) => Ok(Some(TlsFiles { certificate, key })),
        (None, None) => Ok(None),
        _ => Err(SettingsError::HalfTls),
    }
}

fn in_range(
    what: &'static str,
    value: u64,
    (least, most): (u64, u64),
) -> Result<u64, SettingsError> {
    if (least..=most).contains(&value) {
        Ok(value)
    } else {
        Err(SettingsError::OutOfRange(what, least, most))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn flags() -> Flags {
        Flags {
            data: Some("data".into()),
            ..Flags::default()
        }
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file: File =
            toml::from_str("registration = \"closed\"\ntokens_per_day = 7\ndata = \"other\"")
                .unwrap();
        let settings = Settings::merge(
            Flags {
                registration: Some(Registration::Invite),
                ..flags()
            },
            file,
        )
        .unwrap();
        assert_eq!(settings.registration, Registration::Invite);
        assert_eq!(settings.tokens_per_day, 7);
        assert_eq!(settings.data, Path::new("data"));
        assert_eq!(settings.listen, DEFAULT_LISTEN);
    }

    #[test]
    fn plain_connections_beyond_loopback_need_a_proxy() {
        let open = Flags {
            listen: Some("0.0.0.0:80".parse().unwrap()),
            ..flags()
        };
        assert!(matches!(
            Settings::merge(open.clone(), File::default()),
            Err(SettingsError::PlainBeyondLoopback(_))
        ));
        for allowed in [
            Flags {
                behind_proxy: Some(true),
                ..open.clone()
            },
            Flags {
                tls_certificate: Some("c".into()),
                tls_key: Some("k".into()),
                ..open
            },
            Flags {
                listen: Some("[::1]:80".parse().unwrap()),
                ..flags()
            },
        ] {
            assert!(Settings::merge(allowed, File::default()).is_ok());
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let half = Flags {
            tls_key: Some("k".into()),
            ..flags()
        };
        assert!(matches!(
            Settings::merge(half, File::default()),
            Err(SettingsError::HalfTls)
        ));
        assert!(matches!(
            Settings::merge(Flags::default(), File::default()),
            Err(SettingsError::NoData)
        ));
        let hasty = Flags {
            shutdown_seconds: Some(0),
            ..flags()
        };
        assert!(matches!(
            Settings::merge(hasty, File::default()),
            Err(SettingsError::OutOfRange("shutdown_seconds", 1, 600))
        ));
        assert!(toml::from_str::<File>("lisen = \"127.0.0.1:1\"").is_err());
    }

    #[test]
    fn what_is_printed_brings_about_the_same_settings() {
        let settings = Settings::merge(flags(), File::default()).unwrap();
        let printed = toml::to_string(&settings.to_file()).unwrap();
        let again = Settings::merge(Flags::default(), toml::from_str(&printed).unwrap()).unwrap();
        assert_eq!(again, settings);
    }
}

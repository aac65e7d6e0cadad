//! `undertone-server config check`: what the server would find wrong on starting, without starting it.

use super::{
    settings::Settings,
    tls::{self, TlsError},
};

/// Why the settings would not do.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Certificate or key.
    #[error(transparent)]
    Tls(TlsError),
    /// The settings cannot be written as a file: a path is no text.
    #[error("a path is not valid text, so the settings cannot be shown as a file")]
    Show(#[source] toml::ser::Error),
}

/// Checks, and returns the settings in force as a configuration file.
///
/// # Errors
/// [`CheckError`] says what is wrong.
pub fn check_config(settings: &Settings) -> Result<String, CheckError> {
    if let Some(files) = &settings.tls {
        tls::load(files).map_err(CheckError::Tls)?;
    }
    toml::to_string(&settings.to_file()).map_err(CheckError::Show)
}

//! `undertone-server invite create`: through the server that runs, or on the stores if none does.

use std::io;

use undertone_server::core::{Core, Location, OpenError, StoreError};

use super::{
    control::{self, Answer, Request},
    data_folder::{DataFolder, DataFolderError},
    serve::{core_settings, now, randomness},
    settings::Settings,
};

/// Why no invite was made.
#[derive(Debug, thiserror::Error)]
pub enum InviteError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(DataFolderError),
    /// The stores cannot be opened.
    #[error("the stores cannot be opened")]
    Open(#[source] OpenError),
    /// The stores took no invite.
    #[error("the invite was not stored")]
    Store(#[source] StoreError),
    /// A server holds the folder, but does not answer.
    #[error(
        "the server that uses the data folder does not answer; if it is starting or stopping, try again"
    )]
    Unreachable(#[source] io::Error),
    /// The server that runs made none.
    #[error("the server made no invite: {0}")]
    Refused(String),
}

/// Makes a code with which `uses` accounts may be registered.
///
/// # Errors
/// [`InviteError`] says why there is none.
pub fn create_invite(settings: &Settings, uses: u32) -> Result<String, InviteError> {
    match DataFolder::open(&settings.data) {
        Ok(folder) => {
            let location = Location::Folder(folder.path().to_owned());
            let mut core = Core::open(&location, core_settings(settings), randomness(), now())
                .map_err(InviteError::Open)?;
            core.create_invite(uses, now()).map_err(InviteError::Store)
        }
        Err(DataFolderError::Held(path)) => {
            match control::ask(&path, &Request::CreateInvite { uses }) {
                Ok(Answer::Invite(code)) => Ok(code),
                Ok(Answer::Error(error)) => Err(InviteError::Refused(error)),
                Err(error) => Err(InviteError::Unreachable(error)),
            }
        }
        Err(error) => Err(InviteError::Folder(error)),
    }
}

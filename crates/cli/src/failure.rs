//! How a command fails: words for people, a code for scripts. Neither holds a text, key, address or id.

use std::{io, process::ExitCode};

use serde::Serialize;
use undertone_engine::{CommandError, EngineError, LinkFailure, OpenError, Refused};
use undertone_store::{ProfileLockError, profile_key::ProfileKeyError};
use undertone_wire::time::Timestamp;

use crate::{driver::endpoint::ConnectError, when::rfc3339_day, words};

/// The exit codes; `--help` and `docs/cli.md` list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All that was asked is done.
    Done = 0,
    /// Wrong usage, or what has no code of its own.
    Other = 1,
    /// Nothing fits, or more than one thing does.
    NotFound = 2,
    /// The server cannot be reached.
    Offline = 3,
    /// The server says no.
    Refused = 4,
    /// The time ran out.
    TimedOut = 5,
    /// The profile is in use, or its passphrase is missing or wrong.
    Locked = 6,
    /// The profile's data cannot be used.
    Store = 7,
    /// The device was signed out from another.
    SignedOut = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Something is wrong with what was typed or given.
    #[error("{0}")]
    Usage(String),
    /// Nothing fits what was typed.
    #[error("there is no such {0} here")]
    NotFound(&'static str),
    /// Several things fit what was typed.
    #[error("more than one {0} fits; give its id, or more of it")]
    Ambiguous(&'static str),
    /// There is no profile in the directory.
    #[error(
        "there is no profile here; make one with `undertone account create`, or with `undertone device code` for an \
         account that you have already"
    )]
    NoProfile,
    /// The device was signed out from another.
    #[error(
        "this device was signed out from another of your devices on {}; nothing is left on it. Link it again with \
         `undertone device code`",
        rfc3339_day(*.0)
    )]
    SignedOut(Timestamp),
    /// No device was linked.
    #[error("{}", words::not_linked(*why, *new))]
    NotLinked {
        /// Why.
        why: LinkFailure,
        /// Whether this is the device that was to be linked.
        new: bool,
    },
    /// No device was linked, as the server cannot be reached.
    #[error("the server cannot be reached{}; no device was linked, try again when it can be", because(.0.as_ref()))]
    NoMeeting(Option<ConnectError>),
    /// The new device was let in, and has not been heard of since.
    #[error(
        "the new device was let in and has not come yet. That goes on by itself whenever both devices are connected, \
         for instance with `undertone receive`; should it say that it was not linked, sign it out with `undertone \
         device revoke`"
    )]
    NotCome,
    /// The new device is there, and lacks something.
    #[error(
        "the new device is linked, and has not got all it needs yet; that goes on by itself with the next command that \
         connects, such as `undertone receive`"
    )]
    StillGiving,
    /// The server cannot be reached.
    #[error("the server cannot be reached{}; what you asked is kept here and goes on with the next command that \
             connects", because(.0.as_ref()))]
    Offline(Option<ConnectError>),
    /// The server took no account.
    #[error("{}", refusal(*.0))]
    Registration(Refused),
    /// A link that leads nowhere, in the engine's words.
    #[error("{0}")]
    Link(String),
    /// A message that will not be sent.
    #[error("the message cannot be sent")]
    MessageFailed,
    /// The time ran out.
    #[error(
        "the time ran out{}; what you asked is kept here and goes on with the next command that connects",
        because(.0.as_ref())
    )]
    TimedOut(Option<ConnectError>),
    /// Another process has the profile.
    #[error("another undertone command is using this profile")]
    Busy,
    /// The profile could not be locked or made.
    #[error("the profile's directory cannot be used: {0}")]
    Directory(io::Error),
    /// The key of the profile.
    #[error(transparent)]
    Key(#[from] ProfileKeyError),
    /// The store of the profile.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine refused the command or failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// The terminal or the file that is written to.
    #[error("the output cannot be written: {0}")]
    Output(#[from] io::Error),
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::Command(CommandError::Engine(error))
    }
}

impl From<ProfileLockError> for Failure {
    fn from(error: ProfileLockError) -> Self {
        match error {
            ProfileLockError::Busy => Self::Busy,
            ProfileLockError::NoDirectory => Self::NoProfile,
            ProfileLockError::Io(error) => Self::Directory(error),
        }
    }
}

/// A failure as JSON, on the standard error.
#[derive(Debug, Serialize)]
struct Report {
    error: String,
    exit: u8,
}

impl Failure {
    /// The code to end with.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Directory(_) | Self::Output(_) => Exit::Other,
            Self::NotFound(_) | Self::Ambiguous(_) | Self::NoProfile => Exit::NotFound,
            Self::Offline(_) | Self::NoMeeting(_) => Exit::Offline,
            Self::SignedOut(_) => Exit::SignedOut,
            Self::Registration(_) | Self::Link(_) | Self::MessageFailed => Exit::Refused,
            Self::TimedOut(_) | Self::NotCome | Self::StillGiving => Exit::TimedOut,
            Self::NotLinked { why, .. } => match why {
                LinkFailure::NoSuchCode => Exit::NotFound,
                LinkFailure::WrongCode
                | LinkFailure::Declined
                | LinkFailure::TooMany
                | LinkFailure::Version => Exit::Refused,
                LinkFailure::Expired => Exit::TimedOut,
            },
            Self::Busy => Exit::Locked,
            Self::Key(error) => match error {
                ProfileKeyError::Missing => Exit::NotFound,
                ProfileKeyError::PassphraseNeeded
                | ProfileKeyError::NotProtected
                | ProfileKeyError::WrongPassphrase => Exit::Locked,
                ProfileKeyError::Exists => Exit::Other,
                ProfileKeyError::Damaged
                | ProfileKeyError::Excessive
                | ProfileKeyError::Newer { .. }
                | ProfileKeyError::Io(_) => Exit::Store,
            },
            Self::Open(_) => Exit::Store,
            Self::Command(error) => match error {
                CommandError::NoAccount | CommandError::Unknown(_) => Exit::NotFound,
                CommandError::Engine(_) => Exit::Store,
                CommandError::AccountExists
                | CommandError::Link(_)
                | CommandError::Code(_)
                | CommandError::Content(_)
                | CommandError::OwnLink
                | CommandError::OtherServer(_)
                | CommandError::NotNow(_) => Exit::Other,
            },
        }
    }

    /// The same of a command that links a device: what was asked is not kept then. `new` is whether this is the
    /// device that was to be linked.
    pub fn while_linking(self, new: bool) -> Self {
        match self {
            Self::Offline(error) | Self::TimedOut(error @ Some(_)) => Self::NoMeeting(error),
            Self::TimedOut(None) => Self::NotLinked {
                why: LinkFailure::Expired,
                new,
            },
            other => other,
        }
    }

    /// What to tell on the standard error; nothing if the reader of the output has simply left.
    pub fn report(&self, json: bool) -> Option<String> {
        if let Self::Output(error) = self
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            return None;
        }
        let words = match self {
            Self::Key(ProfileKeyError::PassphraseNeeded) => {
                format!("{self}; give it with --passphrase-file")
            }
            Self::Key(ProfileKeyError::Missing) => Self::NoProfile.to_string(),
            _ => self.to_string(),
        };
        if !json {
            return Some(format!("undertone: {words}"));
        }
        let report = Report {
            error: words,
            exit: self.exit() as u8,
        };
        serde_json::to_string(&report).ok()
    }
}

fn because(error: Option<&ConnectError>) -> String {
    error.map_or_else(String::new, |error| format!(" ({error})"))
}

fn refusal(refused: Refused) -> &'static str {
    match refused {
        Refused::Closed => {
            "the server takes no new accounts; remove this profile and make one at another server"
        }
        Refused::Invite => {
            "the server wants a valid invite code; remove this profile and repeat with --invite CODE"
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_report_is_one_line_of_words_or_one_object() {
        let failure = Failure::Ambiguous("chat");
        assert_eq!(
            failure.report(false).unwrap(),
            "undertone: more than one chat fits; give its id, or more of it"
        );
        assert_eq!(
            failure.report(true).unwrap(),
            r#"{"error":"more than one chat fits; give its id, or more of it","exit":2}"#
        );
    }

    #[test]
    fn a_device_that_was_not_linked_has_nothing_to_go_on_with() {
        let late = Failure::TimedOut(None).while_linking(true);
        let offline = Failure::Offline(Some(ConnectError::Refused)).while_linking(true);
        assert_eq!(
            (late.exit(), offline.exit()),
            (Exit::TimedOut, Exit::Offline)
        );
        for failure in [late, offline] {
            let words = failure.report(false).unwrap();
            assert!(!words.contains("kept"), "{words}");
        }
    }

    #[test]
    fn who_was_signed_out_is_told_when_and_what_to_do() {
        let failure = Failure::SignedOut(Timestamp(1_772_384_645_678));
        assert_eq!(
            failure.report(false).unwrap(),
            "undertone: this device was signed out from another of your devices on 2026-03-01; nothing is left on it. \
             Link it again with `undertone device code`"
        );
    }

    #[test]
    fn who_stops_reading_is_not_told_about_it() {
        let left = Failure::Output(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!(left.report(false), None);
    }
}

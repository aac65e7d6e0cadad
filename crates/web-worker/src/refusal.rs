//! Why a command did nothing, in the words of the page.

use undertone_content::{ContentError, limits::TEXT_BYTES};
use undertone_engine::{CommandError, EngineError};
use undertone_web_messages::Refusal;
use undertone_wire::link::LinkError;

/// Reads an error of a command that has a text in it, or none at all.
pub(crate) fn refusal(error: &CommandError) -> Refusal {
    match error {
        CommandError::NoAccount => Refusal::NoAccount,
        CommandError::AccountExists => Refusal::AccountExists,
        CommandError::Link(LinkError::Version) => Refusal::NewerLink,
        CommandError::Link(LinkError::Server | LinkError::Fragment) => Refusal::NotALink,
        CommandError::Code(_) => Refusal::NotACode,
        CommandError::Content(ContentError::TooLarge) => too_long(TEXT_BYTES),
        CommandError::Content(_) => Refusal::Empty,
        CommandError::OwnLink => Refusal::OwnLink,
        CommandError::OtherServer(server) => Refusal::OtherServer(server.clone()),
        CommandError::Unknown(_) => Refusal::Unknown,
        CommandError::NotNow(_) => Refusal::NotNow,
        CommandError::Engine(error) => failure(error),
    }
}

/// Reads an error of a command that has a name in it.
pub(crate) fn name_refusal(error: &CommandError) -> Refusal {
    match error {
        CommandError::Content(_) => Refusal::Name,
        other => refusal(other),
    }
}

/// The engine fails only if its store does.
pub(crate) fn failure(_: &EngineError) -> Refusal {
    Refusal::Store
}

/// A text with more than so many bytes.
pub(crate) fn too_long(bytes: usize) -> Refusal {
    Refusal::TooLong(u32::try_from(bytes).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_refusal() {
        let cases = [
            (CommandError::NoAccount, Refusal::NoAccount),
            (CommandError::AccountExists, Refusal::AccountExists),
            (LinkError::Server.into(), Refusal::NotALink),
            (LinkError::Fragment.into(), Refusal::NotALink),
            (LinkError::Version.into(), Refusal::NewerLink),
            (ContentError::Empty.into(), Refusal::Empty),
            (ContentError::TooLarge.into(), Refusal::TooLong(65_536)),
            (CommandError::OwnLink, Refusal::OwnLink),
            (
                CommandError::OtherServer("https://there".into()),
                Refusal::OtherServer("https://there".into()),
            ),
            (CommandError::Unknown("chat"), Refusal::Unknown),
            (CommandError::NotNow("not now"), Refusal::NotNow),
            (EngineError::Damaged("a key").into(), Refusal::Store),
        ];
        for (error, expected) in cases {
            assert_eq!(refusal(&error), expected, "{error}");
        }
    }

    #[test]
    fn whatever_is_wrong_with_a_name_is_the_name() {
        for error in [
            ContentError::Empty,
            ContentError::TooLarge,
            ContentError::Malformed,
        ] {
            assert_eq!(name_refusal(&error.into()), Refusal::Name);
        }
        assert_eq!(name_refusal(&CommandError::NoAccount), Refusal::NoAccount);
    }
}

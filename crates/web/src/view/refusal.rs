//! What the user is told when nothing was done: what happened, whose fault it is, what to do.

use undertone_web_messages::Refusal;

use crate::words::{tr, tr_with};

/// The sentence.
pub fn sentence(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoAccount => tr("refusal-no-account"),
        Refusal::AccountExists => tr("refusal-account-exists"),
        Refusal::Name => tr("refusal-name"),
        Refusal::Empty => tr("refusal-empty"),
        Refusal::TooLong(most) => tr_with("refusal-too-long", [("most", (*most).into())]),
        Refusal::NotALink => tr("refusal-not-a-link"),
        Refusal::NotACode => tr("refusal-not-a-code"),
        Refusal::NewerLink => tr("refusal-newer-link"),
        Refusal::OwnLink => tr("refusal-own-link"),
        Refusal::OtherServer(server) => {
            tr_with("refusal-other-server", [("server", server.as_str().into())])
        }
        Refusal::Unknown => tr("refusal-unknown"),
        Refusal::NotNow => tr("refusal-not-now"),
        Refusal::Store => tr("refusal-store"),
    }
}

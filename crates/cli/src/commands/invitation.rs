//! `invitations` and `invitation …`.

use std::time::Duration;

use super::Context;
use crate::{
    clock::now,
    commands::history::own_account,
    failure::Failure,
    hex,
    json::{Answered, Invitation},
    resolve::{self, Names},
    session,
};

/// Lists the invitations that wait.
///
/// # Errors
/// [`Failure`] if the store or the output fails.
pub fn list(context: &Context) -> Result<(), Failure> {
    let engine = context.driver.engine();
    let invitations = engine.invitations()?;
    if invitations.is_empty() {
        return context.printer.say("Nobody wants to add you to a group.");
    }
    let names = Names::read(engine, own_account(context)?)?;
    for view in invitations {
        let invitation = Invitation::new(&view);
        context.printer.show(&invitation, || {
            format!(
                "{}  {} invites you to a group of {} people",
                invitation.id,
                names.of(&view.from),
                view.group_size
            )
        })?;
    }
    Ok(())
}

/// Answers, and lets the answer go out.
///
/// # Errors
/// [`Failure`]; of those of the network, the answer goes out later.
pub async fn answer(
    context: &mut Context,
    id: &str,
    accepts: bool,
    wait: Duration,
) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let invitation = resolve::invitation(engine, id)?;
    let (state, words) = if accepts {
        engine.accept_invitation(&invitation.id, now())?;
        (
            "accepted",
            "Accepted. Whoever invites you can add you to this group.",
        )
    } else {
        engine.decline_invitation(&invitation.id, now())?;
        ("declined", "Declined. Whoever invites you is told so.")
    };
    let answered = Answered {
        id: hex::encode(invitation.id.as_bytes()),
        state,
    };
    context.printer.show(&answered, || words.to_owned())?;
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

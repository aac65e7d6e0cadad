//! `account show` and `account groups`.

use std::time::Duration;

use super::Context;
use crate::{
    arguments::AddedBy,
    clock::now,
    failure::Failure,
    json::{Account, AddedByWhom},
    safe_text, session,
};

/// Shows the account.
///
/// # Errors
/// [`Failure::NoProfile`] if there is none.
pub fn show(context: &Context) -> Result<(), Failure> {
    let view = context
        .driver
        .engine()
        .account_view()?
        .ok_or(Failure::NoProfile)?;
    let account = Account::new(&view);
    context.printer.show(&account, || {
        let state = match (view.registered, view.refused) {
            (true, _) => "registered",
            (false, None) => "not registered yet; the next command that connects goes on with it",
            (false, Some(_)) => "refused by the server",
        };
        format!(
            "Name     {}\nServer   {}\nAccount  {}\nState    {state}",
            safe_text::line(&view.name),
            view.server,
            account.account,
        )
    })
}

/// Lets contacts add this account to groups, or has them ask.
///
/// # Errors
/// [`Failure`]; of those of the network, the server is told later.
pub async fn set_added_by(
    context: &mut Context,
    who: AddedBy,
    wait: Duration,
) -> Result<(), Failure> {
    let contacts = who == AddedBy::Contacts;
    context
        .driver
        .engine_mut()
        .set_added_by_contacts(contacts, now())?;
    let (groups, words) = if contacts {
        ("contacts", "Contacts may add you to groups.")
    } else {
        ("ask", "Nobody adds you to a group without asking you.")
    };
    context
        .printer
        .show(&AddedByWhom { groups }, || words.to_owned())?;
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

//! `account show`.

use super::Context;
use crate::{failure::Failure, json::Account, safe_text};

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

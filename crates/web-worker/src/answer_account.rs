//! The account of this browser.

use undertone_engine::Engine;
use undertone_web_messages::Refusal;
use undertone_wire::time::Timestamp;

use crate::refusal::{failure, name_refusal};

/// Makes the account, or asks the server again that refused it. The same again, while the server has not answered or
/// after it took the account, is done already.
pub(crate) fn create(
    engine: &mut Engine,
    server: &str,
    name: &str,
    invite: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    let account = engine.account_view().map_err(|error| failure(&error))?;
    let result = match account {
        None => engine.create_account(server, name, invite, now),
        Some(account) if account.refused.is_some() => engine.retry_registration(name, invite, now),
        Some(account) if account.name == name.trim() => Ok(()),
        Some(_) => return Err(Refusal::AccountExists),
    };
    result.map_err(|error| name_refusal(&error))
}

/// Changes the name that contacts see.
pub(crate) fn set_name(engine: &mut Engine, name: &str, now: Timestamp) -> Result<(), Refusal> {
    engine
        .set_name(name, now)
        .map_err(|error| name_refusal(&error))
}

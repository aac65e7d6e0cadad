//! One's own links, and following those of others.

use undertone_engine::{Engine, RequestId};
use undertone_web_messages::{ChatKey, Link, Refusal};
use undertone_wire::{
    link::ContactLink,
    time::{DAY_MS, Timestamp},
};

use crate::{
    keys::chat_key,
    refusal::{failure, refusal},
};

/// Days for which a single-use link can be made at most.
const MOST_DAYS: u32 = 365;

/// The reusable link.
pub(crate) fn my_link(engine: &Engine) -> Result<Link, Refusal> {
    let link = engine.link().map_err(|error| refusal(&error))?;
    show(engine, &link, false)
}

/// Makes a link for one person; the same request again gives the same link.
pub(crate) fn new_once_link(
    engine: &mut Engine,
    request: &RequestId,
    days: u32,
    now: Timestamp,
) -> Result<Link, Refusal> {
    let expires_at = now.plus(u64::from(days.clamp(1, MOST_DAYS)) * DAY_MS);
    let link = engine
        .new_once_link_for(request, expires_at, now)
        .map_err(|error| refusal(&error))?;
    show(engine, &link, true)
}

/// Makes another reusable link, once for each request.
pub(crate) fn reset_link(
    engine: &mut Engine,
    request: &RequestId,
    now: Timestamp,
) -> Result<Link, Refusal> {
    let link = engine
        .reset_link_for(request, now)
        .map_err(|error| refusal(&error))?;
    show(engine, &link, false)
}

/// Follows somebody's link. Followed again it leads to the same chat.
pub(crate) fn add_contact(
    engine: &mut Engine,
    link: &str,
    now: Timestamp,
) -> Result<ChatKey, Refusal> {
    let added = engine
        .add_contact(link, now)
        .map_err(|error| refusal(&error))?;
    Ok(chat_key(&added.chat))
}

fn show(engine: &Engine, link: &ContactLink, once: bool) -> Result<Link, Refusal> {
    let ready = engine
        .link_is_ready(link)
        .map_err(|error| failure(&error))?;
    Ok(Link {
        link: link.to_string(),
        once,
        ready,
    })
}

//! `history`: what was said in a chat.

use undertone_engine::{MessageRow, MessageState};
use undertone_wire::ids::AccountId;

use super::Context;
use crate::{
    clock::now,
    failure::Failure,
    json::Message,
    printer::Printer,
    resolve::{self, Names},
    safe_text,
    when::Zone,
    words,
};

/// Messages that are read from the store at once.
const PAGE: u64 = 500;

/// Shows a chat, the oldest message first.
///
/// # Errors
/// [`Failure`] if there is no such chat.
pub fn run(
    context: &mut Context,
    chat: &str,
    last: Option<u64>,
    mark_read: bool,
) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let chat = resolve::chat(engine, chat)?;
    let mut pages = Vec::new();
    let (mut before, mut left) = (u64::MAX, last.unwrap_or(u64::MAX));
    while left > 0 {
        let page = engine.history(&chat.chat, before, left.min(PAGE))?;
        let Some(oldest) = page.first() else { break };
        before = oldest.seq;
        left = left.saturating_sub(page.len() as u64);
        pages.push(page);
    }
    let own = own_account(context)?;
    let names = Names::read(context.driver.engine(), own)?;
    let messages = pages.iter().rev().flatten();
    let shown = Shown::new(context.printer, own, names);
    let mut newest = 0;
    for message in messages {
        shown.print(message)?;
        newest = message.seq;
    }
    if newest == 0 {
        context.printer.say("Nothing has been said here yet.")?;
    }
    if mark_read {
        let engine = context.driver.engine_mut();
        engine.mark_read(&chat.chat, newest, now())?;
    }
    Ok(())
}

/// The account of this profile.
///
/// # Errors
/// [`Failure::NoProfile`] if there is none.
pub fn own_account(context: &Context) -> Result<AccountId, Failure> {
    let view = context.driver.engine().account_view()?;
    Ok(view.ok_or(Failure::NoProfile)?.account)
}

/// Prints messages.
pub struct Shown {
    printer: Printer,
    own: AccountId,
    names: Names,
    zone: Zone,
}

impl Shown {
    /// With what it takes to name the senders.
    pub fn new(printer: Printer, own: AccountId, names: Names) -> Self {
        Self {
            printer,
            own,
            names,
            zone: Zone::of_system(),
        }
    }

    /// Prints one.
    ///
    /// # Errors
    /// [`Failure::Output`].
    pub fn print(&self, row: &MessageRow) -> Result<(), Failure> {
        self.printer
            .show(&Message::new(row, &self.own), || self.words(row))
    }

    /// Day, minute and sender, then the text; further lines stand under the first.
    pub fn words(&self, row: &MessageRow) -> String {
        if let Some(change) = self.names.change(row) {
            return format!("{}  {change}", self.zone.day_and_minute(row.sent_at));
        }
        let name = self.names.of(&row.sender);
        let lines = safe_text::lines(words::text(row)).join("\n    ");
        let mark = match row.state {
            MessageState::Received => String::new(),
            state => format!("  {}", words::mark(state)),
        };
        format!(
            "{}  {name}: {lines}{mark}",
            self.zone.day_and_minute(row.sent_at)
        )
    }
}

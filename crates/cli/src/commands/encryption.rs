//! `encryption`: how a chat is encrypted, and for which devices.

use super::Context;
use crate::{
    commands::history::own_account,
    failure::Failure,
    json::Encryption,
    resolve::{self, Names},
    when::Zone,
};

/// Shows it.
///
/// # Errors
/// [`Failure`] if there is no such chat, or nothing is encrypted in it any more.
pub fn show(context: &Context, chat: &str) -> Result<(), Failure> {
    let engine = context.driver.engine();
    let chat = resolve::chat(engine, chat)?;
    let view = engine.encryption(&chat.chat)?;
    let names = Names::read(engine, own_account(context)?)?;
    let zone = Zone::of_system();
    context.printer.show(&Encryption::new(&chat, &view), || {
        let mut lines = vec![
            "Everything here is end-to-end encrypted: only these devices can read it.".to_owned(),
            format!(
                "MLS (RFC 9420), with keys that resist quantum computers too; epoch {}, keys last changed {}.",
                view.epoch,
                zone.day_and_minute(view.keys_changed_at)
            ),
        ];
        for device in &view.devices {
            let this = if device.this_device { " (this device)" } else { "" };
            let bot = if device.bot { " (operated by software)" } else { "" };
            let since = match device.since {
                Some(since) => format!("since {}", zone.day_and_minute(since)),
                None => "here before this device".to_owned(),
            };
            lines.push(format!("  {}{this}{bot}, {since}", names.of(&device.account)));
        }
        lines.join("\n")
    })
}

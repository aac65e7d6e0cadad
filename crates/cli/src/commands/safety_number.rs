//! `contact safety-number` and `contact verify`.

use super::Context;
use crate::{
    failure::Failure,
    hex,
    json::{SafetyNumber, Verified},
    resolve, safe_text, words,
};

/// Groups of the number that stand in one line.
const GROUPS: usize = 4;

/// Shows the safety number with a contact.
///
/// # Errors
/// [`Failure`] if there is no such contact.
pub fn show(context: &Context, contact: &str) -> Result<(), Failure> {
    let engine = context.driver.engine();
    let contact = resolve::contact(engine, contact)?;
    let number = engine.safety_number(&contact.account)?;
    let shown = SafetyNumber {
        contact: hex::person(&contact.account),
        safety_number: number.digits().to_owned(),
        verified: contact.verified,
    };
    context.printer.show(&shown, || {
        let name = safe_text::line(words::or_no_name(&contact.name));
        let state = if contact.verified {
            "You have compared it with them before."
        } else {
            "If they see the same number, note it with `undertone contact verify`."
        };
        format!(
            "Your safety number with {name}:\n\n{}\n\nCompare it when you meet, or in a call. {state}",
            grid(&number.to_string())
        )
    })
}

/// Notes whether the numbers have been compared.
///
/// # Errors
/// [`Failure`] if there is no such contact.
pub fn verify(context: &mut Context, contact: &str, verified: bool) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let contact = resolve::contact(engine, contact)?;
    engine.set_verified(&contact.account, verified)?;
    let shown = Verified {
        contact: hex::person(&contact.account),
        verified,
    };
    context.printer.show(&shown, || {
        let name = safe_text::line(words::or_no_name(&contact.name));
        if verified {
            format!("{name} is marked as verified.")
        } else {
            format!("{name} is no longer marked as verified.")
        }
    })
}

/// Twelve groups in three lines.
fn grid(number: &str) -> String {
    let groups: Vec<&str> = number.split(' ').collect();
    let lines = groups
        .chunks(GROUPS)
        .map(|line| format!("  {}", line.join("  ")));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_groups_stand_in_three_lines() {
        let number = "00001 00002 00003 00004 00005 00006 00007 00008 00009 00010 00011 00012";
        assert_eq!(
            grid(number),
            "  00001  00002  00003  00004\n  00005  00006  00007  00008\n  00009  00010  00011  00012"
        );
    }
}

//! `device …`, `devices` and `transfers`: link another device of one's own, name it, sign it out, and see what of the
//! history went where.

use std::{
    io::{self, BufRead as _, IsTerminal as _, Write as _},
    time::Duration,
};

use tokio::time::Instant;
use undertone_engine::{
    DeviceKind, DeviceView, Engine, HistoryChoice, LinkFailure, LinkStage, TransferState,
};
use undertone_wire::ids::Serial;

use super::Context;
use crate::{
    arguments::{DeviceCommand, History, TransferCommand},
    clock::now,
    failure::Failure,
    hex,
    json::{Code, Device, Linked, Transfer},
    printer::remark,
    safe_text,
    session::{self, WhenUnreachable, tell_server, work_until},
};

/// What a device calls itself that was given no name.
pub const NAME: &str = "Command line";
/// How long an existing device works on for a new one when nothing else is said.
const SETTLING: Duration = Duration::from_secs(120);
/// A code ends after five minutes; linking is given up a little later.
const CODE: Duration = Duration::from_secs(305);

const WILL_GET: &str = "It will be able to read and write everything that you can, and to link and sign out devices. \
Until you set a PIN or a recovery key, it also holds your account's key.";

/// Carries out what is said about devices.
///
/// # Errors
/// [`Failure`].
pub async fn run(context: &mut Context, command: DeviceCommand) -> Result<(), Failure> {
    match command {
        DeviceCommand::Code { server, name, wait } => {
            show_code(context, &server, &name, wait.unwrap_or(CODE)).await
        }
        DeviceCommand::Link {
            code,
            yes,
            history,
            wait,
        } => link(context, &code, yes, history, wait.unwrap_or(SETTLING)).await,
        DeviceCommand::Rename { id, name, patience } => {
            let device = find(context.driver.engine(), &id)?;
            let engine = context.driver.engine_mut();
            engine.rename_device(&device.id, &name, now())?;
            settle(context, patience.wait).await
        }
        DeviceCommand::Revoke { id, patience } => {
            let device = find(context.driver.engine(), &id)?;
            context
                .driver
                .engine_mut()
                .revoke_device(&device.id, now())?;
            settle(context, patience.wait).await
        }
    }
}

async fn settle(context: &mut Context, wait: Duration) -> Result<(), Failure> {
    let told = tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

async fn show_code(
    context: &mut Context,
    server: &str,
    name: &str,
    wait: Duration,
) -> Result<(), Failure> {
    let (driver, printer) = (&mut context.driver, context.printer);
    let engine = driver.engine_mut();
    engine.show_link_code(server, name, DeviceKind::CommandLine, now())?;
    driver.go_online()?;
    let deadline = Instant::now() + wait;
    let mut shown = None;
    let linked = work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        let Some(view) = engine.link_view() else {
            return Ok(true);
        };
        if let Some(code) = view.code.filter(|code| shown.as_ref() != Some(code)) {
            let line = Code {
                code: code.clone(),
                expires_at: crate::when::rfc3339(view.expires_at),
            };
            printer.show(&line, || {
                format!("On a device that you use already, enter this code within five minutes:\n\n  {code}\n")
            })?;
            shown = Some(code);
        }
        ended(&view.stage)
    })
    .await;
    if let Err(failure) = linked {
        driver.engine_mut().end_link(now())?;
        session::part(driver).await?;
        return Err(failure);
    }
    printer.say("Linked. Fetching your conversations.")?;
    let deadline = Instant::now() + SETTLING;
    let there = work_until(driver, deadline, WhenUnreachable::TryOn, |engine| {
        Ok(engine.status()?.idle && engine.places_wanted()? == 0 && !under_way(engine)?)
    })
    .await;
    let view = driver.engine().account_view()?.ok_or(Failure::NoProfile)?;
    let linked = Linked {
        kind: "linked",
        id: hex::person(&view.account),
        name: view.name,
    };
    printer.show(&linked, || {
        format!("This is a device of {} now.", safe_text::line(&linked.name))
    })?;
    session::part(driver).await?;
    match there {
        Err(Failure::TimedOut(_)) => {
            printer.say("What is still missing comes with the next command that connects.")
        }
        other => other,
    }
}

async fn link(
    context: &mut Context,
    code: &str,
    yes: bool,
    history: History,
    wait: Duration,
) -> Result<(), Failure> {
    let (driver, printer) = (&mut context.driver, context.printer);
    driver.engine_mut().enter_link_code(code, now())?;
    driver.go_online()?;
    let mut asking = None;
    let deadline = Instant::now() + CODE;
    let met = work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        let Some(view) = engine.link_view() else {
            return Ok(true);
        };
        if let LinkStage::Asking { name, .. } = view.stage {
            asking = Some(name);
            return Ok(true);
        }
        ended(&view.stage)
    })
    .await;
    let name = match (met, asking) {
        (Ok(()), Some(name)) if yes || confirmed(&name)? => name,
        (met, _) => {
            driver.engine_mut().end_link(now())?;
            session::part(driver).await?;
            return met.and(Err(Failure::Usage("the device was not linked".to_owned())));
        }
    };
    let choice = match history {
        History::All => HistoryChoice::All,
        History::Month => HistoryChoice::Month,
        History::None => HistoryChoice::None,
    };
    let before = driver.engine().devices()?;
    driver.engine_mut().approve_link(choice, now())?;
    let after = driver.engine().devices()?;
    let new = after
        .into_iter()
        .find(|device| before.iter().all(|known| known.id != device.id))
        .ok_or(Failure::NotFound("device"))?;
    let deadline = Instant::now() + CODE;
    work_until(driver, deadline, WhenUnreachable::TryOn, |engine| {
        engine
            .link_view()
            .map_or(Ok(true), |view| ended(&view.stage))
    })
    .await?;
    let linked = Linked {
        kind: "linked",
        id: hex::encode(new.id.as_bytes()),
        name,
    };
    printer.show(&linked, || {
        format!("Linked: {}.", safe_text::line(&linked.name))
    })?;
    // The new device needs this one to be let into each conversation, and for the history.
    let deadline = Instant::now() + wait;
    let settled = work_until(driver, deadline, WhenUnreachable::TryOn, |engine| {
        let there = engine.devices()?;
        let there = there.iter().find(|device| device.id == new.id);
        let seen = there.is_none_or(|device| device.last_active.is_some());
        Ok(seen && engine.status()?.idle && !under_way(engine)?)
    })
    .await;
    session::part(driver).await?;
    match settled {
        Err(Failure::TimedOut(_)) => {
            remark(
                printer.is_json(),
                "the new device has not all it wants yet; it goes on with the next command that connects",
            );
            Ok(())
        }
        other => other,
    }
}

fn under_way(engine: &Engine) -> Result<bool, Failure> {
    let transfers = engine.transfers()?;
    Ok(transfers
        .iter()
        .any(|transfer| transfer.state == TransferState::UnderWay))
}

/// Whether linking has come to its end, or why it failed.
fn ended(stage: &LinkStage) -> Result<bool, Failure> {
    match stage {
        LinkStage::Done => Ok(true),
        LinkStage::Failed(why) => Err(Failure::Link(sentence(*why).to_owned())),
        _ => Ok(false),
    }
}

fn sentence(why: LinkFailure) -> &'static str {
    match why {
        LinkFailure::NoSuchCode => {
            "no device shows this code; look at it again, or show a new one on the new device"
        }
        LinkFailure::WrongCode => {
            "the code was not the same on both devices, and is worth nothing now; show a new one on the new device"
        }
        LinkFailure::Expired => "the code has ended; show a new one on the new device",
        LinkFailure::Declined => {
            "the other device said no or went away; show a new code to try again"
        }
        LinkFailure::TooMany => "too many tries from your address; wait a minute and try again",
        LinkFailure::Version => "the other device runs another version of Undertone; update both",
    }
}

/// Asks the person at the terminal; without one, nothing is linked that was not said with `--yes`.
fn confirmed(name: &str) -> Result<bool, Failure> {
    let (input, mut out) = (io::stdin(), io::stderr());
    if !input.is_terminal() {
        return Err(Failure::Usage(
            "a device asks to be linked; say --yes if nobody can be asked here".to_owned(),
        ));
    }
    write!(
        out,
        "\u{201c}{}\u{201d} wants to be linked. {WILL_GET}\nLink it? [y/N] ",
        safe_text::line(name)
    )?;
    out.flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// Lists the account's devices.
///
/// # Errors
/// [`Failure`].
pub fn list(context: &Context) -> Result<(), Failure> {
    for view in context.driver.engine().devices()? {
        let device = Device::new(&view);
        context.printer.show(&device, || {
            let here = if view.this_device {
                ", this device"
            } else {
                ""
            };
            let seen = device.last_active.as_deref().unwrap_or("never");
            format!(
                "{}  {}{here}, linked {}, last active {seen}",
                device.id,
                safe_text::line(&view.name),
                device.linked_at,
            )
        })?;
    }
    Ok(())
}

/// Lists what of the history went where.
///
/// # Errors
/// [`Failure`].
pub fn transfers(context: &Context) -> Result<(), Failure> {
    for view in context.driver.engine().transfers()? {
        let transfer = Transfer::new(&view);
        context.printer.show(&transfer, || {
            let way = if view.giving { "to" } else { "from" };
            format!(
                "{}  {way} {}: {} of {} messages, {} bytes, {}",
                transfer.id,
                safe_text::line(&view.name),
                view.messages,
                view.total,
                view.bytes,
                transfer.state,
            )
        })?;
    }
    Ok(())
}

/// Stops a history that is under way.
///
/// # Errors
/// [`Failure`].
pub async fn transfer(context: &mut Context, command: TransferCommand) -> Result<(), Failure> {
    let TransferCommand::Cancel { id, patience } = command;
    let views = context.driver.engine().transfers()?;
    let mut fitting = views
        .iter()
        .filter(|view| id.len() >= 4 && hex::encode(view.id.as_bytes()).starts_with(&id));
    let (found, more) = (fitting.next(), fitting.next());
    let found = found.ok_or(Failure::NotFound("transfer"))?;
    if more.is_some() {
        return Err(Failure::Ambiguous("transfer"));
    }
    let engine = context.driver.engine_mut();
    engine.cancel_transfer(&found.id, now())?;
    settle(context, patience.wait).await
}

/// The device of an id, of the beginning of one, or of a name that only one has.
fn find(engine: &Engine, typed: &str) -> Result<DeviceView, Failure> {
    let views = engine.devices()?;
    let fits = |view: &&DeviceView| {
        view.name == typed || typed.len() >= 4 && id(&view.id).starts_with(typed)
    };
    let mut fitting = views.iter().filter(fits);
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(one.clone()),
        (None, _) => Err(Failure::NotFound("device")),
        (Some(_), Some(_)) => Err(Failure::Ambiguous("device")),
    }
}

fn id(serial: &Serial) -> String {
    hex::encode(serial.as_bytes())
}

//! `device code`: this device, which has no account yet, shows a code and is linked when that is entered on a device of
//! the account.

use std::time::Duration;

use tokio::time::Instant;
use undertone_engine::{DeviceKind, Engine, LinkFailure, LinkStage, LinkView, TransferState};

use super::{Context, link_device::MEETING};
use crate::{
    clock::now,
    driver::Driver,
    failure::Failure,
    json::{Code, Joined},
    printer::Printer,
    qr_code, safe_text,
    session::{self, WhenUnreachable, work_until, work_until_calm},
    when::rfc3339,
};

/// How long a device that was just linked stays connected for what the others have for it.
const FETCHING: Duration = Duration::from_secs(60);
/// When nothing has come for so long, nothing more is taken to come soon.
const CALM: Duration = Duration::from_secs(2);

/// Shows the code, waits until this device is linked, and fetches what the account has.
///
/// # Errors
/// [`Failure`] says why nothing was linked.
pub async fn run(
    context: &mut Context,
    server: &str,
    name: &str,
    wait: Duration,
) -> Result<(), Failure> {
    let (driver, printer) = (&mut context.driver, context.printer);
    let engine = driver.engine_mut();
    engine.show_link_code(server, name, DeviceKind::CommandLine, now())?;
    driver.go_online()?;
    if let Err(failure) = wait_for_the_other(driver, printer, wait).await {
        driver.engine_mut().end_link(now())?;
        driver.close().await;
        return Err(failure.while_linking(true));
    }
    printer.remark("linked; fetching what your devices have in common");
    let fetched = fetch(driver).await;
    if let Err(Failure::SignedOut(_)) = fetched {
        driver.close().await;
        return fetched;
    }
    let view = driver.engine().account_view()?.ok_or(Failure::NoProfile)?;
    printer.show(&Joined::new(&view), || {
        format!(
            "This device belongs to the account of {} now.",
            safe_text::line(&view.name)
        )
    })?;
    session::part(driver).await?;
    match fetched {
        Err(Failure::TimedOut(_)) => {
            printer.remark(
                "not everything is here yet; the rest comes by itself with the next command that connects, while another \
                 of your devices is connected",
            );
            Ok(())
        }
        other => other,
    }
}

/// Works until the other device's user has agreed, and says what there is to know meanwhile.
async fn wait_for_the_other(
    driver: &mut Driver,
    printer: Printer,
    wait: Duration,
) -> Result<(), Failure> {
    let server = driver.engine().server().unwrap_or_default();
    let mut shown = None;
    let deadline = Instant::now() + wait;
    work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        let view = engine.link_view().ok_or(not_linked(LinkFailure::Expired))?;
        // After a lost connection it may be another one.
        if view.stage == LinkStage::Waiting && shown != view.code {
            show(printer, &server, &view)?;
            shown.clone_from(&view.code);
        }
        Ok(ended(&view)? || view.stage == LinkStage::Deciding)
    })
    .await?;
    printer.remark("the code was entered; agree on the other device");
    let deadline = Instant::now() + MEETING;
    work_until(driver, deadline, WhenUnreachable::TryOn, |engine| {
        ended(&engine.link_view().ok_or(not_linked(LinkFailure::Expired))?)
    })
    .await
}

/// Whether this device is linked, or why it never will be by this code.
fn ended(view: &LinkView) -> Result<bool, Failure> {
    match view.stage {
        LinkStage::Failed(why) => Err(not_linked(why)),
        LinkStage::Done => Ok(true),
        _ => Ok(false),
    }
}

fn not_linked(why: LinkFailure) -> Failure {
    Failure::NotLinked { why, new: true }
}

fn show(printer: Printer, server: &str, view: &LinkView) -> Result<(), Failure> {
    let line = Code {
        code: view.code.clone().unwrap_or_default(),
        expires_at: rfc3339(view.expires_at),
    };
    printer.show(&line, || {
        // Whoever points a camera at it opens the browser client, which takes the code from the address.
        let address = format!("{server}/#device.{}", line.code);
        let picture = printer
            .is_read_in_a_terminal()
            .then(|| qr_code::draw(&address));
        let picture = picture.flatten().unwrap_or_default();
        format!(
            "{picture}Enter this code within five minutes on a device that you use already, for instance with\n\
             `undertone device link`:\n\n  {}\n",
            line.code
        )
    })
}

/// Works until this device is among the account's devices and has what the others told it so far.
async fn fetch(driver: &mut Driver) -> Result<(), Failure> {
    let deadline = Instant::now() + FETCHING;
    work_until_calm(driver, deadline, |engine| {
        Ok(is_settled(engine)?.then_some(CALM))
    })
    .await
}

fn is_settled(engine: &Engine) -> Result<bool, Failure> {
    let status = engine.status()?;
    if !status.registered || !status.idle || engine.places_wanted()? > 0 {
        return Ok(false);
    }
    // What this device is called is told with the rest of what the account's devices have in common.
    let told = engine
        .devices()?
        .iter()
        .any(|device| device.this_device && !device.name.is_empty());
    let getting = engine
        .transfers()?
        .iter()
        .any(|transfer| !transfer.giving && transfer.state == TransferState::UnderWay);
    Ok(told && !getting)
}

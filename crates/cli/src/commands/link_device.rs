//! `device link`: on a device of the account, links the new one that shows a code, and stays for what that needs.

use std::{
    io::{self, BufRead as _, Read as _},
    thread,
    time::Duration,
};

use tokio::{sync::oneshot, time::Instant};
use undertone_engine::{
    ChatState, DeviceKind, DeviceView, Engine, HistoryChoice, LinkFailure, LinkStage,
    TransferState, TransferView,
};
use undertone_wire::{limits::LINK_MINUTES, time::MINUTE_MS};

use super::Context;
use crate::{
    arguments::History,
    clock::now,
    driver::Driver,
    failure::Failure,
    json::Linked,
    printer::Printer,
    session::{self, WhenUnreachable, work_until, work_until_calm},
    words,
};

/// What letting a device in means. Whoever agrees has read it.
const WILL_GET: &str = "It will be able to read and write everything you can, and to link or sign out devices. It holds \
the account's key until you set a PIN or recovery key.";
/// The longest answer that is read.
const ANSWER_BYTES: u64 = 64;
/// The engine ends linking when the code's time is over; it is given up here a moment later.
pub const MEETING: Duration = Duration::from_millis(LINK_MINUTES * MINUTE_MS + 5_000);
/// When the new device asks for nothing for so long, it is taken to have what it can get now.
const CALM: Duration = Duration::from_secs(10);
/// How often it is said how far the history is.
const REMARKS: Duration = Duration::from_secs(2);

/// Links the device that shows the code.
///
/// # Errors
/// [`Failure`] says why it was not linked, or that it does not have all it needs yet.
pub async fn run(
    context: &mut Context,
    code: &str,
    yes: bool,
    history: History,
    wait: Duration,
) -> Result<(), Failure> {
    let (driver, printer) = (&mut context.driver, context.printer);
    // Whoever scanned the picture of a code has the address that stands in it.
    let code = code.rsplit_once("#device.").map_or(code, |(_, code)| code);
    driver.engine_mut().enter_link_code(code, now())?;
    driver.go_online()?;
    let new = match let_in(driver, printer, yes, history).await {
        Ok(new) => new,
        Err(failure) => {
            // The other is told so by the end of the connection.
            driver.engine_mut().end_link(now())?;
            session::part(driver).await?;
            return Err(failure.while_linking(false));
        }
    };
    printer.remark("the new device is let in; staying connected for what it needs");
    let settled = stay(driver, printer, &new, wait).await;
    let came = heard_of(driver.engine(), &new);
    if came {
        let linked = Linked::new(&new);
        printer.show(&linked, || {
            format!(
                "{}  {} is linked.",
                linked.id,
                words::device_name(&linked.name)
            )
        })?;
    }
    driver.engine_mut().end_link(now())?;
    session::part(driver).await?;
    match settled {
        Err(Failure::TimedOut(_)) if came => Err(Failure::StillGiving),
        Err(Failure::TimedOut(_)) => Err(Failure::NotCome),
        other => other,
    }
}

/// Meets the new device, asks whether it may come, and lets it in.
async fn let_in(
    driver: &mut Driver,
    printer: Printer,
    yes: bool,
    history: History,
) -> Result<DeviceView, Failure> {
    let (name, kind) = who_asks(driver).await?;
    if !yes && !is_wanted(driver, printer, &name, kind).await? {
        return Err(Failure::Usage("you said no: nothing was linked".to_owned()));
    }
    let history = match history {
        History::All => HistoryChoice::All,
        History::Month => HistoryChoice::Month,
        History::None => HistoryChoice::None,
    };
    let engine = driver.engine_mut();
    let before = engine.devices()?;
    engine.approve_link(history, now())?;
    let new = engine
        .devices()?
        .into_iter()
        .find(|device| before.iter().all(|known| known.id != device.id));
    let new = new.ok_or(Failure::NotFound("device"))?;
    // What the new device is told goes out once the server has what that device needs; if it has gone, it shows below.
    let deadline = Instant::now() + MEETING;
    work_until(driver, deadline, WhenUnreachable::TryOn, |engine| {
        let stage = engine.link_view().map(|view| view.stage);
        Ok(!matches!(stage, Some(LinkStage::Finishing)))
    })
    .await?;
    Ok(new)
}

async fn who_asks(driver: &mut Driver) -> Result<(String, DeviceKind), Failure> {
    let mut asking = None;
    let deadline = Instant::now() + MEETING;
    work_until(driver, deadline, WhenUnreachable::GiveUp, |engine| {
        match engine.link_view().map(|view| view.stage) {
            Some(LinkStage::Asking { name, kind }) => {
                asking = Some((name, kind));
                Ok(true)
            }
            // Who hangs up before saying who it is has heard that the code is not the same.
            Some(LinkStage::Failed(LinkFailure::Declined)) => {
                Err(not_linked(LinkFailure::WrongCode))
            }
            Some(LinkStage::Failed(why)) => Err(not_linked(why)),
            Some(_) => Ok(false),
            None => Err(not_linked(LinkFailure::Declined)),
        }
    })
    .await?;
    asking.ok_or(not_linked(LinkFailure::Declined))
}

fn not_linked(why: LinkFailure) -> Failure {
    Failure::NotLinked { why, new: false }
}

/// Asks the user. The connection is kept up meanwhile, and if the new device goes away there is nothing to answer.
async fn is_wanted(
    driver: &mut Driver,
    printer: Printer,
    name: &str,
    kind: DeviceKind,
) -> Result<bool, Failure> {
    printer.ask(&format!(
        "{}, {}, wants to be linked to your account. {WILL_GET} Link it? (y/n)",
        words::device_name(name),
        words::device_kind(kind),
    ));
    let (sender, mut answered) = oneshot::channel();
    // Reading cannot be given up: this thread ends with the program.
    thread::spawn(move || {
        let mut answer = String::new();
        let read = io::stdin().lock().take(ANSWER_BYTES).read_line(&mut answer);
        let agreed = matches!(answer.trim().to_lowercase().as_str(), "y" | "yes");
        // If nobody waits for it any more, the question has gone.
        let _ = sender.send(read.is_ok() && agreed);
    });
    loop {
        if let Some(LinkStage::Failed(why)) = driver.engine().link_view().map(|view| view.stage) {
            return Err(not_linked(why));
        }
        tokio::select! {
            agreed = &mut answered => return Ok(agreed.unwrap_or(false)),
            turned = driver.turn() => turned?,
        }
    }
}

/// Works until the new device has come and has what this one can give: only while this one is connected it can come in.
async fn stay(
    driver: &mut Driver,
    printer: Printer,
    new: &DeviceView,
    wait: Duration,
) -> Result<(), Failure> {
    let mut told = Told::default();
    work_until_calm(driver, Instant::now() + wait, |engine| {
        let known = engine.devices()?.into_iter().any(|one| one.id == new.id);
        if !known {
            // Another device has signed it out meanwhile.
            return Err(Failure::NotFound("device any more"));
        }
        let giving = engine.transfers()?.into_iter().find(|transfer| {
            transfer.giving
                && transfer.device == new.id
                && transfer.state == TransferState::UnderWay
        });
        told.tell(printer, giving.as_ref());
        if giving.is_some() || !heard_of(engine, new) || !engine.status()?.idle {
            return Ok(None);
        }
        let everywhere = is_everywhere(engine, new)?;
        Ok(Some(if everywhere { Duration::ZERO } else { CALM }))
    })
    .await
}

/// Whether the new device has said among the account's devices that it is there.
fn heard_of(engine: &Engine, new: &DeviceView) -> bool {
    let devices = engine.devices().unwrap_or_default();
    devices
        .iter()
        .any(|device| device.id == new.id && device.last_active.is_some())
}

/// Whether the new device is in all conversations in which this one is.
fn is_everywhere(engine: &Engine, new: &DeviceView) -> Result<bool, Failure> {
    let chats = engine.chats()?;
    let open = chats.iter().filter(|chat| chat.state == ChatState::Active);
    // Where this device is not, it can let nobody in.
    let views = open.filter_map(|chat| engine.encryption(&chat.chat).ok());
    Ok(views
        .into_iter()
        .all(|view| view.devices.iter().any(|one| one.serial == new.id)))
}

/// What was said of the history.
#[derive(Default)]
struct Told {
    messages: u64,
    at: Option<Instant>,
}

impl Told {
    /// Says how far the history is, now and then.
    fn tell(&mut self, printer: Printer, giving: Option<&TransferView>) {
        let Some(giving) = giving.filter(|giving| giving.messages != self.messages) else {
            return;
        };
        if self.at.is_some_and(|at| at.elapsed() < REMARKS) {
            return;
        }
        (self.messages, self.at) = (giving.messages, Some(Instant::now()));
        printer.remark(&format!(
            "history: {} of {} messages",
            giving.messages, giving.total
        ));
    }
}

//! One's own devices: shown, linked, named, signed out.

use undertone_engine::{
    CommandError, DeviceKind, DeviceView, Engine, HistoryChoice, LinkFailure, LinkStage, LinkView,
    TransferState, TransferView,
};
use undertone_web_messages::{
    Device, DeviceChange, DeviceKind as Kind, Devices, History, LinkFailure as Failure,
    LinkStage as Stage, Linking, Refusal, Transfer, TransferState as State,
};
use undertone_wire::time::Timestamp;

use crate::{
    keys::{content_id, device_key, message_key, serial},
    refusal::{failure, name_refusal},
};

pub(crate) fn devices(engine: &Engine) -> Result<Devices, Refusal> {
    let devices = match engine.devices() {
        Ok(devices) => devices,
        Err(CommandError::NoAccount) => Vec::new(),
        Err(error) => return Err(name_refusal(&error)),
    };
    let transfers = engine.transfers().map_err(|error| failure(&error))?;
    Ok(Devices {
        devices: devices.into_iter().map(device).collect(),
        transfers: transfers.into_iter().map(transfer).collect(),
        linking: engine.link_view().map(linking),
    })
}

pub(crate) fn change(
    engine: &mut Engine,
    server: &str,
    change: &DeviceChange,
    now: Timestamp,
) -> Result<(), Refusal> {
    let changed = match change {
        DeviceChange::ShowCode { name } => {
            engine.show_link_code(server, name, DeviceKind::Browser, now)
        }
        DeviceChange::EnterCode(code) => engine.enter_link_code(code, now),
        DeviceChange::Approve(history) => {
            let choice = match history {
                History::All => HistoryChoice::All,
                History::Month => HistoryChoice::Month,
                History::None => HistoryChoice::None,
            };
            engine.approve_link(choice, now)
        }
        DeviceChange::End => engine.end_link(now).map_err(CommandError::from),
        // A device that was linked has the name that the one gave it that let it in, though it may still be on its way.
        DeviceChange::Describe(_) if engine.devices().is_ok_and(|all| all.len() > 1) => Ok(()),
        DeviceChange::Describe(name) => engine
            .describe_device(name, DeviceKind::Browser, now)
            .map_err(CommandError::from),
        DeviceChange::Rename(device, name) => engine.rename_device(&serial(*device), name, now),
        DeviceChange::Revoke(device) => engine.revoke_device(&serial(*device), now),
        DeviceChange::Cancel(id) => engine.cancel_transfer(&content_id(*id), now),
    };
    changed.map_err(|error| name_refusal(&error))
}

fn device(view: DeviceView) -> Device {
    Device {
        device: device_key(&view.id),
        name: view.name,
        kind: match view.kind {
            DeviceKind::Browser => Kind::Browser,
            DeviceKind::CommandLine => Kind::CommandLine,
            DeviceKind::Other => Kind::Other,
        },
        here: view.this_device,
        linked_at: view.linked_at.0,
        active_at: view.last_active.map(|day| day.start().0),
    }
}

fn transfer(view: TransferView) -> Transfer {
    Transfer {
        id: message_key(&view.id),
        giving: view.giving,
        name: view.name,
        state: match view.state {
            TransferState::UnderWay => State::UnderWay,
            TransferState::Done => State::Done,
            TransferState::Cancelled => State::Cancelled,
        },
        messages: view.messages,
        total: view.total,
        bytes: view.bytes,
        begun_at: view.begun_at.0,
    }
}

fn linking(view: LinkView) -> Linking {
    Linking {
        new: view.new,
        stage: match view.stage {
            LinkStage::Connecting => Stage::Connecting,
            LinkStage::Waiting => Stage::Waiting,
            LinkStage::Meeting => Stage::Meeting,
            LinkStage::Asking { name, .. } => Stage::Asking { name },
            LinkStage::Deciding => Stage::Deciding,
            LinkStage::Finishing => Stage::Finishing,
            LinkStage::Done => Stage::Done,
            LinkStage::Failed(why) => Stage::Failed(match why {
                LinkFailure::NoSuchCode => Failure::NoSuchCode,
                LinkFailure::WrongCode => Failure::WrongCode,
                LinkFailure::Expired => Failure::Expired,
                LinkFailure::Declined => Failure::Declined,
                LinkFailure::TooMany => Failure::TooMany,
                LinkFailure::Version => Failure::Version,
            }),
        },
        code: view.code,
        expires_at: view.expires_at.0,
    }
}

//! `devices`, `device rename` and `device revoke`.

use std::time::Duration;

use undertone_engine::DeviceView;

use super::Context;
use crate::{
    clock::now,
    failure::Failure,
    hex,
    json::{Answered, Device},
    resolve, session, words,
};

/// Lists the account's devices, this one first.
///
/// # Errors
/// [`Failure`] if there is no account, or the output fails.
pub fn list(context: &Context) -> Result<(), Failure> {
    let devices = context.driver.engine().devices()?;
    devices.iter().try_for_each(|view| print(context, view))
}

/// Calls a device something else; its name goes to the other devices alone.
///
/// # Errors
/// [`Failure`]; of those of the network, the others hear of it later.
pub async fn rename(
    context: &mut Context,
    id: &str,
    name: &str,
    wait: Duration,
) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let device = resolve::device(engine, id)?;
    engine.rename_device(&device.id, name, now())?;
    let renamed = DeviceView {
        name: name.trim().to_owned(),
        ..device
    };
    print(context, &renamed)?;
    tell(context, wait).await
}

/// Signs another device out.
///
/// # Errors
/// [`Failure`]; of those of the network, it is signed out as soon as the server can be reached.
pub async fn revoke(context: &mut Context, id: &str, wait: Duration) -> Result<(), Failure> {
    let engine = context.driver.engine_mut();
    let device = resolve::device(engine, id)?;
    engine.revoke_device(&device.id, now())?;
    let revoked = Answered {
        id: hex::encode(device.id.as_bytes()),
        state: "revoked",
    };
    context.printer.show(&revoked, || {
        format!(
            "Signed out: {}. It deletes all that it holds when it next connects; what it has read, it has read.",
            words::device_name(&device.name)
        )
    })?;
    tell(context, wait).await
}

fn print(context: &Context, view: &DeviceView) -> Result<(), Failure> {
    let device = Device::new(view);
    context.printer.show(&device, || {
        let here = if view.this_device {
            "  (this device)"
        } else {
            ""
        };
        let linked = device.linked_at.as_deref().and_then(|at| at.get(..10));
        format!(
            "{}  {}, {}{here}  linked {}, last active {}",
            device.id,
            words::device_name(&view.name),
            words::device_kind(view.kind),
            linked.unwrap_or("at an unknown time"),
            device.last_active.as_deref().unwrap_or("never so far"),
        )
    })
}

async fn tell(context: &mut Context, wait: Duration) -> Result<(), Failure> {
    let told = session::tell_server(&mut context.driver, wait).await;
    session::part(&mut context.driver).await?;
    told
}

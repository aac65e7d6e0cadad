//! What the page knows of one's devices: read when the Worker tells of them, and changed through it.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{Answer, Ask, DeviceChange, LinkStage, Refusal};

use super::Page;
use crate::{bridge, device_name::device_name, words::tr};

impl Page {
    /// Begins to follow them.
    pub(super) fn follow_devices(self) {
        let here = Memo::new(move |_| self.account().is_some());
        Effect::new(move |_| {
            if here.get() {
                let described = DeviceChange::Describe(device_name());
                spawn_local(async move {
                    bridge::ask(Ask::ChangeDevices(described)).await;
                    self.read_devices();
                });
            }
        });
        let linked = Memo::new(move |_| {
            self.devices.with(|devices| {
                let linking = devices.linking.as_ref();
                linking.is_some_and(|one| one.new && one.stage == LinkStage::Done)
            })
        });
        Effect::new(move |_| {
            if linked.get() {
                self.say(tr("link-here-done"));
                bridge::tell(Ask::ChangeDevices(DeviceChange::End));
            }
        });
        self.read_devices();
    }

    /// Reads anew what there is to show about devices.
    pub fn read_devices(self) {
        spawn_local(async move {
            if let Answer::Devices(devices) = bridge::ask(Ask::Devices).await
                && self.devices.with_untracked(|known| *known != devices)
            {
                self.devices.set(devices);
            }
        });
    }

    /// Changes something about devices, and shows them as they are then.
    ///
    /// # Errors
    /// Why nothing was changed.
    pub async fn change_devices(self, change: DeviceChange) -> Result<(), Refusal> {
        let answer = bridge::ask(Ask::ChangeDevices(change)).await;
        self.read_devices();
        match answer {
            Answer::Refused(why) => Err(why),
            _ => Ok(()),
        }
    }
}

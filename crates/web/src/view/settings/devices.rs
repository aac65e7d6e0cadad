//! One's devices: which there are, linking one more, naming one, signing one out.

use leptos::prelude::*;
use undertone_web_messages::{Device, DeviceChange, DeviceKey, DeviceKind, LinkStage};

use super::{
    device_questions::{Name, Question, SignOut},
    transfers::Transfers,
};
use crate::{
    bridge,
    state::Page,
    times,
    view::{
        icon::Icon,
        joining::Joining,
        link_device::{LinkDevice, stage},
    },
    words::{tr, tr_with},
};

/// The page.
#[component]
pub fn Devices() -> impl IntoView {
    let page = Page::here();
    let open = RwSignal::new(false);
    let question = RwSignal::new(None::<Question>);
    let stage = stage(page);
    let is_over = |stage: &LinkStage| matches!(stage, LinkStage::Done | LinkStage::Failed(_));
    let under_way =
        Memo::new(move |_| stage.with(|stage| stage.as_ref().is_some_and(|stage| !is_over(stage))));
    // The address may bring a code, and what was begun in another tab is decided here as well.
    Effect::new(move |_| {
        if under_way.get() || page.device_code.read().is_some() {
            open.set(true);
        }
    });
    let link = move |_| {
        if stage.with_untracked(|stage| stage.as_ref().is_some_and(is_over)) {
            bridge::tell(undertone_web_messages::Ask::ChangeDevices(
                DeviceChange::End,
            ));
        }
        open.set(true);
    };
    let devices = Memo::new(move |_| {
        page.devices.with(|devices| {
            let devices = devices.devices.iter();
            devices.map(|device| device.device).collect::<Vec<_>>()
        })
    });
    view! {
        <p>{tr("devices-about")}</p>
        <Joining />
        <ul class="devices" role="list" aria-label=tr("devices-list")>
            <For each=move || devices.get() key=|id| *id let(id)>
                <Row id question />
            </For>
        </ul>
        <button id="link-device" class="button" on:click=link>
            <Icon name="device" />{tr("link-device")}
        </button>
        <details class="why"><summary>{tr("why")}</summary><p>{tr("devices-why")}</p></details>
        <p class="not">{tr("devices-root")}</p>
        <Transfers />
        <Show when=move || open.get()>
            <LinkDevice on_close=Callback::new(move |()| open.set(false)) />
        </Show>
        {move || question.get().map(|asked| match asked {
            Question::Name(device) => view! { <Name device question /> }.into_any(),
            Question::SignOut(device) => view! { <SignOut device question /> }.into_any(),
        })}
    }
}

/// What a device is called, if it is called anything.
pub fn shown_name(device: &Device) -> String {
    if device.name.is_empty() {
        tr("device-unnamed")
    } else {
        device.name.clone()
    }
}

/// A device. Its buttons stay while its name and its days change, so that the focus stays on them.
#[component]
fn Row(id: DeviceKey, question: RwSignal<Option<Question>>) -> impl IntoView {
    let page = Page::here();
    let device = Memo::new(move |_| {
        page.devices.with(|devices| {
            let mut devices = devices.devices.iter();
            devices.find(|device| device.device == id).cloned()
        })
    });
    let name = move || device.read().as_ref().map(shown_name).unwrap_or_default();
    let seen = move || device.read().as_ref().map(seen);
    let about = move || device.read().as_ref().map(about);
    let here = device.with_untracked(|device| device.as_ref().is_some_and(|device| device.here));
    let rename = move || tr_with("device-rename", [("name", name().into())]);
    let ask = move |what: fn(Device) -> Question| {
        question.set(device.get_untracked().map(what));
    };
    view! {
        <li class="device">
            <Icon name="device" />
            <div class="device-words">
                <p class="device-name"><bdi>{name}</bdi></p>
                <p class="hint">{seen}</p>
                <p class="hint">{about}</p>
            </div>
            <div class="device-buttons">
                <button class="text-button" aria-label=rename on:click=move |_| ask(Question::Name)>
                    {tr("device-rename-do")}
                </button>
                {(!here).then(|| view! {
                    <button class="text-button danger-text" on:click=move |_| ask(Question::SignOut)>
                        {tr("device-sign-out")}<span class="hidden-text">" "{name}</span>
                    </button>
                })}
            </div>
        </li>
    }
}

/// When it was last seen.
fn seen(device: &Device) -> String {
    match device.active_at {
        _ if device.here => tr("device-here"),
        Some(day) if times::is_today(day) => tr("device-active-today"),
        Some(day) => tr_with("device-active", [("day", times::calendar_day(day).into())]),
        None => tr("device-coming"),
    }
}

/// What it is, and when it came; nothing if nobody told.
fn about(device: &Device) -> String {
    let id = match device.kind {
        DeviceKind::Browser => "device-about-browser",
        DeviceKind::CommandLine => "device-about-command-line",
        DeviceKind::Other => "device-about-other",
    };
    let day = times::whole_day(device.linked_at);
    let told = (device.linked_at > 0).then(|| tr_with(id, [("day", day.into())]));
    told.unwrap_or_default()
}

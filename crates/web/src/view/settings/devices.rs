//! One's devices: which there are, linking one more, signing one out, and where the history went.

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{Device, DeviceChange, Transfer, TransferState};

use crate::{
    state::Page,
    times,
    view::{dialog::Dialog, icon::Icon, link_device::LinkDevice, refusal},
    words::{tr, tr_with},
};

/// What is asked about a device.
#[derive(Clone, PartialEq)]
enum Question {
    Name(Device),
    SignOut(Device),
}

/// The page.
#[component]
pub fn Devices() -> impl IntoView {
    let page = Page::here();
    let linking = RwSignal::new(page.device_code.get_untracked().is_some());
    let question = RwSignal::new(None::<Question>);
    Effect::new(move |_| {
        if page.device_code.read().is_some() {
            linking.set(true);
        }
    });
    let transfers = move || page.devices.with(|devices| devices.transfers.clone());
    view! {
        <p>{tr("devices-about")}</p>
        <ul class="devices" role="list" aria-label=tr("devices-list")>
            {move || page.devices.with(|devices| devices.devices.clone()).into_iter()
                .map(|device| row(device, question)).collect_view()}
        </ul>
        <button class="button" on:click=move |_| linking.set(true)>
            <Icon name="new" />{tr("link-device")}
        </button>
        <details class="why"><summary>{tr("why")}</summary><p>{tr("devices-why")}</p></details>
        <p class="not">{tr("devices-root")}</p>
        {move || (!transfers().is_empty()).then(|| view! {
            <h2>{tr("transfers-title")}</h2>
            <p class="hint">{tr("transfers-about")}</p>
            <ul class="devices" role="list" aria-label=tr("transfers-title")>
                {transfers().into_iter().map(|one| transfer(page, one)).collect_view()}
            </ul>
        }.into_any())}
        <Show when=move || linking.get()>
            <LinkDevice on_close=Callback::new(move |()| linking.set(false)) />
        </Show>
        {move || question.get().map(|asked| match asked {
            Question::Name(device) => view! { <Name device question /> }.into_any(),
            Question::SignOut(device) => view! { <SignOut device question /> }.into_any(),
        })}
    }
}

fn shown_name(device: &Device) -> String {
    if device.name.is_empty() {
        tr("device-unnamed")
    } else {
        device.name.clone()
    }
}

fn row(device: Device, question: RwSignal<Option<Question>>) -> AnyView {
    let name = shown_name(&device);
    let (for_name, for_end) = (device.clone(), device.clone());
    let linked = (device.linked_at > 0).then(|| {
        tr_with(
            "device-linked",
            [("day", times::whole_day(device.linked_at).into())],
        )
    });
    let active = match device.active_at {
        _ if device.here => tr("device-here"),
        Some(day) => tr_with("device-active", [("day", times::whole_day(day).into())]),
        None => tr("device-coming"),
    };
    let rename = tr_with("device-rename", [("name", name.as_str().into())]);
    view! {
        <li class="device">
            <Icon name="device" />
            <div class="device-words">
                <p class="device-name"><bdi>{name.clone()}</bdi></p>
                <p class="hint">{active}{linked.map(|linked| format!(" · {linked}"))}</p>
            </div>
            <div class="device-buttons">
            <button class="text-button" aria-label=rename on:click=move |_| question.set(Some(Question::Name(for_name.clone())))>
                {tr("device-rename-do")}
            </button>
            {(!device.here).then(|| view! {
                <button class="text-button danger-text" on:click=move |_| question.set(Some(Question::SignOut(for_end.clone())))>
                    {tr("device-sign-out")}<span class="hidden-text">{format!(" {name}")}</span>
                </button>
            })}
            </div>
        </li>
    }
    .into_any()
}

fn transfer(page: Page, one: Transfer) -> AnyView {
    let id = one.id;
    let way = if one.giving {
        tr_with("transfer-to", [("name", one.name.into())])
    } else {
        tr_with("transfer-from", [("name", one.name.into())])
    };
    let state = match one.state {
        TransferState::UnderWay => tr("transfer-under-way"),
        TransferState::Done => tr("transfer-done"),
        TransferState::Cancelled => tr("transfer-cancelled"),
    };
    let numbers = [
        ("done", one.messages.into()),
        ("total", one.total.into()),
        ("size", one.bytes.div_ceil(1_000).into()),
    ];
    let count = tr_with("transfer-count", numbers);
    let cancel = move |_| {
        spawn_local(async move {
            if let Err(why) = page.change_devices(DeviceChange::Cancel(id)).await {
                page.say(refusal::sentence(&why));
            }
        });
    };
    view! {
        <li class="device">
            <div class="device-words">
                <p class="device-name">{way}</p>
                <p class="hint">{format!("{state} · {count} · {}", times::whole(one.begun_at))}</p>
            </div>
            {(one.state == TransferState::UnderWay).then(|| view! {
                <button class="text-button" on:click=cancel>{tr("cancel")}</button>
            })}
        </li>
    }
    .into_any()
}

#[component]
fn Name(device: Device, question: RwSignal<Option<Question>>) -> impl IntoView {
    let page = Page::here();
    let name = RwSignal::new(device.name.clone());
    let error = RwSignal::new(None::<String>);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked();
        spawn_local(async move {
            match page
                .change_devices(DeviceChange::Rename(device.device, name))
                .await
            {
                Ok(()) => question.set(None),
                Err(why) => error.set(Some(refusal::sentence(&why))),
            }
        });
    };
    view! {
        <Dialog label=tr("device-name") on_close=Callback::new(move |()| question.set(None))>
            <form class="stack" on:submit=save novalidate>
                <label class="field">
                    <span>{tr("device-name")}</span>
                    <input maxlength="60" autocomplete="off" prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event)) />
                </label>
                <p class="hint">{tr("device-name-about")}</p>
                <p class="error" role="alert">{move || error.get()}</p>
                <div class="row-buttons">
                    <button class="button" type="submit">{tr("save")}</button>
                    <button class="button quiet" type="button" on:click=move |_| question.set(None)>{tr("cancel")}</button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn SignOut(device: Device, question: RwSignal<Option<Question>>) -> impl IntoView {
    let page = Page::here();
    let title = tr_with(
        "device-sign-out-title",
        [("name", shown_name(&device).into())],
    );
    let sign_out = move |_| {
        question.set(None);
        spawn_local(async move {
            match page
                .change_devices(DeviceChange::Revoke(device.device))
                .await
            {
                Ok(()) => page.say(tr("device-signed-out")),
                Err(why) => page.say(refusal::sentence(&why)),
            }
        });
    };
    view! {
        <Dialog label=title.clone() on_close=Callback::new(move |()| question.set(None))>
            <h2>{title}</h2>
            <p>{tr("device-sign-out-body")}</p>
            <div class="row-buttons">
                <button class="button danger" on:click=sign_out>{tr("device-sign-out-do")}</button>
                <button class="button quiet" on:click=move |_| question.set(None)>{tr("cancel")}</button>
            </div>
        </Dialog>
    }
}

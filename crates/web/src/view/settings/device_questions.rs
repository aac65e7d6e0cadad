//! What is asked about a device: what it is to be called, and whether it is really to be signed out.

use leptos::{ev, prelude::*, task::spawn_local};
use undertone_web_messages::{Device, DeviceChange};

use super::devices::shown_name;
use crate::{
    browser,
    state::Page,
    view::{dialog::Dialog, refusal},
    words::{tr, tr_with},
};

/// The question.
#[derive(Clone, PartialEq)]
pub enum Question {
    /// What it is to be called.
    Name(Device),
    /// Whether it is to be signed out.
    SignOut(Device),
}

/// What it is to be called.
#[component]
pub fn Name(device: Device, question: RwSignal<Option<Question>>) -> impl IntoView {
    let page = Page::here();
    let id = device.device;
    let name = RwSignal::new(device.name);
    let error = RwSignal::new(None::<String>);
    let close = Callback::new(move |()| question.set(None));
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let change = DeviceChange::Rename(id, name.get_untracked());
        spawn_local(async move {
            match page.change_devices(change).await {
                Ok(()) => question.set(None),
                Err(why) => {
                    let _ = error.try_set(Some(refusal::sentence(&why)));
                }
            }
        });
    };
    view! {
        <Dialog label=tr("device-name") on_close=close>
            <form class="stack" on:submit=save novalidate>
                <label class="field">
                    <span>{tr("device-name")}</span>
                    <input
                        maxlength="60"
                        autocomplete="off"
                        aria-describedby="device-name-about"
                        prop:value=move || name.get()
                        on:input=move |event| { error.set(None); name.set(event_target_value(&event)); }
                    />
                </label>
                <p id="device-name-about" class="hint">{tr("device-name-about")}</p>
                <p class="error" role="alert">{move || error.get()}</p>
                <div class="row-buttons">
                    <button class="button" type="submit">{tr("save")}</button>
                    <button class="button quiet" type="button" on:click=move |_| close.run(())>{tr("cancel")}</button>
                </div>
            </form>
        </Dialog>
    }
}

/// Whether it is to be signed out, and what that means.
#[component]
pub fn SignOut(device: Device, question: RwSignal<Option<Question>>) -> impl IntoView {
    let page = Page::here();
    let title = tr_with(
        "device-sign-out-title",
        [("name", shown_name(&device).into())],
    );
    let close = Callback::new(move |()| question.set(None));
    let sign_out = move |_| {
        close.run(());
        let change = DeviceChange::Revoke(device.device);
        spawn_local(async move {
            match page.change_devices(change).await {
                Ok(()) => page.say(tr("device-signed-out")),
                Err(why) => page.say(refusal::sentence(&why)),
            }
            // The button that was pressed has gone with its device.
            browser::focus("#link-device");
        });
    };
    view! {
        <Dialog label=title.clone() on_close=close>
            <h2>{title}</h2>
            <p>{tr("device-sign-out-body")}</p>
            <div class="row-buttons">
                <button class="button danger" on:click=sign_out>{tr("device-sign-out-do")}</button>
                <button class="button quiet" on:click=move |_| close.run(())>{tr("cancel")}</button>
            </div>
        </Dialog>
    }
}

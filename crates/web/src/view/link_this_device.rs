//! This device is to be linked to an account that is used elsewhere: its code, and how far it is.

use leptos::{prelude::*, task::spawn_local};
use undertone_web_messages::{DeviceChange, LinkStage, Linking};

use super::{link_device::failure, qr_code::QrCode, refusal};
use crate::{
    browser,
    state::Page,
    words::{tr, tr_with},
};

/// Asks the server for a code.
pub fn show_code(page: Page) {
    spawn_local(async move {
        let _ = page.change_devices(DeviceChange::End).await;
        let name = browser::device_name();
        if let Err(why) = page.change_devices(DeviceChange::ShowCode { name }).await {
            page.say(refusal::sentence(&why));
        }
    });
}

/// The screen.
#[component]
pub fn LinkThisDevice(linking: Memo<Option<Linking>>) -> impl IntoView {
    let page = Page::here();
    let leave = move |_| {
        spawn_local(async move {
            let _ = page.change_devices(DeviceChange::End).await;
        });
    };
    view! {
        <h1>{tr("link-this-title")}</h1>
        {move || linking.get().map(|linking| match linking.stage {
            LinkStage::Waiting => view! {
                <Code code=linking.code.unwrap_or_default() expires_at=linking.expires_at />
            }.into_any(),
            LinkStage::Failed(why) => view! {
                <p class="error" role="alert">{failure(why)}</p>
                <button class="button wide" on:click=move |_| show_code(page)>{tr("link-new-code")}</button>
            }.into_any(),
            LinkStage::Connecting => view! { <p role="status">{tr("link-connecting")}</p> }.into_any(),
            LinkStage::Deciding => view! { <p class="lead" role="status">{tr("link-deciding")}</p> }.into_any(),
            _ => view! { <p role="status">{tr("link-under-way")}</p> }.into_any(),
        })}
        <button class="button quiet wide" on:click=leave>{tr("cancel")}</button>
    }
}

#[component]
fn Code(code: String, expires_at: u64) -> impl IntoView {
    let address = format!("{}/#device.{code}", browser::origin());
    let left = move || expires_at.saturating_sub(browser::now()).div_ceil(60_000);
    let minutes = RwSignal::new(left());
    let ticking = set_interval_with_handle(
        move || {
            let _ = minutes.try_set(left());
        },
        std::time::Duration::from_secs(5),
    );
    on_cleanup(move || {
        if let Ok(ticking) = ticking {
            ticking.clear();
        }
    });
    view! {
        <ol class="steps">
            <li>{tr("link-step-open")}</li>
            <li>{tr("link-step-enter")}</li>
        </ol>
        <QrCode text=address label=tr("link-qr") />
        <p class="code-shown" role="group" aria-label=tr("link-code-label")>{code}</p>
        <p class="hint centred" role="status">
            {move || tr_with("link-minutes", [("count", minutes.get().into())])}
        </p>
    }
}

/// How far a device that was just linked is.
#[component]
pub fn Joining() -> impl IntoView {
    let page = Page::here();
    let text = Memo::new(move |_| {
        page.devices.with(|devices| {
            let history = devices.transfers.iter().find(|one| {
                !one.giving && one.state == undertone_web_messages::TransferState::UnderWay
            });
            if devices.outside {
                Some(tr("joining-outside"))
            } else if !devices.waiting.is_empty() {
                let count = devices.waiting.len();
                Some(tr_with("joining-chats", [("count", count.into())]))
            } else {
                history.map(|one| {
                    let numbers = [("done", one.messages.into()), ("total", one.total.into())];
                    tr_with("joining-history", numbers)
                })
            }
        })
    });
    view! {
        <Show when=move || text.read().is_some()>
            <div class="status-line" role="status"><p>{move || text.get()}</p></div>
        </Show>
    }
}

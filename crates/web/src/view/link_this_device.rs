//! This device is to be linked to an account that is used elsewhere: its code, and how far it is.

use leptos::{html, prelude::*, task::spawn_local};
use undertone_web_messages::{DeviceChange, LinkStage, Linking};

use super::{link_device::failure, qr_code::QrCode, refusal};
use crate::{
    browser,
    device_name::device_name,
    state::Page,
    words::{tr, tr_with},
};

/// How often the time that is left is looked at.
const LOOK: std::time::Duration = std::time::Duration::from_secs(5);

/// Asks the server for a code.
pub fn show_code(page: Page) {
    spawn_local(async move {
        // What failed before is taken away first.
        let _ = page.change_devices(DeviceChange::End).await;
        let name = device_name();
        if let Err(why) = page.change_devices(DeviceChange::ShowCode { name }).await {
            page.say(refusal::sentence(&why));
        }
    });
}

/// The screen.
#[component]
pub fn LinkThisDevice(linking: Memo<Option<Linking>>) -> impl IntoView {
    let page = Page::here();
    let title = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            let _ = title.focus();
        }
    });
    // The code is drawn once, and not again whenever something else is told.
    let code = Memo::new(move |_| {
        let waiting = linking
            .get()
            .filter(|one| one.stage == LinkStage::Waiting)?;
        Some((waiting.code?, waiting.expires_at))
    });
    let failed = Memo::new(move |_| match linking.get()?.stage {
        LinkStage::Failed(why) => Some(failure(why, true)),
        _ => None,
    });
    let said = move || match linking.get()?.stage {
        LinkStage::Waiting | LinkStage::Failed(_) => None,
        LinkStage::Connecting => Some(tr("link-connecting")),
        LinkStage::Deciding => Some(tr("link-deciding")),
        LinkStage::Done => Some(tr("link-here-done")),
        LinkStage::Meeting | LinkStage::Asking { .. } | LinkStage::Finishing => {
            Some(tr("link-under-way"))
        }
    };
    let leave = move |_| {
        spawn_local(async move {
            let _ = page.change_devices(DeviceChange::End).await;
        });
    };
    view! {
        <h1 tabindex="-1" node_ref=title>{tr("link-this-title")}</h1>
        <p class="lead said" role="status">{said}</p>
        <p class="error" role="alert">{move || failed.get()}</p>
        {move || code.get().map(|(code, expires_at)| view! { <Code code expires_at /> }.into_any())}
        <Show when=move || failed.read().is_some()>
            <button class="button wide" on:click=move |_| show_code(page)>{tr("link-new-code")}</button>
        </Show>
        <button class="button quiet wide" on:click=leave>{tr("cancel")}</button>
    }
}

/// The code, for a camera and for eyes, and for how long it can be used.
#[component]
fn Code(code: String, expires_at: u64) -> impl IntoView {
    let address = format!("{}/#device.{code}", browser::origin());
    let left = move || expires_at.saturating_sub(browser::now()).div_ceil(60_000);
    let minutes = RwSignal::new(left());
    let ticking = set_interval_with_handle(
        move || {
            // Only what changed is said again.
            if minutes.try_get_untracked() != Some(left()) {
                let _ = minutes.try_set(left());
            }
        },
        LOOK,
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

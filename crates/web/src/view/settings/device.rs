//! This browser: what it keeps, how that is protected, and from whom it is not.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen_futures::JsFuture;

use crate::{
    state::Page,
    words::{tr, tr_with},
};

/// The page.
#[component]
pub fn Device() -> impl IntoView {
    let page = Page::here();
    let persistent = RwSignal::new(None::<bool>);
    spawn_local(async move {
        if let Ok(asking) = window().navigator().storage().persisted() {
            let kept = JsFuture::from(asking)
                .await
                .ok()
                .and_then(|kept| kept.as_bool());
            let _ = persistent.try_set(kept);
        }
    });
    let keep = move |_| {
        spawn_local(async move {
            let Ok(asking) = window().navigator().storage().persist() else {
                return;
            };
            let granted = JsFuture::from(asking)
                .await
                .ok()
                .and_then(|kept| kept.as_bool())
                == Some(true);
            let _ = persistent.try_set(Some(granted));
            if !granted {
                page.say(tr("device-keep-refused"));
            }
        });
    };
    let server = page
        .account()
        .map(|account| account.server)
        .unwrap_or_default();
    view! {
        <section class="sentences">
            <h2>{tr("device-stored-title")}</h2>
            <p>{tr("device-stored")}</p>
            <h2>{tr("device-key-title")}</h2>
            <p>{tr("device-key")}</p>
            <p class="not">{tr("device-key-not")}</p>
            <h2>{tr("device-keep-title")}</h2>
            <p>{move || match persistent.get() {
                Some(true) => tr("device-keep-is"),
                _ => tr("device-keep-is-not"),
            }}</p>
            <Show when=move || persistent.get() == Some(false)>
                <button class="button quiet" on:click=keep>{tr("device-keep-do")}</button>
            </Show>
            <h2>{tr("device-server-title")}</h2>
            <p>{tr_with("device-server", [("server", server.into())])}</p>
        </section>
    }
}

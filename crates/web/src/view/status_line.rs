//! The thin line above the list while the server is not reached, and when a newer release waits.

use leptos::prelude::*;
use undertone_web_messages::Line;

use super::joining::Joining;
use crate::{release::Releases, state::Page, words::tr};

/// The line.
#[component]
pub fn StatusLine() -> impl IntoView {
    let page = Page::here();
    let releases: Releases = expect_context();
    let text = move || match page.line() {
        Line::Online => None,
        Line::Connecting => Some(tr("line-connecting")),
        Line::Offline => Some(tr("line-offline")),
    };
    let connecting = move || page.line() == Line::Connecting;
    view! {
        <div class="status-line" role="status" class:slow=connecting>
            {move || text().map(|text| view! { <p>{text}</p> })}
        </div>
        <Joining />
        <Show when=move || releases.waiting.read().is_some()>
            <div class="status-line release">
                <p>{tr("release-waiting")}</p>
                <button class="text-button" on:click=move |_| releases.take()>{tr("release-take")}</button>
            </div>
        </Show>
        <Show when=move || releases.refused.get()>
            <div class="status-line" role="alert">
                <p>{tr("release-refused")}</p>
            </div>
        </Show>
    }
}

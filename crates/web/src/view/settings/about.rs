//! What this is: the release, how to check it, the licence.

use leptos::prelude::*;

use crate::{release::Releases, words::tr};

/// The page.
#[component]
pub fn About() -> impl IntoView {
    let releases: Releases = expect_context();
    view! {
        <section class="sentences">
            <p class="wordmark">"Undertone"</p>
            <p>{tr("about-what")}</p>
            <h2>{tr("about-release-title")}</h2>
            {move || match releases.kept.get() {
                Some(hash) => view! {
                    <p>{tr("about-release")}</p>
                    <p class="hash" dir="ltr">{hash}</p>
                }.into_any(),
                None => view! { <p>{tr("about-release-none")}</p> }.into_any(),
            }}
            <Show when=move || releases.waiting.read().is_some()>
                <p>{tr("release-waiting")}</p>
                <p class="hash" dir="ltr">{move || releases.waiting.get()}</p>
                <button class="button" on:click=move |_| releases.take()>{tr("release-take")}</button>
            </Show>
            <h2>{tr("about-licence-title")}</h2>
            <p>{tr("about-licence")}</p>
        </section>
    }
}

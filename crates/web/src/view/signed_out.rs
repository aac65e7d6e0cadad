//! This device was signed out from another: nothing is left, and one can begin anew.

use leptos::{html, prelude::*};

use crate::{
    route::Route,
    state::Page,
    times,
    words::{tr, tr_with},
};

/// The whole screen. `at` is when it happened.
#[component]
pub fn SignedOut(at: u64) -> impl IntoView {
    let page = Page::here();
    let title = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get() {
            let _ = title.focus();
        }
    });
    let begin = move |_| {
        page.go_instead(Route::Chats);
        page.begins_anew.set(true);
    };
    view! {
        <main class="screen welcome">
            <div class="card">
                <p class="wordmark">"Undertone"</p>
                <h1 tabindex="-1" node_ref=title>{tr("signed-out-title")}</h1>
                <p>{tr_with("signed-out-body", [("when", times::whole(at).into())])}</p>
                <p class="hint">{tr("signed-out-about")}</p>
                <button class="button" on:click=begin>{tr("signed-out-begin")}</button>
            </div>
        </main>
    }
}

//! When there is no engine in this browser: what happened, whose fault it is, what to do.

use leptos::prelude::*;
use undertone_web_messages::Unusable as Why;

use crate::words::tr;

/// The whole screen.
#[component]
pub fn Unusable(why: Why) -> impl IntoView {
    let (title, body) = match why {
        Why::NoFiles => (tr("unusable-files-title"), tr("unusable-files-body")),
        Why::NoKey => (tr("unusable-key-title"), tr("unusable-key-body")),
        Why::Newer => (tr("unusable-newer-title"), tr("unusable-newer-body")),
        Why::Broken => (tr("unusable-broken-title"), tr("unusable-broken-body")),
    };
    view! {
        <main class="screen">
            <div class="card" role="alert">
                <h1>{title}</h1>
                <p>{body}</p>
                <button class="button" on:click=|_| { let _ = window().location().reload(); }>{tr("unusable-reload")}</button>
            </div>
        </main>
    }
}

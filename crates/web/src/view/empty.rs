//! Places where nothing is yet: what they are for, and the one thing to do.

use leptos::prelude::*;

use super::{icon::Icon, to::To};
use crate::{route::Route, words::tr};

/// While the engine starts; seen only if that takes a moment.
#[component]
pub fn Loading() -> impl IntoView {
    view! {
        <main class="screen loading" aria-busy="true">
            <p role="status">{tr("loading")}</p>
        </main>
    }
}

/// Beside the list, while no chat is open.
#[component]
pub fn NoChat() -> impl IntoView {
    view! {
        <section class="empty">
            <span class="empty-mark"><Icon name="lock" /></span>
            <h1>{tr("empty-title")}</h1>
            <p>{tr("empty-body")}</p>
            <To route=Route::New class="button">{tr("empty-action")}</To>
        </section>
    }
}

/// An address that leads to something that is not here.
#[component]
pub fn Gone() -> impl IntoView {
    view! {
        <section class="empty">
            <h1>{tr("gone-title")}</h1>
            <p>{tr("gone-body")}</p>
            <To route=Route::Chats class="button">{tr("gone-action")}</To>
        </section>
    }
}

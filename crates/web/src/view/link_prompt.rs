//! Somebody's contact link was opened in the browser: asks before anything goes out.

use leptos::{prelude::*, task::spawn_local};

use super::{dialog::Dialog, new_chat::follow};
use crate::{state::Page, words::tr};

/// The question, while there is a link.
#[component]
pub fn LinkPrompt() -> impl IntoView {
    let page = Page::here();
    let error = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let leave = move || {
        page.link.set(None);
        error.set(None);
    };
    let write = move |_| {
        let Some(link) = page.link.get_untracked() else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            match follow(page, link).await {
                Ok(()) => leave(),
                Err(sentence) => error.set(Some(sentence)),
            }
            busy.set(false);
        });
    };
    view! {
        <Show when=move || page.link.read().is_some()>
            <Dialog label=tr("prompt-title") on_close=Callback::new(move |()| leave())>
                <h2>{tr("prompt-title")}</h2>
                <p>{tr("prompt-body")}</p>
                <p class="error" role="alert">{move || error.get()}</p>
                <div class="row-buttons">
                    <button class="button" on:click=write disabled=move || busy.get()>{tr("prompt-write")}</button>
                    <button class="button quiet" on:click=move |_| leave()>{tr("not-now")}</button>
                </div>
            </Dialog>
        </Show>
    }
}
